// The clients' contract on workerd: the report is the answer to a request.

import { createClient } from "../../src/entry/index.ts";
import { createClient as createLeanNode } from "../../src/entry/lean/node.ts";
import { createClient as createLean } from "../../src/entry/lean.ts";
import { clientCases } from "./clients.ts";
import type { Report } from "./harness.ts";

const entries = { "krb5-remctl": createClient, lean: createLean, "lean/node": createLeanNode } as const;

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const entry = searchParams.get("entry") as keyof typeof entries;
    const passed: string[] = [];
    const failures: { name: string; error: string }[] = [];
    for (const { name, run } of clientCases(entry, entries[entry])) {
      try {
        await run();
        passed.push(name);
      } catch (error) {
        failures.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    }
    return Response.json({ passed, failures } satisfies Pick<Report, "passed" | "failures">);
  },
};
