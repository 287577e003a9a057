// Name constraints (RFC 5280 sections 4.2.1.10 and 6.1): of each form names that keep them and that break them, whichever
// authority has them; and what is not understood refuses a name of its form, and no other.

import { beforeAll, describe, expect, it } from "vitest";
import { decodeHex } from "../../../src/bytes/index.ts";
import { OIDS, pathProblem } from "../../../src/x509/index.ts";
import { der, oid } from "../../support/der.ts";
import {
  authority,
  type Extension,
  type Issued,
  makeCertificate,
  type Wishes,
} from "../../support/make-certificate.ts";

type Octets = Uint8Array;
const ascii = (text: string): Octets => new TextEncoder().encode(text);
const dns = (text: string): Octets => der(0x82, ascii(text));
const mail = (text: string): Octets => der(0x81, ascii(text));
const address = (...octets: number[]): Octets => der(0x87, octets);
const other = (type: string): Octets => der(0xa0, oid(type), der(0xa0, der(0x0c, ascii("x"))));
const CN = "550403";
const O = "55040a";
/** An attribute of a name: its type, and the tag and the octets of its value. */
type Pair = readonly [type: string, text: string | Octets, tag?: number];
const rdn = (...pairs: readonly Pair[]): Octets =>
  der(
    0x31,
    ...pairs.map(([type, text, tag = 0x0c]) =>
      der(0x30, oid(type), der(tag, typeof text === "string" ? ascii(text) : text)),
    ),
  );
const nameOf = (...rdns: readonly Octets[]): Octets => der(0x30, ...rdns);
const directory = (...rdns: readonly Octets[]): Octets => der(0xa4, nameOf(...rdns));

interface Limits {
  readonly permitted?: readonly Octets[];
  readonly excluded?: readonly Octets[];
}
const trees = (tag: number, bases: readonly Octets[] | undefined): readonly Octets[] =>
  bases === undefined ? [] : [der(tag, ...bases.map((base) => der(0x30, base)))];
const limits = ({ permitted, excluded }: Limits, critical = true): Extension => ({
  id: OIDS.nameConstraints,
  critical,
  value: der(0x30, ...trees(0xa0, permitted), ...trees(0xa1, excluded)),
});
const san = (...names: readonly Octets[]): Extension => ({ id: OIDS.subjectAltName, value: der(0x30, ...names) });

let root: Issued;
beforeAll(async () => {
  root = await makeCertificate("root", { extensions: authority });
});

async function problem(limit: Extension, leaf: Wishes): Promise<string> {
  const middle = await makeCertificate("between", { issuer: root, extensions: [...authority, limit] });
  const end = await makeCertificate("end", { issuer: middle, ...leaf });
  const parts = { anchors: [root.certificate], pool: [middle.certificate], now: new Date() };
  return (await pathProblem(end.certificate, parts)) ?? "good";
}
const withNames = (limit: Limits, ...names: readonly Octets[]) =>
  problem(limits(limit), names.length === 0 ? {} : { extensions: [san(...names)] });

const REFUSED = /^the name .* is not one that an authority above it may give \(nameConstraints\)$/;
const ODD = /^the name .* is of a kind that an authority above it limits in a way that is not understood here/;

