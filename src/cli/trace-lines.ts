import { printableLine } from "../bytes/index.ts";
import type { TraceEvent } from "../trace.ts";

/** Where libkrb5's error table begins: its traces show the sum. */
const KRB5_ERROR_BASE = -1_765_328_384;

/** One event as a line in the words of libkrb5 where it has any, without time and newline. */
export function formatTraceEvent(event: TraceEvent): string {
  return printableLine(wordsOf(event));
}

function wordsOf(event: TraceEvent): string {
  switch (event.type) {
    case "kdc-request":
      return `Sending request (${event.octets} bytes) to ${event.realm}: ${event.message} to ${event.endpoint}`;
    case "kdc-reply":
      return `Received answer (${event.octets} bytes) from ${event.endpoint} after ${Math.round(event.milliseconds)} ms`;
    case "kdc-failed":
      return `No answer from ${event.endpoint} for ${event.realm}: ${event.reason}`;
    case "kdc-error":
      return `Received error from KDC: ${KRB5_ERROR_BASE + event.errorCode}/${event.errorName}${event.text === undefined ? "" : ` (${event.text})`}`;
    case "preauth-offered":
      return `Processing preauth types: ${event.mechanisms.join(", ")}`;
    case "preauth-chosen": {
      if (event.etype === undefined) return `Selected ${event.mechanism}`;
      const iterations = event.iterations === undefined ? "" : `, iterations ${event.iterations}`;
      return `Selected etype info for ${event.mechanism}: etype ${event.etype}, salt "${event.salt ?? ""}"${iterations}`;
    }
    case "clock-offset":
      return `The clock of ${event.realm} is ${Math.abs(event.seconds)} s ${event.seconds < 0 ? "behind" : "ahead of"} ours`;
    case "ticket": {
      const how = event.cached ? "Found" : event.exchange === "AS" ? "Received initial" : "Received";
      return `${how} creds for ${event.client} -> ${event.service} (${event.etype}, until ${event.endTime.toISOString()})`;
    }
    case "referral":
      return `Following referral from ${event.from} to ${event.to}`;
    case "check":
      return `Checked ${event.what}`;
    case "connect":
      return `Connecting to ${event.host} port ${event.port}`;
    case "connected":
      return `Connected to ${event.host} port ${event.port} after ${Math.round(event.milliseconds)} ms`;
    case "context-token":
      return `${event.direction === "sent" ? "Sent" : "Received"} context token (${event.octets} bytes)`;
    case "context-established":
      return `Context established with ${event.peer} (${event.etype}, ${event.acceptorSubkey ? "subkey of the acceptor" : "no subkey of the acceptor"}) after ${Math.round(event.milliseconds)} ms`;
    case "command-sent":
      return `Sent command: ${event.arguments} arguments, ${event.octets} bytes, ${event.messages} messages`;
    case "output":
      return `Received ${event.octets} bytes for ${event.stream}`;
    case "status":
      return `Command ended with status ${event.status} after ${Math.round(event.milliseconds)} ms`;
    case "server-error":
      return `Server answered error ${event.remoteCode}: ${event.text}`;
    case "call-begin":
      return `Call ${event.call} begins: ${event.operation}${event.host === undefined ? "" : ` on ${event.host}`}`;
    case "call-end":
      return `Call ${event.call} ended${failure(event)} after ${Math.round(event.milliseconds)} ms`;
    case "login-begin":
      return `Getting initial credentials for ${event.client}`;
    case "login-end":
      return `Login of ${event.client} ended${failure(event)} after ${Math.round(event.milliseconds)} ms`;
    case "session-begin":
      return `Session open, protocol version ${event.protocol}`;
    case "session-end":
      return `Session ended${failure(event)} after ${Math.round(event.milliseconds)} ms`;
    case "note":
      return event.text;
    default:
      return otherWords(event);
  }
}

function failure({ error }: { readonly error?: string }): string {
  return error === undefined ? "" : ` with ${error}`;
}

/** An event for which this file has no words yet: its name and its fields. */
function otherWords(event: object): string {
  const { type, at: _at, call: _call, ...fields } = event as TraceEvent;
  const texts = Object.entries(fields).map(
    ([name, value]) => `${name}=${value instanceof Date ? value.toISOString() : String(value)}`,
  );
  return [type, ...texts].join(" ");
}
