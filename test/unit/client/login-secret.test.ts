// The secret of a login, its mechanisms, and a proof that goes out before it is asked for: each by itself.

import { describe, expect, it } from "vitest";
import { type AsExchangeOptions, usableMechanisms } from "../../../src/client/as/as-options.ts";
import type { EarlierLogin, EarlierProof, LoginRecord } from "../../../src/client/as/earlier-logins.ts";
import { knownHint, LoginSecret, provableOf } from "../../../src/client/as/login-secret.ts";
import { firstProof, mayProve } from "../../../src/client/as/unasked-proof.ts";
import { keytabSecret, passwordSecret, type Secret } from "../../../src/client/index.ts";
import { Keytab } from "../../../src/credentials/index.ts";
import { PreauthError } from "../../../src/errors.ts";
import { parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { encryptedChallenge, encTimestamp, type KeyHint, spake } from "../../../src/preauth/index.ts";
import { encTypes } from "./harness.ts";

const REALM = "TEST.EXAMPLE";
const alice = parsePrincipal(`alice@${REALM}`);
const tgs = tgsPrincipal(REALM);
const NOW = Date.UTC(2026, 5, 1, 12);
const refused = new PreauthError("PREAUTH", "refused a moment ago");
const other = new PreauthError("PREAUTH", "another key");

const optionsOf = (change: Partial<AsExchangeOptions> = {}): AsExchangeOptions => ({
  client: alice,
  service: tgs,
  secret: passwordSecret(alice, "secret"),
  encTypes,
  trace: () => {},
  now: Date.now,
  skewMs: 300_000,
  preauth: [encTimestamp],
  ...change,
});
const keysOf = (...etypes: number[]) =>
  new Keytab(
    etypes.map((etype) => ({
      principal: alice,
      timestamp: new Date(0),
      kvno: 1,
      keyBlock: { etype, octets: new Uint8Array(etype === 17 ? 16 : 32).fill(etype) },
    })),
  );
const count = (number: number): Uint8Array => Uint8Array.of(0, 0, number >> 8, number & 0xff);

describe("the mechanisms of a login", () => {
  const types = (change: Parameters<typeof usableMechanisms>[0]) => usableMechanisms(change).map(({ type }) => type);
  const preauth = [spake(), encTimestamp, encryptedChallenge];
  const [S, T, C] = preauth.map(({ type }) => type) as [number, number, number];

  it.each<[string, object, number[]]>([
    ["all, best first", {}, [S, T, C]],
    ["without one that is disabled", { disabledPreauth: [T] }, [S, C]],
    ["those first that are preferred, once each", { preferredPreauth: [C, T, 99, C] }, [C, T, S]],
    ["none that is preferred and disabled", { preferredPreauth: [T], disabledPreauth: [T] }, [S, C]],
    ["P5: the one that was proven by", { given: { mechanism: T } }, [T]],
    ["P5: none where that is not there", { given: { mechanism: 99 } }, []],
    ["none that proves no certificate", { secret: { kind: "certificate" } }, []],
    ["as for a password, of a keytab", { secret: { kind: "keytab" } }, [S, T, C]],
  ])("are %s", (_, change, wanted) => {
    expect(types({ preauth, ...change } as never)).toEqual(wanted);
  });
});

describe("the secret of a login", () => {
  const ask = { password: async () => "secret" } as never;
  const secretOf = (change: Partial<AsExchangeOptions> = {}) => new LoginSecret(optionsOf(change), ask);
  const hint: KeyHint = { etype: 18, salt: "a", s2kparams: count(4096) };
  const rejected = { hint, error: refused, other };

  it.each<[string, KeyHint, Error]>([
    ["the same", hint, refused],
    ["the same with the default count", { etype: 18, salt: "a" }, refused],
    ["another salt", { ...hint, salt: "b" }, other],
    ["the default salt", { etype: 18 }, other],
    ["another count", { ...hint, s2kparams: count(4097) }, other],
    ["another enctype", { ...hint, etype: 17 }, other],
  ])("P11: that was refused a moment ago is not proven again: %s", async (_, now, wanted) => {
    await expect(secretOf({ refused: rejected }).key(now)).rejects.toBe(wanted);
  });

  it("P11: of a keytab is the same key whatever salt is named", async () => {
    const secret = keytabSecret(alice, keysOf(18, 17));
    const key = (now: KeyHint) => secretOf({ secret, refused: rejected }).key(now);
    await expect(key({ etype: 18, salt: "z" })).rejects.toBe(refused);
    await expect(key({ etype: 17 })).rejects.toBe(other);
  });

  it("DT3: proves the key once more that it proved, and no other", async () => {
    const given = { mechanism: 2, hint, isRepeatable: true, unasked: undefined };
    const at = (now: KeyHint, change: object = {}) => secretOf({ given: { ...given, ...change } }).key(now);
    await expect(at(hint)).resolves.toBeDefined();
    await expect(at({ ...hint, salt: "b" })).rejects.toMatchObject({
      code: "PREAUTH",
      realm: REALM,
      message: expect.stringContaining(
        "names another salt, enctype or count for it now: nothing is proven a second time",
      ),
    });
    await expect(at({ ...hint, salt: "b" }, { hint: undefined })).resolves.toBeDefined();
  });

  it("opens a reply whatever was refused or proven: that tells the KDC nothing", async () => {
    const weak = { etype: 17, salt: "b" };
    const secret = secretOf({ refused: rejected, floor: hint, given: { mechanism: 2, hint } as never });
    secret.isAnswered = true;
    await expect(secret.key(weak)).resolves.toBeDefined();
    await expect(secretOf({ floor: hint }).key(weak)).rejects.toMatchObject({ code: "PREAUTH" });
  });

  it("asks for what it has keys of, and says what is missing", () => {
    expect(secretOf().requested).toEqual([18, 17]);
    expect(secretOf({ requested: [17, 23, 18] }).requested).toEqual([17, 18]);
    expect(() => secretOf({ requested: [19] })).toThrow(
      expect.objectContaining({
        code: "KEYTAB_NO_KEY",
        message: `alice@${REALM} has no key of the enctypes that were asked for (aes128-cts-hmac-sha256-128): add such a key, or ask for others`,
      }),
    );
    const none = { ...keytabSecret(alice, keysOf(18)), etypes: () => [] } as Secret;
    expect(() => secretOf({ secret: none })).toThrow(/^the keytab has no key of a permitted enctype for alice@/);
  });

  it("RFC 4120 5.4.1: offers for the session what is built in, where its own key is of none of that", () => {
    const rare = { ...keytabSecret(alice, keysOf(18)), etypes: () => [99] } as Secret;
    const secret = secretOf({ secret: rare });
    expect([secret.requested, secret.offered]).toEqual([[99], [99, 18, 17]]);
    const usual = secretOf({ requested: [17] });
    expect(usual.offered).toEqual([17]);
    expect(secretOf({ secret: { ...rare, etypes: () => [99, 17] } as Secret }).offered).toEqual([99, 17]);
  });

  it("P4, P18: has a hint before any contact where it is a keytab's, or a password's whose salt is known", () => {
    expect(secretOf().hint).toBeUndefined();
    expect(secretOf({ secret: keytabSecret(alice, keysOf(17)) }).hint).toEqual({ etype: 17 });
    const known = (secret: Secret) => knownHint(optionsOf({ secret }));
    expect(known(passwordSecret(alice, "secret"))).toBeUndefined();
    expect(known(passwordSecret(alice, "secret", { salt: "" }))).toEqual({ etype: 18, salt: "" });
    expect(known(keytabSecret(alice, keysOf(17)))).toEqual({ etype: 17 });
    expect(known({ ...passwordSecret(alice, "x", { salt: "s" }), kind: "certificate" } as Secret)).toBeUndefined();
    expect(known({ ...passwordSecret(alice, "x", { salt: "s" }), etypes: () => [] } as Secret)).toBeUndefined();
    expect(provableOf(optionsOf({ requested: [] }))).toEqual([]);
  });

  it("is reported with how its key is made, as far as there is a salt and a count", () => {
    const report = (hint_: KeyHint | undefined, change: Partial<AsExchangeOptions> = {}): unknown => {
      let event: unknown;
      const trace = (step: unknown): void => {
        event = step;
      };
      secretOf(change).report(trace, "M", hint_, alice);
      return event;
    };
    const base = { type: "preauth-chosen", mechanism: "M" };
    expect(report(undefined)).toEqual(base);
    const aes = { ...base, etype: "aes256-cts-hmac-sha1-96" };
    expect(report({ etype: 18 })).toEqual({ ...aes, salt: `${REALM}alice` });
    expect(report({ etype: 18, salt: "", s2kparams: count(7) })).toEqual({ ...aes, salt: "", iterations: 7 });
    expect(report({ etype: 18, salt: "s" }, { secret: keytabSecret(alice, keysOf(18)) })).toEqual({ ...aes, salt: "" });
  });
});

describe("a proof that goes out before it is asked for", () => {
  const proof: EarlierProof = { mechanism: 2, hint: { etype: 18 }, clockOffsetMs: 0, askedAtMs: NOW };
  const WEEK = 7 * 86_400_000;

  it("P19: counts for a week after the KDC was asked, whichever way the clock went; one that needs no asking for ever", () => {
    const may = (ms: number, one: EarlierProof = proof) => mayProve(one, optionsOf({ now: () => NOW + ms }));
    expect([0, WEEK - 1, WEEK, 1 - WEEK, -WEEK].map((ms) => may(ms))).toEqual([true, true, false, true, false]);
    const { askedAtMs: _, ...timeless } = proof;
    expect(may(100 * WEEK, timeless)).toBe(true);
  });

  it("DT3: is that of the first half of the login, whatever the record says", () => {
    const record = (login?: EarlierLogin): LoginRecord => ({ login, keep: () => true });
    const given = {
      mechanism: 2,
      hint: { etype: 17 },
      isRepeatable: true,
      unasked: { clockOffsetMs: 5, askedAtMs: 7 },
    };
    const login = { proof: undefined, floor: undefined };
    expect(firstProof(optionsOf({ given }), record(login))).toEqual({
      mechanism: 2,
      hint: { etype: 17 },
      clockOffsetMs: 5,
      askedAtMs: 7,
    });
    expect(firstProof(optionsOf({ given: { ...given, hint: undefined } }), record())).toBeUndefined();
    expect(firstProof(optionsOf({ given: { ...given, unasked: undefined } }), record())).toBeUndefined();
  });
});
