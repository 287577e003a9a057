// One contract over the clients of all entries, on Node; test/runtimes/clients.test.ts has them on workerd.

import { describe, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { createClient as createLeanNode } from "../../src/entry/lean/node.ts";
import { createClient as createLean } from "../../src/entry/lean.ts";
import { type CreateClient, clientCases } from "../portable/clients.ts";

const entries: readonly (readonly [string, CreateClient])[] = [
  ["krb5-remctl", createClient],
  ["krb5-remctl/lean", createLean],
  ["krb5-remctl/lean/node", createLeanNode],
];

describe.each(entries)("%s", (entry, create) => {
  for (const { name, run } of clientCases(entry, create)) it(name.slice(entry.length + 2), run as () => Promise<void>);
});
