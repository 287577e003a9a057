import { needBuiltin } from "./node-builtins.ts";

/** {@link Runtime.lookUp} over `node:dns`: getaddrinfo, with what /etc/hosts says, in its order (RFC 6724). */
export async function lookUp(host: string): Promise<readonly string[]> {
  const { promises } = needBuiltin<typeof import("node:dns")>("node:dns");
  return (await promises.lookup(host, { all: true, order: "verbatim" })).map(({ address }) => address);
}

/** {@link Runtime.nameServers} over `node:dns`. */
export function nameServers(): readonly string[] {
  return needBuiltin<typeof import("node:dns")>("node:dns").getServers();
}
