import type { HostEnvironment } from "../host/index.ts";
import { isGranted } from "./deno-permissions.ts";
import { nodeEnvironment } from "./node-environment.ts";

/** The environment as far as Deno's permissions go: a variable that may not be read is not set. */
export function denoEnvironment(): HostEnvironment {
  const variables = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
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
  // The numbers and the name of the user are under one permission each; without all of them, none is looked at.
  if (isGranted({ name: "sys" })) return { ...nodeEnvironment(), env };
  return { env, isWindows: (globalThis as { process?: { platform?: string } }).process?.platform === "win32" };
}
