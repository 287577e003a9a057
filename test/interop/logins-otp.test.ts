// One-time passwords (RFC 6560) inside FAST: MIT's KDC, which asks freeradius, and the embedded realm.

import { describe, expect, it } from "vitest";
import { openCache } from "../../src/entry/credentials.ts";
import {
  ccache,
  contentsOfLogin,
  createClient,
  createKerberos,
  interactive,
  keytab,
  type Prompts,
  password,
} from "../../src/entry/index.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { LOGIN_PASSWORDS, ONE_TIME_CODES, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

describeLive(["mit", "mit-logins", "freeradius"], "one-time passwords at an MIT KDC", () => {
  const bed = useBed(() => startMitLoginsBed({ radius: true }), 60_000);

  async function login(user: string, code: string, policy: "otp" | "all" = "otp", ask: Prompts = {}) {
    const { kdc } = await bed().kdcOf(policy);
    const asked: string[] = [];
    const prompts: Prompts = {
      otp: async ({ text }) => {
        asked.push(text);
        return code;
      },
      ...ask,
    };
    const armor = keytab(`robot@${bed().realm}`, bed().keytab.robot);
    // The armor's own login is at a KDC that takes keys.
    const armorKdc = (await bed().kdcOf("all")).kdc;
    const cache = `FILE:${bed().dir}/otp-armor`;
    const robot = await createKerberos({ kdc: armorKdc }).login(armor);
    await openCache(cache).initialize(contentsOfLogin(robot));
    const kerberos = createKerberos({ kdc, armor: ccache(cache), ask: prompts });
    const credentials = interactive(`${user}@${bed().realm}`);
    return { asked, cache, result: await kerberos.login(credentials).catch((error: unknown) => error) };
  }

  it("a code gets a ticket, and a wrong one is refused and sent once", async () => {
    const { asked, result } = await login("otpuser", ONE_TIME_CODES.otpuser);
    expect(result).toMatchObject({ preauthType: 141, isFastAvailable: true });
    expect(asked).toEqual(["Enter OTP Token Value"]);
    const before = bed().radius?.logs() ?? "";
    const wrong = await login("otpuser", "654321");
    expect(wrong.result).toMatchObject({ code: "OTP_REFUSED" });
    expect(wrong.asked).toHaveLength(1);
    const heard = (bed().radius?.logs() ?? "").slice(before.length);
    expect(heard.match(/Login incorrect/g)).toHaveLength(1);
  });

  describe.runIf(wholeTable)("the whole table", () => {
    it("a user without a password, and either token of one with two", async () => {
      expect((await login("otpnokey", ONE_TIME_CODES.otpnokey, "all")).result).toMatchObject({ preauthType: 141 });
      for (const code of [ONE_TIME_CODES.one, ONE_TIME_CODES.two]) {
        expect((await login("otptwo", code)).result).toMatchObject({ preauthType: 141 });
      }
    });

    it("where the KDC takes a password too, the password is asked for; with nobody to ask for it, the code", async () => {
      const ask: Prompts = { password: async () => LOGIN_PASSWORDS.otpuser };
      const both = await login("otpuser", ONE_TIME_CODES.otpuser, "all", ask);
      expect(both.result).toMatchObject({ preauthType: 151 });
      expect(both.asked).toEqual([]);
      const { result } = await login("otpuser", ONE_TIME_CODES.otpuser, "all");
      expect(result).toMatchObject({ preauthType: 141 });
    });

    it("kinit asks as MIT's does, and says the same of a wrong code", async () => {
      const { cache: armor } = await login("otpuser", ONE_TIME_CODES.otpuser);
      const { env } = await bed().kdcOf("otp");
      const args = ["kinit", "-T", armor, "-c", `FILE:${bed().dir}/otp-kinit`, "otpuser"];
      const ours = await runCli(args, { env, input: `${ONE_TIME_CODES.otpuser}\n` });
      expect(ours.status, ours.stderr).toBe(0);
      expect(ours.stdout).toContain("Enter OTP Token Value: ");
      const wrong = await runCli(args, { env, input: "654321\n" });
      expect(wrong.status).toBe(1);
      expect(wrong.stderr).toContain("Preauthentication failed while getting initial credentials");
    });
  });
});

