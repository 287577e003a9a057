import type { Arbitrary } from "fast-check";

/** What is fuzzed: octets go in, and a value or a KerberosError may come out, nothing else. */
export interface FuzzTarget<T = unknown> {
  readonly name: string;
  readonly inputs: Arbitrary<Uint8Array>;
  /** The code under test; its time and memory are measured. */
  run(input: Uint8Array): T | Promise<T>;
  /** Looks at a value that came out; throws if it may not. Not measured. */
  verify?(value: T, input: Uint8Array): void | Promise<void>;
}

/** Makes a target; `root` is the repository's folder, where the figures are. */
export type CreateTarget = (root: string) => FuzzTarget<never> | Promise<FuzzTarget<never>>;

/** What a target says about a value that should not have come out. */
export class Finding extends Error {
  override readonly name = "Finding";
}
