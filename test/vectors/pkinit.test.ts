// PKINIT: the figures of RFC 8636, and whole logins that were recorded from MIT's and Heimdal's KDCs.

import { describe, expect, it } from "vitest";
import asn1 from "../../krb5-vectors/asn1/later.json" with { type: "json" };
import recorded from "../../krb5-vectors/preauth/pkinit-exchanges.json" with { type: "json" };
import figures from "../../krb5-vectors/preauth/rfc8636.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import {
  createEncTypeSet,
  type DigestName,
  type EncType,
  loadNobleProvider,
  loadNodeProvider,
  strongEncTypes,
} from "../../src/crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../src/iana/index.ts";
import {
  ANONYMOUS,
  decodeAsRep,
  decodeAsReq,
  decodeEncKdcRepPart,
  importEncryptionKey,
  type KdcReq,
  openData,
  parsePrincipal,
  tgsPrincipal,
  toPrincipal,
} from "../../src/krb5/index.ts";
import { des3CbcSha1 } from "../../src/legacy-enctypes/index.ts";
import { deriveKey, octetStringToKey, otherInfo, singleStepKey } from "../../src/preauth/pkinit/kdf.ts";
import { checkKeyExchange } from "../../src/preauth/pkinit/key-exchange.ts";
import { decodePkinit, encodePkinit } from "../../src/preauth/pkinit/messages.ts";
import { openReply } from "../../src/preauth/pkinit/reply.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import { decodeSignedData, readCertificates, signData, verifySignedData } from "../../src/x509/index.ts";

const AUTH_DATA = "2b060105020301";
const KDFS: Readonly<Record<string, string>> = {
  sha1: "2b06010502030601",
  sha256: "2b06010502030602",
  sha512: "2b06010502030603",
};
const providers = [await loadNobleProvider(), await loadNodeProvider(nodeRuntime())];
const [noble] = providers;
if (noble === undefined) throw new Error("no provider");
const encTypes = createEncTypeSet(strongEncTypes, noble);
const find = (padata: readonly { padataType: number; padataValue: Uint8Array }[] | undefined, type: number) =>
  padata?.find(({ padataType }) => padataType === type)?.padataValue;

describe.each(providers)("the KDF of RFC 8636 ($name)", (provider) => {
  it.each(figures.vectors)("$name", ({ name, etype, secret, client, server, asReq, pkAsRep, key }) => {
    const types: readonly EncType[] = [...strongEncTypes, des3CbcSha1];
    const set = createEncTypeSet(types, provider);
    const hash = name.replace("pkinit-kdf-", "") as DigestName;
    const parties = {
      client: parsePrincipal(client),
      // The figures have the name type 1 for both.
      server: { ...parsePrincipal(server), nameType: 1 },
      etype,
      asReq: decodeHex(asReq),
      pkAsRep: decodeHex(pkAsRep),
    };
    const info = otherInfo(decodeHex(KDFS[hash] as string), parties);
    expect(encodeHex(singleStepKey(set, hash, decodeHex(secret), info, etype).octets)).toBe(key);
    if (hash === "sha256") {
      expect(encodeHex(deriveKey(set, decodeHex(KDFS.sha256 as string), decodeHex(secret), parties).octets)).toBe(key);
    }
  });

  it("octetstring2key is SHA-1 over a counter from 0 and the secret, cut to the seed", () => {
    const set = createEncTypeSet(strongEncTypes, provider);
    const secret = Uint8Array.from({ length: 256 }, (_, i) => i);
    const hash = (n: number) => encodeHex(provider.hash("sha1", Uint8Array.of(n), secret));
    expect(encodeHex(octetStringToKey(set, 18, secret).octets)).toBe(`${hash(0)}${hash(1)}`.slice(0, 64));
    expect(encodeHex(octetStringToKey(set, 17, secret).octets)).toBe(hash(0).slice(0, 32));
  });
});

it("a KDF that was not offered is refused", () => {
  const parties = {
    client: ANONYMOUS,
    server: ANONYMOUS,
    etype: 18,
    asReq: new Uint8Array(0),
    pkAsRep: new Uint8Array(0),
  };
  expect(() => deriveKey(encTypes, decodeHex(KDFS.sha1 as string), new Uint8Array(256), parties)).toThrow(
    /not offered/,
  );
});

