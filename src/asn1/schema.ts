import { DecodeError } from "../errors.ts";
import { DER_LIMITS, DerInput } from "./input.ts";
import { DerOutput } from "./output.ts";

/** A type: how it is read and how it is written. `decode` leaves `at` behind the element it has read. */
export interface Schema<T> {
  decode(input: DerInput): T;
  encode(output: DerOutput, value: T): void;
}

/** The TypeScript type of a schema. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

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
  const value = schema.decode(input);
  if (input.at !== octets.length) input.fail(`${octets.length - input.at} octets after the message`);
  return value;
}

/**
 * Encodes one message in DER. Throws TypeError or RangeError, with the field's path, for a value that its type does not
 * allow: the caller is at fault.
 */
export function encodeDer<T>(schema: Schema<T>, name: string, value: T): Uint8Array {
  const output = new DerOutput(name);
  schema.encode(output, value);
  return output.finish();
}

/**
 * Checks that `octets` are well-formed DER of any type and shows each element to `visit`: its identifier octet, its depth,
 * and where its contents begin and end. Throws DecodeError.
 */
export function walkDer(
  octets: Uint8Array,
  visit: (tag: number, depth: number, start: number, end: number) => void,
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
 * The number of the APPLICATION tag that `octets` begin with, undefined if they begin with anything else: what a reply is
 * classified by before it is decoded (rule A1).
 */
export function applicationTag(octets: Uint8Array): number | undefined {
  const tag = octets[0] ?? 0;
  return (tag & 0xe0) === 0x60 && tag !== 0x7f ? tag & 0x1f : undefined;
}
