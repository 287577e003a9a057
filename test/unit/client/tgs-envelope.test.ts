// The envelope around a TGS exchange: what FAST will put there (RFC 6113 section 5.4.2), with an envelope that only tests have.

import { afterEach, beforeEach, expect, it } from "vitest";
import type { TestRealm } from "../../../src/entry/testing.ts";
import { KEY_USAGE, PADATA } from "../../../src/iana/index.ts";
import {
  decodeEncKdcRepPart,
  decodeTgsRep,
  decodeTgsReq,
  encodeChecksum,
  encodeEncTgsRepPart,
  encodeTgsRep,
  encodeTgsReq,
  openData,
  type ServiceTicket,
  sealData,
} from "../../../src/krb5/index.ts";
import type { TgsEnvelopeParts } from "../../../src/preauth/index.ts";
import { openPadata, SEALED, sealedEnvelope, sealReply } from "../../support/sealed-envelope.ts";
import { logIn, refusal, startRealm, walk } from "./harness.ts";

let realm: TestRealm;
let tgt: ServiceTicket;
/** What the envelope of each request was made of, and the request as it was sent. */
let parts: TgsEnvelopeParts[];
let sent: Uint8Array[];

beforeEach(async () => {
  realm = await startRealm();
  tgt = await logIn(realm);
  parts = [];
  sent = [];
});
afterEach(() => realm.close());

const subkey = () => (parts.at(-1) as TgsEnvelopeParts).subkey;

/** The KDC's end: opens the envelope for the realm, whose KDC knows none. */
function request(octets: Uint8Array): Uint8Array {
  const { padata = [], reqBody, ...rest } = decodeTgsReq(octets);
  expect(padata.map(({ padataType }) => padataType)).toEqual([PADATA.tgsReq, SEALED]);
  expect(padata[0]?.padataValue).toEqual(parts.at(-1)?.apReq);
  expect(parts.at(-1)?.sessionKey).toBe(tgt.sessionKey);
  const inner = openPadata(subkey(), padata);
  expect(inner.map(({ padataType }) => padataType)).toEqual([PADATA.reqEncPaRep]);
  return encodeTgsReq({ ...rest, padata: [...padata.slice(0, 1), ...inner], reqBody: { octets: reqBody.octets } });
}

/** The KDC's end: puts the reply into an envelope, under the strengthened key. */
function reply(octets: Uint8Array, index: number, isStrengthened = true): Uint8Array {
  const rep = decodeTgsRep(octets);
  const draft = { padata: [], cname: rep.cname, replyKey: subkey() };
  sealReply(subkey(), draft);
  const key = isStrengthened ? draft.replyKey : subkey();
  const part = decodeEncKdcRepPart(openData(subkey(), KEY_USAGE.tgsRepEncPartSubkey, rep.encPart));
  const checksum = key.usage(KEY_USAGE.asReqChecksum).checksum(sent[index] as Uint8Array);
  const padataValue = encodeChecksum({ cksumtype: key.encType.checksumType, checksum });
  const encPart = encodeEncTgsRepPart({ ...part, encryptedPaData: [{ padataType: PADATA.reqEncPaRep, padataValue }] });
  const sealed = sealData(key, KEY_USAGE.tgsRepEncPartSubkey, encPart);
  return encodeTgsRep({ ...rep, padata: draft.padata, cname: draft.cname, encPart: sealed });
}

const wrap = (made: TgsEnvelopeParts) => {
  parts.push(made);
  return sealedEnvelope(made.subkey);
};

it("goes around each request and its reply: the client is the one inside, the reply key the strengthened one", async () => {
  const ticket = await walk(realm, tgt, undefined, { wrap }, { sent, request, reply });
  expect(ticket.client).toEqual(tgt.client);
  expect(parts).toHaveLength(1);
});

it("a reply that is not strengthened does not open", async () => {
  const weak = (octets: Uint8Array, index: number) => reply(octets, index, false);
  expect(await refusal(walk(realm, tgt, undefined, { wrap }, { sent, request, reply: weak }))).toMatch(/^INTEGRITY: /);
});

it("a reply and an error without the envelope that must be there are refused", async () => {
  expect(await refusal(walk(realm, tgt, undefined, { wrap }, { sent, request }))).toMatch(
    /^REPLY_MODIFIED: the envelope/,
  );
  realm.fault({ on: "tgs-req", name: "krb-error", code: 12 });
  expect(await refusal(walk(realm, tgt, undefined, { wrap }, { sent, request }))).toMatch(/^(REPLY_MODIFIED|DECODE): /);
});
