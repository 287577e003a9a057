import { detectRuntime } from "../runtime/index.ts";
import type { TraceListener } from "../trace.ts";
import type { CommandHost } from "./command.ts";
import { programFile } from "./executable.ts";
import { type FileOutput, fileOutput, standardInput } from "./stdio.ts";

/** The host of a process: its arguments, environment, streams and signals. */
export function processHost(
  name: string,
  args: readonly string[],
  onTrace: TraceListener | undefined,
): CommandHost & { readonly stdout: FileOutput; readonly stderr: FileOutput } {
  const stdin = standardInput();
  const stdout = fileOutput(1);
  const stderr = fileOutput(2);
  let signals: AbortController | undefined;
  return {
    name,
    ...(programFile === "" ? {} : { program: programFile }),
    args,
    env: process.env,
    runtime: detectRuntime(),
    stdin,
    stdout,
    stderr,
    async readSecret(prompt, to = "stdout") {
      const output = to === "stdout" ? stdout : stderr;
      await output.write(prompt);
      return await stdin.readLine({ isEchoed: false, onEnd: () => output.write("\n") });
    },
    async readLine(prompt) {
      await stdout.write(prompt);
      return await stdin.readLine({ isEchoed: true });
    },
    get signal() {
      signals ??= takeSignals();
      return signals.signal;
    },
    now: Date.now,
    ...(onTrace === undefined ? {} : { onTrace }),
  };
}

/** The first signal aborts; the second one does what it always does. */
function takeSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => controller.abort(new Error(`stopped by ${name}`)));
  }
  return controller;
}
