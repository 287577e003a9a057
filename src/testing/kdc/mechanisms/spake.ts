import { concat, Reader, setUint32, Writer } from "../../../bytes/index.ts";
import { cf2, type ProtocolKey, prfPlus } from "../../../crypto/index.ts";
import type { Group, Point } from "../../../curves/index.ts";
import { hasCode, hasName } from "../../../errors.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../../iana/index.ts";
import { encodeEtypeInfo2, encodeMethodData, openData, type PaData } from "../../../krb5/index.ts";
import { type CookieParts, makeCookie } from "../cookie.ts";
import type { StoredKey } from "../entry.ts";
import { etypeInfo2 } from "../etype-info2.ts";
import { refuse } from "../failure.ts";
import type { KdcLogin, KdcMechanism, Proof } from "../mechanism.ts";
import { refuseProof } from "../preauth-failed.ts";
import { RESPONSE_TAG, SUPPORT_TAG, spakeMessages } from "./spake-messages.ts";

/** No second factor (RFC 9588 section 8). */
const SF_NONE = 1;

const none = new Uint8Array(0);
const text = new TextEncoder();

/** SPAKE (RFC 9588): the KDC's half, which is the one masked with M. */
export const spake: KdcMechanism = {
  name: "spake",
  type: PADATA.spake,
  isUsable: ({ state }) => groupsOf(state).length > 0,
  offer(login, cookie) {
    const { spakeChallenge } = login.state.policy;
    const group = groupsOf(login.state).find(({ number }) => number === spakeChallenge);
    return group === undefined ? none : makeChallenge(login, group, none, cookie);
  },
  verify(login, data, cookie) {
    if (data[0] === SUPPORT_TAG) return askForResponse(login, data);
    if (data[0] !== RESPONSE_TAG) refuseProof(login, "a SPAKE message that a client does not send");
    return verifyResponse(login, data, cookie);
  },
};

function groupsOf({ groups = [], policy }: KdcLogin["state"]): readonly Group[] {
  return policy.spakeGroups.flatMap((number) => groups.find((group) => group.number === number) ?? []);
}

/** RFC 9588 section 4.2: the KDC's first group that the client has. */
function askForResponse(login: KdcLogin, support: Uint8Array): never {
  const { state, entry, request } = login;
  const { groups } = decode(login, () => spakeMessages.decode("support", support));
  const group = groupsOf(state).find(({ number }) => groups.includes(number));
  if (group === undefined) refuseProof(login, "no SPAKE group in common");
  const cookie: CookieParts = {};
  const message = makeChallenge(login, group, support, cookie);
  const isFirst = !(request.padata ?? []).some(({ padataType }) => padataType === PADATA.fxCookie);
  const [key] = login.keys;
  // A client that has begun with its groups has not seen the salt (RFC 9588 section 4.7).
  const info: PaData[] =
    isFirst && key !== undefined
      ? [{ padataType: PADATA.etypeInfo2, padataValue: encodeEtypeInfo2(etypeInfo2([key])) }]
      : [];
  return refuse(KRB_ERROR.KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, "SPAKE goes on", {
    eData: encodeMethodData([
      ...info,
      { padataType: PADATA.spake, padataValue: message },
      { padataType: PADATA.fxCookie, padataValue: makeCookie(state, entry, cookie) },
    ]),
  });
}

/** RFC 9588 sections 4.2 and 5: T = xP + wM. */
function makeChallenge(login: KdcLogin, group: Group, support: Uint8Array, cookie: CookieParts): Uint8Array {
  const { provider } = login.state.encTypes;
  const { w } = multiplier(longTermKey(login).key, group);
  const x = group.draw((length) => provider.randomBytes(length));
  const pubkey = cofactored(group).multiply(x).add(group.m.multiply(w)).encode();
  const message = spakeMessages.encode("challenge", { group: group.number, pubkey, factors: [{ type: SF_NONE }] });
  const start = new Uint8Array(provider.hash(group.hash).length);
  const transcript = provider.hash(group.hash, start, support, message);
  const digits = x.toString(16).padStart(2 * group.scalarBytes, "0");
  cookie.spake = new Writer(160).uint32(group.number).data32(text.encode(digits)).data32(transcript).finish();
  return message;
}

