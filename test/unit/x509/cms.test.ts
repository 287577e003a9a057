import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { type Element, parseBer } from "../../../src/x509/ber.ts";
import {
  type CmsSigner,
  decodeSignedData,
  OIDS,
  readPrivateKey,
  type SignedData,
  signData,
  signWith,
  verifySignedData,
} from "../../../src/x509/index.ts";
import { der } from "../../support/der.ts";
import { type Issued, makeCertificate, signBy } from "../../support/make-certificate.ts";
import { olderCiphers } from "../../support/older-ciphers.ts";

const CONTENT = new TextEncoder().encode("what is signed");
const TYPE = "2b060105020302";
const issued = await makeCertificate("signer");

const signerOf = (one: Issued): CmsSigner => ({
  certificate: one.certificate,
  chain: [],
  sign: (octets, hash) => signBy(one, octets, hash),
});
const problemOf = async (octets: Uint8Array) => (await verifySignedData(decodeSignedData(octets))).problem ?? "good";

/** The octets with one run of others in place of the last run of its length. */
function replaced(octets: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = Buffer.from(octets).lastIndexOf(from);
  if (at < 0) throw new Error("not there");
  const copy = octets.slice();
  copy.set(to, at);
  return copy;
}

describe("a SignedData", () => {
  it.each(["ec", "rsa"] as const)("that was signed verifies (%s)", async (kind) => {
    const one = await makeCertificate("signer", { kind });
    const octets = await signData(TYPE, CONTENT, signerOf(one));
    expect(await problemOf(octets)).toBe("good");
    expect(decodeSignedData(octets)).toMatchObject({ contentType: TYPE, content: CONTENT });
  });

  it("M1: with other contents is refused", async () => {
    const octets = await signData(TYPE, CONTENT, signerOf(issued));
    expect(
      await problemOf(
        replaced(
          octets,
          CONTENT,
          CONTENT.map((octet) => octet ^ 1),
        ),
      ),
    ).toMatch(/other contents/);
  });

  it("M2: with another type of contents is refused", async () => {
    const octets = await signData(TYPE, CONTENT, signerOf(issued));
    const other = decodeHex("2b060105020303");
    expect(await problemOf(replaced(octets, decodeHex(TYPE), other))).toMatch(/another type of contents/);
  });

  it("M3: with a signature of another key is refused", async () => {
    const other = await makeCertificate("other");
    const octets = await signData(TYPE, CONTENT, { ...signerOf(other), certificate: issued.certificate });
    expect(await problemOf(octets)).toMatch(/does not verify/);
  });

  it("M4: without a signature, and without the certificate of its own, is refused", async () => {
    expect(await problemOf(await signData(TYPE, CONTENT, undefined))).toMatch(/0 signatures/);
    const other = await makeCertificate("other");
    const octets = await signData(TYPE, CONTENT, signerOf(issued));
    const data = decodeSignedData(octets);
    expect((await verifySignedData({ ...data, certificates: [other.certificate] })).problem).toMatch(/is missing/);
    const twice = { ...data, signers: [...data.signers, ...data.signers] };
    expect((await verifySignedData(twice)).problem).toMatch(/2 signatures/);
  });

  it("M5: with a digest other than the signature's is refused", async () => {
    const octets = await signData(TYPE, CONTENT, signerOf(issued));
    const changed = replaced(octets, decodeHex(OIDS.ecdsaWithSha256), decodeHex(OIDS.ecdsaWithSha384));
    expect(await problemOf(changed)).toMatch(/another digest/);
  });

  it("that is called something else is not read as one", async () => {
    const octets = await signData(TYPE, CONTENT, signerOf(issued));
    const other = replaced(octets, decodeHex(OIDS.signedData), decodeHex(OIDS.encryptedData));
    expect(() => decodeSignedData(other)).toThrow(/SignedData expected, 1\.2\.840\.113549\.1\.7\.6 found/);
  });

  it("without signed attributes is refused", async () => {
    const data = decodeSignedData(await signData(TYPE, CONTENT, signerOf(issued)));
    const [info] = data.signers;
    const bare = Object.create(info as Element, {
      children: { value: info?.children.filter(({ tag }) => tag !== 0xa0) },
    });
    await expect(verifySignedData({ ...data, signers: [bare] })).rejects.toThrow(/signedAttrs/);
  });
});

/** The one signature's parts, some of them others. */
function withParts(data: SignedData, change: (octets: Uint8Array, place: number) => Uint8Array): SignedData {
  const [info] = data.signers;
  const parts = (info?.children ?? []).map(({ octets }, place) => change(octets, place));
  return { ...data, signers: [parseBer(der(0x30, ...parts), "x")] };
}
const problemWith = async (data: SignedData) => (await verifySignedData(data)).problem ?? "good";

