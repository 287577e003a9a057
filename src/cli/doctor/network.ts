import { printableText } from "../../bytes/index.ts";
import { hasName, isKerberosError } from "../../errors.ts";
import { type Runtime, withDeadline } from "../../host/index.ts";
import { messageOf } from "../program.ts";

/** What a failed attempt at an endpoint says of the way there. */
export type Obstacle =
  | "refused"
  | "silent"
  | "unreachable"
  | "name"
  /** It hangs up. */
  | "closed"
  /** It takes the connection, and says nothing. */
  | "mute"
  /** It answers, in another protocol. */
  | "stranger"
  /** It answers, and not in TLS. */
  | "plain"
  | "other";

/** Reads it off an error. */
export function obstacleOf(error: unknown): Obstacle {
  const texts: string[] = [];
  let isStranger = false;
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++) {
    if (isKerberosError(one) && one.code === "DECODE") isStranger = true;
    // Of the report of a whole exchange, each attempt's reason; its own words would be said of all.
    if (hasName(one, "TransportError") && one.attempts.length > 0)
      texts.push(...one.attempts.map(({ reason }) => reason));
    else texts.push(one.message, String((one as { readonly code?: unknown }).code ?? ""));
  }
  if (isStranger) return "stranger";
  const text = texts.join(" ");
  if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA|getaddrinfo/.test(text)) return "name";
  if (/ECONNREFUSED|refused/i.test(text)) return "refused";
  if (/EHOSTUNREACH|ENETUNREACH|unreachable/i.test(text)) return "unreachable";
  // OpenSSL's words, and BoringSSL's.
  if (/wrong.version.number|packet.length.too.long|record.too.large|http.request/i.test(text)) return "plain";
  // Before "silent": a peer that hangs up has given "no answer" too.
  if (/ECONNRESET|EPIPE|closed|reset/i.test(text)) return "closed";
  if (/TIMEOUT|ETIMEDOUT|no answer|nothing within|silent/i.test(text)) return "silent";
  return "other";
}

const WORDS: Readonly<Record<Obstacle, string>> = {
  refused: "connection refused",
  silent: "no answer",
  unreachable: "no route",
  closed: "takes the connection and hangs up without an answer",
  mute: "takes the connection and says nothing",
  stranger: "what answers there speaks another protocol",
  plain: "what answers there speaks no TLS",
  name: "the name has no address",
  other: "failed",
};

export function obstacleWords(obstacle: Obstacle, error: unknown): string {
  if (obstacle !== "other") return WORDS[obstacle];
  // Of an exchange with one endpoint its reason alone: the rest says what the line says already.
  const [attempt, another] = hasName(error, "TransportError") ? error.attempts : [];
  const text = attempt !== undefined && another === undefined ? attempt.reason : messageOf(error);
  // A library's text may be of several lines, which are for its own log.
  return printableText(text.trim().split(/[\r\n]/, 1)[0] as string, 300);
}

/** What to do about it. `what` is the program that should listen, `where` is where its place is written down. */
export function obstacleAdvice(obstacle: Obstacle, what: string, where: string): string {
  switch (obstacle) {
    case "refused":
      return `nothing listens there: is it the right port (${where}), and does ${what} run?`;
    case "silent":
      return `a firewall between here and there drops packets, or the host is down: let this port through, or use another way (${where})`;
    case "unreachable":
      return `this machine has no route to it: look at its network, VPN or firewall`;
    case "closed":
      return `something else than ${what} listens there, or a proxy in between hangs up (${where})`;
    case "mute":
      return `something else than ${what} listens there, or ${what} hangs (${where})`;
    case "stranger":
      return `something else than ${what} listens there: is it the right host and port (${where})?`;
    case "plain":
      return `something else than ${what} listens there: is it the right host and port (${where})?`;
    case "name":
      return `the name is wrong or DNS does not answer: correct it (${where}), or look at resolv.conf`;
    default:
      return `look at ${what} and its log`;
  }
}

/** Opens a connection and drops it. Throws what `connectTcp` throws, and TransportError `TIMEOUT`. */
export async function tryConnection(
  runtime: Runtime,
  { host, port, timeoutMs }: { readonly host: string; readonly port: number; readonly timeoutMs: number },
): Promise<void> {
  const { connectTcp } = runtime;
  if (connectTcp === undefined) throw new TypeError("this runtime has no TCP");
  const connection = await withDeadline((signal) => connectTcp.call(runtime, host, port, { signal }), {
    timeoutMs,
    what: `connecting to ${host}:${port}`,
    discard: (late) => late.abort(),
  });
  connection.abort();
}
