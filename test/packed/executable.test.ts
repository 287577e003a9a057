// The command line as one file, with Bun's build for this machine and, under Debian's musl, with its musl build.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { PASSWORDS, runProgram, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { bunForMusl, muslMissing, runUnderMusl } from "../../tools/musl/index.mjs";
import { buildExecutable } from "../../tools/pack/executable.mjs";
import { describeLive, describeUnless, useBed } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const missing = await muslMissing();

describeRuntimes("the single executable", () =>
  describeLive("mit", "against a real realm", () => {
    const world = useBed(async () => {
      const bed = await startMitBed();
      const remctld = await startRemctld({ bed });
      return { bed, remctld, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
    });

    /** Logs in, looks at the ticket, runs a command, and is a command of its own under a link. */
    async function logInAndRun(file: string, more: Record<string, string>): Promise<void> {
      const { bed, remctld } = world();
      const folder = path.dirname(file);
      const env = { PATH: "/usr/bin:/bin", ...more, KRB5_CONFIG: bed.krb5Conf, KRB5CCNAME: `FILE:${folder}/cache` };
      // A file that Bun reads by default: nothing of it may have an effect.
      writeFileSync(path.join(folder, ".env"), `KRB5_TRACE=${folder}/trace\n`);
      const call = (args: readonly string[], input = "") =>
        runProgram(file, [...args], { cwd: folder, env, input, timeoutMs: 15_000 });
      const login = await call(["kinit", `alice@${bed.realm}`], `${PASSWORDS.alice}\n`);
      expect(login.status, login.text).toBe(0);
      const command = ["remctl", "-p", String(remctld.port), "localhost", "test", "status", "7"];
      const result = await call(command);
      expect(result.status, result.text).toBe(7);
      const links = path.join(folder, "links");
      expect((await call(["link", links])).status).toBe(0);
      const list = await runProgram(path.join(links, "klist"), [], { cwd: folder, env });
      expect(list.text).toContain(`Default principal: alice@${bed.realm}`);
      expect(list.text).toContain(`host/localhost@${bed.realm}`);
      expect(existsSync(path.join(folder, "trace"))).toBe(false);
      const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, "../../package.json"), "utf8"));
      expect((await call(["--version"])).text).toContain(version);
    }

    const inFolder = async (use: (file: string) => Promise<void>): Promise<void> => {
      const folder = makeFolder("executable");
      await use(path.join(folder, "krb5-remctl")).finally(() => removeFolder(folder));
    };

    it(
      "made with Bun for this machine",
      () =>
        inFolder(async (file) => {
          await buildExecutable(file);
          await logInAndRun(file, {});
        }),
      60_000,
    );

    describeUnless(missing, "with musl", () => {
      it(
        "made with Bun for musl, run under Debian's musl",
        () =>
          inFolder(async (file) => {
            await buildExecutable(file, { bun: bunForMusl });
            const musl = await runUnderMusl(file);
            try {
              // What it was linked with is what runs it: no glibc is loaded.
              const maps = `require("fs").readFileSync("/proc/self/maps", "utf8")`;
              const env = { ...musl.env, BUN_BE_BUN: "1" };
              const { text } = await runProgram(file, ["-e", `console.log(${maps})`], { env });
              expect(text).toContain("x86_64-linux-musl/libc.so");
              expect(text).not.toMatch(/libc\.so\.6|libc-2/);
              await logInAndRun(file, musl.env);
            } finally {
              musl.close();
            }
          }),
        60_000,
      );
    });
  }),
);
