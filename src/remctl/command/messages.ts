import { getUint32 } from "../../bytes/index.ts";
import { RemctlProtocolError } from "../../errors.ts";
import { MAX_MESSAGE_BYTES, MESSAGE, MESSAGE_SLACK_BYTES } from "../../remctl-wire/index.ts";

/** What a server may say (remctl protocol sections 2.2 to 2.7). Octets are views of the message. */
export type ServerMessage =
  | { readonly type: "output"; readonly stream: OutputStream; readonly data: Uint8Array }
  | { readonly type: "status"; readonly status: number }
  | { readonly type: "error"; readonly code: number; readonly text: Uint8Array }
  | { readonly type: "version"; readonly highest: number }
  | { readonly type: "noop" };

/** The two streams of a command's output. */
export type OutputStream = "stdout" | "stderr";

/** QUIT: version 2, no body (section 2.7). */
export const QUIT: readonly number[] = [2, MESSAGE.quit];
/** NOOP: the one message of version 3, no body (2014 revision). */
export const NOOP: readonly number[] = [3, MESSAGE.noop];

/**
 * A message from a server, as `unwrap` gave it. Every length must be exact. The version octet may be 2 or 3 in any
 * message (a server may label what it says with the highest version it speaks). Throws RemctlProtocolError.
 */
export function decodeServerMessage(octets: Uint8Array): ServerMessage {
  const { length } = octets;
  if (length > MAX_MESSAGE_BYTES + MESSAGE_SLACK_BYTES) refuse(`a message of ${length} octets, the limit is 65536`);
  if (length < 2) refuse(`a message of ${length} octets, which is too short: a message has a version and a type`);
  const version = octets[0] as number;
  if (version !== 2 && version !== 3) refuse(`a message of protocol version ${version}, not 2 or 3`);
  const type = octets[1] as number;
  switch (type) {
    case MESSAGE.output:
      return decodeOutput(octets);
    case MESSAGE.status:
      if (length !== 3) refuse(`a STATUS of ${length} octets, not 3`);
      return { type: "status", status: octets[2] as number };
    case MESSAGE.error:
      return decodeError(octets);
    case MESSAGE.version:
      if (length !== 3) refuse(`a VERSION of ${length} octets, not 3`);
      return { type: "version", highest: octets[2] as number };
    case MESSAGE.noop:
      if (length !== 2) refuse(`a NOOP of ${length} octets, not 2`);
      return { type: "noop" };
    case MESSAGE.command:
    case MESSAGE.quit:
      return refuse(`message type ${type}, which only a client sends`);
    default:
      return refuse(`unknown message type ${type}`);
  }
}

function decodeOutput(octets: Uint8Array): ServerMessage {
  if (octets.length < 7) refuse(`an OUTPUT of ${octets.length} octets, 7 are the least`);
  const stream = octets[2] as number;
  if (stream !== 1 && stream !== 2) refuse(`output stream ${stream}, not 1 or 2`);
  const dataBytes = getUint32(octets, 3);
  if (dataBytes !== octets.length - 7) refuse(`an OUTPUT that says ${dataBytes} octets and has ${octets.length - 7}`);
  return { type: "output", stream: stream === 1 ? "stdout" : "stderr", data: octets.subarray(7) };
}

function decodeError(octets: Uint8Array): ServerMessage {
  if (octets.length < 10) refuse(`an ERROR of ${octets.length} octets, 10 are the least`);
  const textBytes = getUint32(octets, 6);
  if (textBytes !== octets.length - 10) refuse(`an ERROR that says ${textBytes} octets and has ${octets.length - 10}`);
  return { type: "error", code: getUint32(octets, 2), text: octets.subarray(10) };
}

/** What breaks the protocol. */
export function violation(what: string): RemctlProtocolError {
  return new RemctlProtocolError(
    "REMCTL_PROTOCOL",
    `the server sent ${what}; the session is closed: look at the server`,
  );
}

export function refuse(what: string): never {
  throw violation(what);
}