describe("CE8: a name of a host", () => {
  it.each([
    ["example.org", "example.org", true],
    ["example.org", "kdc.example.org", true],
    ["example.org", "KDC.Example.ORG", true],
    ["EXAMPLE.org", "a.b.example.org", true],
    ["example.org", "kdc.example.org.", true],
    ["example.org.", "kdc.example.org", true],
    ["example.org", "kdcexample.org", false],
    ["example.org", "example.org.evil.test", false],
    ["example.org", "org", false],
    ["example.org", "", false],
    [".example.org", "kdc.example.org", true],
    [".example.org", "example.org", false],
    ["", "anything.test", true],
    [".", "anything.test", false],
  ])("under %j is %j: %s", async (base, name, isUnder) => {
    const inside = await withNames({ permitted: [dns(base)] }, dns(name));
    const outside = await withNames({ excluded: [dns(base)] }, dns(name));
    expect(isUnder ? inside : outside).toBe("good");
    expect(isUnder ? outside : inside).toMatch(REFUSED);
  });

  it("is shown, in one line and not at any length", async () => {
    const text = await withNames({ permitted: [dns("example.org")] }, dns(`${"x".repeat(5000)}\n.test`));
    expect(text).toBe(
      `the name ${"x".repeat(100)}... is not one that an authority above it may give (nameConstraints)`,
    );
    expect(await withNames({ excluded: [dns("test")] }, dns("a\n\u001b.test"))).toMatch(
      /^the name a \?\.test is not one/,
    );
  });
});

describe("CE8: an address of mail", () => {
  it.each([
    ["example.org", "a@example.org", true],
    ["Example.org", "a@EXAMPLE.org", true],
    ["example.org", "a@mail.example.org", false],
    ["example.org", "a@xexample.org", false],
    [".example.org", "a@mail.example.org", true],
    [".example.org", "a@example.org", false],
    ["a@example.org", "a@Example.org", true],
    ["a@example.org", "A@example.org", false],
    ["a@example.org", "b@example.org", false],
    ["example.org", '"b@example.net"@example.org', true],
    ["example.net", '"b@example.net"@example.org', false],
    ["", "a@anything.test", true],
  ])("under %j is %j: %s", async (base, name, isUnder) => {
    const inside = await withNames({ permitted: [mail(base)] }, mail(name));
    const outside = await withNames({ excluded: [mail(base)] }, mail(name));
    expect(isUnder ? inside : outside).toBe("good");
    expect(isUnder ? outside : inside).toMatch(REFUSED);
    // In the subject too.
    const subject = nameOf(rdn([CN, "x"]), rdn([OIDS.emailAddress, name, 0x16]));
    expect((await problem(limits({ permitted: [mail(base)] }), { subject })) === "good").toBe(isUnder);
  });

  it("that has no host is refused, and one of an odd type", async () => {
    for (const limit of [{ permitted: [mail("example.org")] }, { excluded: [mail("example.org")] }]) {
      expect(await withNames(limit, mail("example.org"))).toMatch(ODD);
      const subject = nameOf(rdn([OIDS.emailAddress, "a@x.org", 0x04]));
      expect(await problem(limits(limit), { subject })).toMatch(ODD);
    }
  });
});

