import { describe, expect, it } from "vitest";
import { decodeText } from "../../../src/bytes/index.ts";
import { type ErrorCode, KdcError, kdcErrorOf } from "../../../src/errors.ts";
import { KRB_ERROR } from "../../../src/iana/index.ts";
import {
  CERTIFICATE_REFUSALS,
  type KrbError,
  krbErrorDetails,
  krbErrorToError,
  registeredNames,
} from "../../../src/krb5/index.ts";
import { ALICE, HOST } from "./world.ts";

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

const kdcError = (...from: Parameters<typeof krbErrorToError>) => kdcErrorOf(krbErrorToError(...from)) as KdcError;

const names = registeredNames();
const context = { client: ALICE, service: HOST, names };

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
    ["KDC_ERR_ETYPE_NOSUPP", "ETYPE_NOT_PERMITTED", /no key of the service host.*new keys \(AES\)/],
    ["KRB_AP_ERR_SKEW", "CLOCK_SKEW", /the KDC has 2026-06-01T12:00:00\.345Z/],
    ["KRB_AP_ERR_TKT_EXPIRED", "TICKET_EXPIRED", /log in again/],
    ["KDC_ERR_POLICY", "KDC", /policy/],
    [
      "KRB_ERR_GENERIC",
      "KDC",
      /the KDC of EXAMPLE\.TEST refused the request: look at its log, and at `code` \(KRB_ERR_GENERIC\)/,
    ],
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

  // What Samba 4.17 sends: METHOD-DATA of PA-ETYPE-INFO2 and PA-DATA of type 3, an NTSTATUS, zero and flags.
  const fromSamba = (status: string) =>
    fromHex(
      `3045302ca103020113a22504233021301fa003020112a1101b0e41442e5445535465787069726564a206040400001000` +
        `3015a103020103a20e040c${status}0000000001000000`,
    );
  // What Windows sends: KERB-ERROR-DATA, by itself (MS-KILE section 2.2.1).
  const fromWindows = (status: string) => fromHex(`3015a103020103a20e040c${status}0000000001000000`);
  it.each<[string, keyof typeof KRB_ERROR, ErrorCode, RegExp]>([
    ["720000c0", "KDC_ERR_CLIENT_REVOKED", "CLIENT_DISABLED", /alice@EXAMPLE\.TEST is disabled: .*0xc0000072/],
    ["930100c0", "KDC_ERR_CLIENT_REVOKED", "CLIENT_EXPIRED", /alice@EXAMPLE\.TEST has expired: .*0xc0000193/],
    ["6f0000c0", "KDC_ERR_CLIENT_REVOKED", "CLIENT_HOURS", /logon hours .*0xc000006f/],
    ["340200c0", "KDC_ERR_CLIENT_REVOKED", "CLIENT_LOCKED", /locked after wrong passwords: .*0xc0000234/],
    ["240200c0", "KDC_ERR_KEY_EXPIRED", "PASSWORD_MUST_CHANGE", /must change the password first: .*0xc0000224/],
    [
      "710000c0",
      "KDC_ERR_KEY_EXPIRED",
      "PASSWORD_EXPIRED",
      /password of alice@EXAMPLE\.TEST has expired: .*0xc0000071/,
    ],
    // Not known here: the KRB-ERROR's own meaning, and the number.
    ["700000c0", "KDC_ERR_POLICY", "KDC", /policy does not allow .*0xc0000070/],
  ])("Active Directory's NTSTATUS %s with %s is %s", (status, name, code, words) => {
    for (const eData of [fromSamba(status), fromWindows(status)]) {
      const error = krbErrorToError(krbError({ errorCode: KRB_ERROR[name], eData }), context);
      expect(error.code).toBe(code);
      expect(error.message).toMatch(words);
      expect(kdcErrorOf(error)?.ntStatus).toBe(Number.parseInt(/0x(\w+)/.exec(error.message)?.[1] ?? "", 16));
    }
  });

  it("an NTSTATUS says nothing beside a refused proof, and nothing is read from other e-data", () => {
    const refused = krbErrorToError(krbError({ errorCode: 24, eData: fromSamba("340200c0") }), context);
    expect(refused.code).toBe("PREAUTH");
    for (const eData of [
      "",
      "00",
      "3000",
      "3015a103020113a20e040c720000c00000000001000000",
      "300fa103020103a208040672000000c000",
    ]) {
      const error = krbErrorToError(krbError({ errorCode: 18, eData: fromHex(eData) }), context);
      expect([error.code, kdcErrorOf(error)?.ntStatus]).toEqual(["CLIENT_LOCKED", undefined]);
    }
  });

  it("says who lacks which keys: the client, a service, or a trust", () => {
    const about = (more: Parameters<typeof krbErrorToError>[1]) =>
      krbErrorToError(krbError({ errorCode: KRB_ERROR.KDC_ERR_ETYPE_NOSUPP }), {
        ...context,
        requested: [18],
        ...more,
      });
    const ours = "of an enctype that is permitted here (aes256-cts-hmac-sha1-96): ";
    expect(about({ isLogin: true }).message).toContain(`no key of alice@EXAMPLE.TEST ${ours}set a new password`);
    expect(about({}).message).toContain(
      `no key of the service host/server.example.org@EXAMPLE.TEST ${ours}give it new keys`,
    );
    const trust = { ...HOST, components: ["krbtgt", "OTHER.TEST"] };
    expect(about({ service: trust }).message).toContain(
      `no key of krbtgt/OTHER.TEST@EXAMPLE.TEST ${ours}give the trust`,
    );
  });

  it("a service's name that is not known as a client is one of Active Directory, perhaps", () => {
    const unknown = krbError({ errorCode: KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN });
    expect(krbErrorToError(unknown, { client: HOST, names }).message).toMatch(
      /does not know host\/server\.example\.org@EXAMPLE\.TEST: .*cannot log in: use the account of the keytab/,
    );
    expect(krbErrorToError(unknown, context).message).not.toContain("account of the keytab");
  });

  it("what a KRB-ERROR does not say is not made up: no text, no NTSTATUS", () => {
    const words = (change: Partial<KrbError>) => krbErrorToError(krbError(change), context).message;
    const refused = "the KDC of EXAMPLE.TEST refused the request: look at its log, and at `code`";
    expect(words({})).toBe(`${refused} (KRB_ERR_GENERIC)`);
    expect(words({ eText: "" })).toBe(`${refused} (KRB_ERR_GENERIC)`);
    expect(words({ eText: "\0\0" })).toBe(`${refused} (KRB_ERR_GENERIC)`);
    expect(words({ eText: "no such host" })).toBe(`${refused} (KRB_ERR_GENERIC: no such host)`);
    const [none, text] = [krbErrorDetails(krbError({})), krbErrorDetails(krbError({ eText: "" }))];
    expect(none).not.toHaveProperty("text");
    expect(none).not.toHaveProperty("ntStatus");
    expect(text).toHaveProperty("text", "");
    const eData = fromSamba("720000c0");
    expect(words({ errorCode: 18, eData, eText: "disabled" })).toMatch(
      /\(KDC_ERR_CLIENT_REVOKED, NTSTATUS 0xc0000072: disabled\)$/,
    );
  });

  it("names the client and the service, or says which is meant where it does not know them", () => {
    const unknown = krbError({ errorCode: KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN });
    expect(krbErrorToError(unknown, { names }).message).toContain("does not know the client: check");
    const service = krbError({ errorCode: KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN });
    expect(krbErrorToError(service, { names }).message).toContain("does not know the service: check");
    expect(kdcError(service)).not.toHaveProperty("principal");
    expect(kdcError(service)).not.toHaveProperty("service");
  });

  it("without names the code of the error is the same, and the words are the number's", () => {
    for (const errorCode of [1, 6, 7, 12, 18, 23, 24, 32, 37, 68]) {
      for (const from of ["kdc", "service"] as const) {
        const [named, numbered] = [context, { client: ALICE, service: HOST }].map((one) =>
          krbErrorToError(krbError({ errorCode }), { ...one, from }),
        );
        expect(numbered).toMatchObject({ code: named?.code, name: named?.name });
        const words = from === "kdc" ? "the KDC of EXAMPLE.TEST refused the request" : /^host.* refused the ticket/;
        expect(numbered?.message).toMatch(words);
        expect(numbered?.message).toMatch(new RegExp(`\\(KRB_ERR_${errorCode}\\)$`));
      }
    }
  });

  it("a client of one or three components is not taken for a service's name", () => {
    const unknown = krbError({ errorCode: KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN });
    for (const components of [["host"], ["host", "a", "b"]]) {
      expect(krbErrorToError(unknown, { client: { ...HOST, components }, names }).message).not.toContain("an SPN");
    }
  });

  it("a key that a KDC lacks is the trust's only for a ticket-granting service of another realm", () => {
    const about = (components: readonly string[]) =>
      krbErrorToError(krbError({ errorCode: KRB_ERROR.KDC_ERR_ETYPE_NOSUPP }), {
        service: { ...HOST, components },
      }).message;
    expect(about(["krbtgt", "OTHER.TEST"])).toContain("give the trust");
    expect(about(["krbtgt", "EXAMPLE.TEST"])).not.toContain("give the trust");
    expect(about(["host", "OTHER.TEST"])).not.toContain("give the trust");
  });

  it("a wrong realm is named", () => {
    const error = krbErrorToError(
      krbError({ errorCode: KRB_ERROR.KDC_ERR_WRONG_REALM, crealm: "ELSEWHERE.TEST" }),
      context,
    );
    expect(error.code).toBe("WRONG_REALM");
    expect(error.message).toContain("ELSEWHERE.TEST");
    const silent = krbErrorToError(krbError({ errorCode: KRB_ERROR.KDC_ERR_WRONG_REALM }), context);
    expect(silent.message).toContain("the KDC says: none");
  });

  it("what a KDC says of a certificate is told to a login that has one, and to no other", () => {
    const error = krbError({ errorCode: KRB_ERROR.KDC_ERR_REVOKED_CERTIFICATE });
    const withOne = krbErrorToError(error, { ...context, refusals: CERTIFICATE_REFUSALS });
    expect(withOne).toMatchObject({ code: "CERTIFICATE", reason: "rejected" });
    expect(withOne.message).toMatch(/^the certificate of alice@EXAMPLE\.TEST was revoked: get a new one/);
    expect(kdcErrorOf(withOne)).toMatchObject({ errorCode: 72 });
    expect(krbErrorToError(error, context)).toMatchObject({ code: "KDC", errorCode: 72 });
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
    const error = krbErrorToError(krbError({ errorCode: 7, realm: "<unspecified realm>" }), {
      realm: "HEIM.TEST",
      names,
    });
    expect(error.message).toContain("the KDC of HEIM.TEST does not know");
    const empty = krbErrorToError(krbError({ errorCode: 7, realm: "" }), { realm: "HEIM.TEST", names });
    expect(empty.message).toContain("the KDC of HEIM.TEST does not know");
    expect(krbErrorToError(krbError({ errorCode: 7, realm: "A.TEST" }), { realm: "B.TEST" }).message).toContain(
      "A.TEST",
    );
  });
});