describe("ASN.1 of PKINIT", () => {
  const types = ["PA-PK-AS-REQ", "PA-PK-AS-REP", "AuthPack", "PkinitSuppPubInfo"] as const;
  const rows = asn1.vectors.filter(({ name, type }) => types.some((one) => one === type) && name !== "auth_pack");
  it.each(rows)("$name is read and written alike", ({ type, octets }) => {
    const name = type as (typeof types)[number];
    expect(encodeHex(encodePkinit(name, decodePkinit(name, decodeHex(octets)) as never))).toBe(octets);
  });
  it("there is a figure of each", () => expect(rows.length).toBeGreaterThanOrEqual(4));
});

const plain = recorded.vectors.filter(({ fastPadata }) => fastPadata === undefined);

describe.each(recorded.vectors)("$name", (recording) => {
  const { messages, realm, etype, mechanismKey, replyKey } = recording;
  const octetsOf = (index: number): Uint8Array => decodeHex(messages.at(index) as string);
  const requests = messages.filter((_, i) => i % 2 === 0).map((text) => decodeAsReq(decodeHex(text)));
  const pkRequests = requests.flatMap(({ padata }) => find(padata, PADATA.pkAsReq) ?? []);
  const asReq = octetsOf(-2);
  const rep = decodeAsRep(octetsOf(-1));
  const fast = recording.fastPadata?.map(({ type, value }) => ({ padataType: type, padataValue: decodeHex(value) }));
  const padata = fast ?? rep.padata;
  const isAnonymous = recording.client.startsWith("WELLKNOWN/");
  const keyOf = (text: string) => importEncryptionKey(encTypes, { keytype: etype, keyvalue: decodeHex(text) });

  it("the request is written octet for octet from what it says", async () => {
    expect(pkRequests.length > 0).toBe(fast === undefined);
    for (const value of pkRequests) {
      const { signedAuthPack } = decodePkinit("PA-PK-AS-REQ", value);
      const data = decodeSignedData(signedAuthPack);
      const authPack = encodePkinit("AuthPack", decodePkinit("AuthPack", data.content));
      expect(authPack).toEqual(data.content);
      const [certificate] = data.certificates;
      const signature = data.signers[0]?.at(5, "signature").contents as Uint8Array;
      const signer = certificate && { certificate, chain: [], sign: async () => signature };
      expect(encodeHex(await signData(AUTH_DATA, authPack, signer))).toBe(encodeHex(signedAuthPack));
      expect(encodePkinit("PA-PK-AS-REQ", { signedAuthPack })).toEqual(value);
      if (certificate !== undefined) expect((await verifySignedData(data)).problem).toBeUndefined();
    }
  });

  it("the reply is taken, and its key is the recorded one", async () => {
    const body = (requests.at(-1) as KdcReq).reqBody;
    const login = {
      client: isAnonymous ? { ...ANONYMOUS, realm } : toPrincipal(realm, body.cname as never),
      service: tgsPrincipal(realm),
      encTypes,
      trace: () => {},
    };
    const { secret } = recording;
    const key = await openReply(
      find(padata, PADATA.pkAsRep) as Uint8Array,
      { padata: padata ?? [], etype, requestOctets: asReq },
      {
        login: login as never,
        identity: { anchors: [] },
        ready: {
          signer: isAnonymous ? undefined : ({} as never),
          anchors: recording.anchors.flatMap((pem) => readCertificates(pem, "anchors")),
          pool: [],
        },
        agreement: { publicKey: {} as never, agree: async () => decodeHex(secret ?? "00") },
        nonce: recording.nonce,
        now: rep.ticket === undefined ? new Date() : decodeEncKdcRepPart(decodeHex(recording.encKdcRepPart)).authtime,
      },
    );
    if (secret !== undefined) expect(encodeHex(key.octets)).toBe(mechanismKey);
    expect(encodeHex(openData(keyOf(replyKey), KEY_USAGE.asRepEncPart, rep.encPart))).toBe(recording.encKdcRepPart);
  });

  it("the session key is that of PA-PKINIT-KX, where there is one", () => {
    const { key } = decodeEncKdcRepPart(decodeHex(recording.encKdcRepPart));
    const reply = {
      padata: padata ?? [],
      etype,
      requestOctets: asReq,
      replyKey: keyOf(replyKey),
      sessionKey: importEncryptionKey(encTypes, { ...key, keyvalue: key.keyvalue.slice() }),
      client: ANONYMOUS,
    };
    if (isAnonymous || fast === undefined) checkKeyExchange(reply, encTypes, realm, isAnonymous);
  });
});

it("there are recordings of MIT and Heimdal, with and without FAST", () => {
  expect(recorded.vectors.length).toBeGreaterThan(plain.length);
  expect(new Set(recorded.vectors.map(({ source }) => source)).size).toBe(2);
});
