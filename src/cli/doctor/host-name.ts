import { lookup } from "node:dns/promises";

/** The addresses of a name, or why it has none. */
export async function addressesOf(name: string): Promise<readonly string[] | Error> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
