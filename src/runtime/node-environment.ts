import type { HostEnvironment } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";

interface NodeProcess {
  readonly env?: Record<string, string | undefined>;
  readonly platform?: string;
  getuid?(): number;
  geteuid?(): number;
}

/**
 * The environment of a process, through Node's modules. What the host keeps from us (Deno's permissions) is left out.
 */
export function nodeEnvironment(): HostEnvironment {
  const process = (globalThis as { process?: NodeProcess }).process;
  const uid = quietly(() => process?.getuid?.());
  const euid = quietly(() => process?.geteuid?.());
  const username = quietly(() => builtin<typeof import("node:os")>("node:os")?.userInfo().username);
  return {
    env: process?.env ?? {},
    ...(uid === undefined ? {} : { uid }),
    ...(euid === undefined ? {} : { euid }),
    ...(username === undefined ? {} : { username }),
    isWindows: process?.platform === "win32",
  };
}

/** A user without an entry in the passwd file has no name; Deno asks for permission. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
