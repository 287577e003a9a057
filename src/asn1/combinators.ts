import type { DerInput } from "./input.ts";
import { tagName } from "./input.ts";
import type { DerOutput } from "./output.ts";
import type { Infer, Schema } from "./schema.ts";

const SEQUENCE = 0x30;
const CONTEXT = 0xa0;
const APPLICATION = 0x60;

/** A field of a SEQUENCE: its explicit context tag, its type, and whether it may be absent. */
export interface Field<T, O extends boolean = boolean> {
  readonly number: number;
  readonly schema: Schema<T>;
  readonly isOptional: O;
}

/** A field that must be there. */
export function field<T>(number: number, schema: Schema<T>): Field<T, false> {
  return { number, schema, isOptional: false };
}

/** A field that may be absent. */
export function optional<T>(number: number, schema: Schema<T>): Field<T, true> {
  return { number, schema, isOptional: true };
}

/** The fields of a SEQUENCE, in the order of their tags. */
export type Fields = Readonly<Record<string, Field<never>>>;

/** The value of a SEQUENCE. */
export type SequenceOf<F extends Fields> = {
  readonly [K in keyof F as F[K]["isOptional"] extends false ? K : never]: Infer<F[K]["schema"]>;
} & {
  readonly [K in keyof F as F[K]["isOptional"] extends false ? never : K]?: Infer<F[K]["schema"]> | undefined;
};

/**
 * A SEQUENCE of fields with explicit context tags, as all of RFC 4120 is. Fields come in the order of their tags, each at
 * most once. Unknown fields are passed over at the end, where extensions come; elsewhere they are refused (a decoder that
 * skips in the middle can be led past a field that another one reads).
 */
export function sequence<const F extends Fields>(fields: F): Schema<SequenceOf<F>> {
  const rows = Object.entries(fields).map(([key, { number, schema, isOptional }]) => ({
    key,
    tag: CONTEXT | number,
    schema: schema as unknown as Schema<unknown>,
    isOptional,
  }));
  for (let i = 0; i < rows.length; i++) {
    const { key, tag } = rows[i] as (typeof rows)[number];
    if (tag > CONTEXT + 30 || tag <= (rows[i - 1]?.tag ?? 0)) throw new TypeError(`${key}: tag out of order`);
  }
  const decode = (input: DerInput): Record<string, unknown> => {
    const outer = input.end;
    const end = input.header(SEQUENCE);
    const { octets, trail } = input;
    const depth = ++input.depth;
    const value: Record<string, unknown> = {};
    let next = 0;
    while (input.at < end) {
      input.end = end;
      const tag = octets[input.at] as number;
      let row = rows[next];
      while (row !== undefined && row.tag < tag && row.isOptional) row = rows[++next];
      if (row === undefined) {
        input.depth = depth - 1;
        passOverExtensions(input, end, (rows[rows.length - 1]?.tag ?? 0) + 1);
        break;
      }
      trail[depth] = row.key;
      if (row.tag !== tag) refuse(input, tag, row.tag);
      next++;
      const fieldEnd = input.header(tag);
      input.end = fieldEnd;
      value[row.key] = row.schema.decode(input);
      if (input.at !== fieldEnd) input.fail("octets after the value of a field");
    }
    for (; next < rows.length; next++) {
      const row = rows[next] as (typeof rows)[number];
      if (row.isOptional) continue;
      trail[depth] = row.key;
      input.fail("the field is missing");
    }
    input.depth = depth - 1;
    input.end = outer;
    return value;
  };
  const encode = (output: DerOutput, value: Record<string, unknown>): void => {
    if (typeof value !== "object" || value === null) output.failType("an object is wanted");
    const mark = output.written;
    const depth = ++output.depth;
    for (let i = rows.length - 1; i >= 0; i--) {
      const row = rows[i] as (typeof rows)[number];
      output.trail[depth] = row.key;
      const item = value[row.key];
      if (item === undefined) {
        if (!row.isOptional) output.failType("the field is missing");
        continue;
      }
      const start = output.written;
      row.schema.encode(output, item);
      output.header(row.tag, start);
    }
    output.depth = depth - 1;
    output.header(SEQUENCE, mark);
  };
  return { decode, encode } as unknown as Schema<SequenceOf<F>>;
}

function refuse(input: DerInput, tag: number, expected: number): never {
  if (tag < expected) input.fail(`${tagName(tag)} is unknown here, repeated or out of order`);
  input.fail(`the field is missing: ${tagName(tag)} found where ${tagName(expected)} belongs`);
}

/** Unknown fields after the last known one: well-formed, context-tagged, in order. */
function passOverExtensions(input: DerInput, end: number, first: number): void {
  let lowest = first;
  while (input.at < end) {
    const tag = input.octets[input.at] as number;
    if (tag < lowest || tag >= CONTEXT + 0x1f) input.fail(`${tagName(tag)} after the last known field`);
    lowest = tag + 1;
    input.passOver();
  }
}

/** SEQUENCE OF one type. */
export function sequenceOf<T>(item: Schema<T>): Schema<readonly T[]> {
  return {
    decode(input) {
      const outer = input.end;
      const end = input.header(SEQUENCE);
      const depth = ++input.depth;
      const values: T[] = [];
      input.end = end;
      while (input.at < end) {
        input.trail[depth] = values.length;
        values.push(item.decode(input));
      }
      input.depth = depth - 1;
      input.end = outer;
      return values;
    },
    encode(output, values) {
      if (!Array.isArray(values)) output.failType("an array is wanted");
      const mark = output.written;
      const depth = ++output.depth;
      for (let i = values.length - 1; i >= 0; i--) {
        output.trail[depth] = i;
        item.encode(output, values[i] as T);
      }
      output.depth = depth - 1;
      output.header(SEQUENCE, mark);
    },
  };
}

/** An explicit APPLICATION tag around a type. */
export function application<T>(number: number, inner: Schema<T>): Schema<T> {
  const tag = APPLICATION | number;
  return {
    decode(input) {
      const outer = input.end;
      const before = input.application;
      const end = input.header(tag);
      input.end = end;
      input.application = number;
      const value = inner.decode(input);
      if (input.at !== end) input.fail("octets after the value");
      input.application = before;
      input.end = outer;
      return value;
    },
    encode(output, value) {
      const mark = output.written;
      const before = output.application;
      output.application = number;
      inner.encode(output, value);
      output.application = before;
      output.header(tag, mark);
    },
  };
}

/** A decoded value with the octets it was read from. */
export type WithOctets<T> = T & { readonly octets: Uint8Array };

/**
 * A type whose decoded value keeps its DER octets in `octets`, which encoding writes back: what a Ticket needs, since
 * whoever signed or sealed it did so over these octets. The property is not enumerable, so that a copy with another field
 * (`{ ...ticket, realm }`) loses the octets and is encoded from its fields, and no JSON shows them.
 */
export function withOctets<T extends object>(inner: Schema<T>): Schema<WithOctets<T>> {
  return {
    decode(input) {
      const start = input.at;
      const value = inner.decode(input);
      Object.defineProperty(value, "octets", { value: input.octets.subarray(start, input.at) });
      return value as WithOctets<T>;
    },
    encode(output, value) {
      if (typeof value !== "object" || value === null) output.failType("an object is wanted");
      const { octets } = value as { readonly octets?: unknown };
      if (octets instanceof Uint8Array) output.bytes(octets);
      else inner.encode(output, value);
    },
  };
}
