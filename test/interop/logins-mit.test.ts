// The bed of logins, with MIT's own kinit: each way in that a test of this library uses lets the right client in, and
// refuses a wrong one.

import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { LOGIN_PASSWORDS, ONE_TIME_CODES, runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { describeLive, peers, useBed } from "../support/live.ts";

const PASSWORD = "alice-password";

/** What MIT's trace says of how a login was done. */
const TRACES = { spake: /Sending SPAKE response/, pkinit: /PKINIT client .*(verified|computed)/ };

function tools(bed: () => Awaited<ReturnType<typeof startMitLoginsBed>>) {
  type Policy = Parameters<ReturnType<typeof bed>["kdcOf"]>[0];
  let count = 0;
  /** One kinit: its status, what it printed, and its trace. */
  const kinit = async (policy: Policy, input: string, args: string[]) => {
    const kdc = await bed().kdcOf(policy);
    const file = path.join(bed().dir, `logins-${++count}`);
    const cache = `FILE:${file}`;
    const env = { ...kdc.env, KRB5CCNAME: cache, KRB5_TRACE: `${file}.trace` };
    const { status, text: printed } = await runProgram(peers.mit.bin("kinit"), args, {
      env,
      input: `${input}\n`,
      cwd: bed().dir,
    });
    return { status, cache, text: `${printed}${readFileSync(`${file}.trace`, "utf8")}` };
  };
  const identity = (name: string) => {
    const file = bed().pki.file;
    return ["-X", `X509_user_identity=FILE:${file(`${name}.pem`)},${file(`${name}.key`)}`];
  };
  const armor = async () => (await kinit("all", "", ["-k", "-t", bed().keytab.alice, "alice"])).cache;
  return { kinit, identity, armor };
}

describeLive(["mit", "mit-logins"], "MIT's bed of logins", () => {
  const bed = useBed(() => startMitLoginsBed(), 60_000);
  const { kinit, identity, armor } = tools(bed);

  it.each(["spake-edwards25519", "spake-P-256", "spake-P-384", "spake-P-521", "spake", "optimistic", "all"] as const)(
    "takes a password by SPAKE (%s), and refuses a wrong one",
    async (policy) => {
      const login = await kinit(policy, PASSWORD, ["alice"]);
      expect(login.status, login.text).toBe(0);
      expect(login.text).toMatch(TRACES.spake);
      if (policy === "optimistic") expect(login.text).not.toMatch(/Sending SPAKE support message/);
      const wrong = await kinit(policy, "wrong", ["alice"]);
      expect(wrong.status).not.toBe(0);
      expect(wrong.text).toMatch(/Password incorrect/);
    },
  );

  it("takes a password inside FAST alone, by encrypted challenge", async () => {
    const plain = await kinit("fast", PASSWORD, ["alice"]);
    expect(plain.status).not.toBe(0);
    const login = await kinit("fast", PASSWORD, ["-T", await armor(), "alice"]);
    expect(login.status, login.text).toBe(0);
    expect((await kinit("fast", "wrong", ["-T", await armor(), "alice"])).text).toMatch(/Password incorrect/);
  });

  it.each([
    ["all", "client-rsa"],
    ["all", "client-ec"],
    ["kdc-ec", "client-rsa"],
    ["kdc-ec", "client-ec"],
    ["fresh", "client-rsa"],
    ["dh4096", "client-rsa"],
    ["kdc-noeku", "client-ec"],
  ] as const)("takes a certificate (KDC %s, %s)", async (policy, name) => {
    const login = await kinit(policy, "", [...identity(name), "alice"]);
    expect(login.status, login.text).toBe(0);
    expect(login.text).toMatch(TRACES.pkinit);
  });

  it.each([
    ["a certificate without a name", "all", "client-nosan-rsa", "alice"],
    ["another user's", "all", "client-rsa", "bob"],
    ["a KDC with the certificate of a web server", "kdc-dns", "client-rsa", "alice"],
    ["a KDC of another realm", "kdc-other", "client-rsa", "alice"],
  ] as const)("refuses %s", async (_what, policy, name, user) => {
    const login = await kinit(policy, "wrong", [...identity(name), user]);
    expect(login.status).not.toBe(0);
    expect(login.text).toMatch(/PKINIT/);
  });

  it("wants a fresh token where that is required", async () => {
    const login = await kinit("fresh", "wrong", [...identity("client-rsa"), "-X", "disable_freshness=yes", "alice"]);
    expect(login.status).not.toBe(0);
  });

  it("gives an anonymous ticket, which is armor for a login", async () => {
    const anonymous = await kinit("fresh", "", ["-n"]);
    expect(anonymous.status, anonymous.text).toBe(0);
    const login = await kinit("fast", PASSWORD, ["-T", anonymous.cache, "alice"]);
    expect(login.status, login.text).toBe(0);
  });
});

describeLive(["mit", "mit-logins", "freeradius"], "MIT's bed of logins, with one-time passwords", () => {
  const bed = useBed(() => startMitLoginsBed({ radius: true }), 60_000);
  const { kinit, armor } = tools(bed);

  it("takes a code inside FAST, and refuses a wrong one", async () => {
    const login = await kinit("otp", ONE_TIME_CODES.otpuser, ["-T", await armor(), "otpuser"]);
    expect(login.status, `${login.text}\n${bed().radius?.logs()}`).toBe(0);
    expect((await kinit("otp", "654321", ["-T", await armor(), "otpuser"])).status).not.toBe(0);
    expect((await kinit("otp", ONE_TIME_CODES.otpuser, ["otpuser"])).status).not.toBe(0);
  });

  it("takes a code of a user without a password, and either token's of one with two", async () => {
    const login = await kinit("all", ONE_TIME_CODES.otpnokey, ["-T", await armor(), "otpnokey"]);
    expect(login.status, login.text).toBe(0);
    // MIT's KDC sends one token for both, and tries each.
    for (const code of [ONE_TIME_CODES.one, ONE_TIME_CODES.two]) {
      const two = await kinit("otp", code, ["-T", await armor(), "otptwo"]);
      expect(two.status, two.text).toBe(0);
    }
    expect(Object.keys(LOGIN_PASSWORDS)).toContain("otptwo");
  });
});
