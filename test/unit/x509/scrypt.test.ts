// Keys that are sealed by scrypt (RFC 7914 section 7): those of openssl open where the host has it; what costs more than openssl takes is
// refused before any work, with its figures; parameters that cannot be are damage.

import * as nodeCrypto from "node:crypto";
import { expect, it } from "vitest";
import figures from "../../../krb5-vectors/preauth/private-keys.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { loadNobleProvider } from "../../../src/crypto/index.ts";
import { createNodeCryptoProvider } from "../../../src/crypto/providers/node.ts";
import { parseBer } from "../../../src/x509/ber.ts";
import { readPrivateKey } from "../../../src/x509/index.ts";
import { scryptKey } from "../../../src/x509/scrypt.ts";
import { der } from "../../support/der.ts";
import { olderCiphers } from "../../support/older-ciphers.ts";

const PASSPHRASE = "pki-passphrase";
const octetsOf = (name: string) => decodeHex(figures.vectors.find((one) => one.name === name)?.octets ?? "");
const sealed = (octets: Uint8Array, passphrase = PASSPHRASE) =>
  readPrivateKey(octets, async () => passphrase, olderCiphers);
const refusal = async (made: Promise<unknown>) =>
  await made.then(
    () => expect.fail("it was taken"),
    ({ code, reason, message }: Error & { code?: string; reason?: string }) => `${code} ${reason}: ${message}`,
  );
const utf8 = (text: string) => new TextEncoder().encode(text);
const number = (value: number) => {
  const hex = value.toString(16);
  const octets = decodeHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  return der(2, (octets[0] as number) >= 0x80 ? [0, ...octets] : octets);
};
/** scrypt-params (RFC 7914 section 7.1). */
const parameters = (salt: string, ...numbers: number[]) =>
  parseBer(der(0x30, der(4, utf8(salt)), ...numbers.map(number)), "x");

it("a key by scrypt opens to the key that was sealed, with its passphrase and no other", async () => {
  const plain = await sealed(octetsOf("PKCS8"));
  const { curve, pkcs8 } = await sealed(octetsOf("PKCS8 scrypt"));
  expect(curve).toBe("P-256");
  expect(encodeHex(pkcs8)).toContain(encodeHex(plain.pkcs8.subarray(36, 68)));
  expect(await refusal(sealed(octetsOf("PKCS8 scrypt"), "other-secret"))).toBe(
    "CERTIFICATE passphrase: the private key does not open with this passphrase: the passphrase is wrong, or the file damaged",
  );
});

// RFC 7914 section 12, which has keys of 64 octets; the first of them are those of a shorter key.
it.each([
  ["", "", 16, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"],
  ["password", "NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"],
  ["pleaseletmein", "SodiumChloride", 16384, 8, 1, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"],
])("the key of %j and %j with N=%i, r=%i, p=%i is RFC 7914's", async (secret, salt, N, r, p, key) => {
  for (const given of [parameters(salt, N, r, p), parameters(salt, N, r, p, 32)]) {
    expect(encodeHex(await scryptKey(given, utf8(secret), 32, "it", olderCiphers))).toBe(key);
  }
});

it.each([
  [[0, 8, 1], "N=0, r=8, p=1 and a key of 32 octets"],
  [[1, 8, 1], "N=1, r=8, p=1 and a key of 32 octets"],
  [[24, 8, 1], "N=24, r=8, p=1 and a key of 32 octets"],
  [[16, 0, 1], "N=16, r=0, p=1 and a key of 32 octets"],
  [[16, 8, 0], "N=16, r=8, p=0 and a key of 32 octets"],
  [[16, 8, 1, 24], "N=16, r=8, p=1 and a key of 24 octets"],
])("%j cannot be", async (numbers, words) => {
  const text = await refusal(scryptKey(parameters("salt", ...numbers), utf8("x"), 32, "the private key", olderCiphers));
  expect(text).toBe(
    `CERTIFICATE damaged: the private key: scrypt with ${words} cannot be: take the file as it was written`,
  );
});

it.each([
  ["memory by N", [32_768, 8, 1], "33 MiB and the work of 262400 blocks"],
  ["memory by r", [2, 8192, 29], "33 MiB and the work of 8077312 blocks"],
  ["memory", [16_384, 16, 1], "33 MiB and the work of 262656 blocks"],
  ["mixing", [16_384, 8, 5], "17 MiB and the work of 656640 blocks"],
  ["stretching", [2, 1, 15_451], "2 MiB and the work of 525334 blocks"],
  [
    "of all",
    [0x40_00_00_00, 0x7f_ff_ff_ff, 0x7f_ff_ff_ff],
    "844424930000896 MiB and the work of 4.951760300103788e+27 blocks",
  ],
])("more %s than is allowed is refused at once", async (_what, numbers, words) => {
  const text = await refusal(scryptKey(parameters("salt", ...numbers), utf8("x"), 32, "the private key", olderCiphers));
  const [N, r, p] = numbers;
  expect(text).toBe(
    `CERTIFICATE type: the private key: scrypt with N=${N}, r=${r}, p=${p} needs ${words}, 32 MiB and 525312 blocks are allowed: seal it with less, as openssl pkcs8 -topk8 -scrypt does`,
  );
});

it.each([
  ["mixing", [16_384, 8, 4]],
  ["stretching", [2, 1, 15_450]],
  ["memory", [2048, 127, 1]],
])("as much %s as is allowed is done: %j", { timeout: 60_000 }, async (_what, numbers) => {
  expect(await scryptKey(parameters("salt", ...numbers), utf8("x"), 16, "it", olderCiphers)).toHaveLength(16);
});

it("where the host does not have it, the words have the command", async () => {
  for (const host of [
    await loadNobleProvider(),
    createNodeCryptoProvider({ ...nodeCrypto, scrypt: undefined } as never),
  ]) {
    const opened = readPrivateKey(octetsOf("PKCS8 scrypt"), async () => PASSPHRASE, host);
    expect(await refusal(opened)).toMatch(
      /^CERTIFICATE type: the private key is encrypted by scrypt, which this host does not have, which is not supported: .*openssl pkcs8 -topk8/,
    );
  }
});
