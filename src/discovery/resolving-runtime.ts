import { type ConnectOptions, eitherFamily, isLocalhost, type Runtime } from "../host/index.ts";
import type { Resolver } from "./dns/index.ts";
import { interleave, race } from "./race.ts";

/** Gives the addresses of a name, the best first. */
export type LookUp = (host: string, signal: AbortSignal | undefined) => Promise<readonly string[]>;

/**
 * The runtime, with TCP connections made to all addresses of a name as RFC 8305 says, and datagrams sent to what
 * `lookUp` says too if `isForDatagrams` says so of the name. An address is not looked up, and the host resolves
 * `localhost` itself (RFC 6761 section 6.3).
 */
export function resolvingRuntime(runtime: Runtime, lookUp: LookUp, isForDatagrams: (host: string) => boolean): Runtime {
  const { connectTcp, connectUdp } = runtime;
  const addressesOf = async (host: string, { signal, onLookUp }: ConnectOptions): Promise<readonly string[]> => {
    if (isAddress(host) || isLocalhost(host)) return [host];
    onLookUp?.(false);
    const found = await lookUp(host, signal);
    onLookUp?.(true);
    return interleave(found);
  };
  return {
    ...runtime,
    lookUp: (host) => addressesOf(host, {}),
    ...(connectTcp === undefined
      ? {}
      : {
          connectTcp: async (host, port, options) => {
            const addresses = await addressesOf(host, options);
            options.signal?.throwIfAborted();
            if (addresses.length === 1) return connectTcp.call(runtime, addresses[0] as string, port, options);
            return race(
              addresses,
              (address, signal) => connectTcp.call(runtime, address, port, { ...options, signal }),
              (late) => late.abort(),
              { signal: options.signal, what: `cannot connect to ${host}:${port}` },
            );
          },
        }),
    ...(connectUdp === undefined
      ? {}
      : {
          // A datagram socket says nothing of whether an address answers: the first of the family that hosts always
          // have.
          connectUdp: async (host, port, options) => {
            if (!isForDatagrams(host)) return connectUdp.call(runtime, host, port, options);
            const addresses = await addressesOf(host, options);
            const address = addresses.find((one) => !one.includes(":")) ?? (addresses[0] as string);
            return connectUdp.call(runtime, address, port, options);
          },
        }),
  };
}

/** {@link LookUp} by a resolver: AAAA and A at once, and one that fails or does not come leaves the other's. */
export function lookUpWith(getResolver: () => Promise<Resolver>): LookUp {
  return async (host, signal) => {
    const resolver = await getResolver();
    const addressesBy = async (type: "aaaa" | "a"): Promise<readonly string[]> =>
      (await resolver.query(host, type, { signal })).records.map(({ data }) => data);
    const [ipv6, ipv4] = [addressesBy("aaaa"), addressesBy("a")];
    const addresses = await eitherFamily(ipv6, ipv4);
    if (addresses.length > 0) return addresses;
    // Of two failures the error names that of IPv4.
    await Promise.all([ipv4, ipv6]);
    throw Object.assign(new Error(`the name ${host} has no address in DNS`), { code: "ENOTFOUND" });
  };
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}
