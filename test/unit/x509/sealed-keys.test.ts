// Keys under a passphrase and PKCS#12 files: each way to be wrong, and each form that openssl does not write.

import { createHash, createHmac } from "node:crypto";
import { expect, it } from "vitest";
import figures from "../../../krb5-vectors/preauth/private-keys.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { parseBer } from "../../../src/x509/ber.ts";
import { isSignedBy, OIDS, openPkcs12, readPrivateKey, signWith } from "../../../src/x509/index.ts";
import { der, oid } from "../../support/der.ts";
import { makeCertificate } from "../../support/make-certificate.ts";
import { olderCiphers } from "../../support/older-ciphers.ts";

const PASSPHRASE = "pki-passphrase";
const octetsOf = (name: string) => decodeHex(figures.vectors.find((one) => one.name === name)?.octets ?? "");
const refusal = async (made: Promise<unknown>) =>
  await made.then(
    () => expect.fail("it was taken"),
    ({ code, reason, message }: Error & { code?: string; reason?: string }) => `${code} ${reason}: ${message}`,
  );

/** The octets with others in the place of some that are there once. */
function changed(name: string, from: string, to: string): Uint8Array {
  const text = encodeHex(octetsOf(name));
  expect(text.split(from)).toHaveLength(2);
  return decodeHex(text.replace(from, to));
}

const sealed = (octets: Uint8Array, passphrase = PASSPHRASE) =>
  readPrivateKey(octets, async () => passphrase, olderCiphers);

it("a sealed key opens with its passphrase, and with no other", async () => {
  expect((await sealed(octetsOf("PKCS8 sealed"))).curve).toBe("P-256");
  expect(await refusal(sealed(octetsOf("PKCS8 sealed"), "other"))).toMatch(/^CERTIFICATE passphrase: .*is wrong/);
});

it.each([
  ["another scheme", OIDS.pbes2, "2a864886f70d010503", "1.2.840.113549.1.5.3"],
  ["another derivation", OIDS.pbkdf2, "2a864886f70d01050e", "1.2.840.113549.1.5.14"],
  ["another cipher", OIDS.aes256Cbc, "60864801650304012b", "2.16.840.1.101.3.4.1.43"],
  ["another hash", OIDS.hmacSha256, "2a864886f70d0206", "1.2.840.113549.2.6"],
])("a key that is sealed by %s is told how to be written", async (_what, from, to, shown) => {
  const text = await refusal(sealed(changed("PKCS8 sealed", from, to)));
  expect(text).toContain(`CERTIFICATE type: the private key is encrypted by ${shown}, which is not supported`);
  expect(text).toContain("write it with PBES2 and AES");
});

it("a key whose block of PEM has headers that are not known is told how to be written", async () => {
  const text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
  expect(await refusal(readPrivateKey(text, () => expect.fail("it was asked for"), olderCiphers))).toBe(
    "CERTIFICATE type: the private key has headers in PEM that are not known here: write it with openssl pkcs8 -topk8 -in OLD -out NEW",
  );
});

it("a key whose curve is spelled out is told how to be written", async () => {
  const key = der(0x30, [2, 1, 0], der(0x30, oid(OIDS.ecPublicKey), der(0x30, [2, 1, 1])), der(4, [4, 1, 1]));
  expect(await refusal(readPrivateKey(key, () => expect.fail("it was asked for"), olderCiphers))).toMatch(
    /^CERTIFICATE type: the private key spells its curve out: write it with openssl ec -param_enc named_curve/,
  );
});

it("iterations are one at least", async () => {
  const text = await refusal(sealed(changed("PKCS8 sealed", "02020800", "02020000")));
  expect(text).toMatch(/^CERTIFICATE damaged: .*0 iterations of PBKDF2, 10000000 allowed/);
});

it("a key of PKCS#1 is read, and signs", async () => {
  const key = await readPrivateKey(octetsOf("PKCS1"), () => expect.fail("it was asked for"), olderCiphers);
  expect(await signWith(key, Uint8Array.of(1), "SHA-256")).toHaveLength(256);
});

it("a key of SEC1 that names no curve, and kinds of keys that are not here, are told apart", async () => {
  const asked = () => expect.fail("it was asked for");
  const bare = der(0x30, [2, 1, 1], der(4, new Uint8Array(32).fill(1)));
  expect(await refusal(readPrivateKey(bare, asked, olderCiphers))).toMatch(
    /^CERTIFICATE type: the private key names no curve/,
  );
  const plain = (...algorithm: Uint8Array[]) => der(0x30, [2, 1, 0], der(0x30, ...algorithm), der(4, [4, 1, 1]));
  const edwards = plain(oid("2b6570"));
  expect(await refusal(readPrivateKey(edwards, asked, olderCiphers))).toMatch(
    /^CERTIFICATE type: the private key is of 1\.3\.101\.112/,
  );
  const koblitz = plain(oid(OIDS.ecPublicKey), oid("2b8104000a"));
  expect(await refusal(readPrivateKey(koblitz, asked, olderCiphers))).toMatch(
    /^CERTIFICATE type: .*or on another curve/,
  );
});

