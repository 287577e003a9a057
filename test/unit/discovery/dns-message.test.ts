import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reader, Writer } from "../../../src/bytes/index.ts";
import { decodeResponse, encodeQuery, type RecordType } from "../../../src/discovery/dns/index.ts";
import { encodeName, isHostName, readName } from "../../../src/discovery/dns/name.ts";
import { DecodeError } from "../../../src/errors.ts";
import {
  join,
  name,
  pointer,
  type ResponseParts,
  response,
  rr,
  soa,
  srv,
  txt,
  uri,
} from "../../support/dns-messages.ts";

const query = { name: "_kerberos._udp.Example.ORG", type: "srv", id: 0x1234 } as const;
const owner = "_kerberos._udp.example.org";
const question = encodeQuery(query) as Uint8Array;

function decode(parts: ResponseParts, type: RecordType = "srv") {
  const own = encodeQuery({ ...query, type }) as Uint8Array;
  return decodeResponse(response(own, parts), { ...query, type });
}

function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a DNS question", () => {
  it("is a header, the question with its name as it is, and EDNS", () => {
    const expected = join(
      Uint8Array.of(0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1),
      name("_kerberos._udp.Example.ORG"),
      Uint8Array.of(0, 33, 0, 1),
      Uint8Array.of(0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0),
    );
    expect(question).toEqual(expected);
  });

  it("is without EDNS where it is plain", () => {
    const plain = encodeQuery({ ...query, isPlain: true }) as Uint8Array;
    const expected = question.slice(0, -11);
    expected[11] = 0;
    expect(plain).toEqual(expected);
  });

  it("N15: is made for no name that DNS cannot have", () => {
    const label = "a".repeat(63);
    for (const text of [`${label}a.org`, "a..b", ".a", "a b", "ü.org", "a\0b", `${`${label}.`.repeat(4)}org`]) {
      expect(encodeName(text)).toBeUndefined();
    }
    expect(encodeName(`${`${label}.`.repeat(3)}${"a".repeat(61)}.`)).toHaveLength(255);
    expect(encodeName("")).toEqual(Uint8Array.of(0));
  });
});

