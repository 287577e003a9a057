import { printableText } from "../bytes/index.ts";
import type { TraceEvent } from "../trace.ts";

/** One event as a line in the words of libkrb5 where it has any, without time and newline. */
export function formatTraceEvent(event: TraceEvent): string {
  return printableText(wordsOf(event));
}

function wordsOf(event: TraceEvent): string {
  switch (event.type) {
    case "kdc-request":
      return `Sending ${event.message} (${event.octets} bytes) to ${event.realm} at ${event.endpoint}`;
    case "kdc-reply":
      return `Received answer (${event.octets} bytes) from ${event.endpoint} after ${Math.round(event.milliseconds)} ms`;
    case "kdc-failed":
      return `No answer from ${event.endpoint} for ${event.realm}: ${event.reason}`;
    case "kdc-error":
      return `Received error from KDC of ${event.realm}: ${event.errorCode}/${event.errorName}${event.text === undefined ? "" : ` (${event.text})`}`;
    case "preauth-offered":
      return `Processing preauth types: ${event.mechanisms.join(", ")}`;
    case "preauth-chosen": {
      const iterations = event.iterations === undefined ? "" : `, iterations ${event.iterations}`;
      return `Selected preauth ${event.mechanism}: etype ${event.etype}, salt "${event.salt}"${iterations}`;
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
    case "note":
      return event.text;
    default:
      return (event as { readonly type: string }).type;
  }
}
