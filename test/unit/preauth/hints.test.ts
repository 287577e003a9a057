// What a KDC says of keys and mechanisms, and what a caller gives as mechanisms.

import { describe, expect, it } from "vitest";
import { decodeHex } from "../../../src/bytes/index.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { encodeMethodData, encodeTypedData, type KrbError } from "../../../src/krb5/index.ts";
import {
  checkMechanisms,
  encTimestamp,
  hintFor,
  longTermReplyKey,
  methodsOf,
  plainEnvelope,
} from "../../../src/preauth/index.ts";
import { pa } from "../../support/preauth-mechanisms.ts";
import { etypeInfo2, loginContext } from "./login-context.ts";

const krbError = (eData?: Uint8Array): KrbError => ({
  pvno: 5,
  msgType: 30,
  stime: new Date(0),
  susec: 0,
  errorCode: 25,
  realm: "R",
  sname: { nameType: 2, nameString: ["krbtgt", "R"] },
  ...(eData === undefined ? {} : { eData }),
});

describe("an error's list of mechanisms", () => {
  it("is METHOD-DATA or TYPED-DATA; an error without one offers nothing", () => {
    expect(methodsOf(krbError())).toEqual([]);
    expect(plainEnvelope.error(krbError()).methods()).toEqual([]);
    const list = [pa(2), pa(19, Uint8Array.of(1))];
    expect(methodsOf(krbError(encodeMethodData(list)))).toEqual(list);
    const typed = encodeTypedData([{ dataType: 2 }, { dataType: 19, dataValue: Uint8Array.of(1) }]);
    expect(methodsOf(krbError(typed))).toEqual(list);
  });

  it("that is neither is an error, with what did not decode as its cause", () => {
    for (const octets of ["", "30", "0400", "3003020101"]) {
      const read = (): unknown => methodsOf(krbError(decodeHex(octets)));
      expect(read).toThrow(
        expect.objectContaining({
          code: "PREAUTH",
          message: "the KDC's list of pre-authentication mechanisms does not decode: look at the KDC",
          cause: expect.objectContaining({ name: "DecodeError" }),
        }),
      );
    }
  });

  it("nothing in an error outside FAST is trusted", () => {
    expect(plainEnvelope.error(krbError()).isTrusted).toBe(false);
  });
});

describe("the hint for a long-term key", () => {
  const login = loginContext();

  it("P2: is the KDC's entry for the first of our enctypes that it has, whatever its order", () => {
    expect(hintFor("PA-X", login, [etypeInfo2({ etype: 17, salt: "a" }, { etype: 18, salt: "b" })])).toMatchObject({
      etype: 18,
      salt: "b",
    });
    expect(hintFor("PA-X", login, [etypeInfo2({ etype: 23 }, { etype: 17 })])).toMatchObject({ etype: 17 });
  });

  it("P20: is the first of several that the KDC gives, in one list or in two", () => {
    const list = etypeInfo2({ etype: 18, salt: "first" }, { etype: 18, salt: "second" });
    expect(hintFor("PA-X", login, [list])).toMatchObject({ salt: "first" });
    const two = [etypeInfo2({ etype: 18, salt: "first" }), etypeInfo2({ etype: 18, salt: "second" })];
    expect(hintFor("PA-X", login, two)).toMatchObject({ salt: "first" });
  });

  it("is what the login knows where the KDC says nothing, and only there", () => {
    const hint = { etype: 17, salt: "own" };
    expect(hintFor("PA-X", loginContext({ hint }), [])).toBe(hint);
    expect(hintFor("PA-X", loginContext({ hint }), [etypeInfo2({ etype: 18, salt: "b" })])).toMatchObject({
      salt: "b",
    });
  });

  it("P4: that the KDC does not give, or gives for other enctypes, is an error that names ours", () => {
    const words = "of an enctype that is permitted here (aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96)";
    for (const offer of [[], [etypeInfo2({ etype: 23 })]]) {
      expect(() => hintFor("PA-X", login, offer)).toThrow(
        expect.objectContaining({ code: "ETYPE_NOT_PERMITTED", message: expect.stringContaining(words) }),
      );
    }
    expect(() => hintFor("PA-X", login, [pa(2)])).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ code: "PREAUTH", mechanism: "PA-X", offered: [2] }),
      }),
    );
  });

  it("P4: that does not decode is not passed over", () => {
    const hint = { etype: 18, salt: "own" };
    const broken = [pa(PADATA.etypeInfo2, Uint8Array.of(0x30))];
    expect(() => hintFor("PA-X", loginContext({ hint }), broken)).toThrow(/^the KDC's PA-ETYPE-INFO2 does not decode/);
  });

  it.each<[string, unknown[]]>([
    ["mechanism", [5, login, []]],
    ["mechanism", ["", login, []]],
    ["login", ["PA-X", {}, []]],
    ["offer", ["PA-X", login, {}]],
    ["offer", ["PA-X", login, [5]]],
  ])("of a wrong %s is the caller's mistake", (name, given) => {
    const call = (): unknown => hintFor(...(given as Parameters<typeof hintFor>));
    expect(call).toThrow(TypeError);
    expect(call).toThrow(name);
  });
});

