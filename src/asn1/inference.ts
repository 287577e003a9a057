/** The fields of a SEQUENCE or SET, or the alternatives of a CHOICE, each by its name. */
export type Fields = Readonly<Record<string, string>>;

/** The types of a module by their names, in the notation that `createModule` describes. */
export type Definitions = Readonly<
  Record<string, string | Fields | { readonly SET: Fields } | { readonly CHOICE: Fields }>
>;

/** The built-in types of the notation and their TypeScript types. */
export interface PrimitiveTypes extends MoreTypes {
  readonly Int32: number;
  readonly UInt32: number;
  readonly "UInt32 OR SIGNED": number;
  readonly "Int32 OR UInt32": number;
  readonly "UInt32 ECHOED": number;
  readonly Microseconds: number;
  readonly BOOLEAN: boolean;
  readonly "OCTET STRING": Uint8Array;
  readonly KerberosString: string;
  readonly KerberosTime: Date;
  readonly KerberosFlags: number;
}

/** Those that the messages of RFC 4120 do without. */
export interface MoreTypes {
  readonly INTEGER: bigint;
  readonly ENUMERATED: number;
  readonly NULL: null;
  readonly "BIT STRING": BitString;
  readonly ANY: Uint8Array;
  readonly UTF8String: string;
  readonly "OBJECT IDENTIFIER": Uint8Array;
}

/** A BIT STRING of any length, as keys and signatures are. */
export interface BitString {
  /** The bits, the first one in the most significant bit of the first octet. */
  readonly octets: Uint8Array;
  /** How many bits at the end of the last octet do not count, 0 to 7; they are zero. */
  readonly unusedBits: number;
}

/** The value that decoding the type `N` gives. */
export type Decoded<D extends Definitions, N extends keyof D> = Defined<D, D[N], "decoded">;

/**
 * A value that the type `N` can be encoded from: one that decoding gives; or the same without the `octets` of
 * `WITH OCTETS`, or only them; or without fields that have their default.
 */
export type Encodable<D extends Definitions, N extends keyof D> = Defined<D, D[N], "encodable">;

type Mode = "decoded" | "encodable";

type Defined<D extends Definitions, X, M extends Mode> = X extends string
  ? Expression<D, X, M>
  : X extends { readonly CHOICE: infer F }
    ? Choice<D, F, M>
    : X extends { readonly SET: infer F }
      ? Struct<D, F, M>
      : Struct<D, X, M>;

type Expression<D extends Definitions, X, M extends Mode> = X extends keyof PrimitiveTypes
  ? PrimitiveTypes[X]
  : X extends keyof D
    ? Defined<D, D[X], M>
    : X extends `${"SEQUENCE" | "SET"} OF ${infer R}`
      ? readonly Expression<D, R, M>[]
      : X extends `[${string}] IMPLICIT ${infer R}`
        ? Expression<D, R, M>
        : X extends `[${string}] ${infer R}`
          ? Expression<D, R, M>
          : X extends `INTEGER (${string})`
            ? number
            : X extends `WITH OCTETS ${infer R}`
              ? Kept<Expression<D, R, M>, M>
              : never;

type Kept<T, M extends Mode> = M extends "decoded" ? T & OctetsOnly : T | OctetsOnly;

interface OctetsOnly {
  readonly octets: Uint8Array;
}

/** One property, and the others known to be absent: either `in` or a comparison with undefined narrows it. */
type Choice<D extends Definitions, F, M extends Mode> = {
  [K in keyof F]: Flat<{ readonly [P in K]: Expression<D, F[K], M> } & { readonly [P in Exclude<keyof F, K>]?: never }>;
}[keyof F];

type Struct<D extends Definitions, F, M extends Mode> = Flat<
  {
    readonly [K in keyof F as F[K] extends Absent<M> ? never : K]: FieldType<D, F[K], M>;
  } & {
    readonly [K in keyof F as F[K] extends Absent<M> ? K : never]?: M extends "decoded"
      ? FieldType<D, F[K], M>
      : FieldType<D, F[K], M> | undefined;
  }
>;

/** The words of a field that a value may lack. */
type Absent<M extends Mode> = `${string} OPTIONAL` | (M extends "decoded" ? never : `${string} DEFAULT ${string}`);

type FieldType<D extends Definitions, X, M extends Mode> = X extends `${infer T} OPTIONAL`
  ? Expression<D, T, M>
  : X extends `${infer T} DEFAULT ${string}`
    ? Expression<D, T, M>
    : Expression<D, X, M>;

type Flat<T> = { [K in keyof T]: T[K] };
