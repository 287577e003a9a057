// Recipes of docs/drivers.md as programs of the tests: as they stand there, with the names and the client of the test's world.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect } from "vitest";
import { requireDriver } from "./drivers.ts";
import { wholeTable } from "./live.ts";
import { programOf } from "./pages.ts";

// What recipes use of our source, so that no test's time goes by while it is compiled.
if (wholeTable) await Promise.all(["gssapi", "index", "spnego"].map((entry) => import(`../../src/entry/${entry}.ts`)));

type Run = <T>(marker: string, exported: string, words: Readonly<Record<string, string>>) => Promise<T>;

/** Gives a function that runs a program of the page with other words in it, and gives what it exports. */
export function useRecipes(): Run {
  const folder = wholeTable ? mkdtempSync(path.join(import.meta.dirname, "recipe-")) : "";
  afterAll(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });
  let count = 0;
  return async (marker, exported, words) => {
    let code = programOf("docs/drivers.md", marker);
    for (const [from, to] of Object.entries(words)) {
      expect(code).toContain(from);
      code = code.replaceAll(from, () => to);
    }
    code = code.replace(/from "((?!node:)[^"]+)"/g, (_, name: string) => `from ${JSON.stringify(fileOf(name))}`);
    const file = path.join(folder, `recipe${++count}.mjs`);
    writeFileSync(file, `${code}\nexport { ${exported} };\n`);
    return await import(pathToFileURL(file).href);
  };
}

/** Our sources, and the drivers of tools/drivers. */
function fileOf(name: string): string {
  const [own, entry = "index"] = name.split("/");
  if (own === "krb5-remctl") return `../../../src/entry/${entry}.ts`;
  return pathToFileURL(requireDriver.resolve(name)).href;
}
