import { DecodeError } from "../errors.ts";
import { DER_LIMITS, DerInput } from "./input.ts";
import { DerOutput } from "./output.ts";

/** A type: how a value is read and written. */
export interface Schema<T> {
  /** The identifier octet that values have: the type's own, or an IMPLICIT one in its place. 0: see `alternatives`. */
  readonly tag: number;
  /**
   * The identifier octets that a value of a CHOICE can have; empty for ANY, which can have any. Undefined for other
   * types.
   */
  readonly alternatives?: readonly number[];
  /**
   * Reads one element and leaves `at` behind it. `tag` is the identifier octet that it must have: {@link Schema.tag}.
   */
  decode(input: DerInput, tag: number): T;
  /** Writes one element with the identifier octet `tag`: {@link Schema.tag}. */
  encode(output: DerOutput, value: T, tag: number): void;
}

export interface DecodeOptions {
  /** Longer messages are refused before anything else is looked at. Default 1 MiB. */
  readonly maxBytes?: number;
}

/**
 * Decodes one message (X.690 section 10, DER). Octets after it are refused: MIT krb5 ignores them, and a parser that
 * ignores what another one reads is how two of them come to differ. Octet strings in the value are views of `octets`.
 *
 * Throws DecodeError, whose path begins with `name`; the sender is at fault.
 */
export function decodeDer<T>(schema: Schema<T>, name: string, octets: Uint8Array, options: DecodeOptions = {}): T {
  if (!(octets instanceof Uint8Array)) throw new TypeError(`${name}: octets must be a Uint8Array`);
  const maxBytes = options.maxBytes ?? DER_LIMITS.maxBytes;
  if (octets.length > maxBytes) throw new DecodeError(`${octets.length} octets, ${maxBytes} allowed`, 0, name);
  const input = new DerInput(octets, name);
  const value = schema.decode(input, schema.tag);
  if (input.at !== octets.length) input.fail(`${octets.length - input.at} octets after the message`);
  return value;
}

/**
 * Encodes one message in DER. Throws TypeError or RangeError, with the field's path, for a value that its type does not
 * allow: the caller is at fault.
 */
export function encodeDer<T>(schema: Schema<T>, name: string, value: T): Uint8Array {
  const output = new DerOutput(name);
  schema.encode(output, value, schema.tag);
  return output.finish();
}

/**
 * Checks that `octets` are well-formed DER of any type and shows each element to `visit`: its identifier octet, its
 * depth, and where its contents begin and end. Throws DecodeError.
 */
export function walkDer(
  octets: Uint8Array,
  visit?: (tag: number, depth: number, start: number, end: number) => void,
): void {
  if (octets.length > DER_LIMITS.maxBytes) {
    throw new DecodeError(`${octets.length} octets, ${DER_LIMITS.maxBytes} allowed`, 0, "DER");
  }
  const input = new DerInput(octets, "DER");
  if (octets.length === 0) input.fail("no octets");
  input.passOver(visit);
  if (input.at !== octets.length) input.fail(`${octets.length - input.at} octets after the message`);
}

/**
 * The number of the APPLICATION tag that `octets` begin with, undefined if they begin with anything else: what a reply
 * is classified by before it is decoded (rule A1).
 */
export function applicationTag(octets: Uint8Array): number | undefined {
  const tag = octets[0] ?? 0;
  return (tag & 0xe0) === 0x60 && tag !== 0x7f ? tag & 0x1f : undefined;
}
