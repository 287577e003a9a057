import { printableText } from "../../bytes/index.ts";
import { hasName } from "../../errors.ts";
import {
  type Obstacle as HostObstacle,
  obstacleOf as obstacleOfOne,
  type Runtime,
  withDeadline,
} from "../../host/index.ts";
import { messageOf } from "../program.ts";

/** What a failed attempt says of the way there; `mute`: it takes the connection, and says nothing. */
export type Obstacle = HostObstacle | "mute";

/** Of several attempts the most telling obstacle counts: before `silent` for example that a peer hangs up. */
const ORDER: readonly HostObstacle[] = [
  "stranger",
  "name",
  "here",
  "refused",
  "unreachable",
  "plain",
  "closed",
  "silent",
];

/** Reads it off an error: of the report of a whole exchange, off each attempt. */
export function obstacleOf(error: unknown): Obstacle {
  const attempts = hasName(error, "TransportError") ? error.attempts : [];
  if (attempts.length === 0) return obstacleOfOne(error);
  const found = attempts.map(({ obstacle }) => obstacle);
  return ORDER.find((obstacle) => found.includes(obstacle)) ?? "other";
}

const WORDS: Readonly<Record<Exclude<Obstacle, "other" | "here">, string>> = {
  refused: "connection refused",
  silent: "no answer",
  unreachable: "no route",
  closed: "accepts the connection and closes it without an answer",
  mute: "accepts the connection and does not answer",
  stranger: "what answers there speaks another protocol",
  plain: "what answers there does not speak TLS",
  name: "the name has no address",
};

export function obstacleWords(obstacle: Obstacle, error: unknown): string {
  if (obstacle !== "other" && obstacle !== "here") return WORDS[obstacle];
  // Of an exchange with one endpoint its reason alone: the rest says what the line says already.
  const [attempt, another] = hasName(error, "TransportError") ? error.attempts : [];
  const text = attempt !== undefined && another === undefined ? attempt.reason : messageOf(error);
  // A library's text may be of several lines, which are for its own log.
  return printableText(text.trim().split("\n", 1)[0] as string, 300);
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
      return `something else than ${what} listens there, or a proxy in between closes the connection (${where})`;
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
  let isLookingUp = false;
  const onLookUp = (isOver: boolean): void => {
    isLookingUp = !isOver;
  };
  const connection = await withDeadline((signal) => connectTcp.call(runtime, host, port, { signal, onLookUp }), {
    timeoutMs,
    what: () => (isLookingUp ? `looking up the name ${host}` : `connecting to ${host}:${port}`),
    discard: (late) => late.abort(),
  });
  connection.abort();
}
