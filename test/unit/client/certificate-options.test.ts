// What certificate() and anonymous() are given: each option of each wrong kind, and what does not go together.

import { describe, expect, it } from "vitest";
import { anonymous, certificate, interactive } from "../../../src/entry/index.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const DER = Uint8Array.of(0x30, 0);
const good = { anchors: PEM, certificate: PEM, key: PEM };
const make = (options: object) => certificate("alice@TEST.EXAMPLE", options as never);
const host = {} as never;

describe("certificate()", () => {
  it.each<[string, object]>([
    ["PEM", {}],
    ["DER", { anchors: DER, certificate: DER, key: DER }],
    ["lists", { anchors: [PEM, DER], pool: [DER], chain: [PEM] }],
    ["functions", { anchors: () => PEM, certificate: () => PEM, key: async () => PEM, passphrase: () => "x" }],
    ["a function that signs", { key: undefined, sign: async () => DER }],
    ["a file", { certificate: undefined, key: undefined, pkcs12: DER, passphrase: "x" }],
    ["a function that gives a file", { certificate: undefined, key: undefined, pkcs12: () => DER }],
    ["hosts", { kdcHostname: "kdc", kdcUsage: "kpServerAuth", dhMinBits: 4096 }],
    ["more hosts", { kdcHostname: ["kdc", "kdc2"], kdcUsage: "kpKDC", dhMinBits: 2048 }],
  ])("takes %s", (_, change) => {
    expect(make({ ...good, ...change })).toMatchObject({ kind: "certificate", principal: { components: ["alice"] } });
  });

  it.each<[string, object, typeof TypeError | typeof RangeError, string]>([
    ["no anchors", { anchors: undefined }, TypeError, "anchors"],
    [
      "anchors that are text of another kind",
      { anchors: "hunter2" },
      TypeError,
      "anchors is a string: it must be text in PEM, or a Uint8Array with DER",
    ],
    ["anchors that are a number", { anchors: 5 }, TypeError, "anchors is a number"],
    ["no anchors in a list", { anchors: [] }, RangeError, "anchors is empty: give at least one certificate"],
    ["a wrong anchor in a list", { anchors: [PEM, "hunter2"] }, TypeError, "anchors[1] is a string"],
    ["a wrong pool", { pool: "hunter2" }, TypeError, "pool is a string"],
    ["a pool that is a function", { pool: () => PEM }, TypeError, "pool is a function"],
    ["a wrong chain", { chain: [5] }, TypeError, "chain[0] is a number"],
    ["a wrong certificate", { certificate: "hunter2" }, TypeError, "certificate is a string"],
    ["certificates in a list", { certificate: [PEM] }, TypeError, "certificate is an array"],
    ["a wrong key", { key: "hunter2" }, TypeError, "key is a string"],
    ["a wrong sign", { key: undefined, sign: "hunter2" }, TypeError, "sign is a string"],
    [
      "a wrong file",
      { certificate: undefined, key: undefined, pkcs12: "hunter2" },
      TypeError,
      "pkcs12 is a string: it must be a Uint8Array",
    ],
    ["a wrong passphrase", { passphrase: 5 }, TypeError, "passphrase is a number: it must be a string"],
    [
      "a host that is a number",
      { kdcHostname: 5 },
      TypeError,
      "kdcHostname is a number: it must be the name of a host, or a list",
    ],
    ["an empty host", { kdcHostname: ["kdc", ""] }, TypeError, "kdcHostname is an array"],
    ["another usage", { kdcUsage: "kpclientauth" }, TypeError, "kdcUsage"],
    ["bits that are text", { dhMinBits: "2048" }, TypeError, "dhMinBits is a string: it must be 2048 or 4096"],
    ["other bits", { dhMinBits: 1024 }, RangeError, "dhMinBits is 1024: it must be 2048 or 4096"],
    ["no key", { key: undefined }, TypeError, "certificate needs one of key, sign and pkcs12, and has none of them"],
    ["two keys", { sign: async () => DER }, TypeError, "and has key and sign"],
    ["a key and a file", { pkcs12: DER }, TypeError, "and has key and pkcs12"],
    ["a key without a certificate", { certificate: undefined }, TypeError, "certificate has no option certificate"],
    ["a file and a certificate", { key: undefined, pkcs12: DER }, TypeError, "a PKCS#12 file has the certificate"],
    [
      "a file and a chain",
      { certificate: undefined, key: undefined, pkcs12: DER, chain: PEM },
      TypeError,
      "a PKCS#12 file has",
    ],
    ["an option of another name", { anchor: PEM }, TypeError, "anchor"],
  ])("refuses %s, and quotes nothing", (_, change, kind, words) => {
    const options = { ...good, ...change };
    expect(() => make(options)).toThrow(kind);
    expect(() => make(options)).toThrow(words);
    expect(() => make(options)).not.toThrow("hunter2");
  });

  it("a name without a realm is completed where it is used, and stands for nobody before", () => {
    expect(certificate("alice", good)).not.toHaveProperty("principal");
    expect(interactive("alice")).not.toHaveProperty("principal");
    expect(interactive("alice@TEST.EXAMPLE")).toMatchObject({ principal: { realm: "TEST.EXAMPLE" } });
  });

  it("is the same secret as long as what its functions give is the same", async () => {
    let key = PEM;
    const source = make({ ...good, key: () => key });
    const first = await source.loadSecret();
    expect(first.isSame(await source.loadSecret())).toBe(true);
    key = `${PEM}\n`;
    const other = await source.loadSecret();
    expect(other.isSame(first)).toBe(false);
    expect(other.pkinit).toMatchObject({ key, certificate: PEM });
    await expect(first.key(undefined as never, { etype: 18 })).rejects.toMatchObject({ code: "PREAUTH_UNSUPPORTED" });
  });

  it.each([
    ["fails", () => Promise.reject(new Error("hunter2")), "the function that gives credentials.key failed"],
    ["gives nothing", () => undefined, "credentials.key has no value: set it (is its environment variable missing?)"],
    ["gives null", () => null, "credentials.key has no value"],
  ])("whose function %s has no credential", async (_, key, words) => {
    const error = await make({ ...good, key })
      .loadSecret()
      .catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: "NO_CREDENTIAL", message: expect.stringContaining(words) });
    expect((error as Error).message).not.toContain("hunter2");
  });
});

describe("anonymous()", () => {
  it("is nobody of a realm", async () => {
    const source = anonymous("TEST.EXAMPLE", { anchors: PEM });
    expect(source).toMatchObject({
      kind: "anonymous",
      principal: { realm: "TEST.EXAMPLE", components: ["WELLKNOWN", "ANONYMOUS"] },
    });
    const secret = await source.loadSecret();
    expect(secret.pkinit).not.toHaveProperty("certificate");
    expect(await source.open(host)).toMatchObject({ principal: { realm: "TEST.EXAMPLE" } });
  });

  it.each<[string, unknown, object, string]>([
    ["no realm", "", { anchors: PEM }, "realm is an empty string: it must be the name of a realm"],
    ["a realm that is a number", 5, { anchors: PEM }, "realm is a number"],
    ["no anchors", "R", {}, "anchors"],
    ["a certificate", "R", { anchors: PEM, certificate: PEM }, "certificate"],
  ])("refuses %s", (_, realm, options, words) => {
    expect(() => anonymous(realm as never, options as never)).toThrow(TypeError);
    expect(() => anonymous(realm as never, options as never)).toThrow(words);
  });
});
