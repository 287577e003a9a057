import { lookup } from "node:dns/promises";
import type { Runtime } from "../../host/index.ts";

/** The addresses of a name as connections are made to it, or why it has none. */
export async function addressesOf(
  { lookUp }: Pick<Runtime, "lookUp">,
  name: string,
): Promise<readonly string[] | Error> {
  try {
    return (await lookUp?.(name)) ?? (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