describe("CE8: a name of a directory", () => {
  const base = [rdn([O, "Acme Inc"]), rdn([CN, "kdcs"])];
  it.each<[string, readonly Octets[], boolean]>([
    ["the same", base, true],
    ["one below", [...base, rdn([CN, "kdc"])], true],
    ["in another case and white space", [rdn([O, "  ACME \t inc"]), rdn([CN, "KDCs "])], true],
    ["in another type of string", [rdn([O, "Acme Inc", 0x13]), rdn([CN, decodeHex("006b006400630073"), 0x1e])], true],
    [
      "in strings of four octets",
      [rdn([O, "Acme Inc", 0x14]), rdn([CN, decodeHex("0000006b000000640000006300000073"), 0x1c])],
      true,
    ],
    ["in wide letters", [rdn([O, "Ａcme Inc"]), rdn([CN, "kdcs"])], true],
    ["the root of it", [base[0] as Octets], false],
    ["in another order", [...base].reverse(), false],
    ["of another organisation", [rdn([O, "Acme Ltd"]), base[1] as Octets], false],
    ["of another attribute", [rdn([CN, "Acme Inc"]), base[1] as Octets], false],
    ["of octets that are no text", [rdn([O, "Acme Inc", 0x04]), base[1] as Octets], false],
    ["of a character that is none", [rdn([O, decodeHex("ffffffff"), 0x1c]), base[1] as Octets], false],
  ])("%s", async (_what, subject, isUnder) => {
    const permitted = { permitted: [directory(...base)] };
    const excluded = { excluded: [directory(...base)] };
    const inside = await problem(limits(permitted), { subject: nameOf(...subject) });
    const outside = await problem(limits(excluded), { subject: nameOf(...subject) });
    expect(isUnder ? inside : outside).toBe("good");
    expect(isUnder ? outside : inside).toMatch(REFUSED);
    const beside = await problem(limits(permitted), {
      subject: nameOf(...base),
      extensions: [san(directory(...subject))],
    });
    expect(beside === "good").toBe(isUnder);
  });

  it("of two attributes in one part is neither of two parts nor of a text that looks so", async () => {
    const two = [O, "a"] as const;
    const both = rdn([CN, "b"], two);
    const limit = limits({ permitted: [directory(both)] });
    expect(await problem(limit, { subject: nameOf(rdn(two, [CN, "b"])) })).toBe("good");
    expect(await problem(limit, { subject: nameOf(rdn(two), rdn([CN, "b"])) })).toMatch(REFUSED);
    expect(await problem(limit, { subject: nameOf(rdn([CN, 'b"],["2.5.4.10","a'])) })).toMatch(REFUSED);
  });

  it("that is empty has no limits", async () => {
    const leaf = { subject: nameOf(), extensions: [san(dns("kdc.example.org"))] };
    expect(await problem(limits({ permitted: [directory(...base)] }), leaf)).toBe("good");
  });

  it("is shown", async () => {
    const subject = nameOf(rdn([O, "x"], [CN, "y"]), rdn([CN, "z"]));
    expect(await problem(limits({ permitted: [directory(...base)] }), { subject })).toMatch(
      /^the name 2\.5\.4\.10=x, 2\.5\.4\.3=y, 2\.5\.4\.3=z is not one/,
    );
  });
});

