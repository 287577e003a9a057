import type { TraceChannel } from "../trace.ts";
import { builtin } from "./node-builtins.ts";

/** The channel that trace events are published on, for every client of the process. */
export const TRACE_CHANNEL = "krb5-remctl:trace";

/** The channel of `node:diagnostics_channel`; undefined where the host lacks the module. */
export function traceChannel(): TraceChannel | undefined {
  return builtin<{ channel(name: string): TraceChannel }>("node:diagnostics_channel")?.channel(TRACE_CHANNEL);
}
