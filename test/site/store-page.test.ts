// The store of docs/extending/store.md: of many who add a value at once, one does.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import type { KeyValueStore } from "../../src/entry/credentials.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-store-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

async function pageStore(): Promise<Required<Pick<KeyValueStore, "get" | "add">>> {
  const page = fs.readFileSync(path.join(import.meta.dirname, "../../docs/extending/store.md"), "utf8");
  const program = /```js\n([\s\S]*?)^const store = /m.exec(page)?.[1] ?? "";
  const file = path.join(folder, "store.mjs");
  fs.writeFileSync(file, program.replace(/^import .* from "krb5-remctl";$/m, "").concat("export { folderStore };\n"));
  const { folderStore } = (await import(pathToFileURL(file).href)) as {
    readonly folderStore: (folder: string) => Required<Pick<KeyValueStore, "get" | "add">>;
  };
  fs.mkdirSync(path.join(folder, "values"), { recursive: true });
  return folderStore(path.join(folder, "values"));
}

it.each([
  ["that is not there", []],
  ["that has ended", [0]],
])("of 40 who add a value %s, one does", async (_, before) => {
  for (let round = 0; round < 10; round++) {
    const store = await pageStore();
    const key = `lock:${before.length}:${round}`;
    for (const ttlSeconds of before) expect(await store.add(key, Uint8Array.of(255), { ttlSeconds })).toBe(true);
    const added = await Promise.all(
      Array.from({ length: 40 }, (_, i) => store.add(key, Uint8Array.of(i), { ttlSeconds: 60 })),
    );
    const firsts = added.flatMap((isFirst, i) => (isFirst ? [i] : []));
    expect(firsts.length).toBe(1);
    expect(await store.get(key)).toEqual(Uint8Array.from(firsts));
  }
  expect(fs.readdirSync(path.join(folder, "values")).filter((name) => name.includes("-"))).toEqual([]);
});
