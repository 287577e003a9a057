// The contract of the clients on workerd, where a promise belongs to the request that made it.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { clientCases } from "../portable/clients.ts";
import type { Report } from "../portable/harness.ts";
import { wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { type Bundle, bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

const TIMEOUT_MS = 120_000;

describeRuntimes("the clients' contract on workerd", () => {
  let directory: string;
  let worker: Bundle;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-clients-"));
    worker = await bundleProgram("portable/clients-worker.ts", directory);
  }, TIMEOUT_MS);

  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

  const first = [
    ["krb5-remctl", true],
    ["lean", false],
  ] as const;
  const others = [
    ["krb5-remctl", false],
    ["lean", true],
    ["lean/node", true],
  ] as const;
  it.each(wholeTable ? [...first, ...others] : first)(
    "%s, nodejs_compat %s",
    async (entry, isNodeCompatible) => {
      const workerd = await startWorkerd({ module: worker.file, isNodeCompatible });
      try {
        const response = await fetch(`${workerd.url}?entry=${encodeURIComponent(entry)}`);
        const body = await response.text();
        if (!response.ok) throw new Error(`${body}\n${workerd.logs()}`);
        const { passed, failures } = JSON.parse(body) as Report;
        expect(failures).toEqual([]);
        expect(passed).toEqual(clientCases(entry, createClient).map(({ name }) => name));
      } finally {
        await workerd.close();
      }
    },
    TIMEOUT_MS,
  );
});
