import { application, type Field, field, optional, sequence, sequenceOf, withOctets } from "./combinators.ts";
import {
  boolean,
  int32,
  int32OrUint32,
  integerOf,
  integerOfApplication,
  kerberosFlags,
  kerberosString,
  microseconds,
  objectIdentifier,
  octetString,
  uint32,
  uint32Echoed,
  uint32OrSigned,
} from "./primitives.ts";
import { type DecodeOptions, decodeDer, encodeDer, type Schema } from "./schema.ts";
import { kerberosTime } from "./time.ts";

/**
 * Types in the notation of their RFC, declared once: the codec is compiled from the words, and the compiler infers the
 * TypeScript type from the same words.
 *
 * ```ts
 * const TYPES = {
 *   Realm: "KerberosString",
 *   Ticket: "WITH OCTETS [APPLICATION 1] TicketFields",
 *   TicketFields: {
 *     tktVno: "[0] INTEGER (5)",
 *     realm: "[1] Realm",
 *     kvno: "[2] UInt32 OPTIONAL",
 *   },
 * } as const;
 * type Ticket = Decoded<typeof TYPES, "Ticket">; // { tktVno: number; realm: string; kvno?: number; octets: Uint8Array }
 * ```
 *
 * Words are the names in {@link PrimitiveTypes} and of the definitions, after any of `SEQUENCE OF`, `[APPLICATION n]` and
 * `WITH OCTETS` (see {@link withOctets}); `INTEGER (n)` is that number only, `INTEGER (APPLICATION)` that of the tag around.
 */
export type Definitions = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** The built-in types of the notation and their TypeScript types. */
export interface PrimitiveTypes {
  readonly Int32: number;
  readonly UInt32: number;
  readonly "UInt32 OR SIGNED": number;
  readonly "Int32 OR UInt32": number;
  readonly "UInt32 ECHOED": number;
  readonly Microseconds: number;
  readonly BOOLEAN: boolean;
  readonly "OCTET STRING": Uint8Array;
  readonly "OBJECT IDENTIFIER": Uint8Array;
  readonly KerberosString: string;
  readonly KerberosTime: Date;
  readonly KerberosFlags: number;
}

const primitives: { readonly [K in keyof PrimitiveTypes]: Schema<PrimitiveTypes[K]> } = {
  Int32: int32,
  UInt32: uint32,
  "UInt32 OR SIGNED": uint32OrSigned,
  "Int32 OR UInt32": int32OrUint32,
  "UInt32 ECHOED": uint32Echoed,
  Microseconds: microseconds,
  BOOLEAN: boolean,
  "OCTET STRING": octetString,
  "OBJECT IDENTIFIER": objectIdentifier,
  KerberosString: kerberosString,
  KerberosTime: kerberosTime,
  KerberosFlags: kerberosFlags,
};

/** What decoding the type `N` gives. */
export type Decoded<D extends Definitions, N extends keyof D> = Defined<D, D[N], "decoded">;

/** What encoding the type `N` takes: what decoding gives, or the same without the `octets` of `WITH OCTETS`, or only them. */
export type Encodable<D extends Definitions, N extends keyof D> = Defined<D, D[N], "encodable">;

type Mode = "decoded" | "encodable";

type Defined<D extends Definitions, X, M extends Mode> = X extends string
  ? Expression<D, X, M>
  : X extends Readonly<Record<string, string>>
    ? Struct<D, X, M>
    : never;

type Expression<D extends Definitions, X extends string, M extends Mode> = X extends keyof PrimitiveTypes
  ? PrimitiveTypes[X]
  : X extends keyof D
    ? Defined<D, D[X], M>
    : X extends `SEQUENCE OF ${infer R}`
      ? readonly Expression<D, R, M>[]
      : X extends `[APPLICATION ${number}] ${infer R}`
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

type Struct<D extends Definitions, F, M extends Mode> = Flat<
  {
    readonly [K in keyof F as F[K] extends `${string} OPTIONAL` ? never : K]: FieldType<D, F[K], M>;
  } & {
    readonly [K in keyof F as F[K] extends `${string} OPTIONAL` ? K : never]?: M extends "decoded"
      ? FieldType<D, F[K], M>
      : FieldType<D, F[K], M> | undefined;
  }
>;

type FieldType<D extends Definitions, X, M extends Mode> = X extends `[${number}] ${infer T} OPTIONAL`
  ? Expression<D, T, M>
  : X extends `[${number}] ${infer T}`
    ? Expression<D, T, M>
    : never;

type Flat<T> = { [K in keyof T]: T[K] };

/** Codecs of all types of a module. */
export interface Module<D extends Definitions> {
  /** Throws DecodeError, whose path begins with the name; the sender is at fault. Octet strings are views. */
  decode<N extends keyof D & string>(name: N, octets: Uint8Array, options?: DecodeOptions): Decoded<D, N>;
  /** Throws TypeError or RangeError; the caller is at fault. */
  encode<N extends keyof D & string>(name: N, value: Encodable<D, N>): Uint8Array;
}

/** Makes the codecs of a module. Each type is compiled when it is first used. */
export function createModule<const D extends Definitions>(definitions: D): Module<D> {
  const compiled = new Map<string, Schema<unknown>>(Object.entries(primitives));

  const named = (name: string): Schema<unknown> => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const definition = definitions[name];
    if (definition === undefined) throw new TypeError(`${name} is not defined`);
    const schema = typeof definition === "string" ? expression(definition) : struct(definition);
    compiled.set(name, schema);
    return schema;
  };

  const expression = (text: string): Schema<unknown> => {
    const match = /^(?:(SEQUENCE OF)|\[APPLICATION (\d+)\]|(WITH OCTETS)) (.+)$/.exec(text);
    if (match !== null) {
      const inner = expression(match[4] as string);
      if (match[1] !== undefined) return sequenceOf(inner);
      return match[3] !== undefined ? withOctets(inner as Schema<object>) : application(Number(match[2]), inner);
    }
    const constant = /^INTEGER \((APPLICATION|\d+)\)$/.exec(text);
    if (constant === null) return named(text);
    return constant[1] === "APPLICATION" ? integerOfApplication : integerOf(Number(constant[1]));
  };

  const struct = (fields: Readonly<Record<string, string>>): Schema<unknown> => {
    const rows: Record<string, Field<never>> = {};
    for (const [key, text] of Object.entries(fields)) {
      const match = /^\[(\d+)\] (.+?)( OPTIONAL)?$/.exec(text);
      if (match === null) throw new TypeError(`${key}: ${text} is not a field`);
      const schema = expression(match[2] as string);
      rows[key] = (match[3] === undefined ? field : optional)(Number(match[1]), schema as Schema<never>);
    }
    return sequence(rows) as Schema<unknown>;
  };

  return {
    decode: (name, octets, options) => decodeDer(named(name), name, octets, options) as never,
    encode: (name, value) => encodeDer(named(name), name, value as unknown),
  };
}
