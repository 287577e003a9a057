// The pages explain each field of a message with its section.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { explain } from "../../site/shared/explain.ts";
import { decodeHex } from "../../src/bytes/index.ts";
import { createEncTypeSet } from "../../src/entry/gssapi.ts";
import { KeyRing, type TreeNode, TreeReader, treeOf } from "../../src/inspect/index.ts";

const FOLDER = path.resolve(import.meta.dirname, "..", "..", "krb5-vectors", "exchanges");

/** What is no field: numbers of a list, and the tree's own words for what it opened or what has no name. */
const PLAIN = /^(?:\[\d+\]|opened with|not opened|application)$/;

it("every field of recorded logins, opened with their keys, is explained", async () => {
  const plain: string[] = [];
  let count = 0;
  const walk = ({ label, children = [] }: TreeNode): void => {
    count++;
    if (!PLAIN.test(label) && explain(label) === undefined) plain.push(label);
    for (const child of children) walk(child);
  };
  for (const file of readdirSync(FOLDER)) {
    const { kdc, tgt, ticket } = JSON.parse(readFileSync(path.join(FOLDER, file), "utf8"));
    const keys = new KeyRing(await createEncTypeSet());
    for (const one of [tgt, ticket]) if (one !== undefined) keys.add(one.etype, decodeHex(one.sessionKey), "a session");
    const reader = new TreeReader(keys, { withSecrets: false, withOctets: false });
    for (const { request, reply } of kdc) {
      for (const one of [request, reply]) walk(treeOf(decodeHex(one), { keys, reader }));
    }
  }
  expect(count).toBeGreaterThan(500);
  expect([...new Set(plain)].sort()).toEqual([]);
});