describe("who signed", () => {
  const id = new Uint8Array(20).fill(9);
  const named = makeCertificate("named", { extensions: [{ id: OIDS.subjectKeyIdentifier, value: der(4, id) }] });

  it.each<[string, Uint8Array, string]>([
    ["its identifier", der(0x80, id), "good"],
    ["that, wrapped once more, as Heimdal and Samba write it", der(0xa0, der(4, id)), "good"],
    ["another identifier", der(0x80, id.slice(1)), "the certificate of its signature is missing"],
  ])("is known by %s", async (_what, sid, problem) => {
    const data = decodeSignedData(await signData(TYPE, CONTENT, signerOf(await named)));
    expect(await problemWith(withParts(data, (octets, place) => (place === 1 ? sid : octets)))).toBe(problem);
  });

  it("is not known by an identifier that the certificate does not have, nor by another kind of name", async () => {
    const data = decodeSignedData(await signData(TYPE, CONTENT, signerOf(issued)));
    const by = (sid: Uint8Array) => problemWith(withParts(data, (octets, place) => (place === 1 ? sid : octets)));
    expect(await by(der(0x80, id))).toMatch(/is missing/);
    await expect(by(der(0x81, id))).rejects.toThrow(/sid: tag 80 expected/);
  });

  it("signs an attribute once, with one value", async () => {
    const data = decodeSignedData(await signData(TYPE, CONTENT, signerOf(issued)));
    const attributes = data.signers[0]?.children[3]?.children ?? [];
    const same = attributes.map(({ octets }) => octets);
    const withAttributes = (...list: Uint8Array[]) =>
      problemWith(withParts(data, (octets, place) => (place === 3 ? der(0xa0, ...list) : octets)));
    for (const one of same) await expect(withAttributes(...same, one)).rejects.toThrow(/an attribute twice/);
    for (const place of same.keys()) {
      const [type, values] = attributes[place]?.children ?? [];
      const value = values?.children[0]?.octets ?? new Uint8Array(0);
      const twice = der(0x30, type?.octets ?? [], der(0x31, value, value));
      const list = same.map((one, i) => (i === place ? twice : one));
      await expect(withAttributes(...list)).rejects.toThrow(/an attribute twice/);
    }
  });

  it("brings 16 certificates at most", async () => {
    const many = (count: number) => ({ ...signerOf(issued), chain: Array(count - 1).fill(issued.certificate) });
    expect(decodeSignedData(await signData(TYPE, CONTENT, many(16))).certificates).toHaveLength(16);
    const octets = await signData(TYPE, CONTENT, many(17));
    expect(() => decodeSignedData(octets)).toThrow(/17 certificates, 16 allowed/);
  });
});

describe("what came with it", () => {
  /** The message again, with other certificates in it. */
  const withCertificates = (octets: Uint8Array, certificates: Uint8Array): Uint8Array => {
    const info = parseBer(octets, "x");
    const signed = info.at(1, "x").at(0, "x");
    const parts = signed.children.map(({ tag, octets: part }) => (tag === 0xa0 ? certificates : part));
    return der(0x30, info.at(0, "x").octets, der(0xa0, der(0x30, ...parts)));
  };
  const contentsOf = (octets: Uint8Array): Uint8Array => octets.subarray(4);
  const end = [0, 0];

  it.each<[string, (own: Uint8Array) => Uint8Array]>([
    ["a definite length", (own) => der(0xa0, own)],
    ["an indefinite length around it", (own) => Uint8Array.of(0xa0, 0x80, ...own, ...end)],
    ["an indefinite length of its own", (own) => der(0xa0, [0x30, 0x80], contentsOf(own), end)],
    ["another kind of certificate beside it", (own) => der(0xa0, der(0xa2, own), own)],
  ])("is the same certificate with %s", async (_what, certificatesOf) => {
    const fresh = await makeCertificate("came with it");
    const octets = await signData(TYPE, CONTENT, signerOf(fresh));
    const data = decodeSignedData(withCertificates(octets, certificatesOf(fresh.certificate.octets)));
    expect(data.certificates.map(({ tbs }) => tbs)).toEqual([fresh.certificate.tbs]);
    expect(await problemWith(data)).toBe("good");
  });

  it("is bounded beside the rest of the message", async () => {
    const octets = await signData(TYPE, CONTENT, signerOf(issued));
    const many = new Uint8Array(1_000).map((_, i) => (i % 2 === 0 ? 5 : 0));
    const more = withCertificates(octets, der(0xa0, der(0x30, many), der(0x30, many)));
    expect(() => decodeSignedData(more)).toThrow(/more than 768 elements/);
  });

  it("and the message stay as they came, in a Buffer that is a part of another too", async () => {
    const octets = await signData(TYPE, CONTENT, signerOf(issued));
    const around = Buffer.concat([Buffer.alloc(3), octets, Buffer.alloc(3)]);
    const before = Buffer.from(around);
    const data = decodeSignedData(around.subarray(3, -3));
    expect(await problemWith(data)).toBe("good");
    expect(encodeHex(data.certificates[0]?.octets ?? octets)).toBe(encodeHex(issued.certificate.octets));
    expect(around.equals(before)).toBe(true);
  });
});