// ----- PKCS#12 -----

const DATA = "2a864886f70d010701";
const MAC_HASHES = { sha1: "2b0e03021a", sha256: "608648016503040201", sha512: "608648016503040203" } as const;
type MacHash = keyof typeof MAC_HASHES;

interface Wishes {
  readonly hash?: MacHash;
  /** The OBJECT IDENTIFIER of the MAC's hash, whatever computes it. */
  readonly macOid?: string;
  readonly iterations?: number;
  readonly contentType?: string;
  readonly certId?: string;
}

/** A PKCS#12 file whose bags are open, under a MAC by the passphrase (RFC 7292 appendix B.2). */
async function pkcs12({
  hash = "sha256",
  macOid = MAC_HASHES[hash],
  iterations,
  contentType = DATA,
  certId,
}: Wishes = {}) {
  const own = await makeCertificate("own");
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", own.keys.privateKey));
  const bag = (type: string, value: Uint8Array) => der(0x30, oid(type), der(0xa0, value));
  const certificate = der(0x30, oid(certId ?? OIDS.x509Certificate), der(0xa0, der(4, own.certificate.octets)));
  const content = (octets: Uint8Array) => der(0x30, oid(DATA), der(0xa0, der(4, octets)));
  const bags = der(0x30, bag(OIDS.keyBag, key), bag(OIDS.certBag, certificate));
  const safe = der(0x30, content(bags));
  const salt = Buffer.from("saltsalt");
  const block = hash === "sha512" ? 128 : 64;
  const repeated = (octets: Buffer) =>
    Buffer.alloc(Math.ceil(octets.length / block) * block).map((_, i) => octets[i % octets.length] as number);
  const secret = Buffer.from(`${PASSPHRASE}\0`, "utf16le").swap16();
  let macKey = createHash(hash)
    .update(Buffer.concat([Buffer.alloc(block, 3), repeated(salt), repeated(secret)]))
    .digest();
  for (let i = 1; i < (iterations ?? 1); i++) macKey = createHash(hash).update(macKey).digest();
  const digest = createHmac(hash, macKey).update(safe).digest();
  const count = iterations === undefined ? [] : [der(2, [iterations >> 8, iterations & 0xff])];
  const mac = der(0x30, der(0x30, der(0x30, oid(macOid), [5, 0]), der(4, digest)), der(4, salt), ...count);
  const authSafe = der(0x30, oid(contentType), der(0xa0, der(4, safe)));
  return { own, octets: der(0x30, [2, 1, 3], authSafe, mac) };
}
const open = (octets: Uint8Array, passphrase = PASSPHRASE) => openPkcs12(octets, async () => passphrase, olderCiphers);

it.each<Wishes>([{}, { hash: "sha1" }, { hash: "sha512" }, { iterations: 1 }, { iterations: 300 }])(
  "a file with an open key and the MAC %j is read",
  async (wishes) => {
    const { own, octets } = await pkcs12(wishes);
    const { keys, certificates } = await open(octets);
    expect(certificates.map((one) => one.octets)).toEqual([own.certificate.octets]);
    const [key] = keys;
    if (key === undefined) return expect.fail("there is no key");
    const signature = await signWith(key, Uint8Array.of(7), "SHA-256");
    expect(await isSignedBy(own.certificate, Uint8Array.of(7), "SHA-256", signature)).toBe(true);
  },
);

it("a certificate of another kind is passed over", async () => {
  const { octets } = await pkcs12({ certId: "2a864886f70d01091602" });
  expect(await open(octets)).toMatchObject({ certificates: [], keys: [expect.anything()] });
});

it.each<[string, Wishes, RegExp]>([
  [
    "under a signature",
    { contentType: OIDS.signedData },
    /^CERTIFICATE type: .*protected by 1\.2\.840\.113549\.1\.7\.2/,
  ],
  ["with a MAC by MD5", { macOid: "2a864886f70d0205" }, /^CERTIFICATE type: .*MAC by 1\.2\.840\.113549\.2\.5/],
  ["of no iterations", { iterations: 0 }, /^CERTIFICATE damaged: .*does not decode/],
])("a file %s is refused", async (_what, wishes, words) => {
  expect(await refusal(open((await pkcs12(wishes)).octets))).toMatch(words);
});

it("a file without a MAC, under another passphrase, or changed is refused", async () => {
  const { octets } = await pkcs12();
  const [version, authSafe] = parseBer(octets, "x").children.map((one) => one.octets) as [Uint8Array, Uint8Array];
  expect(await refusal(open(der(0x30, version, authSafe)))).toMatch(/^CERTIFICATE type: .*no MAC by a passphrase/);
  expect(await refusal(open(octets, "other"))).toMatch(/^CERTIFICATE passphrase: /);
  const spoilt = octets.slice();
  spoilt[spoilt.length - 100] = (spoilt.at(-100) as number) ^ 1;
  expect(await refusal(open(spoilt))).toMatch(/^CERTIFICATE (passphrase|damaged): /);
});
