// A hostile KDC: each reply has one thing wrong.

import { beforeAll, describe, expect, it } from "vitest";
import { decodeHex, encodeText } from "../../../src/bytes/index.ts";
import { cf2, createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../../src/iana/index.ts";
import {
  encodeEncryptedData,
  encodeEncryptionKey,
  parsePrincipal,
  sealData,
  tgsPrincipal,
} from "../../../src/krb5/index.ts";
import type { PkinitIdentity } from "../../../src/preauth/index.ts";
import { p256, p384 } from "../../../src/preauth/pkinit/ecdh.ts";
import type { Agreement, Group } from "../../../src/preauth/pkinit/group.ts";
import { checkKeyExchange } from "../../../src/preauth/pkinit/key-exchange.ts";
import { decodePkinit, encodePkinit } from "../../../src/preauth/pkinit/messages.ts";
import { modp14, modp16 } from "../../../src/preauth/pkinit/modp.ts";
import { openReply } from "../../../src/preauth/pkinit/reply.ts";
import { OIDS, signData } from "../../../src/x509/index.ts";
import { der } from "../../support/der.ts";
import {
  authority,
  basicConstraints,
  extendedKeyUsage,
  type Issued,
  keyUsage,
  makeCertificate,
  names,
  signBy,
  type Wishes,
} from "../../support/make-certificate.ts";
import { refusal } from "../client/harness.ts";

const REALM = "TEST.EXAMPLE";
const NONCE = 77;
const DH_KEY_DATA = "2b060105020302";
const KDF = decodeHex("2b06010502030602");
const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
const { provider } = encTypes;
const host = provider;

let root: Issued;
let good: Issued;
beforeAll(async () => {
  root = await makeCertificate("root", { extensions: authority });
  good = await makeCertificate("kdc", { issuer: root, extensions: [names({ realms: [REALM] })] });
});

interface Hostile {
  readonly kdc?: Issued;
  /** What comes with its certificate. */
  readonly chain?: readonly Issued[];
  /** Changes what was signed, afterwards. */
  readonly spoil?: (signed: Uint8Array, content: Uint8Array) => void;
  readonly identity?: Partial<PkinitIdentity>;
  readonly nonce?: number;
  readonly contentType?: string;
  readonly key?: Uint8Array;
  readonly kdf?: Uint8Array | undefined;
  readonly more?: object;
  readonly group?: Group;
  readonly reply?: Uint8Array;
}

/** The KDC's reply to a request in a group, and what becomes of it. */
async function answer(hostile: Hostile = {}) {
  const { kdc = good, group = modp14, nonce = NONCE, contentType = DH_KEY_DATA } = hostile;
  const [ours, theirs] = (await Promise.all([group.begin(host), group.begin(host)])) as [Agreement, Agreement];
  const subjectPublicKey = { octets: hostile.key ?? theirs.publicKey.subjectPublicKey.octets, unusedBits: 0 };
  const content = encodePkinit("KDCDHKeyInfo", { subjectPublicKey, nonce });
  const dhSignedData = await signData(contentType, content, {
    certificate: kdc.certificate,
    chain: (hostile.chain ?? []).map(({ certificate }) => certificate),
    sign: (octets, hash) => signBy(kdc, octets, hash),
  });
  hostile.spoil?.(dhSignedData, content);
  const kdf = "kdf" in hostile ? hostile.kdf : KDF;
  const value =
    hostile.reply ??
    encodePkinit("PA-PK-AS-REP", {
      dhInfo: { dhSignedData, ...(kdf === undefined ? {} : { kdf: { kdfId: kdf } }), ...hostile.more },
    });
  const client = parsePrincipal(`alice@${REALM}`);
  const login = { client, service: tgsPrincipal(REALM), encTypes, trace: () => {} };
  return await openReply(
    value,
    { padata: [], etype: 18, requestOctets: Uint8Array.of(1) },
    {
      login: login as never,
      identity: { anchors: [], ...hostile.identity },
      ready: { signer: {} as never, anchors: [root.certificate], pool: [] },
      agreement: ours,
      nonce: NONCE,
      now: new Date(),
    },
  );
}

const issue = (extensions: Parameters<typeof makeCertificate>[1]) =>
  makeCertificate("kdc", { issuer: root, ...extensions });

describe("a reply to PKINIT", () => {
  it.each([modp14, modp16, p256, p384])("as it must be is taken ($name)", async (group) => {
    expect((await answer({ group })).encType.etype).toBe(18);
    expect((await answer({ group, kdf: undefined })).encType.etype).toBe(18);
  });

  it("both sides have the same secret, of the length of the group's elements", async () => {
    for (const [group, length] of [
      [modp14, 256],
      [modp16, 512],
      [p256, 32],
      [p384, 48],
    ] as const) {
      const [a, b] = [await group.begin(host), await group.begin(host)];
      const secret = await a.agree(b.publicKey.subjectPublicKey.octets);
      expect(secret).toEqual(await b.agree(a.publicKey.subjectPublicKey.octets));
      expect(secret).toHaveLength(length);
      expect(group.isSame(a.publicKey.algorithm as never)).toBe(true);
      const others = [modp14, modp16, p256, p384].filter((one) => one !== group);
      for (const other of others) expect(other.isSame(a.publicKey.algorithm as never)).toBe(false);
    }
  });

  it("a group is known by all that makes it: its algorithm, its curve, its prime and its generator", async () => {
    const { parameters } = (await p256.begin(host)).publicKey.algorithm as { parameters: Uint8Array };
    const dh = (await modp14.begin(host)).publicKey.algorithm as { algorithm: Uint8Array; parameters: Uint8Array };
    expect(p256.isSame({ algorithm: dh.algorithm, parameters })).toBe(false);
    const numbers = decodePkinit("DomainParameters", dh.parameters);
    const same = (change: object) =>
      modp14.isSame({ ...dh, parameters: encodePkinit("DomainParameters", { ...numbers, ...change }) });
    expect(same({})).toBe(true);
    expect(same({ g: 5n })).toBe(false);
    expect(same({ p: numbers.p + 2n })).toBe(false);
    expect(modp14.isSame({ algorithm: dh.algorithm })).toBe(false);
  });

  it("the key of a modp group is the generator to the power of the secret", async () => {
    const exponent = Uint8Array.from({ length: 64 }, (_, i) => (i * 37 + 11) & 0xff);
    const { publicKey } = await modp14.begin({ randomBytes: () => exponent });
    const { p } = decodePkinit("DomainParameters", publicKey.algorithm.parameters as Uint8Array);
    let power = 1n;
    for (const octet of exponent) {
      for (let bit = 7; bit >= 0; bit--) power = (power * power * ((octet >> bit) & 1 ? 2n : 1n)) % p;
    }
    const { octets } = publicKey.subjectPublicKey as { octets: Uint8Array };
    expect(decodePkinit("DHPublicKey", octets)).toBe(power);
  });

  it("PK8: with a Diffie-Hellman key that the host refuses is refused, whatever the host says", async () => {
    const computeSecret = () => {
      throw new Error("unspecified validation error");
    };
    const strict = { ...provider, diffieHellman: () => ({ generateKeys: () => Uint8Array.of(4), computeSecret }) };
    const { agree, publicKey } = await modp14.begin(strict);
    const error = await agree(publicKey.subjectPublicKey.octets).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: "KDC_NOT_TRUSTED", message: expect.stringMatching(/out of range/) });
    expect((error as Error).cause).toMatchObject({ message: "unspecified validation error" });
  });

  it("PK1: by a certificate that leads to no anchor is refused", async () => {
    const stranger = await makeCertificate("root", { extensions: authority });
    const kdc = await makeCertificate("kdc", { issuer: stranger, extensions: [names({ realms: [REALM] })] });
    expect(await refusal(answer({ kdc }))).toMatch(/^KDC_NOT_TRUSTED: .*signature does not verify/);
  });

  /** By a KDC whose certificate comes from authorities between it and the root, each made as is wished. */
  async function under(leaf: Wishes, ...between: readonly Wishes[]): Promise<Hostile> {
    const chain: Issued[] = [];
    for (const [i, wishes] of between.entries()) {
      const issuer = chain.at(-1) ?? root;
      chain.push(await makeCertificate(`between ${i}`, { issuer, extensions: authority, ...wishes }));
    }
    const own = { issuer: chain.at(-1) ?? root, extensions: [names({ realms: [REALM] })], ...leaf };
    return { kdc: await makeCertificate("kdc", own), chain };
  }

  const unknown = { id: "2a0304", critical: true, value: new Uint8Array(0) };
  const constraints = {
    id: OIDS.nameConstraints,
    value: der(0x30, der(0xa0, der(0x30, der(0x82, new TextEncoder().encode("example.org"))))),
  };
  const isLast = [basicConstraints(true, 0), keyUsage(0x06)];

  it.each<[string, Wishes, readonly Wishes[], RegExp]>([
    ["a certificate that has ended", { until: -0.5 }, [], /it expired at/],
    ["a certificate of tomorrow", { from: 1 }, [], /it is not valid before/],
    ["an issuer that has ended", {}, [{ until: -0.5 }], /it expired at/],
    ["an issuer that is not an authority", {}, [{ extensions: [basicConstraints(false)] }], /not an authority/],
    [
      "an issuer whose key is for something else",
      {},
      [{ extensions: [basicConstraints(true), keyUsage(0x80)] }],
      /may not sign certificates/,
    ],
    ["a path that is longer than its issuer allows", {}, [{ extensions: isLast }, {}], /pathLenConstraint/],
    [
      "a critical extension that is not known",
      { extensions: [names({ realms: [REALM] }), unknown] },
      [],
      /extension 1\.2\.3\.4 is critical/,
    ],
    [
      "a name that its issuer may not give",
      { extensions: [names({ realms: [REALM], hosts: ["kdc.test.example"] })] },
      [{ extensions: [...authority, constraints] }],
      /the name kdc\.test\.example is not one that an authority above it may give \(nameConstraints\)/,
    ],
    ["a certificate that is signed with SHA-1", { hash: "SHA-1" }, [], /SHA-1/],
    ["an issuer with an RSA key of 1024 bits", {}, [{ kind: "rsa1024" }], /RSA key of 1024 bits/],
  ])("PK1: by %s is refused", async (_what, leaf, between, words) => {
    const text = await refusal(answer(await under(leaf, ...between)));
    expect(text).toMatch(/^KDC_NOT_TRUSTED: the certificate of the KDC of TEST\.EXAMPLE is refused: /);
    expect(text).toMatch(words);
  });

  it("PK1: by a certificate that comes from an authority between is taken", async () => {
    expect((await answer(await under({}, {}))).encType.etype).toBe(18);
    const own = { extensions: [names({ realms: [REALM], hosts: ["kdc.example.org"] })] };
    const limited = { extensions: [...authority, constraints] };
    expect((await answer(await under(own, limited))).encType.etype).toBe(18);
  });

  it("PK1: whose signature is over something else is refused", async () => {
    const spoil = (signed: Uint8Array, content: Uint8Array): void => {
      const at = Buffer.from(signed).lastIndexOf(content) + content.length - 1;
      signed[at] = (signed[at] as number) ^ 1;
    };
    expect(await refusal(answer({ spoil }))).toMatch(/^KDC_NOT_TRUSTED: the signature of the KDC .* other contents/);
  });

  it("PK2: by a certificate of the same authority that is not a KDC's is refused", async () => {
    expect(await refusal(issue({}).then((kdc) => answer({ kdc })))).toMatch(/^KDC_NOT_TRUSTED: .*not one of krbtgt/);
    const web = await issue({ extensions: [names({ hosts: ["kdc.example"] }), extendedKeyUsage(OIDS.serverAuth)] });
    expect(await refusal(answer({ kdc: web }))).toMatch(/^KDC_NOT_TRUSTED: .*not one of krbtgt/);
  });

  it("PK2: by the KDC of another realm is refused", async () => {
    const kdc = await issue({ extensions: [names({ realms: ["OTHER.EXAMPLE"] })] });
    expect(await refusal(answer({ kdc }))).toMatch(/^KDC_NOT_TRUSTED: .*not one of krbtgt/);
  });

  it("PK3: a host's name counts where it was given, and with the usage that was asked for", async () => {
    const kdcHostname = "KDC.example";
    const hosts = names({ hosts: ["kdc.EXAMPLE"] });
    const web = await issue({ extensions: [hosts, extendedKeyUsage(OIDS.serverAuth)] });
    const kdc = await issue({ extensions: [hosts, extendedKeyUsage(OIDS.kpKdc)] });
    const none = await issue({ extensions: [hosts] });
    await answer({ kdc, identity: { kdcHostname } });
    await answer({ kdc: web, identity: { kdcHostname: ["other.example", kdcHostname], kdcUsage: "kpServerAuth" } });
    for (const one of [web, none]) {
      expect(await refusal(answer({ kdc: one, identity: { kdcHostname } }))).toMatch(
        /^KDC_NOT_TRUSTED: .*not for KDCs/,
      );
    }
    expect(await refusal(answer({ kdc, identity: { kdcHostname: "other.example" } }))).toMatch(/nor of a host/);
  });

  it("PK4: by a key that is not for signatures is refused", async () => {
    const kdc = await issue({ extensions: [names({ realms: [REALM] }), keyUsage(0x20)] });
    expect(await refusal(answer({ kdc }))).toMatch(/^KDC_NOT_TRUSTED: .*not for signatures/);
  });

  it("PK5: with the nonce of another request is refused, whatever derives the key", async () => {
    expect(await refusal(answer({ nonce: NONCE + 1 }))).toMatch(/^KDC_NOT_TRUSTED: .*another request/);
    expect(await refusal(answer({ nonce: NONCE + 1, kdf: undefined }))).toMatch(/^KDC_NOT_TRUSTED: .*another request/);
  });

  it("PK6: that signs something else than a key is refused", async () => {
    expect(await refusal(answer({ contentType: "2b060105020303" }))).toMatch(/^KDC_NOT_TRUSTED: .*eContentType/);
  });

  it("PK7: with a key that the KDC chose is refused", async () => {
    const reply = encodePkinit("PA-PK-AS-REP", { encKeyPack: Uint8Array.of(1) });
    expect(await refusal(answer({ reply }))).toMatch(/^KDC_NOT_TRUSTED: .*encKeyPack/);
  });

  it("PK7: that uses a key again is refused", async () => {
    const more = { serverDHNonce: new Uint8Array(32) };
    expect(await refusal(answer({ more }))).toMatch(/^KDC_NOT_TRUSTED: .*uses a key again/);
  });

  it.each([0n, 1n, "p-1", "p", -1n] as const)("PK8: with the Diffie-Hellman key %s is refused", async (y) => {
    const p = (await modp14.begin(host)).publicKey.algorithm.parameters as Uint8Array;
    const prime = BigInt(`0x${Buffer.from(p.subarray(8, 8 + 257)).toString("hex")}`);
    const number = y === "p-1" ? prime - 1n : y === "p" ? prime : y;
    expect(await refusal(answer({ key: encodePkinit("DHPublicKey", number) }))).toMatch(
      /^KDC_NOT_TRUSTED: .*out of range/,
    );
  });

  it.each([p256, p384])("PK9: with a point that is not on $name is refused", async (group) => {
    const { octets } = (await group.begin(host)).publicKey.subjectPublicKey as { octets: Uint8Array };
    const off = octets.slice();
    off[off.length - 1] = (off.at(-1) as number) ^ 1;
    const half = (octets.length - 1) / 2;
    const sign = (octets.at(-1) as number) & 1;
    const wrong = [
      off,
      octets.subarray(0, -1),
      Uint8Array.of(0),
      octets.map((one, i) => (i === 0 ? 2 : one)),
      // Points of the curve in the two forms that RFC 5480 section 2.2 does not want: compressed, and hybrid.
      octets.slice(0, 1 + half).fill(2 + sign, 0, 1),
      octets.slice().fill(6 + sign, 0, 1),
    ];
    for (const key of wrong) expect(await refusal(answer({ group, key }))).toMatch(/^KDC_NOT_TRUSTED: .*not a point/);
  });

  it("PK10: with a KDF that was not offered is refused", async () => {
    expect(await refusal(answer({ kdf: decodeHex("2b06010502030601") }))).toMatch(/^KDC_NOT_TRUSTED: .*not offered/);
  });
});

