import type { Runtime } from "../host/index.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Whether an endpoint is one of others, by whatever transport: the same name or address and the same port. Names are
 * looked up where the host can, since one KDC may have two.
 */
export async function isAmong(
  one: Endpoint,
  others: readonly Endpoint[],
  runtime: Pick<Runtime, "lookUp">,
): Promise<boolean> {
  const beside = others.filter(({ port, url }) => port === one.port && (url === undefined) === (one.url === undefined));
  if (beside.some(({ host }) => host.toLowerCase() === one.host.toLowerCase())) return true;
  if (beside.length === 0) return false;
  const addressesOf = async ({ host }: Endpoint): Promise<readonly string[]> => {
    try {
      return (await runtime.lookUp?.(host)) ?? [host];
    } catch {
      return [host];
    }
  };
  const own = await addressesOf(one);
  const all = (await Promise.all(beside.map(addressesOf))).flat();
  return own.some((address) => all.includes(address));
}
