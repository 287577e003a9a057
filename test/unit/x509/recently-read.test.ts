// Certificates that were read before: the same octets are not read again, and nothing else is taken for them.

import { beforeAll, describe, expect, it } from "vitest";
import {
  type Certificate,
  decodeCertificate,
  decodeSignedData,
  pathProblem,
  signData,
} from "../../../src/x509/index.ts";
import { authority, type Issued, makeCertificate, signBy } from "../../support/make-certificate.ts";

let root: Issued;
let end: Issued;
beforeAll(async () => {
  root = await makeCertificate("root", { extensions: authority });
  end = await makeCertificate("end", { issuer: root });
});

const again = ({ octets }: Certificate): Certificate => decodeCertificate(octets.slice());
const parts = (now = new Date()) => ({ anchors: [root.certificate], pool: [], now });

describe("a certificate that was read before", () => {
  it("is not read again, from a file or in a message", async () => {
    const read = again(end.certificate);
    expect(again(end.certificate)).toBe(read);
    const signed = await signData("2b060105020301", Uint8Array.of(1), {
      certificate: read,
      chain: [],
      sign: (octets, hash) => signBy(end, octets, hash),
    });
    expect(decodeSignedData(signed).certificates[0]).toBe(read);
  });

  it("CE14: is another one where any octet differs, its signature too", () => {
    const read = again(end.certificate);
    for (const at of [
      read.octets.length - 1,
      read.octets.length - 17,
      Buffer.from(read.octets).indexOf("\x0c\x03end") + 4,
    ]) {
      const changed = read.octets.slice();
      changed[at] = (changed[at] as number) ^ 1;
      const other = decodeCertificate(changed);
      expect(other).not.toBe(read);
      expect(other.octets).toEqual(changed);
    }
    expect(again(end.certificate).octets).toEqual(end.certificate.octets);
  });

  it("stays as it was read when the caller's octets change", () => {
    const given = end.certificate.octets.slice();
    const read = decodeCertificate(given);
    given.fill(0);
    expect(again(end.certificate)).toBe(read);
    expect(read.octets).toEqual(end.certificate.octets);
  });

  it("is forgotten after 32 others, and not before", async () => {
    const read = again(end.certificate);
    const others = await Promise.all(Array.from({ length: 32 }, (_, i) => makeCertificate(`other ${i}`)));
    expect(again(end.certificate)).not.toBe(read);
    const last = others.at(-1) as Issued;
    const newest = again(last.certificate);
    for (const one of others.slice(2, -1)) again(one.certificate);
    expect(again(last.certificate)).toBe(newest);
  });

  it("is kept without the large message that it came in", async () => {
    const one = await makeCertificate("in a large message", { issuer: root });
    const octets = new Uint8Array(one.certificate.octets);
    // Others push it out, so that the message is what it would be kept from.
    for (let i = 0; i < 32; i++) await makeCertificate(`pushes ${i}`);
    const large = await signData("2b060105020301", new Uint8Array(20_000), {
      certificate: one.certificate,
      chain: [],
      sign: (octets, hash) => signBy(one, octets, hash),
    });
    const inside = decodeSignedData(large).certificates[0] as Certificate;
    expect(inside.octets).toEqual(octets);
    expect(decodeCertificate(octets)).toBe(inside);
    expect([inside.octets.buffer.byteLength, inside.tbs.buffer]).toEqual([octets.length, inside.octets.buffer]);
  });

  it("is not kept where it is large", async () => {
    const extensions = [{ id: "2a0304", value: new Uint8Array(16_384) }];
    const { certificate } = await makeCertificate("large", { issuer: root, extensions });
    const octets = new Uint8Array(certificate.octets);
    expect(decodeCertificate(octets)).not.toBe(decodeCertificate(octets));
  });

  it("is judged anew at each login: by the time, by the anchors", async () => {
    const { certificate } = end;
    expect(await pathProblem(certificate, parts())).toBeUndefined();
    const late = new Date(certificate.notAfter.getTime() + 1000);
    expect(await pathProblem(certificate, parts(late))).toMatch(/^it expired at/);
    expect(await pathProblem(certificate, { ...parts(), anchors: [] })).toMatch(/no anchor/);
  });

  it("lends its good signature to no other: one with the same name and another key, one that is changed", async () => {
    expect(await pathProblem(end.certificate, parts())).toBeUndefined();
    const namesake = await makeCertificate("root", { extensions: authority });
    const other = { ...parts(), anchors: [namesake.certificate] };
    expect(await pathProblem(end.certificate, other)).toBe("its signature does not verify");
    const changed = end.certificate.octets.slice();
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    // The second time as the first: what fails is not remembered as good.
    for (let i = 0; i < 2; i++) {
      expect(await pathProblem(decodeCertificate(changed), parts())).toBe("its signature does not verify");
    }
  });
});
