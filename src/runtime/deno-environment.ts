import type { HostEnvironment } from "../host/index.ts";
import { isGranted } from "./deno-permissions.ts";

interface Process {
  readonly env?: Record<string, string | undefined>;
  readonly platform?: string;
  getuid?(): number;
  geteuid?(): number;
}

/** The environment as far as Deno's permissions go: a variable that may not be read is not set. */
export function denoEnvironment(): HostEnvironment {
  const process = (globalThis as { process?: Process }).process;
  const variables = process?.env ?? {};
  const mayRead = (variable: string | symbol): variable is string =>
    typeof variable === "string" && isGranted({ name: "env", variable });
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => (mayRead(name) ? variables[name] : undefined),
      has: (_, name) => mayRead(name) && name in variables,
      ownKeys: () => (isGranted({ name: "env" }) ? Reflect.ownKeys(variables) : []),
      getOwnPropertyDescriptor: (_, name) =>
        mayRead(name) && variables[name] !== undefined
          ? { value: variables[name], enumerable: true, configurable: true, writable: false }
          : undefined,
    },
  );
  const mayAsk = isGranted({ name: "sys", kind: "uid" });
  const uid = mayAsk ? process?.getuid?.() : undefined;
  const euid = mayAsk ? process?.geteuid?.() : undefined;
  // The user's name is another permission, and in a variable as a rule.
  return {
    env,
    ...(uid === undefined ? {} : { uid }),
    ...(euid === undefined ? {} : { euid }),
    isWindows: process?.platform === "win32",
  };
}
