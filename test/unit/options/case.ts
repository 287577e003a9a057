import type { Kind } from "./kinds.ts";

/** A public function with options, as the test calls it. */
export interface Case {
  readonly call: (options: never) => unknown;
  /** Options that it needs beside the one that is wrong. */
  readonly good: object;
  readonly kinds: Readonly<Record<string, Kind>>;
  /** What errors call an option, where that is not its name. */
  readonly prefix: string;
}

/** What is wrong for each option of `O`: the compiler says which is missing. */
export type Kinds<O> = { readonly [K in keyof O]-?: Kind };

/** One row of the table. */
export function row<O extends object>(
  call: (options: O) => unknown,
  kinds: Kinds<O>,
  good: object = {},
  prefix = "",
): Case {
  return { call, good, kinds: kinds as Readonly<Record<string, Kind>>, prefix };
}

type LastOf<A extends readonly unknown[]> = Required<A> extends readonly [...unknown[], infer L] ? L : never;

/** An object of which nothing has to be given. */
type IsOptions<L> = [L] extends [readonly unknown[] | Uint8Array | ((...args: never) => unknown)]
  ? false
  : [L] extends [object]
    ? keyof L extends never
      ? false
      : Record<never, never> extends L
        ? true
        : false
    : false;

/** The exports, or the methods, whose last parameter is options: each needs a row, and the compiler says so. */
export type WithOptions<M> = {
  [K in keyof M]: M[K] extends (...args: infer A) => unknown ? (IsOptions<LastOf<A>> extends true ? K : never) : never;
}[keyof M];

/** The rows of a module or an object: those that the compiler finds, and more. */
export type RowsOf<M> = Readonly<Record<WithOptions<M> & string, Case>> & Readonly<Record<string, Case>>;
