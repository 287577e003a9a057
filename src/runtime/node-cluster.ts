import { builtin } from "./node-builtins.ts";

/** Whether this process is one of the workers of `node:cluster`, which share the connections of a port. */
export function isOneOfMany(): boolean {
  return builtin<{ readonly isWorker?: boolean }>("node:cluster")?.isWorker === true;
}