describe("BER", () => {
  it("M6: is bounded in size, depth and elements before anything is built", () => {
    expect(() => parseBer(new Uint8Array(262_145).fill(0x30), "x")).toThrow(/262144 allowed/);
    let deep = Uint8Array.of(0x05, 0);
    for (let i = 0; i < 40; i++) deep = Uint8Array.from([0x30, deep.length, ...deep]);
    expect(() => parseBer(deep, "x")).toThrow(/not ASN.1/);
    const many = Uint8Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 5 : 0));
    const wide = Uint8Array.from([0x30, 0x82, many.length >> 8, many.length & 255, ...many]);
    expect(() => parseBer(wide, "x")).toThrow(/not ASN.1/);
  });

  it("M6: an OBJECT IDENTIFIER of which the parser makes 200,000 objects is refused before it, at any depth", () => {
    const long = new Uint8Array(200_004).fill(1);
    for (const tag of [6, 13]) {
      long.set([tag, 0x83, 0x03, 0x0d, 0x40]);
      const within = (head: readonly number[]): Uint8Array => Uint8Array.from([...head, ...long]);
      for (const octets of [long, within([0x30, 0x83, 3, 13, 0x44]), within([0xbf, 0x81, 1, 0x80])]) {
        const started = process.cpuUsage();
        expect(() => parseBer(octets, "x")).toThrow(/OBJECT IDENTIFIER of 200000 octets/);
        const { user, system } = process.cpuUsage(started);
        expect((user + system) / 1000).toBeLessThan(200);
      }
    }
    const longest = new Uint8Array(131).fill(1);
    longest.set([6, 0x81, 128]);
    expect(parseBer(longest, "x").tag).toBe(6);
    // Other types may be as long as they like.
    long.set([4, 0x83, 0x03, 0x0d, 0x3f]);
    expect(parseBer(long, "x").contents).toHaveLength(199_999);
  });

  it("an octet string that is ASN.1 by chance stays octets", () => {
    const inner = Uint8Array.of(0x30, 2, 5, 0);
    const element = parseBer(Uint8Array.from([4, 4, ...inner]), "x");
    expect([element.octetString(), element.children]).toEqual([inner, []]);
  });

  it("octets after the end, and none at all, are refused", () => {
    expect(() => parseBer(Uint8Array.of(5, 0, 0), "x")).toThrow(/1 octets after/);
    expect(() => parseBer(new Uint8Array(0), "x")).toThrow(/x/);
  });

  it("constructed octet strings of indefinite length are joined", () => {
    const element = parseBer(Uint8Array.of(0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0), "x");
    expect(element.octetString()).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("private keys", () => {
  it.each(["ec", "rsa"] as const)("sign what the certificate's key verifies (%s), as DER and as PEM", async (kind) => {
    const one = await makeCertificate("key", { kind });
    const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", one.keys.privateKey));
    const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString("base64")}\n-----END PRIVATE KEY-----\n`;
    for (const given of [der, pem]) {
      const key = await readPrivateKey(given, () => expect.fail("it was asked for"), olderCiphers);
      expect(JSON.stringify(key)).not.toContain("pkcs8");
      const signer: CmsSigner = {
        certificate: one.certificate,
        chain: [],
        sign: (octets, hash) => signWith(key, octets, hash),
      };
      expect(await problemOf(await signData(TYPE, CONTENT, signer))).toBe("good");
    }
  });

  it.each([
    ["nothing", ""],
    ["a word", "secret-word"],
    ["half a block", "-----BEGIN PRIVATE KEY-----\nMII"],
    ["a block that is not base64", "-----BEGIN PRIVATE KEY-----\n%secret-word%\n-----END PRIVATE KEY-----"],
    ["an old encryption", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n-----END RSA PRIVATE KEY-----"],
    ["octets that are no key", Uint8Array.of(0x30, 3, 2, 1, 0)],
  ])("%s is refused, and not quoted", async (_what, given) => {
    const error = await readPrivateKey(given, async () => "", olderCiphers).then(
      () => expect.fail("taken"),
      (reason: unknown) => reason as Error & { code: string },
    );
    expect(error.code).toBe("CERTIFICATE");
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain("secret-word");
  });
});