describe("CE8: limits", () => {
  it("of one form leave the others alone", async () => {
    const limit = { permitted: [dns("example.org")], excluded: [mail("example.org")] };
    expect(await withNames(limit, address(10, 0, 0, 1), other(OIDS.pkinitSan), mail("a@b.test"))).toBe("good");
    expect(await withNames(limit)).toBe("good");
  });

  it("of several subtrees permit the names of each, and exclude what is in both", async () => {
    const limit = { permitted: [dns("a.test"), dns("b.test")], excluded: [dns("x.a.test"), dns("x.b.test")] };
    expect(await withNames(limit, dns("k.a.test"), dns("k.b.test"))).toBe("good");
    expect(await withNames(limit, dns("k.a.test"), dns("k.c.test"))).toMatch(/^the name k\.c\.test is not one/);
    expect(await withNames(limit, dns("x.b.test"))).toMatch(REFUSED);
  });

  it.each([
    ["iPAddress", address(10, 0, 0, 0, 255, 0, 0, 0), address(10, 0, 0, 1), "of the tag 7"],
    ["URI", der(0x86, ascii("example.org")), der(0x86, ascii("http://example.org/")), "of the tag 6"],
    ["otherName", other(OIDS.pkinitSan), other(OIDS.pkinitSan), "otherName 1.3.6.1.5.2.2"],
  ])("of %s refuse a name of that form, which is not compared here", async (_what, base, name, shown) => {
    for (const limit of [{ permitted: [base] }, { excluded: [base] }]) {
      const text = await withNames(limit, name);
      expect(text).toMatch(ODD);
      expect(text).toContain(`the name ${shown} is of a kind`);
      expect(await withNames(limit, dns("kdc.example.org"), other("2a0304"))).toBe("good");
    }
  });

  it("with a minimum or a maximum refuse a name of their form", async () => {
    for (const bound of [der(0x80, [0]), der(0x81, [5])]) {
      const value = der(0x30, der(0xa0, der(0x30, dns("example.org"), bound)));
      const limit = { id: OIDS.nameConstraints, critical: true, value };
      expect(await problem(limit, { extensions: [san(dns("kdc.example.org"))] })).toMatch(ODD);
      expect(await problem(limit, { extensions: [san(mail("a@b.test"))] })).toBe("good");
    }
  });

  it("bind where they are not critical too, and none of them bind nothing", async () => {
    const leaf = { extensions: [san(dns("kdc.test"))] };
    expect(await problem(limits({ permitted: [dns("example.org")] }, false), leaf)).toMatch(REFUSED);
    expect(await problem(limits({}), leaf)).toBe("good");
  });

  it.each([
    ["no SEQUENCE", der(0x31)],
    ["no name in a subtree", der(0x30, der(0xa0, der(0x30)))],
    ["a subtree that is none", der(0x30, der(0xa0, dns("example.org")))],
    ["a directory name without its parts", der(0x30, der(0xa0, der(0x30, der(0xa4, [5, 0]))))],
    ["an attribute without a value", der(0x30, der(0xa0, der(0x30, directory(der(0x31, der(0x30, oid(CN)))))))],
  ])("of %s are refused", async (_what, value) => {
    const text = await problem({ id: OIDS.nameConstraints, value }, { extensions: [san(dns("kdc.test"))] });
    expect(text).toBe("the names that its issuer may give do not decode (nameConstraints)");
  });

  it("bind all that is below, and of an authority that renews its own key the end alone", async () => {
    const limit = limits({ permitted: [directory(rdn([O, "Acme"]))] });
    const acme = (name: string) => nameOf(rdn([O, "Acme"]), rdn([CN, name]));
    const top = await makeCertificate("top", { issuer: root, extensions: [...authority, limit] });
    const chain = async (middle: Wishes, leaf: Wishes) => {
      const between = await makeCertificate("between", { issuer: top, extensions: authority, ...middle });
      const end = await makeCertificate("end", { issuer: between, ...leaf });
      const pool = [between.certificate, top.certificate];
      return (await pathProblem(end.certificate, { anchors: [root.certificate], pool, now: new Date() })) ?? "good";
    };
    expect(await chain({ subject: acme("ca") }, { subject: acme("kdc") })).toBe("good");
    expect(await chain({ subject: acme("ca") }, {})).toMatch(/^the name 2\.5\.4\.3=end is not one/);
    expect(await chain({}, { subject: acme("kdc") })).toMatch(/^the name 2\.5\.4\.3=between is not one/);
    // The same name as its issuer's: a new key of the same authority.
    expect(await chain({ subject: top.subject }, { subject: acme("kdc") })).toBe("good");
    expect(await chain({ subject: acme("ca") }, { subject: acme("ca") })).toBe("good");
    const own = await makeCertificate("end", { issuer: top, subject: top.subject });
    const parts = { anchors: [root.certificate], pool: [top.certificate], now: new Date() };
    expect(await pathProblem(own.certificate, parts)).toMatch(/^the name 2\.5\.4\.3=top is not one/);
  });

  it("of an anchor bind too; of a certificate that issues none they bind nothing", async () => {
    const limit = limits({ permitted: [dns("example.org")] });
    const anchor = await makeCertificate("anchor", { extensions: [...authority, limit] });
    const under = async (...names: readonly Octets[]) => {
      const end = await makeCertificate("end", { issuer: anchor, extensions: [san(...names)] });
      return await pathProblem(end.certificate, { anchors: [anchor.certificate], pool: [], now: new Date() });
    };
    expect(await under(dns("kdc.example.org"))).toBeUndefined();
    expect(await under(dns("kdc.test"))).toMatch(REFUSED);
    const own = await makeCertificate("end", { issuer: root, extensions: [limit, san(dns("kdc.test"))] });
    expect(
      await pathProblem(own.certificate, { anchors: [root.certificate], pool: [], now: new Date() }),
    ).toBeUndefined();
  });
});
