import { decodeBase64, encodeBase64 } from "../bytes/index.ts";
import { GssError } from "../errors.ts";
import { MAX_FIELD, parseChallenges } from "./challenges.ts";

/** The scheme of RFC 4559. */
export const NEGOTIATE = "Negotiate";

/** Where a server and a proxy ask, and where they are answered (RFC 9110 sections 11.6 and 11.7). */
export interface Fields {
  readonly challenge: "www-authenticate" | "proxy-authenticate";
  readonly answer: "authorization" | "proxy-authorization";
  readonly status: 401 | 407;
  /** Who asks, for messages. */
  readonly peer: "server" | "proxy";
}

export const SERVER_FIELDS: Fields = {
  challenge: "www-authenticate",
  answer: "authorization",
  status: 401,
  peer: "server",
};
export const PROXY_FIELDS: Fields = {
  challenge: "proxy-authenticate",
  answer: "proxy-authorization",
  status: 407,
  peer: "proxy",
};

/** What a field says of Negotiate (RFC 4559 section 4.1). */
export interface Negotiation {
  /** Undefined: the scheme alone. */
  readonly token: Uint8Array | undefined;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads what a server says of Negotiate; undefined if it does not name the scheme. Throws GssError
 * `GSS_DEFECTIVE_TOKEN` for what follows the scheme and is not one token in base64, and for two that differ.
 */
export function readNegotiation(value: string | null | undefined): Negotiation | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (value.length > MAX_FIELD) throw defective(`its field is longer than ${MAX_FIELD} characters`);
  const own = parseChallenges(value).filter(({ scheme }) => scheme === "negotiate");
  if (own.length === 0) return undefined;
  if (own.some(({ isBroken }) => isBroken)) throw defective("what follows Negotiate is not a token");
  const tokens = new Set(own.flatMap(({ token }) => token ?? []));
  if (tokens.size > 1) throw defective("it has two tokens for Negotiate");
  const [token] = tokens;
  return { token: token === undefined ? undefined : decodeToken(token) };
}

/** The octets of a token in base64: padded, in one line (RFC 4559 section 4.1). */
export function decodeToken(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw defective("its token is not base64");
  return decodeBase64(text);
}

/** The value of a field that carries a token. */
export function writeNegotiation(token: Uint8Array): string {
  return `${NEGOTIATE} ${encodeBase64(token)}`;
}

function defective(reason: string): GssError {
  return new GssError(
    "GSS_DEFECTIVE_TOKEN",
    "GSS_S_DEFECTIVE_TOKEN",
    `the peer's Negotiate field is broken: ${reason}; look at the peer, and at proxies between`,
  );
}
