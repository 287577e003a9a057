// A module of test/support as one file of JavaScript, to be run as a process of its own: Node 20 reads no TypeScript.

import fs from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";

/** Bundles `test/support/<name>` into `directory`, readable by any user, and gives its path. */
export async function bundle(name: string, directory: string): Promise<string> {
  fs.chmodSync(directory, 0o755);
  const file = path.join(directory, `${path.parse(name).name}.mjs`);
  const build = await rolldown({ input: path.join(import.meta.dirname, name), platform: "node", logLevel: "silent" });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return file;
}
