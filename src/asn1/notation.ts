import { boolean } from "./boolean.ts";
import { kerberosFlags } from "./flags.ts";
import type { Decoded, Definitions, Encodable, Fields, MoreTypes, PrimitiveTypes } from "./inference.ts";
import {
  int32,
  int32OrUint32,
  integerOf,
  integerOfApplication,
  microseconds,
  uint32,
  uint32Echoed,
  uint32OrSigned,
} from "./integers.ts";
import { octetString } from "./octets.ts";
import { type DecodeOptions, decodeDer, encodeDer, type Schema } from "./schema.ts";
import { type Field, type Row, sequence } from "./sequence.ts";
import { sequenceOf } from "./sequence-of.ts";
import { explicit, withOctets } from "./tagged.ts";
import { APPLICATION, CONSTRUCTED, CONTEXT, NUMBER } from "./tags.ts";
import { kerberosString } from "./text.ts";
import { kerberosTime } from "./time.ts";

const primitives: { readonly [K in Exclude<keyof PrimitiveTypes, keyof MoreTypes>]: Schema<PrimitiveTypes[K]> } = {
  Int32: int32,
  UInt32: uint32,
  "UInt32 OR SIGNED": uint32OrSigned,
  "Int32 OR UInt32": int32OrUint32,
  "UInt32 ECHOED": uint32Echoed,
  Microseconds: microseconds,
  BOOLEAN: boolean,
  "OCTET STRING": octetString,
  KerberosString: kerberosString,
  KerberosTime: kerberosTime,
  KerberosFlags: kerberosFlags,
};

/**
 * Words that the messages of RFC 4120 do without. A module that has them hands them to {@link createModule}, so that a
 * bundle without such a module does not carry them.
 */
export interface MoreWords {
  readonly types: { readonly [K in keyof MoreTypes]: Schema<MoreTypes[K]> };
  choice(alternatives: readonly (readonly [name: string, schema: Schema<unknown>])[]): Schema<unknown>;
  set(fields: readonly Field[]): Schema<unknown>;
  setOf(item: Schema<unknown>): Schema<readonly unknown[]>;
  implicit(own: number, inner: Schema<unknown>): Schema<unknown>;
  defaultOf(text: string, schema: Schema<unknown>, key: string): unknown;
  /** Refuses a SEQUENCE whose fields cannot be told from each other. */
  checkTags(rows: readonly Row[]): void;
}

/** Codecs of all types of a module. */
export interface Module<D extends Definitions> {
  /** Throws DecodeError, whose path begins with the name; the sender is at fault. Octet strings are views. */
  decode<N extends keyof D & string>(name: N, octets: Uint8Array, options?: DecodeOptions): Decoded<D, N>;
  /** Throws TypeError or RangeError; the caller is at fault. */
  encode<N extends keyof D & string>(name: N, value: Encodable<D, N>): Uint8Array;
}

/**
 * Makes the codecs of a module. Types are declared once, in the notation of their RFC: the codec is compiled from the
 * words when the type is first used, and the compiler infers the TypeScript type from the same words.
 *
 * ```ts
 * import type { Decoded } from "./inference.ts";
 *
 * const TYPES = {
 *   Realm: "KerberosString",
 *   Ticket: "WITH OCTETS [APPLICATION 1] TicketFields",
 *   TicketFields: {
 *     tktVno: "[0] INTEGER (5)",
 *     realm: "[1] Realm",
 *     kvno: "[2] UInt32 OPTIONAL",
 *   },
 *   "PA-PK-AS-REP": { CHOICE: { dhInfo: "[0] DHRepInfo", encKeyPack: "[1] IMPLICIT OCTET STRING" } },
 * } as const;
 * type Ticket = Decoded<typeof TYPES, "Ticket">;
 * // { tktVno: number; realm: string; kvno?: number; octets: Uint8Array }
 * ```
 *
 * - A type is a name in {@link PrimitiveTypes} or of a definition, after any of `SEQUENCE OF`, `SET OF`, `[n]`,
 *   `[APPLICATION n]`, `[n] IMPLICIT`, `[APPLICATION n] IMPLICIT` and `WITH OCTETS` (see {@link withOctets}). A tag
 *   without `IMPLICIT` is explicit, whatever the RFC's module says at its top.
 * - `INTEGER (n)` is that number only, `INTEGER (APPLICATION)` that of the tag around, `INTEGER` any, as a bigint.
 * - `{ field: "type", ... }` is a SEQUENCE, `{ SET: { ... } }` a SET. A field may end with `OPTIONAL` or with `DEFAULT`
 *   and TRUE, FALSE or a number of 32 bits.
 * - `{ CHOICE: { ... } }` is a CHOICE: its value has one property. `ANY` as the last alternative takes all others.
 *
 * CHOICE, SET, SET OF, IMPLICIT, DEFAULT and the names of {@link MoreTypes} need {@link MoreWords}. With them, a module
 * with a mistake in it says so at the first use; a test makes each module that has no need of them with them.
 */
