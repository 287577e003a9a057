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
  const { code } = error as { readonly code?: unknown };
  const known = typeof code === "string" && Object.hasOwn(OF_HOST, code) ? OF_HOST[code] : undefined;
  return known ?? BY_WORDS.find(([, words]) => words.test(`${error.message} ${String(code ?? "")}`))?.[0];
}
