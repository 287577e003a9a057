// The portable suite on every runtime: each says that the adapter in use is its own, and that it ran what Node ran.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runProgram } from "../../tools/beds/index.mjs";
import { runtimeModule, runtimePath } from "../../tools/runtimes/index.mjs";
import type { Report } from "../portable/harness.ts";
import { wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { type Bundle, bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

const TIMEOUT_MS = 120_000;
const main = path.join(import.meta.dirname, "../portable/main.ts");

describeRuntimes("the portable suite", () => {
  let directory: string;
  let program: Bundle;
  let worker: Bundle;
  let script: Bundle;
  let reference: Report;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-portable-"));
    fs.writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
    program = await bundleProgram("portable/main.ts", directory);
    worker = await bundleProgram("portable/worker.ts", directory);
    script = await bundleProgram("portable/edge.ts", directory, "iife");
    reference = await run(process.execPath, [program.file, "node"]);
  }, TIMEOUT_MS);

  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

  const run = async (command: string, args: string[], env: Record<string, string> = {}): Promise<Report> => {
    const { status, stdout, text } = await runProgram(command, args, { env, timeoutMs: TIMEOUT_MS });
    if (status !== 0) throw new Error(`it ended with ${status}: ${text.slice(0, 4_000)}`);
    return JSON.parse(stdout.toString());
  };

  /** No case failed, and those that passed are those of Node. */
  const complete = (report: Report, adapter: string, provider: string): void => {
    expect(report.failures).toEqual([]);
    expect([report.adapter, report.provider]).toEqual([adapter, provider]);
    expect(report.passed).toEqual(reference.passed);
    expect(report.passed.length).toBeGreaterThan(700);
  };

  it("bundles import nothing of a host by a name that a bundler looks up", () => {
    expect([program, worker, script].map(({ imports }) => imports)).toEqual([[], [], []]);
  });

  it("runs on the Node that runs the tests, bundled", () => complete(reference, "node", "node"));

  it.each(wholeTable ? ([22, 24] as const) : ([24] as const))(
    "runs on Node %d, the sources as they are",
    async (version) => {
      complete(await run(runtimePath(`node${version}`), ["--no-warnings", main, "node"]), "node", "node");
    },
    TIMEOUT_MS,
  );

  it(
    "runs on Deno with no permission at all, the sources as they are",
    async () => {
      const args = ["run", "--no-prompt", "--no-check", "--cached-only", main, "deno"];
      const report = await run(runtimePath("deno"), args, { DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1" });
      complete(report, "deno", "node");
    },
    TIMEOUT_MS,
  );

  it(
    "runs on Bun, the sources as they are",
    async () => {
      complete(await run(runtimePath("bun"), [main, "bun"]), "bun", "node");
    },
    TIMEOUT_MS,
  );

  it.each([
    [true, "noble below 512 octets, node above"],
    [false, "noble"],
  ] as const)(
    "runs on workerd, nodejs_compat %s",
    async (isNodeCompatible, provider) => {
      const workerd = await startWorkerd({ module: worker.file, isNodeCompatible });
      try {
        const response = await fetch(workerd.url);
        const body = await response.text();
        if (!response.ok) throw new Error(`${body}\n${workerd.logs()}`);
        complete(JSON.parse(body), "workerd", provider);
      } finally {
        await workerd.close();
      }
    },
    TIMEOUT_MS,
  );

  it(
    "runs on the edge VM, as a script",
    async () => {
      const host = path.join(import.meta.dirname, "edge-main.mjs");
      complete(await run(process.execPath, [host, runtimeModule("@edge-runtime/vm"), script.file]), "web", "noble");
    },
    TIMEOUT_MS,
  );
});
