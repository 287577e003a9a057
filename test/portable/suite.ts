// The cases that run on every runtime. Each host has a small program of its own around `runSuite`.

import { chooseProvider } from "../../src/crypto/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { adapterCases } from "./adapters.ts";
import { codecCases } from "./codecs.ts";
import { cryptoCases } from "./crypto.ts";
import { exchangeCases } from "./exchanges.ts";
import { gssCases } from "./gss.ts";
import type { Report } from "./harness.ts";
import { realmCases } from "./realm.ts";

/** Runs every case. Throws if the adapter is not the one that this host is to have: another would be tested in its place. */
export async function runSuite(expectedAdapter: string): Promise<Report> {
  const adapter = detectRuntime().name;
  if (adapter !== expectedAdapter) throw new Error(`the adapter here is ${adapter}, and not ${expectedAdapter}`);
  const provider = (await chooseProvider(detectRuntime())).name;
  const started = Date.now();
  const passed: string[] = [];
  const failures: { name: string; error: string }[] = [];
  for (const { name, run } of [
    ...adapterCases,
    ...cryptoCases,
    ...codecCases,
    ...gssCases,
    ...exchangeCases,
    ...realmCases,
  ]) {
    try {
      await run();
      passed.push(name);
    } catch (error) {
      failures.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  return { adapter, provider, passed, failures, milliseconds: Date.now() - started };
}
