import type { DerInput } from "./input.ts";
import type { DerOutput } from "./output.ts";
import type { Schema } from "./schema.ts";
import { CLASS, CONSTRUCTED, CONTEXT, NUMBER, SEQUENCE, tagName } from "./tags.ts";

/** A field of a SEQUENCE. */
export interface Field {
  readonly key: string;
  readonly schema: Schema<unknown>;
  /** The identifier octet of an explicit tag around the type. */
  readonly explicitTag: number | undefined;
  /** OPTIONAL, or with a default. */
  readonly isOptional: boolean;
  /** The value of a field that is absent: its DEFAULT. */
  readonly fallback: unknown;
}

/** A field with the identifier octet that it begins with; -1 for an untagged CHOICE or ANY. */
export interface Row extends Field {
  readonly tag: number;
}

/**
 * SEQUENCE of fields, each at most once and in this order. If all have context tags, as in RFC 4120, unknown fields are
 * ignored at the end, where extensions come; anywhere else they are refused (a decoder that skips in the middle can
 * be led past a field that another one reads). `check` refuses fields that cannot be told from each other.
 */
export function sequence(fields: readonly Field[], check?: (rows: readonly Row[]) => void): Schema<unknown> {
  const rows = fields.map(rowOf);
  check?.(rows);
  const defaults = rows.filter(({ fallback }) => fallback !== undefined);
  const extensions = extensionsOf(rows);
  const decode = (input: DerInput, tag: number): Record<string, unknown> => {
    const outer = input.end;
    const end = input.header(tag);
    const { octets, trail } = input;
    const depth = ++input.depth;
    const value: Record<string, unknown> = {};
    let next = 0;
    while (input.at < end) {
      input.end = end;
      const found = octets[input.at] as number;
      let row = rows[next];
      while (row?.isOptional && !canBegin(row, found)) row = rows[++next];
      if (row === undefined) {
        input.depth = depth - 1;
        passOverExtensions(input, end, extensions);
        break;
      }
      trail[depth] = row.key;
      next++;
      if (row.explicitTag === undefined) {
        value[row.key] = row.schema.decode(input, row.schema.tag);
      } else {
        if (row.explicitTag !== found) refuse(input, found, row.explicitTag);
        const fieldEnd = input.header(found);
        input.end = fieldEnd;
        value[row.key] = row.schema.decode(input, row.schema.tag);
        if (input.at !== fieldEnd) input.fail("octets after the value of a field");
      }
      if (row.fallback !== undefined && value[row.key] === row.fallback) {
        input.fail("the default value, which DER leaves out");
      }
    }
    for (; next < rows.length; next++) {
      const row = rows[next] as Row;
      if (row.isOptional) continue;
      trail[depth] = row.key;
      input.fail("the field is missing");
    }
    for (const { key, fallback } of defaults) value[key] ??= fallback;
    input.depth = depth - 1;
    input.end = outer;
    return value;
  };
  const encode = (output: DerOutput, value: Record<string, unknown>, tag: number): void => {
    if (typeof value !== "object" || value === null) output.failType("expected an object");
    const mark = output.written;
    const depth = ++output.depth;
    for (let i = rows.length - 1; i >= 0; i--) {
      const row = rows[i] as Row;
      output.trail[depth] = row.key;
      const item = value[row.key];
      if (item === undefined) {
        if (!row.isOptional) output.failType("the field is missing");
        continue;
      }
      if (item === row.fallback) continue;
      const start = output.written;
      row.schema.encode(output, item, row.schema.tag);
      if (row.explicitTag !== undefined) output.header(row.explicitTag, start);
    }
    output.depth = depth - 1;
    output.header(tag, mark);
  };
  return { tag: SEQUENCE, decode, encode } as unknown as Schema<unknown>;
}

function rowOf(field: Field): Row {
  const { schema, explicitTag } = field;
  return { ...field, tag: explicitTag ?? (schema.alternatives === undefined ? schema.tag : -1) };
}

export function canBegin({ tag, schema: { alternatives = [] } }: Row, found: number): boolean {
  return tag === found || (tag < 0 && (alternatives.length === 0 || alternatives.includes(found)));
}

export function isContext(tag: number): boolean {
  return (tag & CLASS) === CONTEXT;
}

/** Which unknown fields may follow the known ones. */
interface Extensions {
  /** The lowest number of their context tags; above 30 where the other numbers leave too little room. */
  readonly lowest: number;
  /** Whether they may be primitive, as those with IMPLICIT tags are. */
  readonly isPrimitiveAllowed: boolean;
}

function extensionsOf(rows: readonly Row[]): Extensions {
  const last = rows.at(-1);
  const isExtensible = rows.every(({ tag }) => isContext(tag));
  const isPrimitiveAllowed = rows.some(({ explicitTag }) => explicitTag === undefined);
  return { lowest: isExtensible && last !== undefined ? (last.tag & NUMBER) + 1 : NUMBER, isPrimitiveAllowed };
}

function refuse(input: DerInput, tag: number, expected: number): never {
  if (tag < expected) input.fail(`${tagName(tag)} is unknown here, repeated or out of order`);
  input.fail(`the field is missing: ${tagName(tag)} found where ${tagName(expected)} belongs`);
}

/** Unknown fields after the last known one: well-formed, context-tagged, in order. */
function passOverExtensions(input: DerInput, end: number, { lowest, isPrimitiveAllowed }: Extensions): void {
  let expected = lowest;
  while (input.at < end) {
    const tag = input.octets[input.at] as number;
    const number = tag & NUMBER;
    const isAllowed = isContext(tag) && number >= expected && number < NUMBER;
    if (!isAllowed || ((tag & CONSTRUCTED) === 0 && !isPrimitiveAllowed)) {
      input.fail(`${tagName(tag)} after the last known field`);
    }
    expected = number + 1;
    input.passOver();
  }
}
