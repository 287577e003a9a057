// Deno's opinion of the comments of what is published.

import { execFile } from "node:child_process";
import path from "node:path";
import { runtimePath } from "../runtimes/index.mjs";

/**
 * What `deno doc --lint` finds: names that an entry publishes and nothing says what they are, and types that nobody can name.
 * @param {readonly string[]} files from the base
 * @param {string} base
 * @returns {Promise<string[]>}
 */
export function denoLint(files, base) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
    const args = ["doc", "--lint", ...files];
    execFile(runtimePath("deno"), args, { cwd: base, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) return resolve([]);
      const text = stdout + stderr;
      const found = [...text.matchAll(/^error\[([\w-]+)\]: ([^\n]*)\n\s*--> ([^\n]*)/gm)].map(
        ([, rule, message, place = ""]) =>
          `${path.relative(base, path.resolve(base, place)).replace(/:\d+$/, "")}: ${rule}: ${message}`,
      );
      // Something else went wrong, and would pass for a clean lint.
      if (found.length === 0) return reject(new Error(`deno doc --lint failed:\n${text.slice(0, 4000)}`));
      resolve(found);
    });
  });
}
