// The KDC's half of FAST (RFC 6113 section 5.4) and of the encrypted challenge: what a test changes of it is what an attacker
// could.

import { cf2, makeKeyedChecksum, type ProtocolKey } from "../../src/crypto/index.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../src/iana/index.ts";
import {
  decodeEncryptedData,
  encodeEncryptedData,
  encodeKrbError,
  encodeMethodData,
  encodePaEncTsEnc,
  type KdcRep,
  openData,
  type PaData,
  sealData,
} from "../../src/krb5/index.ts";
import { fastMessages } from "../../src/preauth/fast/messages.ts";
import { encTypes, find, type Script } from "./preauth-kdc.ts";
import { pa } from "./preauth-mechanisms.ts";

const text = new TextEncoder();
const now = new Date(1_800_000_000_000);

/** What is in PA-FX-FAST of a request. */
export function openRequest(key: ProtocolKey, value: Uint8Array) {
  const request = fastMessages.decode("PA-FX-FAST-REQUEST", value);
  const inner = openData(key, KEY_USAGE.fastEnc, request.encFastReq);
  return { ...request, inner: fastMessages.decode("KrbFastReq", inner) };
}

type Response = Parameters<typeof fastMessages.encode<"KrbFastResponse">>[1];

/** PA-FX-FAST of an answer. */
export function sealResponse(key: ProtocolKey, response: Response): PaData {
  const encFastRep = sealData(key, KEY_USAGE.fastRep, fastMessages.encode("KrbFastResponse", response));
  return pa(PADATA.fxFast, fastMessages.encode("PA-FX-FAST-REPLY", { encFastRep }));
}

/** The end of an armored reply: the name of alice, and the checksum of a ticket. */
export function finishedOf(key: ProtocolKey, ticket: Uint8Array, name = "alice"): NonNullable<Response["finished"]> {
  return {
    timestamp: now,
    usec: 0,
    crealm: "TEST.EXAMPLE",
    cname: { nameType: 1, nameString: [name] },
    ticketChecksum: makeKeyedChecksum(key, KEY_USAGE.fastFinished, ticket),
  };
}

/** A KRB-ERROR; `eData` as METHOD-DATA. */
export function errorOf(errorCode: number, methods?: readonly PaData[]) {
  return {
    ...{ pvno: 5, msgType: 30, stime: now, susec: 0, errorCode, realm: "TEST.EXAMPLE" },
    sname: { nameType: 2, nameString: ["krbtgt", "TEST.EXAMPLE"] },
    ...(methods === undefined ? {} : { eData: encodeMethodData(methods) }),
  } as const;
}

export const fxError = (errorCode: number): PaData => pa(PADATA.fxError, encodeKrbError(errorOf(errorCode)));

/** A reply that names another client outside, and whose ticket has these octets. */
export function replyOf(padata: readonly PaData[], ticket: Uint8Array): KdcRep {
  return {
    ...{ pvno: 5, msgType: 11, padata, crealm: "OUTSIDE.EXAMPLE", cname: { nameType: 1, nameString: ["outer"] } },
    ticket: { octets: ticket },
    encPart: { etype: 18, cipher: new Uint8Array(64) },
  } as unknown as KdcRep;
}

/** Which pepper the KDC's half of a challenge is under. */
export type Pepper = "kdcchallengearmor" | "clientchallengearmor";

/** A KDC that takes an encrypted challenge; `armor` is the armor key. */
export function challengeKdc(armor: ProtocolKey, pepper: Pepper = "kdcchallengearmor"): Script {
  const { provider } = encTypes;
  const keyOf = (of: Pepper, key: ProtocolKey) =>
    cf2(provider, armor, key, text.encode(of), text.encode("challengelongterm"));
  return (request, _, kdc) => {
    const value = find(request.padata, PADATA.encryptedChallenge);
    if (value === undefined) {
      const methods = [kdc.etypeInfo, pa(PADATA.encryptedChallenge), pa(PADATA.fxCookie, Uint8Array.of(1))];
      return { code: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, methods };
    }
    try {
      openData(keyOf("clientchallengearmor", kdc.key), KEY_USAGE.encChallengeClient, decodeEncryptedData(value));
    } catch {
      return { code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED, methods: [kdc.etypeInfo, pa(PADATA.encryptedChallenge)] };
    }
    const half = encodePaEncTsEnc({ patimestamp: new Date() });
    const sealed = sealData(keyOf(pepper, kdc.key), KEY_USAGE.encChallengeKdc, half);
    return { padata: [pa(PADATA.encryptedChallenge, encodeEncryptedData(sealed))] };
  };
}
