import fs from "node:fs";
import path from "node:path";
import { makeFolder } from "../../tools/beds/process.mjs";
import { PROJECT } from "../../tools/pack/project.mjs";

/**
 * A new project with the packed library installed and `files` in it.
 * @returns its folder; `removeFolder` removes it
 */
export function makeProject(files: Readonly<Record<string, string>>, type: "module" | "commonjs" = "module"): string {
  // As the system names it: tools that bundle compare paths.
  const folder = fs.realpathSync(makeFolder("consumer"));
  // A copy: what is linked from elsewhere is no package of the project's for a bundler.
  fs.cpSync(path.join(PROJECT, "node_modules"), path.join(folder, "node_modules"), { recursive: true });
  const all = { "package.json": JSON.stringify({ private: true, type }), ...files };
  for (const [name, text] of Object.entries(all)) fs.writeFileSync(path.join(folder, name), text);
  return folder;
}

/** The program of test/packed/programs that uses every subpath. */
export const SMOKE: string = fs.readFileSync(path.join(import.meta.dirname, "programs/smoke.mjs"), "utf8");
