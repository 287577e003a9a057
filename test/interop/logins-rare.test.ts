// kinit and kpasswd beside MIT's where the world is rare: a realm in lower case, a KDC that starts anew in the middle of a
// login, several -X, a password that is changed inside FAST. And kinit beside Heimdal's with certificates.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ccache, createKerberos, interactive } from "../../src/entry/index.ts";
import { runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { HEIMDAL_PKI_START_MS, startHeimdalPkiBed } from "../support/heimdal-pki.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

type Env = Readonly<Record<string, string>>;
type Tool = "ours" | "mit" | "heimdal";

async function runTool(tool: Tool, env: Env, words: readonly string[], input: string, cwd: string) {
  if (tool === "ours") {
    const { status, stdout, stderr } = await runCli(words, { env, input });
    return { status, text: `${stdout}${stderr}` };
  }
  const [program = "", ...args] = words;
  return await runProgram(peers[tool].bin(program), args, { env: { ...env }, input, cwd });
}

function newGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe.runIf(wholeTable)("beside the programs of others", () => {
  describeLive(["mit", "mit-logins"], "MIT's kinit where the world is rare", () => {
    const upper = useBed(() => startMitLoginsBed({ kadmind: true }), 90_000);
    const lower = useBed(() => startMitLoginsBed({ realm: "logins.test" }), 90_000);
    type Bed = ReturnType<typeof upper>;
    type Policy = Parameters<Bed["kdcOf"]>[0];
    let count = 0;
    const newCache = (bed: Bed) => `FILE:${bed.dir}/rare-${++count}`;
    /** ID(name) is the identity in two files, CA(name) anchors. */
    const written = ({ pki: { file } }: Bed, arg: string): string =>
      arg
        .replace(/^ID\((.*)\)$/, (_, name) => `X509_user_identity=FILE:${file(`${name}.pem`)},${file(`${name}.key`)}`)
        .replace(/^CA\((.*)\)$/, (_, name) => `X509_anchors=FILE:${file(`${name}.pem`)}`);
    const contents = async (bed: Bed, cache: string): Promise<string[]> => {
      const { text } = await runTool("mit", bed.env, ["klist", "-f", "-C", cache], "", bed.dir);
      const lines = text.split("\n").map((line) => line.trim().replace(/^(\S+ \S+ +){2}|renew until \S+ \S+, /g, ""));
      return lines.filter((line) => /^(Default principal|config|krbtgt|.*Flags)/.test(line)).sort();
    };
    /** The same status of both, and the same in their caches. */
    const beside = async (bed: Bed, at: Policy, args: readonly string[], typed: string, status: number) => {
      const { env } = await bed.kdcOf(at);
      const caches = { ours: newCache(bed), mit: newCache(bed) };
      const login = (tool: "ours" | "mit") =>
        runTool(tool, env, ["kinit", "-c", caches[tool], ...args.map((arg) => written(bed, arg))], typed, bed.dir);
      const [ours, mit] = [await login("ours"), await login("mit")];
      expect([ours.status, mit.status], `${ours.text}\n${mit.text}`).toEqual([status, status]);
      if (status === 0) expect(await contents(bed, caches.ours)).toEqual(await contents(bed, caches.mit));
    };
    const armorOf = async (bed: Bed, tool: "ours" | "mit") => {
      const cache = newCache(bed);
      const made = await runTool(tool, (await bed.kdcOf("fresh")).env, ["kinit", "-n", "-c", cache], "", bed.dir);
      expect(made.status, made.text).toBe(0);
      return cache;
    };

    const PASSWORD = "alice-password\n";
    it.each<[string, Policy, readonly string[], string, number]>([
      ["SPAKE", "spake-edwards25519", ["alice"], PASSWORD, 0],
      ["its name in upper case", "spake-edwards25519", ["alice@LOGINS.TEST"], PASSWORD, 1],
      ["a wrong password", "optimistic", ["alice"], "wrong\n", 1],
      ["a certificate", "all", ["-X", "ID(client-rsa)", "alice"], "", 0],
      ["nobody", "fresh", ["-n"], "", 0],
      ["a canonical name", "spake-P-256", ["-C", "alice"], PASSWORD, 0],
    ])("a realm in lower case: %s", { timeout: 60_000 }, async (_what, at, args, typed, status) => {
      await beside(lower(), at, args, typed, status);
    });

    it("a realm in lower case: inside FAST, by the armor of each", { timeout: 60_000 }, async () => {
      for (const tool of ["ours", "mit"] as const) {
        await beside(lower(), "fast", ["-T", await armorOf(lower(), tool), "alice"], PASSWORD, 0);
      }
    });

    it.each<[string, readonly string[], string, number]>([
      ["anchors twice", ["-X", "CA(ca-other)", "-X", "CA(ca-rsa)", "-X", "ID(client-rsa)", "alice"], "", 0],
      ["an option of both kinds", ["-X", "ID(client-ec)", "-X", "disable_freshness=yes", "alice"], "", 0],
      ["two certificates", ["-X", "ID(client-rsa)", "-X", "ID(client-ec)", "alice"], "", 1],
      ["a word that is not known", ["-X", "X509_nonsense=1", "-X", "ID(client-rsa)", "alice"], "", 0],
      ["a word without a value", ["-X", "X509_user_identity", "alice"], "", 1],
    ])("several -X: %s", { timeout: 60_000 }, async (_what, args, typed, status) => {
      await beside(upper(), "all", args, typed, status);
    });

    /** MIT's kinit, which waits for what is typed until its KDC is back. */
    const slowly = async (env: Env, args: readonly string[], meanwhile: () => Promise<void>) => {
      const child = spawn(peers.mit.bin("kinit"), args, { env: { ...process.env, ...env }, cwd: upper().dir });
      let text = "";
      const asked = new Promise<void>((resolve) => {
        const collect = (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes("Password for")) resolve();
        };
        child.stdout.on("data", collect);
        child.stderr.on("data", collect);
        child.on("exit", () => resolve());
      });
      const status = new Promise<number | null>((resolve) => child.on("exit", resolve));
      await asked;
      await meanwhile();
      child.stdin.end(PASSWORD);
      return { status: await status, text };
    };
    it.each<[string, Policy]>([
      ["starts anew", "spake-P-256"],
      ["starts anew", "fast"],
      ["goes away", "spake-edwards25519"],
      ["goes away", "fast"],
    ])("a KDC that %s while the password is typed (%s)", { timeout: 90_000 }, async (what, at) => {
      const isAway = what === "goes away";
      const kdc = await upper().kdcOf(at);
      const { restart } = kdc;
      if (restart === undefined) return expect.fail("this KDC cannot start anew");
      const armor = at === "fast" ? await armorOf(upper(), "mit") : undefined;
      /** A login: what is typed comes when the KDC is away, or is back; where it goes away, it is back at the end. */
      const interrupted = async <T>(login: (interrupt: () => Promise<void>) => Promise<T>): Promise<T> => {
        const [gone, over] = [newGate(), newGate()];
        let back = Promise.resolve();
        const away = async () => {
          gone.open();
          if (isAway) await over.opened;
        };
        try {
          return await login(async () => {
            back = restart(away);
            await (isAway ? gone.opened : back);
          });
        } finally {
          over.open();
          await back;
        }
      };
      const args = ["-c", newCache(upper()), ...(armor === undefined ? [] : ["-T", armor]), "alice"];
      const mit = await interrupted((interrupt) => slowly(kdc.env, args, interrupt));
      expect(mit.status, mit.text).toBe(isAway ? 1 : 0);
      if (isAway) expect(mit.text).toMatch(/Cannot contact any KDC/);
      const ours = interrupted(async (interrupt) => {
        const password = async () => {
          await interrupt();
          return PASSWORD.trim();
        };
        const config = { files: [String(kdc.env.KRB5_CONFIG)] };
        const kerberos = createKerberos({
          config,
          ask: { password },
          ...(armor === undefined ? {} : { armor: ccache(armor) }),
        });
        return await kerberos.login(interactive("alice@LOGINS.TEST"));
      });
      if (isAway) await expect(ours).rejects.toMatchObject({ code: "KDC_UNREACHABLE" });
      else expect((await ours).preauthType).toBe(at === "fast" ? 138 : 151);
    });

    it("a password is changed inside FAST: kpasswd -T, and MIT's kpasswd with the armor in its cache", {
      timeout: 60_000,
    }, async () => {
      const { env } = await upper().kdcOf("fast");
      const armor = await armorOf(upper(), "mit");
      const typed = (from: string, to: string) => `${from}\n${to}\n${to}\n`;
      const kpasswd = async (tool: "ours" | "mit", from: string, to: string) => {
        const where = tool === "mit" ? { ...env, KRB5CCNAME: armor } : env;
        const words = ["kpasswd", ...(tool === "ours" ? ["-T", armor] : []), "bob"];
        return await runTool(tool, where, words, typed(from, to), upper().dir);
      };
      const [first, second, third] = ["bob-password", "second-Password-2", "third-Password-3"] as const;
      const ours = await kpasswd("ours", first, second);
      expect(ours.status, ours.text).toBe(0);
      const mit = await kpasswd("mit", second, third);
      expect(mit.status, mit.text).toBe(0);
      expect((await kpasswd("ours", second, first)).status).toBe(1);
      expect((await kpasswd("mit", second, first)).status).not.toBe(0);
      await beside(upper(), "fast", ["-T", armor, "bob"], `${third}\n`, 0);
      await beside(upper(), "fast", ["-T", armor, "bob"], `${second}\n`, 1);
      // Outside FAST this KDC takes no proof from either.
      expect((await runTool("ours", env, ["kpasswd", "bob"], typed(third, first), upper().dir)).status).toBe(1);
      expect((await runTool("mit", env, ["kpasswd", "bob"], typed(third, first), upper().dir)).status).toBe(1);
    });
  });

  describeLive(["heimdal", "mit", "mit-logins"], "Heimdal's kinit with certificates", () => {
    const bed = useBed(startHeimdalPkiBed, HEIMDAL_PKI_START_MS);
    let count = 0;
    const envOf = (tool: "ours" | "heimdal", anchors: string): Env => {
      const file = `${bed().dir}/rare-${++count}.conf`;
      const lines = `pkinit_anchors = FILE:${bed().pki.file(anchors)}`;
      const [env, blocks] =
        tool === "ours"
          ? [bed().env, `[libdefaults]\n HEIM.TEST = {\n  ${lines}\n }\n`]
          : [bed().heimdalEnv, `[appdefaults]\n ${lines}\n[libdefaults]\n ${lines}\n`];
      writeFileSync(file, `${blocks}${readFileSync(String(env.KRB5_CONFIG), "utf8")}`);
      return { ...env, KRB5_CONFIG: file };
    };

    it.each<[string, string, string | undefined, string, number]>([
      ["RSA", "ca-rsa.pem", "client-rsa", "alice", 0],
      ["another authority", "ca-other.pem", "client-rsa", "alice", 1],
      ["another user's certificate", "ca-rsa.pem", "client-rsa", "robot", 1],
      ["a certificate without a name", "ca-rsa.pem", "client-nosan-rsa", "alice", 1],
      ["nobody", "ca-rsa.pem", undefined, "@HEIM.TEST", 0],
      ["nobody, another authority", "ca-other.pem", undefined, "@HEIM.TEST", 1],
    ])("%s", { timeout: 60_000 }, async (_what, anchors, name, who, status) => {
      const { file } = bed().pki;
      const files = `FILE:${file(`${name}.pem`)},${file(`${name}.key`)}`;
      const caches = { ours: `FILE:${bed().dir}/r-${++count}`, heimdal: `FILE:${bed().dir}/r-${++count}` };
      const words = {
        ours: name === undefined ? ["-n", who] : ["-X", `X509_user_identity=${files}`, who],
        heimdal: name === undefined ? ["--anonymous", who] : ["-C", files, who],
      };
      const login = (tool: "ours" | "heimdal") =>
        runTool(tool, envOf(tool, anchors), ["kinit", "-c", caches[tool], ...words[tool]], "", bed().dir);
      const [ours, heimdal] = [await login("ours"), await login("heimdal")];
      expect([ours.status, heimdal.status], `${ours.text}\n${heimdal.text}`).toEqual([status, status]);
      if (status === 1) return;
      // Each reads the other's. Heimdal's program is told its own name.
      const who2 = name === undefined ? "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS" : "alice@HEIM.TEST";
      const klist = { ours: ["klist", "-c"], heimdal: ["klist", "klist", "-c"] };
      for (const tool of ["ours", "heimdal"] as const) {
        const list = await runTool(tool, envOf(tool, anchors), [...klist[tool], caches.ours], "", bed().dir);
        expect(list.text).toContain(who2);
        const other = await runTool(tool, envOf(tool, anchors), [...klist[tool], caches.heimdal], "", bed().dir);
        expect(other.text).toContain(who2);
      }
    });
  });
});
