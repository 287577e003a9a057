import { concat, encodeBase64, encodeText, printableText, Writer } from "../../bytes/index.ts";
import { hasName, isKerberosError } from "../../errors.ts";
import type { OutputChunk } from "../../remctl/index.ts";
import type { CommandHost } from "../command.ts";
import { messageOf } from "../program.ts";
import { jsonLine, printable } from "../text.ts";
import type { Failure } from "./remctl-failure.ts";

/** Where what comes of a command on one server goes. */
export interface Report {
  output(chunk: OutputChunk): Promise<void>;
  status(status: number): Promise<void>;
  failure(failure: Failure): Promise<void>;
}

/**
 * As the C program: octet for octet. What the server says of an error may move a person's cursor: not on a terminal.
 */
export function plainReport(host: CommandHost): Report {
  return {
    output: ({ stream, data }) => host[stream].write(data),
    status: async () => {},
    async failure({ message, octets }) {
      if (octets === undefined) await host.stderr.write(`${host.name}: ${printableText(message)}\n`);
      else if (host.stderr.isTerminal) await host.stderr.write(`${message}\n`);
      else await host.stderr.write(concat(octets, encodeText("\n")));
    },
  };
}

/**
 * The most octets that become text, or get tags, at once: a server that prints hundreds of megabytes must not make one
 * string of them, which no host holds, and end the run of the others.
 */
const PIECE_BYTES = 65_536;

/**
 * One JSON object a line, each with `host`: `stream` with `text` (or `base64` for octets that are not UTF-8), as it
 * comes; then `status`, or `error` with `code` and `commandState`, and `remoteCode` if it is the server's. `took` is
 * how many milliseconds it was, where it is over.
 */
export function jsonReport(host: CommandHost, name: string, took?: number): Report {
  const startedAt = host.now();
  const elapsed = (): number => Math.round(took ?? host.now() - startedAt);
  const line = (fields: Record<string, unknown>): Promise<void> =>
    host.stdout.write(jsonLine({ host: name, ...fields }));
  return {
    async output({ stream, data }) {
      for (const piece of wholeCharacters(data)) await line({ stream, ...textOrBase64(piece) });
    },
    status: (status) => line({ status, milliseconds: elapsed() }),
    failure: ({ message, error }) =>
      line({
        error: message,
        ...(hasName(error, "RemctlServerError") ? { remoteCode: error.remoteCode } : {}),
        ...(isKerberosError(error)
          ? { code: error.code, commandState: error.commandState ?? "not-sent", detail: error.message }
          : { detail: messageOf(error) }),
        milliseconds: elapsed(),
      }),
  };
}

/** Octets in pieces that do not cut a character of UTF-8, which has up to three octets after its first. */
function* wholeCharacters(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0, end = 0; at < data.length; at = end) {
    end = at + PIECE_BYTES;
    for (let back = 0; back < 3 && ((data[end] ?? 0) & 0xc0) === 0x80; back++) end--;
    yield data.subarray(at, end);
  }
}

function textOrBase64(data: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data) };
  } catch {
    return { base64: encodeBase64(data) };
  }
}

/** Each line behind the server's name; a last line that has no end gets one, so that the next server begins a line. */
export function taggedReport(host: CommandHost, name: string): Report {
  const tag = printable(`${name}: `);
  return {
    async output({ stream, data }) {
      for (const piece of tagged(tag, data)) await host[stream].write(piece);
    },
    status: async (status) => {
      if (status !== 0) await host.stderr.write(concat(tag, encodeText(`exit status ${status}\n`)));
    },
    failure: async ({ message }) =>
      host.stderr.write(concat(tag, encodeText(`${host.name}: ${printableText(message)}\n`))),
  };
}

const NEWLINE = 0x0a;

function* tagged(tag: Uint8Array, data: Uint8Array): Generator<Uint8Array> {
  let lines = new Writer(data.length + 64 * tag.length);
  for (let at = 0, end = 0; at < data.length; at = end + 1) {
    end = data.indexOf(NEWLINE, at);
    if (end < 0) end = data.length;
    lines.bytes(tag).bytes(data.subarray(at, end)).uint8(NEWLINE);
    if (lines.length < PIECE_BYTES) continue;
    yield lines.finish();
    lines = new Writer(PIECE_BYTES);
  }
  yield lines.finish();
}
