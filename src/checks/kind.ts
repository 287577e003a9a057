/** What a value is, as an error says it: never the value itself, which may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value === "") return "an empty string";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Uint8Array) return "a Uint8Array";
  if (value instanceof Date) return "a Date";
  if (typeof (value as { readonly then?: unknown }).then === "function") return "a promise";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Throws the TypeError of an option whose value is of another kind than is expected. */
export function refuse(name: string, value: unknown, expected: string): never {
  throw new TypeError(`${name} is ${kindOf(value)}: it must be ${expected}`);
}
