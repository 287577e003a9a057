// The embedded realm's pre-authentication against MIT's kinit: FAST, encrypted challenge, SPAKE, one-time passwords.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { PreauthName, TestRealmOptions } from "../../src/entry/testing.ts";
import { describeLive, useBed } from "../support/live.ts";
import { type Desk, openDesk, type Ran, using } from "../support/realm-desk.ts";

const SPAKE_GROUPS = { edwards25519: 1, "P-256": 2, "P-384": 3, "P-521": 4 } as const;

/** A realm that has these, and clients with every group of SPAKE. */
function open(preauth: readonly PreauthName[], options: Partial<TestRealmOptions> = {}): Promise<Desk> {
  const groups = `spake_preauth_groups = ${Object.keys(SPAKE_GROUPS).join(" ")}`;
  return openDesk("mit", { preauth, ...options }, "tcp", [groups]);
}

/** The cache of a host, for `-T`. */
async function armorOf(desk: Desk): Promise<string> {
  const keytab = desk.newCache().file("robot.keytab", desk.realm.keytab("robot"));
  await desk.must("kinit", ["-k", "-t", keytab, "robot"]);
  const armor = `FILE:${desk.cacheFile()}`;
  desk.newCache();
  return armor;
}

async function traced(desk: Desk, password: string, args: string[], client: string): Promise<Ran> {
  const trace = `${desk.cacheFile()}.trace`;
  const { status, text } = await desk.kinit(password, args, client, { KRB5_TRACE: trace });
  return { status, text: `${text}\n${readFileSync(trace, "utf8")}` };
}

describeLive(["mit", "mit-logins"], "the embedded realm and MIT's kinit -T", () => {
  const desk = useBed(() => open(["encrypted-timestamp", "fast", "encrypted-challenge"]));

  it("takes a password by encrypted challenge, and a service ticket by FAST", async () => {
    const armor = await armorOf(desk());
    const { status, text } = await traced(desk(), "secret", ["-T", armor], "alice");
    expect(status, text).toBe(0);
    expect(text).toMatch(/FAST negotiation: available/);
    expect(text).toMatch(/encrypted_challenge \(138\) \(real\) returned: 0/);
    await desk().must("kvno", ["host/localhost"]);
  });

  it("refuses a wrong password, inside FAST", async () => {
    const armor = await armorOf(desk());
    const { status, text } = await traced(desk(), "wrong", ["-T", armor], "alice");
    expect(status).not.toBe(0);
    expect(text).toMatch(/Password incorrect/);
  });

  it("lets in a principal that requires FAST with an armor only", async () => {
    await desk().realm.addPrincipal("fay", { password: "secret", requires: ["fast"] });
    const armor = await armorOf(desk());
    expect((await desk().kinit("secret", [], "fay")).status).not.toBe(0);
    const { status, text } = await traced(desk(), "secret", ["-T", armor], "fay");
    expect(status, text).toBe(0);
  });
});

describeLive(["mit", "mit-logins"], "the embedded realm and SPAKE of MIT's kinit", () => {
  for (const [name, number] of Object.entries(SPAKE_GROUPS)) {
    it.each([
      ["asked for", 0],
      ["optimistic", number],
    ])(`takes a password in ${name}, the challenge %s`, async (_, spakeChallenge) => {
      await using(open(["spake", "encrypted-timestamp"], { spakeGroups: [number], spakeChallenge }), async (one) => {
        const { status, text } = await traced(one, "secret", [], "alice");
        expect(status, text).toBe(0);
        expect(text).toMatch(/SPAKE response/);
        expect((await traced(one, "wrong", [], "alice")).text).toMatch(/Password incorrect/);
      });
    });
  }

  it("takes a password inside FAST, of a principal that requires both", async () => {
    const principals = { bea: { password: "secret", requires: ["fast", "spake"] as const } };
    const preauth = ["encrypted-timestamp", "fast", "encrypted-challenge", "spake"] as const;
    await using(open(preauth, { principals }), async (one) => {
      const armor = await armorOf(one);
      const { status, text } = await traced(one, "secret", ["-T", armor], "bea");
      expect(status, text).toBe(0);
      expect(text).toMatch(/SPAKE response/);
    });
  });
});

describeLive(["mit", "mit-logins"], "the embedded realm and one-time passwords of MIT's kinit", () => {
  const codes = ["111111", "222222"];
  const desk = useBed(() =>
    open(["encrypted-timestamp", "fast", "otp"], {
      principals: {
        carol: { requires: ["otp"], otp: { codes } },
        dave: { requires: ["otp"], otp: { codes, pin: "1234" } },
      },
    }),
  );

  it("takes a code once", async () => {
    const armor = await armorOf(desk());
    expect((await desk().kinit("999999", ["-T", armor], "carol")).status).not.toBe(0);
    const { status, text } = await traced(desk(), "111111", ["-T", armor], "carol");
    expect(status, text).toBe(0);
    expect((await desk().kinit("111111", ["-T", armor], "carol")).status).not.toBe(0);
  });

  it("takes a code with its PIN", async () => {
    const armor = await armorOf(desk());
    expect((await desk().kinit("111111\n9999", ["-T", armor], "dave")).status).not.toBe(0);
    const { status, text } = await traced(desk(), "111111\n1234", ["-T", armor], "dave");
    expect(status, text).toBe(0);
  });
});
