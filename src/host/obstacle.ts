import { type Attempt, hasCode, isKerberosError } from "../errors.ts";

/** What stood in the way of an attempt. */
export type Obstacle = NonNullable<Attempt["obstacle"]>;

const OF_HOST: Readonly<Record<string, Obstacle>> = {
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  EAI_NODATA: "name",
  EAI_NONAME: "name",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  ECONNRESET: "closed",
  EPIPE: "closed",
  ETIMEDOUT: "silent",
  UND_ERR_CONNECT_TIMEOUT: "silent",
  UND_ERR_SOCKET: "closed",
};

/**
 * For hosts whose errors have no code, and for TLS: the words of OpenSSL, BoringSSL and Deno, the most telling first.
 */
const BY_WORDS: readonly (readonly [Obstacle, RegExp])[] = [
  ["name", /getaddrinfo|failed to lookup address/i],
  ["refused", /refused/i],
  ["unreachable", /unreachable|no route/i],
  ["plain", /wrong.version.number|packet.length.too.long|record.too.large|http.request/i],
  ["closed", /closed|reset|broken pipe/i],
  ["silent", /timed? ?out/i],
];

const MAX_CAUSES = 5;

/**
 * Reads off an error what stood in the way: of this package's errors the code, of a host's the code or, where it has
 * none, the words.
 */
export function obstacleOf(error: unknown): Obstacle {
  const found: (Obstacle | undefined)[] = [];
  for (let one = error, depth = 0; one instanceof Error && depth < MAX_CAUSES; one = one.cause, depth++) {
    found.push(isKerberosError(one) ? ofOurs(one) : ofHost(one));
  }
  // What answers in another protocol was reached, whatever came of it then.
  if (found.includes("stranger")) return "stranger";
  return found.find((obstacle) => obstacle !== undefined) ?? "other";
}

function ofOurs(error: unknown): Obstacle | undefined {
  if (hasCode(error, "DECODE", "NOT_A_KDC")) return "stranger";
  if (hasCode(error, "TIMEOUT")) return "silent";
  return hasCode(error, "CONNECTION_CLOSED") ? "closed" : undefined;
}

function ofHost(error: Error): Obstacle | undefined {
  const code = codeOf(error);
  const known = Object.hasOwn(OF_HOST, code) ? OF_HOST[code] : Object.hasOwn(CURES, code) ? "here" : undefined;
  return known ?? BY_WORDS.find(([, words]) => words.test(`${error.message} ${code}`))?.[0];
}

/** The host's code; `bind` for an address to connect from that does not serve. */
function codeOf(error: Error): string {
  const { code = "", syscall } = error as { readonly code?: unknown; readonly syscall?: unknown };
  return (syscall === "bind" && code !== "EMFILE") || code === "ERR_INVALID_IP_ADDRESS" ? "bind" : String(code);
}

/** What to do where the cause is this machine. */
const CURES: Readonly<Record<string, string>> = {
  bind: "correct the address to connect from",
  EADDRNOTAVAIL: "this machine has no free port",
  EACCES: "look at the firewall of this machine",
  EPERM: "look at the firewall of this machine",
  EMFILE: "too many files are open: raise the limit",
  ENFILE: "too many files are open: raise the limit",
  ENETUNREACH: "look at the network of this machine",
  ENETDOWN: "look at the network of this machine",
};

/**
 * What to do about a failed connection whose cause is this machine, and not who should answer; of several failures
 * what all of them need.
 */
export function cureOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth === MAX_CAUSES) return undefined;
  // The error of a host for several addresses has the code of one of them.
  const several = error instanceof AggregateError ? error : error.cause;
  if (several instanceof AggregateError) {
    const [first, ...others] = several.errors.map((one) => cureOf(one, depth + 1));
    return others.every((cure) => cure === first) ? first : undefined;
  }
  const code = codeOf(error);
  return Object.hasOwn(CURES, code) ? CURES[code] : cureOf(several, depth + 1);
}
