// Keys and PKCS#12 files as older programs seal them: each opens to the same key; what is wrong with one is
// said, and what to write in its place.

import { expect, it } from "vitest";
import figures from "../../../krb5-vectors/preauth/private-keys.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { loadNobleProvider } from "../../../src/crypto/index.ts";
import { DES_EDE3, decryptCbc, type OlderCiphers } from "../../../src/x509/cbc.ts";
import { isSignedBy, openPkcs12, readCertificates, readPrivateKey, signWith } from "../../../src/x509/index.ts";
import { PURPOSE, passphraseForms, pkcs12Octets } from "../../../src/x509/pkcs12-kdf.ts";
import { olderCiphers } from "../../support/older-ciphers.ts";

const PASSPHRASE = "pki-passphrase";
const octetsOf = (name: string) => decodeHex(figures.vectors.find((one) => one.name === name)?.octets ?? "");
const textOf = (name: string) => new TextDecoder().decode(octetsOf(name));
const noble = await loadNobleProvider();

const sealed = (octets: Uint8Array | string, passphrase = PASSPHRASE, host: OlderCiphers = olderCiphers) =>
  readPrivateKey(octets, async () => passphrase, host);
const refusal = async (made: Promise<unknown>) =>
  await made.then(
    () => expect.fail("it was taken"),
    ({ code, reason, message }: Error & { code?: string; reason?: string }) => `${code} ${reason}: ${message}`,
  );
const FORMS = ["PKCS8 des3", "PKCS8 pbe3des", "PEM aes128", "PEM aes192", "PEM aes256", "PEM des3"] as const;

it.each(FORMS)("%s opens to the key that was sealed, with its passphrase and no other", async (name) => {
  const plain = await sealed(octetsOf("PKCS8"));
  const { curve, pkcs8 } = await sealed(octetsOf(name));
  expect(curve).toBe("P-256");
  // openssl writes the public key into one form and not into the other.
  expect(encodeHex(pkcs8)).toContain(encodeHex(plain.pkcs8.subarray(36, 68)));
  const text = await refusal(sealed(octetsOf(name), "other-secret"));
  expect(text).toMatch(/^CERTIFICATE passphrase: the private key does not open with this passphrase/);
  expect(text).not.toContain("other-secret");
});

it.each(FORMS)("%s that is cut or changed at its end is not opened", async (name) => {
  const octets = octetsOf(name);
  if (name.startsWith("PEM")) {
    const lines = textOf(name).split("\n");
    expect(await refusal(sealed(lines.filter((_, at) => at !== 4).join("\n")))).toMatch(/^CERTIFICATE passphrase: /);
    return;
  }
  octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
  expect(await refusal(sealed(octets))).toMatch(/^CERTIFICATE passphrase: /);
});

it("a passphrase is asked for once, and not for a block that is not sealed", async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return PASSPHRASE;
  };
  await readPrivateKey(textOf("PEM aes256").replaceAll("\n", "\r\n"), ask, olderCiphers);
  expect(asked).toBe(1);
});