describe("PA-PKINIT-KX", () => {
  const replyKey = encTypes.generateKey(18);
  const contribution = encTypes.generateKey(18);
  const peppers = [encodeText("PKINIT"), encodeText("KEYEXCHANGE")] as const;
  const sessionKey = cf2(provider, contribution, replyKey, ...peppers);
  const sealed = (key = replyKey): Uint8Array => {
    const octets = encodeEncryptionKey({ keytype: 18, keyvalue: contribution.octets });
    return encodeEncryptedData(sealData(key, KEY_USAGE.pkinitKx, octets));
  };
  const check = (padataValue: Uint8Array | undefined, session = sessionKey, isNeeded = true) => {
    const padata = padataValue === undefined ? [] : [{ padataType: PADATA.pkinitKx, padataValue }];
    const client = parsePrincipal(`alice@${REALM}`);
    const reply = { padata, etype: 18, requestOctets: Uint8Array.of(1), replyKey, sessionKey: session, client };
    return async () => checkKeyExchange(reply, encTypes, REALM, isNeeded);
  };

  it("that fits is taken; one who logs in by name needs none", async () => {
    await check(sealed())();
    await check(undefined, sessionKey, false)();
  });

  it("PK11: that is missing in an anonymous login is refused", async () => {
    expect(await refusal(check(undefined)())).toMatch(/^KDC_NOT_TRUSTED: .*no PA-PKINIT-KX/);
  });

  it("PK11: that is not what the session key is made of is refused", async () => {
    expect(await refusal(check(sealed(), encTypes.generateKey(18))())).toMatch(/^KDC_NOT_TRUSTED: .*not made of/);
    expect(await refusal(check(sealed(), encTypes.generateKey(18), false)())).toMatch(
      /^KDC_NOT_TRUSTED: .*not made of/,
    );
  });

  it("PK11: under another key is refused", async () => {
    expect(await refusal(check(sealed(encTypes.generateKey(18)))())).toMatch(/^KDC_NOT_TRUSTED: .*does not open/);
    expect(await refusal(check(Uint8Array.of(1))())).toMatch(/^KDC_NOT_TRUSTED: .*does not open/);
  });
});
