// The first argument is a HostConfig as JSON, the second "denied" for the cases without permissions.

import { chooseProvider } from "../../src/crypto/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import type { Report } from "./harness.ts";
import { deniedCases, hostCases } from "./host.ts";

const host = globalThis as {
  readonly Deno?: { readonly args: readonly string[] };
  readonly process?: { readonly argv: readonly string[] };
};
const [config = "", which] = host.Deno?.args ?? host.process?.argv.slice(2) ?? [];
const passed: string[] = [];
const failures: { name: string; error: string }[] = [];
const started = Date.now();
for (const { name, run } of (which === "denied" ? deniedCases : hostCases)(JSON.parse(config))) {
  try {
    await run();
    passed.push(name);
  } catch (error) {
    failures.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
const report: Report = {
  adapter: detectRuntime().name,
  provider: (await chooseProvider(detectRuntime())).name,
  passed,
  failures,
  milliseconds: Date.now() - started,
};
console.log(JSON.stringify(report));
