// The packed library, installed in an empty project, on each runtime; the bundle of a Worker made from it.

import { execFile } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { build } from "../../tools/pack/index.mjs";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { startWorkerd } from "../runtimes/workerd.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { expected } from "./expected.ts";

const run = promisify(execFile);
const programs = path.join(import.meta.dirname, "programs");

beforeAll(async () => {
  await ensurePacked();
  for (const name of readdirSync(programs)) copyFileSync(path.join(programs, name), path.join(PROJECT, name));
}, 120_000);

const environment = () => ({ PATH: process.env.PATH ?? "", HOME: PROJECT, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" });

describeRuntimes("the packed library", () => {
  it.each([
    ["the Node of the tests", process.execPath],
    ["Node 22", runtimePath("node22")],
    ["Node 24", runtimePath("node24")],
  ])("is imported and required by %s", async (_, node) => {
    const imported = await run(node, ["print.mjs"], { cwd: PROJECT, env: environment() });
    expect(JSON.parse(imported.stdout)).toEqual(expected);
    const required = await run(node, ["require.cjs"], { cwd: PROJECT, env: environment() });
    expect(required.stdout).toBe("true\n");
  });

  it("is imported by Deno, with no permission at all", async () => {
    const { stdout } = await run(runtimePath("deno"), ["run", "--no-prompt", "print.mjs"], {
      cwd: PROJECT,
      env: environment(),
    });
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  it("is imported and required by Bun", async () => {
    const bun = runtimePath("bun");
    expect(JSON.parse((await run(bun, ["print.mjs"], { cwd: PROJECT, env: environment() })).stdout)).toEqual(expected);
    expect((await run(bun, ["require.cjs"], { cwd: PROJECT, env: environment() })).stdout).toBe("true\n");
  });

  it.each([[true], [false]])("makes a Worker's bundle, which runs in workerd (nodejs_compat: %s)", async (compat) => {
    // As wrangler does it, but that nothing of Node is left out: a bundle that asks for it fails here.
    const out = path.join(PROJECT, `worker-${compat}.js`);
    await build({
      absWorkingDir: PROJECT,
      entryPoints: ["worker.mjs"],
      outfile: out,
      bundle: true,
      format: "esm",
      target: "es2022",
      conditions: ["workerd", "worker", "browser"],
      logLevel: "error",
    });
    expect(readFileSync(out, "utf8")).not.toMatch(/\bfrom\s*"node:|import\s*"node:|import\("node:|require\("node:/);
    const worker = await startWorkerd({ module: out, isNodeCompatible: compat, hasNetwork: false });
    try {
      const response = await fetch(worker.url);
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(JSON.parse(text)).toEqual(expected);
    } finally {
      await worker.close();
    }
  });
});
