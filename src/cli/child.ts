import { CommandFailure } from "./failure.ts";
import { messageOf } from "./program.ts";

export type SignalName = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "SIGALRM";

/** A program that was started, on this program's own input and output. */
export interface Child {
  readonly pid: number | undefined;
  /** Its exit status; 128 and the number of the signal that ended it, as a shell has it. */
  readonly ended: Promise<number>;
  kill(signal: SignalName): void;
}

/** Starts a program without a shell. Rejects if it cannot be started. */
export async function startChild(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Child> {
  const [file = "", ...args] = command;
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn(file, args, { stdio: "inherit", env: { ...env } });
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : process.getBuiltinModule("node:os").constants.signals[signal])),
    );
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => {
      reject(new CommandFailure(`unable to run command ${file}: ${messageOf(cause)}`, { cause }));
    });
  });
  // A signal that cannot be sent any more.
  child.on("error", () => {});
  return { pid: child.pid, ended, kill: (signal) => void child.kill(signal) };
}

/** kstart handles these signals always. */
const TAKEN = ["SIGHUP", "SIGTERM", "SIGALRM"] as const;
/** kstart handles these where it runs a command. Without a command they end it. */
const TAKEN_FOR_COMMAND = ["SIGINT", "SIGQUIT"] as const;

/** Takes over the signals that end a program, and SIGALRM. The result gives them back. */
export function takeSignals(hasCommand: boolean, onSignal: (signal: SignalName) => void): () => void {
  const listeners = [...TAKEN, ...(hasCommand ? TAKEN_FOR_COMMAND : [])].map(
    (signal) => [signal, () => onSignal(signal)] as const,
  );
  for (const [signal, listener] of listeners) {
    try {
      process.on(signal, listener);
    } catch {
      // Not every host has every signal.
    }
  }
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
