// doctor before MIT's KDCs of every policy: what each offers, outside FAST and inside, and why a login would fail. No
// secret is proven for it.

import { describe, expect, it, vi } from "vitest";
import { startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

// A run of doctor has three logins in it.
vi.setConfig({ testTimeout: 60_000 });

interface Finding {
  readonly check: string;
  readonly outcome: string;
  readonly detail: string;
  readonly advice?: string;
}

describeLive(["mit", "mit-logins"], "doctor and the ways to log in", () => {
  const bed = useBed(() => startMitLoginsBed(), 60_000);
  type Policy = Parameters<ReturnType<typeof bed>["kdcOf"]>[0];
  let count = 0;

  async function examine(policy: Policy, words: readonly string[] = [], input = "") {
    const { env, logs } = await bed().kdcOf(policy);
    const before = logs().length;
    const cache = `FILE:${bed().dir}/none-${++count}`;
    const result = await runCli(["doctor", "-j", ...words, `alice@${bed().realm}`], {
      env: { ...env, KRB5CCNAME: cache },
      input,
    });
    const findings = result.stdout
      .replace(/Password for [^ ]*: /, "")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Finding);
    const of = (check: string) => findings.find((one) => one.check === check);
    return { ...result, findings, of, logged: () => logs().slice(before) };
  }
  const identity = (name: string) => {
    const { file } = bed().pki;
    return ["-X", `X509_user_identity=FILE:${file(`${name}.pem`)},${file(`${name}.key`)}`];
  };

  it("tells what is offered, and by an anonymous ticket what is offered inside FAST", async () => {
    const { status, of, logged } = await examine("all-fast");
    expect(of("offers")?.detail).toBe("PKINIT, anonymous PKINIT, FAST; not offered: SPAKE, encrypted timestamp");
    expect(of("anonymous PKINIT")?.outcome).toBe("ok");
    expect(of("inside FAST")).toMatchObject({ outcome: "ok", detail: "PKINIT, encrypted challenge" });
    expect(of("pre-authentication")).toMatchObject({
      outcome: "ok",
      detail: expect.stringMatching(/^PA-ENCRYPTED-CHALLENGE, inside FAST alone: log in with kinit -T/),
    });
    expect(status).toBe(0);
    // Nothing of alice was proven, and nothing failed.
    expect(logged()).not.toMatch(/PREAUTH_FAILED|ISSUE.*alice/);
  });

  it("says what is missing, where a login would fail", async () => {
    const { status, of } = await examine("fast");
    expect(of("offers")?.detail).toMatch(/^FAST; not offered: /);
    expect(of("pre-authentication")).toMatchObject({
      outcome: "fail",
      advice: expect.stringMatching(/^look inside FAST: give -a/),
    });
    expect(status).toBe(1);
  });

  describe.runIf(wholeTable)("the whole table", () => {
    it.each<[Policy, RegExp, RegExp | undefined]>([
      ["all", /^PKINIT, anonymous PKINIT, SPAKE, FAST, encrypted timestamp; not offered: nothing$/, /SPAKE/],
      ["spake-P-384", /^SPAKE, FAST; not offered: PKINIT, anonymous PKINIT, encrypted timestamp$/, undefined],
      ["fresh", /^PKINIT, anonymous PKINIT, FAST; not offered: SPAKE, encrypted timestamp$/, /PKINIT/],
    ])("%s", async (policy, offers, inside) => {
      const { of } = await examine(policy);
      expect(of("offers")?.detail).toMatch(offers);
      if (inside === undefined) expect(of("inside FAST")).toBeUndefined();
      else expect(of("inside FAST")?.detail).toMatch(inside);
    });

    it("logs in inside FAST with a password, where it must", async () => {
      const { status, of } = await examine("all-fast", ["-w"], "alice-password\n");
      expect(of("login")).toMatchObject({ outcome: "ok" });
      expect(status).toBe(0);
      const wrong = await examine("all-fast", ["-w"], "wrong-password\n");
      expect(wrong.of("login")).toMatchObject({ outcome: "fail", detail: "the KDC refuses the password" });
      expect(wrong.everything).not.toContain("wrong-password");
    });

    it("-a is the armor: outside MIT's PKINIT it is all there is", async () => {
      const armor = `FILE:${bed().dir}/armor-${++count}`;
      const { env } = await bed().kdcOf("all");
      expect((await runCli(["kinit", "-n", "-c", armor], { env })).status).toBe(0);
      const { of } = await examine("fast", ["-a", armor, "-w"], "alice-password\n");
      expect(of("inside FAST")?.detail).toBe("encrypted challenge");
      expect(of("login")).toMatchObject({ outcome: "ok" });
      const none = await examine("fast", ["-a", `FILE:${bed().dir}/nothing`]);
      expect(none.of("inside FAST")).toMatchObject({ outcome: "warn" });
    });

    it("logs in with a certificate, and says why one does not do", async () => {
      const good = await examine("all", identity("client-rsa"));
      expect(good.of("certificate")?.outcome).toBe("ok");
      expect(good.of("login")).toMatchObject({ outcome: "ok" });
      const nameless = await examine("all", identity("client-nosan-rsa"));
      expect(nameless.of("login")).toMatchObject({
        outcome: "fail",
        detail: expect.stringMatching(/PKINIT|certificate/),
      });
      const missing = await examine("all", ["-X", "X509_user_identity=FILE:/none.pem"]);
      expect(missing.of("certificate")).toMatchObject({ outcome: "fail", advice: expect.stringMatching(/-X/) });
    });

    it("says that a KDC's certificate is another realm's", async () => {
      const { of } = await examine("kdc-other");
      expect(of("anonymous PKINIT")).toMatchObject({
        outcome: "warn",
        detail: expect.stringMatching(/krbtgt\/LOGINS\.TEST/),
      });
    });
  });
});
