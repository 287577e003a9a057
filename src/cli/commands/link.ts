// Not by getBuiltinModule, as in code-cache.ts: Node reads this file for its command alone, and Bun's executable starts
// 6 ms later where no file imports `node:fs` or its promises.
import { chmod, lstat, mkdir, readlink, realpath, stat, symlink, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import { UsageError } from "../getopt.ts";
import { type Program, runProgram } from "../program.ts";
import { say } from "../text.ts";

/** What MIT's, remctl's and kstart's packages have under these names. */
export const LINKED: readonly string[] = [
  ...["kinit", "klist", "kdestroy", "kvno", "kpasswd", "kswitch", "ktutil"],
  ...["remctl", "k5start", "krenew"],
];

const program: Program = {
  short: "f",
  usage: `Usage: krb5-remctl link [-f] DIR
`,
  help: `Makes ${LINKED.join(", ")}
commands in a directory: links to this program. Put the directory first on the PATH, and scripts that call these names
use this program.

  -f    replaces existing files of these names

Example: krb5-remctl link ~/.local/bin
`,
  usageStatus: 2,
};

/** `krb5-remctl link`. */
export function link(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    const [directory, extra] = args.operands;
    if (directory === undefined || extra !== undefined) throw new UsageError();
    if (host.program === undefined)
      throw new CommandFailure("this program is not a file that can be linked to: install the package");
    const target = await realpath(host.program);
    if (/[\\/]_npx[\\/]/.test(target)) {
      throw new CommandFailure(
        "npx keeps this program in a cache that npm empties: install it first (npm install krb5-remctl, or with -g), and link that",
      );
    }
    await makeDirectories(path.resolve(directory));
    await makeExecutable(target);
    for (const name of LINKED) {
      await makeLink(path.join(directory, name), target, name, args.has("f"));
      await say(host, path.join(directory, name));
    }
    return 0;
  });
}

/**
 * A directory with its parents. Node's own recursive `mkdir` goes round for ever where a parent is there and nothing
 * can be made in it, as in /proc.
 */
async function makeDirectories(directory: string): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    const parent = path.dirname(directory);
    if (code === "ENOENT" && parent !== directory && (await stat(parent).catch(() => undefined)) === undefined) {
      await makeDirectories(parent);
      await mkdir(directory);
    } else if (code !== "EEXIST" || !(await stat(directory)).isDirectory()) {
      throw error;
    }
  }
}

async function makeLink(place: string, target: string, name: string, isForced: boolean): Promise<void> {
  const isWindows = process.platform === "win32";
  const file = isWindows ? `${place}.cmd` : place;
  const there = await lstat(file).catch(() => undefined);
  if (there !== undefined) {
    if (!isWindows && there.isSymbolicLink() && (await readlink(file)) === target) return;
    if (!isForced) throw new CommandFailure(`${file} is there already: name another directory, or replace it with -f`);
    await unlink(file);
  }
  // Windows starts no script by its name; a command file says which it is.
  if (isWindows) await writeFile(file, `@"${process.execPath}" "${target}" ${name} %*\r\n`);
  else await symlink(target, file);
}

/** npm does this when it installs; a build in a clone has not. */
async function makeExecutable(target: string): Promise<void> {
  const { mode } = await stat(target);
  if ((mode & 0o111) === 0) await chmod(target, (mode & 0o777) | 0o111);
}
