// kinit -n, -X and -T beside MIT's, at MIT's KDC: the same status, the same remarks in caches, each readable by the other.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PKI_PASSPHRASE, runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

describeLive(["mit", "mit-logins"], "kinit with certificates and without a name", () => {
  const bed = useBed(() => startMitLoginsBed(), 60_000);
  type Policy = Parameters<ReturnType<typeof bed>["kdcOf"]>[0];
  type Tool = "ours" | "mit";
  let count = 0;

  async function run(tool: Tool, policy: Policy, words: readonly string[], input = "") {
    const { env } = await bed().kdcOf(policy);
    if (tool === "ours") return await runCli(words, { env, input });
    const [program = "", ...args] = words;
    const { status, text } = await runProgram(peers.mit.bin(program), args, { env: { ...env }, input, cwd: bed().dir });
    return { status, stdout: text, stderr: text };
  }
  const newCache = () => `FILE:${bed().dir}/kinit-${++count}`;
  const identity = (name: string) => {
    const { file } = bed().pki;
    return `X509_user_identity=FILE:${file(`${name}.pem`)},${file(`${name}.key`)}`;
  };
  const config = async (cache: string) =>
    (await run("mit", "all", ["klist", "-C", cache])).stdout
      .split("\n")
      .filter((line) => line.startsWith("config:"))
      .sort();

  it("-n then -T, as MIT's documentation shows it", async () => {
    const armor = newCache();
    const nobody = await run("ours", "fresh", ["kinit", "-n", "-c", armor]);
    expect(nobody.status, nobody.stderr).toBe(0);
    const cache = newCache();
    const login = await run("ours", "fast", ["kinit", "-T", armor, "-c", cache, "alice"], "alice-password\n");
    expect(login.status, login.stderr).toBe(0);
    const theirs = newCache();
    expect((await run("mit", "fresh", ["kinit", "-n", "-c", theirs])).status).toBe(0);
    expect(await config(armor)).toEqual(await config(theirs));
    // Each armors the other's login.
    const other = ["-c", newCache(), "alice"];
    const ofMit = await run("mit", "fast", ["kinit", "-T", armor, ...other], "alice-password\n");
    expect(ofMit.status, ofMit.stdout).toBe(0);
    const ofOurs = await run("ours", "fast", ["kinit", "-T", theirs, ...other], "alice-password\n");
    expect(ofOurs.status, ofOurs.stderr).toBe(0);
  });

  it("-X logs in with a certificate, and a wrong one is refused by both", async () => {
    const [ours, theirs] = [newCache(), newCache()];
    const args = (cache: string, name: string) => ["kinit", "-X", identity(name), "-c", cache, "alice"];
    const login = await run("ours", "all", args(ours, "client-rsa"));
    expect(login.status, login.stderr).toBe(0);
    expect((await run("mit", "all", args(theirs, "client-rsa"))).status).toBe(0);
    expect(await config(ours)).toEqual(await config(theirs));
    expect((await config(ours)).join()).toContain("pa_config_data");
    for (const tool of ["ours", "mit"] as const) {
      expect((await run(tool, "all", args(newCache(), "client-nosan-rsa"))).status).toBe(1);
    }
  });

  it("-I logs in again with the certificate of a cache, whoever wrote it", async () => {
    const [ours, theirs] = [newCache(), newCache()];
    for (const [tool, cache] of [
      ["ours", ours],
      ["mit", theirs],
    ] as const) {
      const first = await run(tool, "all", ["kinit", "-X", identity("client-ec"), "-c", cache, "alice"]);
      expect(first.status, first.stderr).toBe(0);
    }
    for (const cache of [ours, theirs]) {
      const again = newCache();
      const login = await run("ours", "all", ["kinit", "-I", cache, "-c", again, "alice"]);
      expect(login.status, login.stderr).toBe(0);
      expect((await config(again)).join()).toContain("pa_config_data");
      expect((await run("mit", "all", ["kinit", "-I", cache, "-c", newCache(), "alice"])).status).toBe(0);
    }
  });

  it("-I of a cache that is not there, or is none, is passed over: the password is asked for", async () => {
    const damaged = newCache();
    writeFileSync(damaged.slice("FILE:".length), "nonsense");
    for (const cache of [newCache(), damaged]) {
      for (const tool of ["ours", "mit"] as const) {
        const login = await run(tool, "all", ["kinit", "-I", cache, "-c", newCache(), "alice"], "alice-password\n");
        expect(login.status, login.stderr).toBe(0);
      }
    }
    for (const tool of ["ours", "mit"] as const) {
      const login = await run(tool, "all", ["kinit", "-I", "NONE:x", "-c", newCache(), "alice"], "alice-password\n");
      expect(login.status, login.stderr).toBe(1);
    }
  });

  describe.runIf(wholeTable)("the whole table", () => {
    /** krb5.conf of a policy, with more lines in the realm's block of [libdefaults]. */
    const confWith = async (policy: Policy, ...lines: string[]) => {
      const { env } = await bed().kdcOf(policy);
      const text = readFileSync(String(env.KRB5_CONFIG), "utf8");
      const block = `[libdefaults]\n ${bed().realm} = {\n${lines.map((line) => `  ${line}\n`).join("")} }\n`;
      const file = `${bed().dir}/krb5-${++count}.conf`;
      writeFileSync(file, `${block}${text}`);
      return { ...env, KRB5_CONFIG: file };
    };
    const kinit = async (env: Readonly<Record<string, string>>, args: string[], input = "") =>
      await runCli(["kinit", "-c", newCache(), ...args], { env, input });

    it.each(["client-rsa.p12", "client-ec.p12"])("-X PKCS12: asks for the passphrase of %s", async (name) => {
      const { env } = await bed().kdcOf("all");
      const args = ["-X", `X509_user_identity=PKCS12:${bed().pki.file(name)}`, "alice"];
      const { status, stderr } = await kinit(env, args, `${PKI_PASSPHRASE}\n`);
      expect(status, stderr).toBe(0);
      expect((await kinit(env, args, "wrong\n")).status).toBe(1);
    });

    it("pkinit_identities: the first that can be read; where the KDC has no PKINIT, the password", async () => {
      const { file } = bed().pki;
      const lines = [
        `pkinit_identities = FILE:${bed().dir}/there-is-none`,
        `pkinit_identities = FILE:${file("client-ec.pem")},${file("client-ec.key")}`,
      ];
      const anchors = ["ca-rsa", "ca-ec"].map((name) => `pkinit_anchors = FILE:${file(`${name}.pem`)}`);
      const { status, stderr } = await kinit(await confWith("all", ...lines, ...anchors), ["alice"]);
      expect(status, stderr).toBe(0);
      const spake = await confWith("spake", ...lines, ...anchors);
      expect((await kinit(spake, ["alice"], "alice-password\n")).status).toBe(0);
    });

    it.each([
      ["pkinit_require_crl_checking = true", /lists of revoked certificates are not read/],
      ["pkinit_cert_match = <KU>digitalSignature", /name the one certificate in pkinit_identities/],
      ["pkinit_eku_checking = none", /kpKDC or kpServerAuth/],
      ["pkinit_dh_min_bits = 8192", /4096 at most/],
    ])("%s is an error, and nothing is sent", async (line, words) => {
      const { file } = bed().pki;
      const env = await confWith("all", line, `pkinit_anchors = FILE:${file("ca-rsa.pem")}`);
      const { status, stderr } = await kinit(env, ["-n"]);
      expect(status).toBe(1);
      expect(stderr).toMatch(words);
    });

    it.each(["kdc-other", "kdc-dns"] as const)("a KDC that is none (%s) is refused", async (policy) => {
      const { env } = await bed().kdcOf(policy);
      expect((await kinit(env, ["-X", identity("client-rsa"), "alice"])).status).toBe(1);
      expect((await kinit(env, ["-n"])).status).toBe(1);
    });

    it("words for what cannot be: no anchors, no such file, a card, -n with a name", async () => {
      const { env: spake } = await bed().kdcOf("spake");
      expect((await kinit(spake, ["-n"])).stderr).toContain("no certificates to know the KDC of LOGINS.TEST by");
      const { env } = await bed().kdcOf("all");
      const words = async (args: string[]) => (await kinit(env, args)).stderr;
      expect(await words(["-X", "X509_user_identity=FILE:/none.pem", "alice"])).toContain("the file does not exist");
      expect(await words(["-X", "X509_user_identity=PKCS11:", "alice"])).toContain("not a kind of certificate");
      expect(await words(["-n", "alice"])).toContain("an anonymous ticket is of nobody");
    });

    it("kpasswd -T proves the password inside FAST, to a KDC that takes none outside", async () => {
      const armor = newCache();
      expect((await run("ours", "fresh", ["kinit", "-n", "-c", armor])).status).toBe(0);
      const { env } = await bed().kdcOf("fast");
      const wrong = await runCli(["kpasswd", "-T", armor, "alice"], { env, input: "wrong\n" });
      expect(wrong.status).toBe(1);
      expect(wrong.stderr).toContain("Preauthentication failed getting initial ticket");
    });
  });
});