describe("a DNS answer", () => {
  it("N1 to N7: gives the records of every type that is asked for", () => {
    const records = [
      srv(owner, 1, 2, 88, "KDC.Example.ORG", 300),
      rr("h.example", "a", Uint8Array.of(192, 0, 2, 1)),
      rr("h.example", "aaaa", Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1)),
      rr("www.example", "cname", name("H.example")),
      rr("1.2.0.192.in-addr.arpa", "ptr", name("h.example")),
      txt("_kerberos.example", "EXAMPLE.ORG", ""),
      uri(owner, 10, 20, "krb5srv:m:tcp:kdc.example"),
      soa("example", 3600, 60),
    ];
    const { answers, rcode, isTruncated } = decode({ answers: records });
    expect([rcode, isTruncated]).toEqual([0, false]);
    expect(answers.map(({ type, data }) => [type, data])).toEqual([
      ["srv", { priority: 1, weight: 2, port: 88, target: "kdc.example.org" }],
      ["a", "192.0.2.1"],
      ["aaaa", "2001:db8::1"],
      ["cname", "h.example"],
      ["ptr", "h.example"],
      ["txt", [new TextEncoder().encode("EXAMPLE.ORG"), new Uint8Array(0)]],
      ["uri", { priority: 10, weight: 20, target: new TextEncoder().encode("krb5srv:m:tcp:kdc.example") }],
      ["soa", { minimumSeconds: 60 }],
    ]);
    expect(answers[0]).toMatchObject({ name: owner, ttlSeconds: 300 });
  });

  it("follows compressed names, in owners and in data", () => {
    const data = join(new Writer(6).uint16(0).uint16(0).uint16(88).finish(), name("kdc").subarray(0, 4), pointer(27));
    const { answers } = decode({ answers: [{ owner: pointer(12), type: 33, data }] });
    expect(answers).toMatchObject([{ name: owner, data: { target: "kdc.example.org" } }]);
  });

  it("passes over records of other types and classes", () => {
    const other = { owner: name("x"), type: 99, data: new Uint8Array(3) };
    const chaos = { ...srv(owner, 0, 0, 88, "kdc"), recordClass: 3 };
    expect(decode({ answers: [other, chaos, srv(owner, 0, 0, 88, "kdc")] }).answers).toHaveLength(1);
  });

  it("N1: to another id is refused", () => {
    expect(refusal(() => decode({ id: 0x1235 }))).toContain("its id is not the question's");
  });

  it.each<[string, ResponseParts]>([
    ["its name", { question: join(name("_kerberos._udp.example.com"), Uint8Array.of(0, 33, 0, 1)) }],
    ["its type", { question: join(name(owner), Uint8Array.of(0, 16, 0, 1)) }],
    ["its class", { question: join(name(owner), Uint8Array.of(0, 33, 0, 3)) }],
  ])("N2: to another question is refused: %s", (what, parts) => {
    expect(refusal(() => decode(parts))).toContain(`another question: ${what}`);
  });

  it("N2: to no question, or to two, is refused", () => {
    expect(refusal(() => decode({ questions: 0 }))).toContain("0 questions");
    expect(refusal(() => decode({ questions: 2 }))).toContain("2 questions");
  });

  it("N3: that is no answer is refused", () => {
    expect(refusal(() => decodeResponse(question, query))).toContain("not an answer");
    expect(refusal(() => decode({ flags: 0x2800 }))).toContain("an operation other than a query");
  });

  it("N4: that announces more records than it has room for is refused before they are looked at", () => {
    expect(refusal(() => decode({ counts: [65_535, 65_535, 0] }))).toContain("131070 records announced");
    // What there is room for in octets and not in truth ends where the octets do.
    expect(refusal(() => decode({ answers: [srv(owner, 0, 0, 88, "kdc")], counts: [2, 0, 0] }))).toContain(
      "a name that does not end",
    );
  });

  it("N5: with a name that points to itself, forward, or in a circle is refused", () => {
    const at = response(question).length;
    for (const target of [at, at + 2, at + 40]) {
      expect(
        refusal(() => decode({ answers: [{ owner: pointer(target), type: 33, data: new Uint8Array(7) }] })),
      ).toContain("points forward, or to itself");
    }
    const circle = join(name("a").subarray(0, 2), pointer(at));
    expect(refusal(() => decode({ answers: [{ owner: circle, type: 33, data: new Uint8Array(7) }] }))).toContain(
      "points forward, or to itself",
    );
  });

  it("N6: with a name that is too long, or has too many pointers, is refused", () => {
    const label = name("a".repeat(63)).subarray(0, 64);
    const long = join(label, label, label, label, Uint8Array.of(0));
    expect(refusal(() => decode({ answers: [{ owner: long, type: 33, data: new Uint8Array(7) }] }))).toContain(
      "more than 255 octets",
    );
    const octets = new Uint8Array(2 + 2 * 300);
    for (let i = 1; i <= 300; i++) octets.set(pointer(2 * (i - 1)), 2 * i);
    const reader = new Reader(octets);
    reader.offset = 2 * 127;
    expect(readName(reader)).toBe("");
    reader.offset = 2 * 128;
    expect(refusal(() => readName(reader))).toContain("more than 127 pointers");
    expect(refusal(() => readName(new Reader(Uint8Array.of(0x40, 0))))).toContain("a label of an unknown kind");
  });

  it.each<[string, RecordType, Uint8Array, number?]>([
    ["an address of 3 octets", "a", new Uint8Array(3)],
    ["an address of 5 octets", "a", new Uint8Array(5)],
    ["an IPv6 address of 4 octets", "aaaa", new Uint8Array(4)],
    ["octets after a target", "srv", join(new Uint8Array(6), name("kdc"), new Uint8Array(1))],
    ["a target that ends after the data", "srv", join(new Uint8Array(6), name("kdc")), 8],
    ["no target", "srv", new Uint8Array(6)],
    ["a character-string past the end", "txt", Uint8Array.of(5, 0x61)],
    ["a URI record of 3 octets", "uri", new Uint8Array(3)],
    ["a short SOA", "soa", join(name(""), name(""), new Uint8Array(19))],
  ])("N7: with data that is not as long as it says is refused: %s", (_, type, data, length) => {
    const record = { ...rr(owner, type, data), ...(length === undefined ? {} : { length }) };
    expect(refusal(() => decode({ answers: [record] }))).toMatch(/octets|does not end/);
  });

  it("N11: that is cut off has no records", () => {
    expect(decode({ flags: 0x0200, answers: [srv(owner, 0, 0, 88, "kdc")] })).toMatchObject({
      isTruncated: true,
      answers: [],
    });
  });

  it("N16: with a lifetime of more than 31 bits is not kept", () => {
    expect(decode({ answers: [srv(owner, 0, 0, 88, "kdc", 0x80000000)] }).answers[0]?.ttlSeconds).toBe(0);
    expect(decode({ answers: [srv(owner, 0, 0, 88, "kdc", 0x7fffffff)] }).answers[0]?.ttlSeconds).toBe(0x7fffffff);
  });

  it("N13: has no two names with one text", () => {
    const odd = join(Uint8Array.of(3, 0x61, 0x2e, 0x62, 2, 0x00, 0x5c), Uint8Array.of(0));
    expect(readName(new Reader(odd))).toBe("a\\046b.\\000\\092");
    expect(isHostName("a\\046b")).toBe(false);
  });

  it("is a DnsResponse or a DecodeError, whatever the octets, and at once", () => {
    const good = response(question, {
      answers: [srv(owner, 0, 0, 88, "kdc.example.org"), soa("example.org", 1, 1)],
    });
    const started = performance.now();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(good.length),
        (changes, end) => {
          const octets = good.slice(0, end);
          for (const [at, value] of changes) if (at < octets.length) octets[at] = value;
          try {
            decodeResponse(octets, query);
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
          }
        },
      ),
      { numRuns: 3000 },
    );
    // The longest message, of records whose names are chains of pointers.
    const writer = new Writer(65_535).bytes(response(question, { counts: [5000, 0, 0] }));
    while (writer.length < 65_000) writer.bytes(pointer(writer.length - 2));
    expect(() => decodeResponse(writer.finish(), query)).toThrow(DecodeError);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("host names", () => {
  it("N13: are letters, digits, hyphens and underscores between dots", () => {
    for (const text of ["kdc", "kdc-1.example.org", "a_b.c", "1.2"]) expect(isHostName(text)).toBe(true);
    for (const text of ["", ".", "-a", "a-", "a..b", "a b", "a/b", "a@b", "a:1", "[::1]", `${"a.".repeat(127)}a`]) {
      expect(isHostName(text)).toBe(false);
    }
  });
});
