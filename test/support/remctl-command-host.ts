import type { CommandHost } from "../../src/cli/command.ts";
import { remctl } from "../../src/cli/commands/remctl.ts";
import { run } from "../../src/cli/run.ts";
import { detectRuntime } from "../../src/runtime/index.ts";

/** What a person or a pipe gives, and the world that the command sees. */
export interface CommandWorld {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  /** What is typed, one for each prompt. */
  readonly secrets?: readonly string[];
  readonly isTerminal?: boolean;
  readonly runtime?: CommandHost["runtime"];
}

export interface CommandOutcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly prompts: readonly string[];
}

/** Runs `krb5-remctl remctl` with these words in this process, as the program does. */
export async function runCommand(words: readonly string[], world: CommandWorld = {}): Promise<CommandOutcome> {
  const written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const output = (name: "stdout" | "stderr"): CommandHost["stdout"] => ({
    isTerminal: world.isTerminal ?? false,
    write: async (data) => {
      written[name].push(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
    },
  });
  const pending = world.input === undefined ? [] : [Buffer.from(world.input)];
  const secrets = [...(world.secrets ?? [])];
  const prompts: string[] = [];
  const host: CommandHost = {
    name: "krb5-remctl",
    args: ["remctl", ...words],
    env: world.env ?? {},
    runtime: world.runtime ?? detectRuntime(),
    stdin: { isTerminal: world.isTerminal ?? false, read: async () => pending.shift() },
    stdout: output("stdout"),
    stderr: output("stderr"),
    readSecret: async (prompt, to) => {
      // Standard output is the command's.
      if (to !== "stderr") throw new Error("a prompt among the output");
      prompts.push(prompt);
      const secret = secrets.shift();
      return secret === undefined ? undefined : new TextEncoder().encode(secret);
    },
    get signal(): AbortSignal {
      throw new Error("the command takes no signals over");
    },
    now: Date.now,
  };
  const status = await run(host, [{ name: "remctl", summary: "", run: remctl }]);
  const text = (name: "stdout" | "stderr"): string => Buffer.concat(written[name]).toString();
  return { status, stdout: text("stdout"), stderr: text("stderr"), prompts };
}