describe("one-time passwords at the embedded realm", () => {
  it("a code with its PIN logs in; the same one is refused the second time, and an armor is needed", async () => {
    await using realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      preauth: ["encrypted-timestamp", "fast", "otp"],
      principals: {
        robot: { password: "robot" },
        dave: { requires: ["otp"], otp: { codes: ["111111"], pin: "1234" } },
        "host/localhost": {},
      },
    });
    const { dial, kdc } = realm;
    const armor = password("robot@TEST.EXAMPLE", "robot");
    const ask: Prompts = { otp: async () => "111111", pin: async () => "1234" };
    const common = { credentials: interactive("dave@TEST.EXAMPLE"), dial, kdc, ask };
    const client = createClient({ ...common, armor });
    expect((await client.getTicket("host/localhost")).client.components).toEqual(["dave"]);
    await expect(createClient({ ...common, armor }).getTicket("host/localhost")).rejects.toMatchObject({
      code: "OTP_REFUSED",
    });
    await expect(createClient(common).getTicket("host/localhost")).rejects.toMatchObject({
      code: "PREAUTH_UNSUPPORTED",
    });
  });

  it("a new PIN is shown, an expired one is named with its rules, and a token that has drifted is asked once more", async () => {
    await using realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      preauth: ["encrypted-timestamp", "fast", "otp"],
      principals: {
        robot: { password: "robot" },
        set: { requires: ["otp"], otp: { codes: ["111111", "222222"], pin: "1234", newPin: "987654" } },
        late: { requires: ["otp"], otp: { codes: ["111111"], pin: "1234", isPinExpired: true } },
        drift: { requires: ["otp"], otp: { codes: ["111111", "222222"], hasDrifted: true } },
      },
    });
    const login = async (user: string, codes: string[], more: Prompts = {}) => {
      const notices: unknown[] = [];
      const notes: string[] = [];
      const ask: Prompts = {
        otp: async () => codes.shift() ?? "none is left",
        pin: async () => "1234",
        pinNotice: async ({ client: _, ...notice }) => void notices.push(notice),
        ...more,
      };
      const kerberos = createKerberos({
        kdc: realm.kdc,
        dial: realm.dial,
        armor: password("robot@TEST.EXAMPLE", "robot"),
        ask,
        onTrace: (event) => notes.push(JSON.stringify(event)),
      });
      const result: unknown = await kerberos
        .login(interactive(`${user}@TEST.EXAMPLE`))
        .then(({ preauthType }) => preauthType)
        .catch((error: unknown) => error);
      return { result, notices, notes: notes.join("\n") };
    };
    const set = await login("set", ["111111"]);
    expect([set.result, set.notices]).toEqual([141, [{ newPin: "987654", isChangeNeeded: false }]]);
    expect(set.notes).not.toContain("987654");
    // It counts from now on.
    expect((await login("set", ["222222"])).result).toMatchObject({ code: "OTP_REFUSED" });
    const late = await login("late", ["111111"]);
    expect(late.result).toMatchObject({ code: "OTP_REFUSED", cause: { errorCode: 96 } });
    expect(String(late.result)).toContain("(the new one: at least 4 characters, at most 8 characters, decimal)");
    const drift = await login("drift", ["111111", "222222"]);
    expect(drift.result).toBe(141);
    // Nobody is there to be shown it: the trace says what is missing.
    await realm.addPrincipal("unseen", { requires: ["otp"], otp: { codes: ["111111"], newPin: "987654" } });
    const unseen = await login("unseen", ["111111"], { pinNotice: undefined });
    expect(unseen.result).toBe(141);
    expect(unseen.notes).toContain("nobody is shown it: give the prompt `pinNotice`");
  });

  it("of several tokens the one that the user chooses counts, its PIN before or apart from its code", async () => {
    await using realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      preauth: ["encrypted-timestamp", "fast", "otp"],
      principals: {
        robot: { password: "robot" },
        erin: {
          requires: ["otp"],
          otp: [
            { vendor: "phone", codes: ["111111", "111112"] },
            { vendor: "fob", codes: ["222222", "222223"], pin: "1234" },
            { vendor: "card", codes: ["333333", "333334"], pin: "9876", isPinSeparate: false, hasDrifted: true },
          ],
        },
      },
    });
    const login = async (place: number, codes: string[], pin?: string) => {
      const asked: string[] = [];
      const ask: Prompts = {
        token: async ({ tokens }) => {
          asked.push(tokens.map(({ vendor }) => vendor).join(" "));
          return place;
        },
        otp: async ({ vendor }) => {
          asked.push(`code of ${vendor}`);
          return codes.shift() ?? "none is left";
        },
        ...(pin === undefined ? {} : { pin: async () => pin }),
      };
      const armor = password("robot@TEST.EXAMPLE", "robot");
      const kerberos = createKerberos({ kdc: realm.kdc, dial: realm.dial, armor, ask });
      const result = await kerberos.login(interactive("erin@TEST.EXAMPLE")).then(
        ({ preauthType }) => preauthType,
        (error: { readonly code?: string }) => error.code,
      );
      return [result, ...asked];
    };
    const all = "phone fob card";
    expect(await login(0, ["111111"])).toEqual([141, all, "code of phone"]);
    expect(await login(1, ["222222"], "1234")).toEqual([141, all, "code of fob"]);
    // The code of another token, a code that is spent, a PIN that is another's.
    expect(await login(0, ["222223"])).toEqual(["OTP_REFUSED", all, "code of phone"]);
    expect(await login(0, ["111111"])).toEqual(["OTP_REFUSED", all, "code of phone"]);
    expect(await login(1, ["222223"], "9876")).toEqual(["OTP_REFUSED", all, "code of fob"]);
    // The next code of a token that has drifted is of that token: nobody is asked which.
    expect(await login(2, ["333333", "333334"], "9876")).toEqual([141, all, "code of card", "code of card"]);
  });
});
