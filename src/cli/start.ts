import { basename } from "node:path";
import { calledAs } from "./executable.ts";
import { processHost } from "./process-host.ts";
import { PROGRAM, run } from "./run.ts";

/**
 * Runs the program of this process: the command whose name it was called by, or the one that its first argument says.
 */
export async function start(): Promise<never> {
  const called = basename(calledAs ?? PROGRAM).replace(/\.(?:[cm]?[jt]s|exe)$/, "");
  const name = called === "main" || called === "cli" ? PROGRAM : called;
  const trace = process.env.KRB5_TRACE;
  const isTraced = trace !== undefined && trace !== "";
  const onTrace = isTraced ? (await import("./trace-file.ts")).traceToFile(trace) : undefined;
  const host = processHost(name, process.argv.slice(2), onTrace);
  const status = await run(host);
  await Promise.all([host.stdout.flush(), host.stderr.flush()]).catch(() => {});
  // Not waiting for connections that are kept for reuse.
  process.exit(status);
}
