// Certificates that are signed by RSASSA-PSS (RFC 4055): its parameters say what the signature is, and are held to it.

import { beforeAll, describe, expect, it } from "vitest";
import { decodeHex } from "../../../src/bytes/index.ts";
import { OIDS, pathProblem } from "../../../src/x509/index.ts";
import { authority, type Issued, makeCertificate } from "../../support/make-certificate.ts";

let root: Issued;
beforeAll(async () => {
  root = await makeCertificate("root", { kind: "rsa", extensions: authority });
});

const tlv = (tag: number, ...parts: readonly string[]): string => {
  const contents = parts.join("");
  return `${tag.toString(16)}${(contents.length / 2).toString(16).padStart(2, "0")}${contents}`;
};
const algorithm = (oid: string, ...more: string[]): string =>
  tlv(0x30, `06${(oid.length / 2).toString(16).padStart(2, "0")}${oid}`, ...more);
const hashed = (oid: string): string => tlv(0xa0, algorithm(oid));
const masked = (oid: string, function_: string = OIDS.mgf1): string => tlv(0xa1, algorithm(function_, algorithm(oid)));
const salted = (length: number): string => tlv(0xa2, `0201${length.toString(16).padStart(2, "0")}`);
const trailer = (field: string): string => tlv(0xa3, `0201${field}`);
const pss = (...parts: readonly string[]): Uint8Array => decodeHex(tlv(0x30, ...parts));

const GOOD = pss(hashed(OIDS.sha256), masked(OIDS.sha256), salted(32));

async function problem(parameters: Uint8Array, more: object = {}): Promise<string> {
  const end = await makeCertificate("end", { issuer: root, pss: parameters, ...more });
  const parts = { anchors: [root.certificate], pool: [], now: new Date() };
  return (await pathProblem(end.certificate, parts)) ?? "good";
}

describe("a certificate that is signed by RSASSA-PSS", () => {
  it("is good, with the one trailer field said or not", async () => {
    expect(await problem(GOOD)).toBe("good");
    expect(await problem(pss(hashed(OIDS.sha256), masked(OIDS.sha256), salted(32), trailer("01")))).toBe("good");
  });

  it("stays good beside a signature of the other kind under the same key", async () => {
    const other = await makeCertificate("other", { issuer: root });
    const parts = { anchors: [root.certificate], pool: [], now: new Date() };
    expect(await pathProblem(other.certificate, parts)).toBeUndefined();
    expect(await problem(GOOD)).toBe("good");
    expect(await pathProblem((await makeCertificate("third", { issuer: root })).certificate, parts)).toBeUndefined();
  });

  it("is refused where what was signed is changed, or the salt is another", async () => {
    const spoil = (octets: Uint8Array): void => {
      octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
    };
    expect(await problem(GOOD, { spoil })).toBe("its signature does not verify");
    const other = pss(hashed(OIDS.sha256), masked(OIDS.sha256), salted(20));
    expect(await problem(other)).toBe("its signature does not verify");
  });

  it("is refused with SHA-1", async () => {
    const sha1 = pss(hashed(OIDS.sha1), masked(OIDS.sha1), salted(32));
    expect(await problem(sha1, { hash: "SHA-1" })).toMatch(/SHA-1, for which collisions are made/);
  });

  it.each([
    ["nothing said, which is SHA-1", pss()],
    ["no hash", pss(masked(OIDS.sha256), salted(32))],
    ["no mask", pss(hashed(OIDS.sha256), salted(32))],
    ["two hashes", pss(hashed(OIDS.sha256), masked(OIDS.sha512), salted(32))],
    ["another mask", pss(hashed(OIDS.sha256), masked(OIDS.sha256, OIDS.rsaPss), salted(32))],
    ["a hash that is not here", pss(hashed("2a0304"), masked("2a0304"), salted(32))],
    ["another trailer field", pss(hashed(OIDS.sha256), masked(OIDS.sha256), salted(32), trailer("02"))],
    ["a salt of 65 octets", pss(hashed(OIDS.sha256), masked(OIDS.sha256), salted(65))],
    ["parameters that are none", decodeHex("0500")],
    ["a hash that is none", pss(tlv(0xa0, "0500"), masked(OIDS.sha256), salted(32))],
  ])("CE15: is refused with %s", async (_what, parameters) => {
    expect(await problem(parameters)).toMatch(
      /signature algorithm 1\.2\.840\.113549\.1\.1\.10, which is not supported/,
    );
  });

  it("is refused under a key of an elliptic curve", async () => {
    const curve = await makeCertificate("curve", { extensions: authority });
    const end = await makeCertificate("end", { issuer: { ...root, subject: curve.subject }, pss: GOOD });
    const parts = { anchors: [curve.certificate], pool: [], now: new Date() };
    expect(await pathProblem(end.certificate, parts)).toBe("a signature of RSA under a key of ECDSA");
  });
});
