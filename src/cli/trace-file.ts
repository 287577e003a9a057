import { openSync, writeSync } from "node:fs";
import type { TraceListener } from "../trace.ts";
import { formatTraceEvent } from "./trace-lines.ts";

/**
 * What `KRB5_TRACE` names: `/dev/stderr`, `/dev/stdout`, or a file that is added to, made with mode 0600. Undefined, as
 * with libkrb5, if it cannot be opened.
 */
export function traceToFile(path: string): TraceListener | undefined {
  const fd = descriptorOf(path);
  if (fd === undefined) return undefined;
  return (event) => {
    writeSync(fd, `[${process.pid}] ${(event.at / 1000).toFixed(6)}: ${formatTraceEvent(event)}\n`);
  };
}

function descriptorOf(path: string): number | undefined {
  if (path === "/dev/stdout") return 1;
  if (path === "/dev/stderr") return 2;
  try {
    return openSync(path, "a", 0o600);
  } catch {
    return undefined;
  }
}