it("where the host has no Triple DES, or what sealed it is older still, the words have the commands", async () => {
  const commands =
    /openssl pkcs8 -topk8 -provider legacy -provider default -in OLD -out NEW; for PKCS#12 openssl pkcs12 -legacy -in OLD -nodes -out PEM, then openssl pkcs12 -export -in PEM -out NEW$/;
  for (const name of ["PKCS8 des3", "PKCS8 pbe3des", "PEM des3"]) {
    const text = await refusal(sealed(octetsOf(name), PASSPHRASE, noble));
    expect(text).toMatch(
      /^CERTIFICATE type: the private key is encrypted by Triple DES, which this host does not have/,
    );
    expect(text).toMatch(commands);
  }
  // And where it is not needed, it is not asked for.
  expect((await sealed(octetsOf("PEM aes128"), PASSPHRASE, noble)).curve).toBe("P-256");
  const md5 = await refusal(sealed(octetsOf("PKCS8 md5des")));
  expect(md5).toMatch(
    /^CERTIFICATE type: the private key is encrypted by 1\.2\.840\.113549\.1\.5\.3, which is not supported/,
  );
  expect(md5).toMatch(commands);
  expect(await refusal(sealed(octetsOf("PEM camellia")))).toMatch(/^CERTIFICATE type: .*encrypted by CAMELLIA-128-CBC/);
  const rc2 = await refusal(openPkcs12(octetsOf("PKCS12 rc2"), async () => PASSPHRASE, olderCiphers));
  expect(rc2).toMatch(/^CERTIFICATE type: the PKCS#12 file is encrypted by 1\.2\.840\.113549\.1\.12\.1\.6, /);
  expect(rc2).toMatch(commands);
});

it.each([
  ["PKCS12 3des", PASSPHRASE],
  ["PKCS12 3des open", ""],
])("%s opens, and its key is that of its certificate", async (name, passphrase) => {
  const { keys, certificates } = await openPkcs12(octetsOf(name), async () => passphrase, olderCiphers);
  const [key] = keys;
  const [certificate] = certificates;
  if (key === undefined || certificate === undefined) return expect.fail("something is missing");
  const signature = await signWith(key, Uint8Array.of(7), "SHA-256");
  expect(await isSignedBy(certificate, Uint8Array.of(7), "SHA-256", signature)).toBe(true);
  expect(await refusal(openPkcs12(octetsOf(name), async () => "other", olderCiphers))).toMatch(
    /^CERTIFICATE passphrase/,
  );
});

it("iterations of PKCS#12 are one at least, and a million at most", async () => {
  const stretching = { hash: "SHA-1", salt: Uint8Array.of(1) } as const;
  const make = (iterations: number) => pkcs12Octets(PURPOSE.key, Uint8Array.of(1), { ...stretching, iterations }, 24);
  expect(await make(1)).toHaveLength(24);
  await expect(make(0)).rejects.toThrow("0 iterations, 1000000 allowed");
  await expect(make(1_000_001)).rejects.toThrow("1000001 iterations, 1000000 allowed");
});

it("an empty passphrase has two forms, another one", () => {
  expect(passphraseForms("")).toEqual([new Uint8Array(2), new Uint8Array(0)]);
  expect(passphraseForms("aé")).toEqual([Uint8Array.of(0, 0x61, 0, 0xe9, 0, 0)]);
});

it.each([
  [0, [1, 2, 3, 4, 5, 6, 7, 0]],
  [9, [9, 9, 9, 9, 9, 9, 9, 9]],
  [3, [1, 1, 1, 1, 1, 2, 3, 3]],
])("a padding that ends in %s is refused", async (_count, block) => {
  const key = new Uint8Array(24).map((_, i) => i * 7);
  const iv = new Uint8Array(8);
  const ciphertext = new Uint8Array(8);
  olderCiphers.otherCbc?.("des-ede3", key)?.encrypt(iv, Uint8Array.from(block), ciphertext);
  const opened = decryptCbc({ cipher: DES_EDE3, iv, ciphertext, what: "it", host: olderCiphers }, key);
  expect(await refusal(opened)).toMatch(/^CERTIFICATE passphrase: it does not open/);
});

it("a padding of a whole block leaves nothing; octets that are no whole blocks, and none, are refused", async () => {
  const key = new Uint8Array(24).map((_, i) => i * 7);
  const iv = new Uint8Array(8);
  const ciphertext = new Uint8Array(8);
  olderCiphers.otherCbc?.("des-ede3", key)?.encrypt(iv, new Uint8Array(8).fill(8), ciphertext);
  const sealed = { cipher: DES_EDE3, iv, ciphertext, what: "it", host: olderCiphers };
  expect(await decryptCbc(sealed, key)).toEqual(new Uint8Array(0));
  for (const change of [
    { ciphertext: new Uint8Array(0) },
    { ciphertext: new Uint8Array(7) },
    { iv: new Uint8Array(7) },
  ]) {
    expect(await refusal(decryptCbc({ ...sealed, ...change }, key))).toMatch(
      /^CERTIFICATE passphrase: it does not open/,
    );
  }
});

it("a certificate that is sealed as a block of PEM is refused", () => {
  const text = textOf("PEM aes128").replaceAll("EC PRIVATE KEY", "CERTIFICATE");
  expect(() => readCertificates(text, "x")).toThrow("a certificate that is encrypted, where it is public");
});
