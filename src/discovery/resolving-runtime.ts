import { TransportError } from "../errors.ts";
import type { Runtime } from "../host/index.ts";
import type { Resolver } from "./dns/index.ts";
import { interleave, race } from "./race.ts";

/**
 * The runtime, with names looked up by the resolver that the user named rather than the host's: all addresses of a name, raced as
 * RFC 8305 says. An address is no name, and `localhost` is not asked for (RFC 6761 section 6.3).
 */
export function resolvingRuntime(runtime: Runtime, getResolver: () => Promise<Resolver>): Runtime {
  const { connectTcp, connectUdp } = runtime;
  const addressesOf = async (host: string, signal: AbortSignal | undefined): Promise<readonly string[]> => {
    if (isAddress(host) || /^(?:.*\.)?localhost\.?$/i.test(host)) return [host];
    const resolver = await getResolver();
    // Both at once; one that fails leaves the other's.
    const [ipv6, ipv4] = await Promise.allSettled([
      resolver.query(host, "aaaa", { signal }),
      resolver.query(host, "a", { signal }),
    ]);
    if (ipv4.status === "rejected" && (ipv6.status === "rejected" || ipv6.value.records.length === 0))
      throw ipv4.reason;
    const data = ({ status, ...rest }: typeof ipv6 | typeof ipv4): readonly string[] =>
      status === "fulfilled" && "value" in rest ? rest.value.records.map((record) => record.data) : [];
    const addresses = interleave(data(ipv6), data(ipv4));
    if (addresses.length === 0) throw new TransportError("CONNECT", `the name ${host} has no address in DNS`);
    return addresses;
  };
  return {
    ...runtime,
    ...(connectTcp === undefined
      ? {}
      : {
          connectTcp: async (host, port, options) => {
            const addresses = await addressesOf(host, options.signal);
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
          // A datagram socket says nothing of whether an address answers: the first of the family that hosts always have.
          connectUdp: async (host, port, options) => {
            const addresses = await addressesOf(host, options.signal);
            const address = addresses.find((one) => !one.includes(":")) ?? (addresses[0] as string);
            return connectUdp.call(runtime, address, port, options);
          },
        }),
  };
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
}