describe("the long-term key as the key of a reply", () => {
  /** How the key was asked for. */
  async function asked(reply: object, hint?: Parameters<typeof longTermReplyKey>[2]): Promise<unknown> {
    let seen: unknown;
    const login = loginContext({
      longTermKey: async (given) => {
        seen = given;
        return undefined as never;
      },
    });
    await longTermReplyKey(login, { padata: [], etype: 18, requestOctets: new Uint8Array(1), ...reply } as never, hint);
    return seen;
  }

  it("is made as the reply says, else as it was proven, if that is of its enctype", async () => {
    const hint = { etype: 18, salt: "proven" };
    expect(await asked({ padata: [etypeInfo2({ etype: 18, salt: "said" })] }, hint)).toMatchObject({ salt: "said" });
    expect(await asked({}, hint)).toBe(hint);
    expect(await asked({}, { etype: 17, salt: "proven" })).toEqual({ etype: 18 });
    expect(await asked({})).toEqual({ etype: 18 });
  });

  it("is refused where the reply's hint is for other enctypes", async () => {
    await expect(asked({ padata: [etypeInfo2({ etype: 17 }, { etype: 23 })] })).rejects.toThrow(
      "the KDC's reply is of the enctype aes256-cts-hmac-sha1-96, and its PA-ETYPE-INFO2 only for aes128-cts-hmac-sha1-96, arcfour-hmac: update the KDC, which is broken",
    );
  });

  it.each<[string, unknown[]]>([
    ["login", [{}, { padata: [], etype: 18 }]],
    ["reply is a number", [loginContext(), 5]],
    ["reply is null", [loginContext(), null]],
    ["reply.etype", [loginContext(), { padata: [], etype: 1.5 }]],
    ["reply.etype", [loginContext(), { padata: [], etype: 2 ** 31 }]],
    ["reply.etype", [loginContext(), { padata: [], etype: -(2 ** 31) - 1 }]],
    ["reply.padata", [loginContext(), { padata: 5, etype: 18 }]],
    ["hint", [loginContext(), { padata: [], etype: 18 }, 5]],
  ])("of a wrong %s is the caller's mistake", async (name, given) => {
    const call = longTermReplyKey(...(given as Parameters<typeof longTermReplyKey>));
    await expect(call).rejects.toThrow(name);
  });
});

describe("the option preauth", () => {
  it("may be absent, empty, or a list of mechanisms", () => {
    for (const given of [undefined, [], [encTimestamp], [encTimestamp, { ...encTimestamp, type: 3 }]]) {
      expect(() => checkMechanisms(given)).not.toThrow();
    }
  });

  it.each<[string, unknown, RegExp]>([
    ["a mechanism that is not in a list", encTimestamp, /^preauth is not a list: give mechanisms/],
    ["nothing in the list", [null], /^preauth\[0\] is not a mechanism$/],
    ["an object that cannot begin", [{ type: 2, canAnswer: () => true }], /^preauth\[0\] is not a mechanism$/],
    ["an object that cannot answer", [{ type: 2, begin: () => {} }], /^preauth\[0\] is not a mechanism$/],
    ["a type that is not whole", [{ ...encTimestamp, type: 2.5 }], /^preauth\[0\] is not a mechanism$/],
    ["a function", [encTimestamp, () => encTimestamp], /^preauth\[1\] .*it is a function, which has to be called$/],
  ])("with %s is the caller's mistake", (_, given, words) => {
    expect(() => checkMechanisms(given as never)).toThrow(TypeError);
    expect(() => checkMechanisms(given as never)).toThrow(words);
  });

  it("with one of them twice is the caller's mistake", () => {
    const twice = [encTimestamp, { ...encTimestamp }];
    expect(() => checkMechanisms(twice)).toThrow(RangeError);
    expect(() => checkMechanisms(twice)).toThrow("preauth[1]: PA-ENC-TIMESTAMP is in the list already");
  });
});
