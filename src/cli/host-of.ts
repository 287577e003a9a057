import type { CommandHost } from "./command.ts";

/** The same host for another command. */
export function hostOf(
  host: CommandHost,
  name: string,
  args: readonly string[],
  changes: Partial<CommandHost> = {},
): CommandHost {
  const inner: CommandHost = Object.create(host);
  for (const [key, value] of Object.entries({ name, args, ...changes })) Object.defineProperty(inner, key, { value });
  return inner;
}
