import { describe, expect, it } from "vitest";
import { decodeText } from "../../../src/bytes/index.ts";
import { type ErrorCode, KdcError, kdcErrorOf } from "../../../src/errors.ts";
import { KRB_ERROR } from "../../../src/iana/index.ts";
import { type KrbError, krbErrorToError } from "../../../src/krb5/index.ts";
import { ALICE, HOST } from "./world.ts";

const kdcError = (...from: Parameters<typeof krbErrorToError>) => kdcErrorOf(krbErrorToError(...from)) as KdcError;

const context = { client: ALICE, service: HOST };

function krbError(change: Partial<KrbError>): KrbError {
  return {
    pvno: 5,
    msgType: 30,
    stime: new Date("2026-06-01T12:00:00Z"),
    susec: 345_678,
    errorCode: 60,
    realm: "EXAMPLE.TEST",
    sname: { nameType: 2, nameString: ["krbtgt", "EXAMPLE.TEST"] },
    ...change,
  };
}

describe("a KRB-ERROR in words", () => {
  const fromKdc: [keyof typeof KRB_ERROR, ErrorCode, RegExp][] = [
    ["KDC_ERR_C_PRINCIPAL_UNKNOWN", "CLIENT_UNKNOWN", /does not know alice@EXAMPLE\.TEST: check/],
    ["KDC_ERR_S_PRINCIPAL_UNKNOWN", "SERVICE_UNKNOWN", /the service host\/server\.example\.org@EXAMPLE\.TEST: check/],
    ["KDC_ERR_NAME_EXP", "CLIENT_EXPIRED", /account alice@EXAMPLE\.TEST has expired/],
    ["KDC_ERR_CLIENT_REVOKED", "CLIENT_LOCKED", /locked or disabled/],
    [
      "KDC_ERR_KEY_EXPIRED",
      "PASSWORD_EXPIRED",
      /password of alice@EXAMPLE\.TEST has expired: set a new one with client\.changePassword\(newPassword\)/,
    ],
    ["KDC_ERR_PREAUTH_FAILED", "PREAUTH", /rejected the pre-authentication/],
    ["KDC_ERR_ETYPE_NOSUPP", "ETYPE_NOT_PERMITTED", /set new keys/],
    ["KRB_AP_ERR_SKEW", "CLOCK_SKEW", /the KDC has 2026-06-01T12:00:00\.345Z/],
    ["KRB_AP_ERR_TKT_EXPIRED", "TICKET_EXPIRED", /log in again/],
    ["KDC_ERR_POLICY", "KDC", /policy/],
    ["KRB_ERR_GENERIC", "KDC", /the KDC of EXAMPLE\.TEST refused the request \(KRB_ERR_GENERIC\)/],
    ["KRB_AP_ERR_MODIFIED", "KDC", /refused the request/],
  ];
  for (const [name, code, words] of fromKdc) {
    it(`${name} of a KDC is ${code}`, () => {
      const error = krbErrorToError(krbError({ errorCode: KRB_ERROR[name] }), context);
      expect(error.code).toBe(code);
      const own = kdcErrorOf(error);
      expect(own).toMatchObject({ errorCode: KRB_ERROR[name], errorName: name, realm: "EXAMPLE.TEST" });
      expect(own?.serverTime).toEqual(new Date("2026-06-01T12:00:00.345Z"));
      // Its own, or its cause: `code` tells the class.
      expect(own === error).toBe(error instanceof KdcError);
      expect(error.message).toMatch(words);
      expect(error.message).toContain(name);
    });
  }

  const fromService: [keyof typeof KRB_ERROR, ErrorCode][] = [
    ["KRB_AP_ERR_SKEW", "SERVER_CLOCK_SKEW"],
    ["KRB_AP_ERR_REPEAT", "REPLAY"],
    ["KRB_AP_ERR_TKT_EXPIRED", "TICKET_EXPIRED"],
    ["KRB_AP_ERR_BAD_INTEGRITY", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_MODIFIED", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_BADKEYVER", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_NOKEY", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_NOT_US", "SERVER_REJECTED_TICKET"],
    ["KRB_ERR_GENERIC", "SERVER_REJECTED_TICKET"],
  ];
  for (const [name, code] of fromService) {
    it(`${name} of a service is ${code}`, () => {
      const error = krbErrorToError(krbError({ errorCode: KRB_ERROR[name] }), { ...context, from: "service" });
      expect(error.code).toBe(code);
      expect(kdcErrorOf(error)).toMatchObject({ code: "KDC", errorName: name });
      if (code !== "TICKET_EXPIRED") expect(error.message).toContain("host/server.example.org@EXAMPLE.TEST");
    });
  }

  it("a wrong realm is named", () => {
    const error = krbErrorToError(
      krbError({ errorCode: KRB_ERROR.KDC_ERR_WRONG_REALM, crealm: "ELSEWHERE.TEST" }),
      context,
    );
    expect(error.code).toBe("WRONG_REALM");
    expect(error.message).toContain("ELSEWHERE.TEST");
  });

  it("a code that nobody has registered is kept", () => {
    for (const errorCode of [-5, 9999, 2 ** 31 - 1]) {
      expect(krbErrorToError(krbError({ errorCode }))).toMatchObject({
        code: "KDC",
        errorCode,
        errorName: `KRB_ERR_${errorCode}`,
      });
    }
    // Names of Object.prototype are no rows.
    expect(krbErrorToError(krbError({})).message).toContain("the KDC of EXAMPLE.TEST");
  });

  it("P1: text and names that come from the network move no terminal, and are not endless", () => {
    const hostile = "\u001b[2J\u0007\u202egnp";
    const error = kdcError(
      krbError({ eText: hostile + "x".repeat(100_000), realm: `R${hostile}`, errorCode: 68, crealm: hostile }),
      { client: { ...ALICE, realm: hostile }, service: { ...HOST, components: [hostile] } },
    );
    for (const text of [error.message, error.text ?? "", error.realm ?? "", JSON.stringify(error)]) {
      expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
      expect(text.length).toBeLessThan(2000);
    }
    const broken = kdcError(krbError({ eText: decodeText(Uint8Array.of(0x61, 0xff, 0x62)) }));
    expect(broken.text).toBe("a\ufffdb");
    expect(kdcError(krbError({ eText: "NEEDED_PREAUTH\0" })).text).toBe("NEEDED_PREAUTH");
    // One line: nobody adds another to a log.
    expect(kdcError(krbError({ eText: "one\n\ttwo" })).text).toBe("one two");
  });

  it("names the realm that was asked where the KDC names none, as Heimdal's in an error of the TGS", () => {
    const error = krbErrorToError(krbError({ errorCode: 7, realm: "<unspecified realm>" }), { realm: "HEIM.TEST" });
    expect(error.message).toContain("the KDC of HEIM.TEST does not know");
    expect(krbErrorToError(krbError({ errorCode: 7, realm: "A.TEST" }), { realm: "B.TEST" }).message).toContain(
      "A.TEST",
    );
  });
});
