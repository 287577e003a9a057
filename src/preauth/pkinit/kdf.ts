import { concat, decodeHex, encodeHex, wipe } from "../../bytes/index.ts";
import type { DigestName, EncTypeSet, ProtocolKey } from "../../crypto/index.ts";
import { PreauthError } from "../../errors.ts";
import { type Principal, toPrincipalName } from "../../krb5/index.ts";
import { encodePkinit } from "./messages.ts";

/** KDFs (RFC 8636 section 5) by the hexadecimal of their OBJECT IDENTIFIERs, best first; the first ones are offered. */
const KDFS: ReadonlyMap<string, DigestName> = new Map([
  ["2b06010502030602", "sha256"],
  ["2b06010502030603", "sha512"],
  ["2b06010502030604", "sha384"],
]);

/** Those that the client supports. */
export const SUPPORTED_KDFS: readonly { readonly kdfId: Uint8Array }[] = /* @__PURE__ */ [...KDFS.keys()].map(
  (oid) => ({ kdfId: decodeHex(oid) }),
);

/** What a key is bound to (RFC 8636 section 5). */
export interface KdfParties {
  /** The names as in the request, with their types. */
  readonly client: Principal;
  readonly server: Principal;
  readonly etype: number;
  /** The whole AS-REQ, as it was sent. */
  readonly asReq: Uint8Array;
  /** The value of the PA-DATA of the reply. */
  readonly pkAsRep: Uint8Array;
}

/** The reply key of a shared secret, by a KDF of RFC 8636. Throws PreauthError for one that was not offered. */
export function deriveKey(encTypes: EncTypeSet, kdf: Uint8Array, secret: Uint8Array, parties: KdfParties): ProtocolKey {
  const hash = KDFS.get(encodeHex(kdf));
  if (hash === undefined) {
    throw new PreauthError(
      "KDC_NOT_TRUSTED",
      "the KDC used a key derivation that it was not offered (RFC 8636): look at the KDC",
    );
  }
  return singleStepKey(encTypes, hash, secret, otherInfo(kdf, parties), parties.etype);
}

/** The single-step KDF (SP 800-56C section 4.1). */
export function singleStepKey(
  encTypes: EncTypeSet,
  hash: DigestName,
  secret: Uint8Array,
  info: Uint8Array,
  etype: number,
): ProtocolKey {
  return keyOf(encTypes, etype, (n) => encTypes.provider.hash(hash, Uint8Array.of(0, 0, 0, n + 1), secret, info));
}

/**
 * The reply key by octetstring2key (RFC 4556 section 3.2.3.1), which binds nothing of the messages: the nonce of the
 * reply must be checked.
 */
export function octetStringToKey(encTypes: EncTypeSet, etype: number, secret: Uint8Array): ProtocolKey {
  return keyOf(encTypes, etype, (n) => encTypes.provider.hash("sha1", Uint8Array.of(n), secret));
}

/** OtherInfo of RFC 8636 section 5. */
export function otherInfo(kdf: Uint8Array, { client, server, etype, asReq, pkAsRep }: KdfParties): Uint8Array {
  return encodePkinit("OtherInfo", {
    algorithmID: { algorithm: kdf },
    partyUInfo: nameOf(client),
    partyVInfo: nameOf(server),
    suppPubInfo: encodePkinit("PkinitSuppPubInfo", { enctype: etype, asREQ: asReq, pkAsRep }),
  });
}

function nameOf(principal: Principal): Uint8Array {
  return encodePkinit("KRB5PrincipalName", { realm: principal.realm, principalName: toPrincipalName(principal) });
}

/** random-to-key of as many blocks as it takes. */
function keyOf(encTypes: EncTypeSet, etype: number, block: (n: number) => Uint8Array): ProtocolKey {
  const type = encTypes.get(etype);
  const blocks: Uint8Array[] = [];
  for (let length = 0, n = 0; length < type.seedBytes; n++) {
    const next = block(n);
    blocks.push(next);
    length += next.length;
  }
  const seed = concat(...blocks);
  const octets = type.randomToKey(seed.subarray(0, type.seedBytes));
  const key = type.importKey(encTypes.provider, octets);
  wipe(seed, octets, ...blocks);
  return key;
}