export function createModule<const D extends Definitions>(definitions: D, more?: MoreWords): Module<D> {
  const compiled = new Map<string, Schema<unknown>>(Object.entries({ ...primitives, ...more?.types }));

  const named = (name: string): Schema<unknown> => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const definition = definitions[name];
    if (definition === undefined) throw new TypeError(`${name} is not defined`);
    const schema = typeof definition === "string" ? expression(definition) : structure(definition);
    compiled.set(name, schema);
    return schema;
  };

  const expression = (text: string): Schema<unknown> => {
    const [, list, prefix, number, isImplicit, rest] = PREFIX.exec(text) ?? [];
    if (rest !== undefined) {
      const inner = expression(rest);
      if (list !== undefined) return list === "SET" ? moreWords().setOf(inner) : sequenceOf(inner);
      if (number === undefined) return withOctets(inner as Schema<object>);
      const tag = (prefix === undefined ? CONTEXT : APPLICATION) | numberOf(number);
      return isImplicit === undefined ? explicit(tag, inner) : moreWords().implicit(tag, inner);
    }
    const constant = /^INTEGER \((APPLICATION|\d+)\)$/.exec(text)?.[1];
    if (constant === undefined) return named(text);
    return constant === "APPLICATION" ? integerOfApplication : integerOf(Number(constant));
  };

  const structure = (definition: Exclude<Definitions[string], string>): Schema<unknown> => {
    const { CHOICE, SET } = definition as { readonly CHOICE?: Fields; readonly SET?: Fields };
    if (typeof CHOICE === "object") {
      return moreWords().choice(Object.entries(CHOICE).map(([key, text]) => [key, expression(text)]));
    }
    if (typeof SET === "object") return moreWords().set(Object.entries(SET).map(field));
    return sequence(Object.entries(definition as Fields).map(field), more?.checkTags);
  };

  const moreWords = (): MoreWords => {
    if (more === undefined)
      throw new TypeError("CHOICE, SET, IMPLICIT and DEFAULT are not defined: hand MORE_WORDS to createModule");
    return more;
  };

  const field = ([key, words]: [string, string]): Field => {
    const [, type = "", isOptional, fallback] = FIELD.exec(words) as RegExpExecArray;
    // An explicit tag is the field's: this spares a call for each field of each message.
    const [, number, inner] = /^\[(\d+)\] (?!IMPLICIT )(.+)$/.exec(type) ?? [];
    const schema = expression(inner ?? type);
    return {
      key,
      schema,
      explicitTag: number === undefined ? undefined : CONTEXT | CONSTRUCTED | numberOf(number),
      isOptional: isOptional !== undefined || fallback !== undefined,
      fallback: fallback === undefined ? undefined : moreWords().defaultOf(fallback, schema, key),
    };
  };

  return {
    decode: (name, octets, options) => decodeDer(named(name), name, octets, options) as never,
    encode: (name, value) => encodeDer(named(name), name, value as unknown),
  };
}

const PREFIX = /^(?:(SEQUENCE|SET) OF|\[(APPLICATION )?(\d+)\]( IMPLICIT)?|WITH OCTETS) (.+)$/;
const FIELD = /^(.+?)(?: (OPTIONAL)| DEFAULT (\S+))?$/;

function numberOf(digits: string): number {
  const number = Number(digits);
  if (number >= NUMBER) throw new TypeError(`[${digits}]: a tag number above ${NUMBER - 1}`);
  return number;
}
