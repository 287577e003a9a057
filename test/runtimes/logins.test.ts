// On each runtime: SPAKE with MIT's KDC, in each group, and a wrong password; a certificate whose key WebCrypto keeps, and
// FAST in the armor of nobody.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runProgram, startMitLoginsBed } from "../../tools/beds/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import type { LoginsConfig, LoginsReport } from "../portable/logins.ts";
import { useBed } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { type Bundle, bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

// Runtimes that compile what they run, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const GROUPS = ["edwards25519", "P-256", "P-384", "P-521"] as const;
const main = path.join(import.meta.dirname, "../portable/logins-main.ts");

describeRuntimes("logins", () => {
  describe("SPAKE, certificates and FAST at an MIT KDC", () => {
    const bed = useBed(() => startMitLoginsBed(), 60_000);
    let directory: string;
    let program: Bundle;
    let worker: Bundle;

    beforeAll(async () => {
      directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-logins-"));
      fs.writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
      program = await bundleProgram("portable/logins-main.ts", directory);
      worker = await bundleProgram("portable/logins-worker.ts", directory);
    });

    afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

    const certificates = async (): Promise<NonNullable<LoginsConfig["certificates"]>> => {
      const { realm, pki } = bed();
      const file = (name: string): string => fs.readFileSync(pki.file(name), "utf8");
      return {
        kdc: `tcp://localhost:${(await bed().kdcOf("all-fast")).port}`,
        realm,
        user: "alice",
        password: "alice-password",
        service: `host/localhost@${realm}`,
        certificate: file("client-rsa.pem"),
        key: file("client-rsa.key"),
        anchors: file("ca-rsa.pem"),
        otherAnchors: file("ca-other.pem"),
      };
    };
    const CERTIFICATES = {
      certificate: "ok",
      "certificate inside FAST": "ok",
      "password inside FAST": "ok",
      "password outside FAST": "PREAUTH_UNSUPPORTED",
      "wrong password inside FAST": "WRONG_PASSWORD",
      "another authority": "KDC_NOT_TRUSTED",
    };

    const config = async (groups: readonly (typeof GROUPS)[number][], more: Partial<LoginsConfig> = {}) => {
      const kdcs: Record<string, string> = {};
      for (const group of groups) kdcs[group] = `tcp://localhost:${(await bed().kdcOf(`spake-${group}`)).port}`;
      const { realm } = bed();
      const settings: LoginsConfig = {
        principal: `alice@${realm}`,
        password: "alice-password",
        service: `host/localhost@${realm}`,
        kdcs,
        ...(groups.length === GROUPS.length ? { certificates: await certificates() } : {}),
        ...more,
      };
      return JSON.stringify(settings);
    };

    const run = async (command: string, args: string[], env: Record<string, string> = {}): Promise<LoginsReport> => {
      const { status, stdout, text } = await runProgram(command, args, { env, timeoutMs: 60_000 });
      if (status !== 0) throw new Error(`it ended with ${status}: ${text.slice(0, 4_000)}`);
      return JSON.parse(stdout.toString());
    };

    const succeeded = (report: LoginsReport, adapter: string, groups: readonly string[] = GROUPS): void => {
      const one = (group: string) => ({ notes: [`SPAKE in the group ${group}`], wrong: "WRONG_PASSWORD" });
      expect(report).toEqual({
        adapter,
        logins: Object.fromEntries(groups.map((group) => [group, one(group)])),
        ...(groups.length === GROUPS.length ? { certificates: CERTIFICATES } : {}),
      });
    };

    it.each(["node22", "node24"] as const)("%s", async (name) => {
      succeeded(await run(runtimePath(name), [program.file, await config(GROUPS)]), "node");
    });

    it("Bun", async () => {
      succeeded(await run(runtimePath("bun"), [main, await config(GROUPS)]), "bun");
    });

    it("Deno", async () => {
      const flags = ["run", "--no-prompt", "--no-check", "--cached-only", "--allow-net=localhost"];
      const env = { DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1" };
      succeeded(await run(runtimePath("deno"), [...flags, main, await config(GROUPS)], env), "deno");
    });

    it.each([true, false])("workerd, nodejs_compat %s", async (isNodeCompatible) => {
      const workerd = await startWorkerd({ module: worker.file, isNodeCompatible });
      try {
        const ask = async (body: string): Promise<LoginsReport> => {
          const response = await fetch(workerd.url, { method: "POST", body });
          const text = await response.text();
          if (!response.ok) throw new Error(`${text}\n${workerd.logs()}`);
          return JSON.parse(text);
        };
        succeeded(await ask(await config(GROUPS)), "workerd");
        succeeded(await ask(await config(["edwards25519"], { entry: "lean" })), "workerd", ["edwards25519"]);
      } finally {
        await workerd.close();
      }
    });
  });
}, ["mit", "mit-logins"]);
