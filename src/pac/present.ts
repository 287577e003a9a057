/** The fields of a type, those that may be absent as undefined. */
type Fields<T> = { readonly [K in keyof Required<T>]: object extends Pick<T, K> ? T[K] | undefined : T[K] };

/** Without those that are undefined. */
export function present<T extends object>(fields: Fields<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
