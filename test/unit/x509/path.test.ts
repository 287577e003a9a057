import { beforeAll, describe, expect, it } from "vitest";
import { pathProblem } from "../../../src/x509/index.ts";
import {
  authority,
  basicConstraints,
  type Extension,
  type Issued,
  keyUsage,
  makeCertificate,
  type Wishes,
} from "../../support/make-certificate.ts";

let root: Issued;
let other: Issued;
beforeAll(async () => {
  [root, other] = await Promise.all([
    makeCertificate("root", { extensions: authority }),
    makeCertificate("root", { extensions: authority }),
  ]);
});

/** What is wrong with a certificate of an authority between, or of the root. */
async function problem(leaf: Wishes, between: Wishes | undefined, anchor: Issued = root): Promise<string> {
  const middle = between && (await makeCertificate("between", { issuer: root, extensions: authority, ...between }));
  const end = await makeCertificate("end", { issuer: middle ?? root, ...leaf });
  const pool = middle === undefined ? [] : [middle.certificate];
  const found = await pathProblem(end.certificate, { anchors: [anchor.certificate], pool, now: new Date() });
  return found ?? "good";
}

const unknown: Extension = { id: "2a0304", critical: true, value: new Uint8Array(0) };

describe("a path", () => {
  it("of one, two and no signatures is good", async () => {
    expect(await problem({}, undefined)).toBe("good");
    expect(await problem({}, {})).toBe("good");
    expect(await problem({ kind: "rsa" }, { kind: "rsa" })).toBe("good");
    // The KDC's own certificate is the anchor.
    const own = await makeCertificate("own");
    const parts = { anchors: [own.certificate], pool: [], now: new Date() };
    expect(await pathProblem(own.certificate, parts)).toBeUndefined();
  });

  it("CE1: to an anchor that was not given is refused", async () => {
    const end = await makeCertificate("end", { issuer: root });
    const stranger = await makeCertificate("stranger", { extensions: authority });
    const parts = { pool: [root.certificate], now: new Date() };
    expect(await pathProblem(end.certificate, { ...parts, anchors: [stranger.certificate] })).toMatch(/no anchor/);
    expect(await pathProblem(end.certificate, { ...parts, anchors: [] })).toMatch(/no anchor/);
  });

  it("CE1: to one of two anchors of one name is good, in any order", async () => {
    const { certificate } = await makeCertificate("end", { issuer: root });
    for (const anchors of [
      [root.certificate, other.certificate],
      [other.certificate, root.certificate],
    ]) {
      expect(await pathProblem(certificate, { anchors, pool: [], now: new Date() })).toBeUndefined();
    }
  });

  it("CE2: one whose signature does not verify is refused", async () => {
    expect(await problem({}, undefined, other)).toMatch(/signature does not verify/);
    const spoil = (octets: Uint8Array): void => {
      octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
    };
    expect(await problem({ spoil }, undefined)).toMatch(/signature does not verify/);
  });

  it.each([
    ["expired", { until: -0.5 }, undefined, /expired at/],
    ["of tomorrow", { from: 1 }, undefined, /not valid before/],
    ["of an authority that has expired", {}, { until: -0.5 }, /expired at/],
  ] as const)("CE3: one %s is refused", async (_what, leaf, between, words) => {
    expect(await problem(leaf, between)).toMatch(words);
  });

  it.each([
    ["without basicConstraints", []],
    ["that says no", [basicConstraints(false)]],
  ] as const)("CE4: an issuer %s is not an authority", async (_what, extensions) => {
    expect(await problem({}, { extensions })).toMatch(/not an authority/);
  });

  it("CE5: an issuer whose key is for something else is refused", async () => {
    expect(await problem({}, { extensions: [basicConstraints(true), keyUsage(0x80)] })).toMatch(/may not sign/);
  });

  it("CE6: a path that is longer than an authority allows is refused", async () => {
    const top = await makeCertificate("top", { extensions: [basicConstraints(true, 0)] });
    const middle = await makeCertificate("middle", { issuer: top, extensions: authority });
    const end = await makeCertificate("end", { issuer: middle });
    const parts = { anchors: [top.certificate], pool: [middle.certificate], now: new Date() };
    expect(await pathProblem(end.certificate, parts)).toMatch(/pathLenConstraint/);
    const direct = await makeCertificate("end", { issuer: top });
    expect(await pathProblem(direct.certificate, parts)).toBeUndefined();
  });

  it.each([
    ["of a leaf", { extensions: [unknown] }, undefined],
    ["of an authority", {}, { extensions: [...authority, unknown] }],
  ] as const)("CE7: a critical extension %s that is not understood is refused", async (_what, leaf, between) => {
    expect(await problem(leaf, between)).toMatch(/extension 1\.2\.3\.4 is critical/);
  });

  it("CE7: one that is not critical is left alone", async () => {
    expect(await problem({ extensions: [{ ...unknown, critical: false }] }, undefined)).toBe("good");
  });

  it("CE9: a signature with SHA-1 is refused", async () => {
    expect(await problem({ hash: "SHA-1" }, undefined)).toMatch(/SHA-1/);
  });

  it("CE10: an RSA key of 1024 bits is refused", async () => {
    expect(await problem({}, { kind: "rsa1024" })).toMatch(/RSA key of 1024 bits/);
  });

  it("CE11: two algorithms in one certificate are refused", async () => {
    await expect(makeCertificate("end", { issuer: root, otherAlgorithm: true })).rejects.toThrow(
      /two signature algorithms/,
    );
  });

  it("CE12: an extension that is there twice is refused", async () => {
    await expect(makeCertificate("end", { extensions: [keyUsage(0x80), keyUsage(0x04)] })).rejects.toThrow(/twice/);
  });

  it("CE13: authorities that issue each other end soon", async () => {
    const a = await makeCertificate("a", { extensions: authority });
    const many = await Promise.all(
      Array.from({ length: 6 }, () => makeCertificate("a", { issuer: a, extensions: authority })),
    );
    const end = await makeCertificate("end", { issuer: a });
    const parts = {
      anchors: [root.certificate],
      pool: [a, ...many].map(({ certificate }) => certificate),
      now: new Date(),
    };
    expect(await pathProblem(end.certificate, parts)).toMatch(/signature|no path/);
  });
});
