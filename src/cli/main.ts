#!/usr/bin/env node
// The program. Under another name (a link `kinit` to this file) it is that command.

import * as module from "node:module";
import { basename } from "node:path";
import { calledAs } from "./executable.ts";
import { processHost } from "./process-host.ts";
import { PROGRAM, run } from "./run.ts";

// Keeps compiled code between runs where the host can (Node 22.8): a third of the start.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const called = basename(calledAs ?? PROGRAM).replace(/\.(?:[cm]?[jt]s|exe)$/, "");
const name = called === "main" || called === "cli" ? PROGRAM : called;
const trace = process.env.KRB5_TRACE;
const host = processHost(
  name,
  process.argv.slice(2),
  trace === undefined || trace === "" ? undefined : (await import("./trace-file.ts")).traceToFile(trace),
);
const status = await run(host);
await Promise.all([host.stdout.flush(), host.stderr.flush()]).catch(() => {});
// Not waiting for connections that are kept for reuse.
process.exit(status);
