// What a certificate may say of its times, names and keys, and what is refused when it is read.

import { afterEach, expect, it, vi } from "vitest";
import { encodeText } from "../../../src/bytes/index.ts";
import { parseBer } from "../../../src/x509/ber.ts";
import { decodeCertificate, OIDS, pathProblem, readCertificates, subtle } from "../../../src/x509/index.ts";
import { rawEcdsa, signatureProblem } from "../../../src/x509/signature.ts";
import { der, oid } from "../../support/der.ts";
import { authority, type Issued, makeCertificate } from "../../support/make-certificate.ts";

const usual = await makeCertificate("usual");

/** The certificate with another element in a place of what is signed; nobody looks at the signature here. */
function withPart(place: number, element: Uint8Array) {
  const [tbs, ...rest] = parseBer(usual.certificate.octets, "x").children;
  const parts = (tbs?.children ?? []).map(({ octets }, i) => (i === place ? element : octets));
  return decodeCertificate(der(0x30, der(0x30, ...parts), ...rest.map(({ octets }) => octets)));
}
const UTC = 0x17;
const GENERALIZED = 0x18;
const withTimes = (tag: number, text: string) =>
  withPart(4, der(0x30, der(tag, encodeText(text)), der(GENERALIZED, encodeText("20990101000000Z")))).notBefore;

it.each([
  [UTC, "491231235959Z", "2049-12-31T23:59:59.000Z"],
  [UTC, "500101000000Z", "1950-01-01T00:00:00.000Z"],
  [GENERALIZED, "20500101000000Z", "2050-01-01T00:00:00.000Z"],
])("the time %i %s is %s", (tag, text, time) => {
  expect(withTimes(tag, text).toISOString()).toBe(time);
});

it.each([
  ["a GeneralizedTime of two digits' years", GENERALIZED, "491231235959Z"],
  ["a UTCTime of four digits' years", UTC, "20491231235959Z"],
  ["a UTCTime without seconds", UTC, "4912312359Z"],
  ["a time that is not UTC", GENERALIZED, "20500101000000+0100"],
  ["a text", 0x13, "491231235959Z"],
  ["a text with a century", 0x13, "20491231235959Z"],
  ["no time", UTC, ""],
  ["a month that there is not", UTC, "491331235959Z"],
])("%s is refused", (_what, tag, text) => {
  expect(() => withTimes(tag, text)).toThrow(/notBefore|validity|certificate/);
});

it("nothing, and text without a block of a certificate, has none", () => {
  for (const text of ["", "text", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]) {
    expect(() => readCertificates(text, "the anchors")).toThrow(/the anchors: neither a certificate in DER nor text/);
  }
});

it("a name of another kind than a host's is not a host's", async () => {
  const uri = der(0x30, der(0x86, encodeText("kdc.example")), der(0x82, encodeText("other.example")));
  const { certificate } = await makeCertificate("uri", { extensions: [{ id: OIDS.subjectAltName, value: uri }] });
  expect(certificate.extensions.dnsNames).toEqual(["other.example"]);
});

it("a modulus is above zero, and its size counts from the first bit that is set", () => {
  const withModulus = (...modulus: number[]) => {
    const key = der(0x30, der(2, modulus), der(2, [3]));
    const algorithm = der(0x30, oid(OIDS.rsaEncryption), [5, 0]);
    return withPart(6, der(0x30, algorithm, der(3, [0], key))).publicKey.bits;
  };
  expect(withModulus(0x7f)).toBe(7);
  expect(withModulus(0, 0x80)).toBe(8);
  expect(withModulus(1, 0)).toBe(9);
  expect(() => withModulus(0x80, 1)).toThrow(/modulus below zero/);
});

it("CE13: a path of nine authorities is as long as one may be", async () => {
  const root = await makeCertificate("root", { extensions: authority });
  const chain: Issued[] = [root];
  for (let i = 0; i < 10; i++) {
    chain.push(await makeCertificate(`between ${i}`, { issuer: chain[i] as Issued, extensions: authority }));
  }
  const problem = async (length: number) => {
    const between = chain.slice(1, 1 + length);
    const end = await makeCertificate("end", { issuer: chain[length] as Issued });
    const pool = between.map(({ certificate }) => certificate);
    return await pathProblem(end.certificate, { anchors: [root.certificate], pool, now: new Date() });
  };
  expect(await problem(8)).toBeUndefined();
  expect(await problem(9)).toMatch(/a path of more than 8 certificates/);
});

it("an algorithm that names no hash is not one of a certificate", async () => {
  const { publicKey } = usual.certificate;
  const octets = Uint8Array.of(1);
  const problem = await signatureProblem(publicKey, { algorithm: OIDS.rsaEncryption, octets, signature: octets });
  expect(problem).toBe("the signature algorithm 1.2.840.113549.1.1.1, which is not supported");
});

it("the numbers of an ECDSA signature are not below zero, and not longer than the order", () => {
  const signature = (...r: number[]) => rawEcdsa(der(0x30, der(2, r), der(2, [1])), 4);
  expect(signature(0, 0xff, 2, 3, 4)).toEqual(Uint8Array.of(0xff, 2, 3, 4, 0, 0, 0, 1));
  expect(() => signature(1, 2, 3, 4, 5)).toThrow(/out of range/);
  expect(() => signature(0x80)).toThrow(/out of range/);
});

afterEach(() => void vi.unstubAllGlobals());

it("a host without WebCrypto is told so", () => {
  vi.stubGlobal("crypto", undefined);
  expect(() => subtle()).toThrow(/this host has no WebCrypto, which certificates need/);
});
