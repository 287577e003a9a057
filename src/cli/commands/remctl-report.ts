import { concat, encodeBase64, encodeText, printableText, Writer } from "../../bytes/index.ts";
import { hasName, isKerberosError } from "../../errors.ts";
import type { OutputChunk } from "../../remctl/index.ts";
import type { CommandHost } from "../command.ts";
import { messageOf } from "../program.ts";
import { jsonLine } from "../text.ts";
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
    output: ({ stream, data }) => line({ stream, ...textOrBase64(data) }),
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

function textOrBase64(data: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data) };
  } catch {
    return { base64: encodeBase64(data) };
  }
}

/** Each line behind the server's name; a last line that has no end gets one, so that the next server begins a line. */
export function taggedReport(host: CommandHost, name: string): Report {
  const tag = encodeText(`${name}: `);
  return {
    output: ({ stream, data }) => host[stream].write(tagged(tag, data)),
    status: async (status) => {
      if (status !== 0) await host.stderr.write(concat(tag, encodeText(`exit status ${status}\n`)));
    },
    failure: async ({ message }) =>
      host.stderr.write(concat(tag, encodeText(`${host.name}: ${printableText(message)}\n`))),
  };
}

const NEWLINE = 0x0a;

function tagged(tag: Uint8Array, data: Uint8Array): Uint8Array {
  const lines = new Writer(data.length + 64 * tag.length);
  for (let at = 0; at < data.length; ) {
    const end = data.indexOf(NEWLINE, at);
    lines
      .bytes(tag)
      .bytes(data.subarray(at, end < 0 ? data.length : end))
      .uint8(NEWLINE);
    at = end < 0 ? data.length : end + 1;
  }
  return lines.finish();
}