/** RFC 9588 sections 4.3, 5 and 7: K = x(S - wN). */
function verifyResponse(login: KdcLogin, response: Uint8Array, cookie: CookieParts): Proof {
  const { state, entry, request } = login;
  const { provider } = state.encTypes;
  const { pubkey, factor } = decode(login, () => spakeMessages.decode("response", response));
  const kept = cookie.spake ?? none;
  if (kept.length === 0) refuseProof(login, "a SPAKE response to no challenge of this KDC's");
  const reader = new Reader(kept);
  const number = reader.uint32();
  const x = BigInt(`0x${new TextDecoder().decode(reader.data32())}`);
  const before = reader.data32();
  const group = groupsOf(state).find((one) => one.number === number);
  if (group === undefined) refuseProof(login, "the SPAKE group is not in use any more");
  const { key } = longTermKey(login);
  const { octets, w } = multiplier(key, group);
  const shared = pointOf(login, group, pubkey).add(group.n.multiply(w).negate()).clearCofactor();
  if (shared.isIdentity) refuseProof(login, "a SPAKE key that gives no secret");
  const transcript = provider.hash(group.hash, before, pubkey);
  const secret = { key, group, octets, shared: shared.multiply(x).encode(), transcript, body: request.reqBody.octets };
  const sealed = decode(login, () => openData(derive(login, secret, 1), KEY_USAGE.spakeFactor, factor));
  const { type } = decode(login, () => spakeMessages.decode("SecondFactor", sealed));
  if (type !== SF_NONE) refuseProof(login, "a second factor that was not asked for");
  entry.failures = 0;
  return { replyKey: derive(login, secret, 0) };
}

function pointOf(login: KdcLogin, group: Group, octets: Uint8Array): Point {
  try {
    return group.decode(octets);
  } catch {
    return refuseProof(login, "the SPAKE key is not a point of the group");
  }
}

function decode<T>(login: KdcLogin, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!hasCode(error, "DECODE") && !hasName(error, "CryptoError")) throw error;
    return refuseProof(login, "the SPAKE message does not decode, or is under another key");
  }
}

/** The one key that ETYPE-INFO2 tells of (RFC 9588 section 2). */
function longTermKey({ keys }: KdcLogin): StoredKey {
  return keys[0] as StoredKey;
}

function cofactored(group: Group): Point {
  return group.base.clearCofactor();
}

/** RFC 9588 section 5. */
function multiplier(key: ProtocolKey, group: Group): { readonly octets: Uint8Array; readonly w: bigint } {
  const octets = prfPlus(key, concat(text.encode("SPAKEsecret"), be32(group.number)), group.scalarBytes);
  return { octets, w: group.reduce(octets) };
}

interface Secret {
  readonly key: ProtocolKey;
  readonly group: Group;
  readonly octets: Uint8Array;
  readonly shared: Uint8Array;
  readonly transcript: Uint8Array;
  readonly body: Uint8Array;
}

/** K'[n] (RFC 9588 section 7). */
function derive({ state }: KdcLogin, { key, group, octets, shared, transcript, body }: Secret, n: number): ProtocolKey {
  const { provider } = state.encTypes;
  const { encType } = key;
  const head = concat(text.encode("SPAKEkey"), be32(group.number), be32(encType.etype), octets);
  let seed: Uint8Array = none;
  for (let block = 1; seed.length < encType.seedBytes; block++) {
    const tail = concat(be32(n), Uint8Array.of(block));
    seed = concat(seed, provider.hash(group.hash, head, shared, transcript, body, tail));
  }
  const base = encType.importKey(provider, encType.randomToKey(seed.slice(0, encType.seedBytes)));
  return cf2(provider, key, base, text.encode("SPAKE"), text.encode("keyderiv"));
}

function be32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  setUint32(octets, 0, value);
  return octets;
}
