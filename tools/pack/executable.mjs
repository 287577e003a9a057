// `npm run executable`: the command line as one file that needs nothing installed, made with Bun.
// node tools/pack/executable.mjs [FILE]

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { toolArguments } from "../arguments.mjs";
import { ROOT, run } from "../bootstrap.mjs";
import { ensureRuntimes, runtimePath } from "../runtimes/index.mjs";

/**
 * @param {string} file
 * @param {{ bun?: string }} [options] `bun`: the Bun that the executable carries; default the one that makes it
 */
export async function buildExecutable(file, options = {}) {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
  await run(
    runtimePath("bun"),
    [
      // Compiled beforehand: to read the text takes longer than all else that a command does.
      ...[
        "build",
        "--compile",
        "--minify",
        "--bytecode",
        "--format=esm",
        "--define",
        `KRB5_REMCTL_VERSION=${JSON.stringify(version)}`,
      ],
      // What lies in the folder where it is called must not change what it does.
      ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
      ...(options.bun === undefined ? [] : [`--compile-executable-path=${options.bun}`]),
      ...["src/cli/main.ts", "--outfile", file],
    ],
    { cwd: ROOT },
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { names } = toolArguments({
    command: "npm run executable --",
    about: "Builds the command line as one executable, with Bun.",
    names: "[FILE]",
  });
  await ensureRuntimes();
  const file = path.resolve(names[0] ?? "krb5-remctl");
  await buildExecutable(file);
  console.log(`${file}: ${(fs.statSync(file).size / 1e6).toFixed(0)} MB`);
}
