import { TransportError } from "../../errors.ts";

/** What a failed attempt at an endpoint says of the way there. */
export type Obstacle = "refused" | "silent" | "unreachable" | "closed" | "name" | "other";

/** Reads it off an error. */
export function obstacleOf(error: unknown): Obstacle {
  const texts: string[] = [];
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++) {
    // Of the report of a whole exchange, each attempt's reason; its own words would be said of all.
    if (one instanceof TransportError && one.attempts.length > 0)
      texts.push(...one.attempts.map(({ reason }) => reason));
    else texts.push(one.message, String((one as { readonly code?: unknown }).code ?? ""));
  }
  const text = texts.join(" ");
  if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA|getaddrinfo/.test(text)) return "name";
  if (/ECONNREFUSED|refused/i.test(text)) return "refused";
  if (/EHOSTUNREACH|ENETUNREACH|unreachable/i.test(text)) return "unreachable";
  if (/TIMEOUT|ETIMEDOUT|no answer|nothing within|silent/i.test(text)) return "silent";
  if (/ECONNRESET|EPIPE|closed/i.test(text)) return "closed";
  return "other";
}

const WORDS: Readonly<Record<Obstacle, string>> = {
  refused: "connection refused",
  silent: "no answer",
  unreachable: "no route",
  closed: "closed without an answer",
  name: "the name has no address",
  other: "failed",
};

export function obstacleWords(obstacle: Obstacle, error: unknown): string {
  if (obstacle !== "other") return WORDS[obstacle];
  return error instanceof Error ? error.message : String(error);
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
    case "name":
      return `the name is wrong or DNS does not answer: correct it (${where}), or look at resolv.conf`;
    default:
      return `look at ${what} and its log`;
  }
}
