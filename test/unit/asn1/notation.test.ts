import { describe, expect, expectTypeOf, it } from "vitest";
import { createModule, type Decoded, type Encodable, MORE_WORDS } from "../../../src/asn1/index.ts";
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";

const TYPES = {
  Name: "SEQUENCE OF KerberosString",
  Inner: { id: "[0] Int32", when: "[1] KerberosTime OPTIONAL" },
  Outer: {
    version: "[0] INTEGER (5)",
    kind: "[1] INTEGER (APPLICATION)",
    isSet: "[2] BOOLEAN",
    names: "[3] SEQUENCE OF Name OPTIONAL",
    inner: "[4] WITH OCTETS Inner",
    flags: "[30] KerberosFlags OPTIONAL",
  },
  Message: "[APPLICATION 7] Outer",
} as const;

const types = createModule(TYPES);
const octets = decodeHex(
  "6727 3025 a003020105 a103020107 a2030101ff a30b 3009 3007 1b0161 1b00 1b00 a407 3005 a003020102",
);
const message = { version: 5, kind: 7, isSet: true, names: [["a", "", ""]], inner: { id: 2 } };

describe("a type declared in notation", () => {
  it("has the TypeScript type that its words say", () => {
    expectTypeOf<Decoded<typeof TYPES, "Name">>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Decoded<typeof TYPES, "Inner">>().toEqualTypeOf<{ readonly id: number; readonly when?: Date }>();
    expectTypeOf<Decoded<typeof TYPES, "Message">["isSet"]>().toEqualTypeOf<boolean>();
    expectTypeOf<Decoded<typeof TYPES, "Message">["names"]>().toEqualTypeOf<
      readonly (readonly string[])[] | undefined
    >();
    expectTypeOf<Decoded<typeof TYPES, "Message">["inner"]["octets"]>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<{ octets: Uint8Array }>().toExtend<Encodable<typeof TYPES, "Outer">["inner"]>();
    expectTypeOf<{ id: number; when: undefined }>().toExtend<Encodable<typeof TYPES, "Inner">>();
    expectTypeOf<{ id: string }>().not.toExtend<Encodable<typeof TYPES, "Inner">>();
  });

  it("is read and written", () => {
    const value = types.decode("Message", octets);
    expect(value).toEqual(message);
    expect(types.encode("Message", message)).toEqual(octets);
  });

  it("leaves out optional fields that are absent or undefined", () => {
    const bare = { version: 5, kind: 7, isSet: false, inner: { id: -1 } };
    const written = types.encode("Message", bare);
    expect(types.encode("Message", { ...bare, names: undefined, flags: undefined })).toEqual(written);
    expect(Object.keys(types.decode("Message", written))).toEqual(["version", "kind", "isSet", "inner"]);
  });

  it("WITH OCTETS keeps what was received, extensions included, and writes it back", () => {
    // An unknown [2] NULL after the fields of Inner.
    const received = decodeHex("3009 a003020102 a2020500");
    const around = decodeHex(`671e 301c a003020105 a103020107 a2030101ff a40b ${encodeHex(received)}`);
    const { inner } = types.decode("Message", around);
    expect(inner).toEqual({ id: 2 });
    expect(encodeHex(inner.octets)).toBe(encodeHex(received));
    const again = types.encode("Message", types.decode("Message", around));
    expect(encodeHex(again)).toBe(encodeHex(around));
    expect(encodeHex(types.encode("Message", { ...message, inner: { octets: received } }))).toContain(
      encodeHex(received),
    );
  });

  it("a copy of a value WITH OCTETS is written from its fields, and JSON does not show the octets", () => {
    const { inner } = types.decode("Message", octets);
    const changed = types.decode("Message", types.encode("Message", { ...message, inner: { ...inner, id: 9 } }));
    expect(changed.inner.id).toBe(9);
    expect(JSON.stringify(inner)).toBe('{"id":2}');
  });

  it("msg-type is that of the innermost APPLICATION tag around it, also after a nested one", () => {
    const nested = createModule({
      Inside: "[APPLICATION 1] InsideFields",
      InsideFields: { kind: "[0] INTEGER (APPLICATION)" },
      Whole: "[APPLICATION 2] WholeFields",
      WholeFields: { before: "[0] INTEGER (APPLICATION)", inside: "[1] Inside", after: "[2] INTEGER (APPLICATION)" },
    } as const);
    const value = { before: 2, inside: { kind: 1 }, after: 2 };
    expect(nested.decode("Whole", nested.encode("Whole", value))).toEqual(value);
    expect(() => nested.encode("Whole", { ...value, after: 1 })).toThrow("Whole.after: 1 where only 2 is right");
  });

  it("names the field of a value that its type does not allow: the caller's mistake", () => {
    const cases: [unknown, new (...args: never[]) => Error, string][] = [
      [{ ...message, version: 4 }, RangeError, "Message.version: 4 where only 5 is right"],
      [{ ...message, kind: 8 }, RangeError, "Message.kind: 8 where only 7 is right"],
      [{ ...message, isSet: 1 }, TypeError, "Message.is-set: expected a boolean"],
      [{ ...message, isSet: undefined }, TypeError, "Message.is-set: the field is missing"],
      [{ ...message, names: "a" }, TypeError, "Message.names: expected an array"],
      [{ ...message, names: [["a"], ["b", 3]] }, TypeError, "Message.names[1][1]: expected a string"],
      [{ ...message, inner: { id: 1.5 } }, RangeError, "Message.inner.id: 1.5 is not an integer in the range of Int32"],
      [{ ...message, inner: { id: 2 ** 31 } }, RangeError, "Message.inner.id: 2147483648 is not an integer"],
      [{ ...message, inner: { id: Number.NaN } }, RangeError, "Message.inner.id: NaN is not an integer"],
      [{ ...message, inner: { id: "1" } }, RangeError, "Message.inner.id: 1 is not an integer"],
      [{ ...message, inner: undefined }, TypeError, "Message.inner: the field is missing"],
      [{ ...message, inner: null }, TypeError, "Message.inner: expected an object"],
      [{ ...message, inner: { id: 1, when: "now" } }, TypeError, "Message.inner.when: expected a Date"],
      [
        { ...message, inner: { id: 1, when: new Date(Number.NaN) } },
        RangeError,
        "Message.inner.when: a Date whose year",
      ],
      [{ ...message, flags: -1 }, RangeError, "Message.flags: -1 is not an unsigned number of 32 bits"],
      [{ ...message, flags: 2 ** 32 }, RangeError, "Message.flags: 4294967296 is not an unsigned number"],
      [null, TypeError, "Message: expected an object"],
    ];
    for (const [value, type, text] of cases) {
      let thrown: unknown;
      try {
        types.encode("Message", value as never);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(type);
      expect((thrown as Error).message).toContain(text);
    }
    expect(() => types.decode("Message", "67" as never)).toThrow(TypeError);
  });

  it("a module with a mistake in it says so at the first use", () => {
    const broken = (definition: string | Record<string, string>) => () =>
      createModule({ T: definition } as never, MORE_WORDS).encode("T" as never, {} as never);
    expect(broken("Int23")).toThrow("Int23 is not defined");
    expect(broken({ a: "[0] Int23" })).toThrow("Int23 is not defined");
    expect(broken({ a: "[x] Int32" })).toThrow("[x] Int32 is not defined");
    expect(broken({ a: "[1] Int32", b: "[0] Int32" })).toThrow("b: tag out of order");
    expect(broken({ a: "[1] Int32", b: "[1] Int32" })).toThrow("b: tag out of order");
    expect(broken({ a: "[31] Int32" })).toThrow("[31]: a tag number above 30");
  });
});
