// The program under test: in this process over a made-up host, and as a process of its own with its links.

import fs from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import type { CommandHost } from "../../src/cli/command.ts";
import { LINKED } from "../../src/cli/commands/link.ts";
import { run } from "../../src/cli/run.ts";
import type { Runtime } from "../../src/host/index.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import type { TraceEvent } from "../../src/trace.ts";

const ROOT = path.join(import.meta.dirname, "../..");

/** Bundles the program into `directory` and links every command in `<directory>/bin`, whose path it gives. */
export async function installCli(directory: string): Promise<string> {
  const file = path.join(directory, "dist", "cli", "main.js");
  const build = await rolldown({
    input: path.join(ROOT, "src/cli/main.ts"),
    platform: "node",
    logLevel: "silent",
  });
  await build.write({ dir: path.dirname(file), format: "esm" });
  await build.close();
  fs.copyFileSync(path.join(ROOT, "package.json"), path.join(directory, "package.json"));
  fs.chmodSync(file, 0o755);
  const bin = path.join(directory, "bin");
  fs.mkdirSync(bin);
  for (const name of [...LINKED, "krb5-remctl"]) fs.symlinkSync(file, path.join(bin, name));
  return bin;
}

export interface CliWorld {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input, and what is typed at prompts, line by line. */
  readonly input?: string | Uint8Array;
  readonly runtime?: Runtime;
  readonly now?: () => number;
  readonly isTerminal?: boolean;
  /** The program's own file. */
  readonly program?: string;
}

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Everything that came out, and every step of the trace. */
  readonly everything: string;
}

/** Runs a command line in this process: `runCli(["klist", "-s"])`. */
export async function runCli(words: readonly string[], world: CliWorld = {}): Promise<CliResult> {
  const out = { stdout: "", stderr: "" };
  const events: TraceEvent[] = [];
  const output = (name: "stdout" | "stderr"): CommandHost["stdout"] => ({
    isTerminal: world.isTerminal ?? false,
    write: async (data) => {
      out[name] += typeof data === "string" ? data : Buffer.from(data).toString();
    },
  });
  let rest = Buffer.from(world.input ?? "");
  const line = async (prompt: string): Promise<Uint8Array | undefined> => {
    out.stdout += prompt;
    if (rest.length === 0) return undefined;
    const end = rest.indexOf("\n");
    const found = end < 0 ? rest : rest.subarray(0, end);
    rest = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 1);
    return new Uint8Array(found);
  };
  const [name = "", ...args] = words;
  const status = await run({
    name,
    ...(world.program === undefined ? {} : { program: world.program }),
    args,
    env: { PATH: process.env.PATH, ...world.env },
    runtime: world.runtime ?? nodeRuntime(),
    stdin: {
      isTerminal: false,
      read: async () => {
        const all = rest;
        rest = Buffer.alloc(0);
        return all.length === 0 ? undefined : new Uint8Array(all);
      },
    },
    stdout: output("stdout"),
    stderr: output("stderr"),
    readSecret: line,
    readLine: line,
    signal: new AbortController().signal,
    now: world.now ?? Date.now,
    onTrace: (event) => events.push(event),
  });
  return { status, ...out, everything: `${out.stdout}\n${out.stderr}\n${JSON.stringify(events)}` };
}
