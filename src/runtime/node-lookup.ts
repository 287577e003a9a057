import { needBuiltin } from "./node-builtins.ts";

type Dns = Pick<typeof import("node:dns"), "promises" | "ADDRCONFIG">;

/** RFC 8305 section 3: so long the other family's answer is awaited when one is there. */
const RESOLUTION_DELAY_MS = 50;

/**
 * {@link Runtime.lookUp} over `node:dns`: getaddrinfo, with what /etc/hosts says. Each family is asked for by itself,
 * if the host has addresses of it, and the first answer does not wait long for the other: some resolvers drop questions
 * for IPv6. `given` is for tests.
 */
export async function lookUp(host: string, given?: object): Promise<readonly string[]> {
  // No host's type in the signature: declarations are published.
  const { promises, ADDRCONFIG } = (given ?? needBuiltin<Dns>("node:dns")) as Dns;
  const ask = async (options: { readonly family?: 4 | 6; readonly hints?: number }): Promise<readonly string[]> =>
    (await promises.lookup(host, { all: true, order: "verbatim", ...options })).map(({ address }) => address);
  const ipv6 = ask({ family: 6, hints: ADDRCONFIG });
  const ipv4 = ask({ family: 4, hints: ADDRCONFIG });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = Promise.any([ipv6, ipv4]).then(
    () =>
      new Promise<readonly string[]>((resolve) => {
        timer = setTimeout(() => resolve([]), RESOLUTION_DELAY_MS);
      }),
    () => [],
  );
  const answers = await Promise.all([ipv6, ipv4].map((answer) => Promise.race([answer.catch(() => []), late])));
  clearTimeout(timer);
  const found = answers.flat();
  // A host that has no address but its own asks for any: names of itself are good there. It also says what is wrong.
  return found.length > 0 ? found : ask({});
}

/** {@link Runtime.nameServers} over `node:dns`. */
export function nameServers(): readonly string[] {
  return needBuiltin<typeof import("node:dns")>("node:dns").getServers();
}
