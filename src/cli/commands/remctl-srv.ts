import { createLocator, type ServiceHost } from "../../discovery/index.ts";
import { createTrace, type TraceListener } from "../../trace.ts";
import type { CommandHost } from "../command.ts";
import { openLocal } from "../local.ts";

/**
 * The servers of a domain by its SRV records `_remctl._tcp.<domain>` (RFC 2782), in the order to try. Undefined: it has
 * none, and is the server itself. Nobody vouches for what DNS says: a server outside the domain is one whose principal
 * the person must have named, or anyone who answers for DNS would choose it.
 */
export async function placesBySrv(
  host: CommandHost,
  domain: string,
  isServiceNamed: boolean,
  onTrace: TraceListener,
): Promise<readonly ServiceHost[] | undefined> {
  const { config } = await openLocal(host);
  const trace = createTrace(onTrace, host.now);
  const locator = createLocator({ config, runtime: host.runtime, trace, now: host.now });
  const places = await locator.serviceHosts("remctl", "tcp", domain);
  if (places === undefined) return undefined;
  if (places.length === 0) throw new Error(`${domain} says in DNS that it has no remctl server`);
  for (const place of places) {
    if (!isServiceNamed && !isWithin(place.host, domain)) {
      throw new Error(
        `DNS says that the remctl server of ${domain} is ${place.host}, which is not in ${domain}: name its principal with -s`,
      );
    }
  }
  return places;
}

function isWithin(host: string, domain: string): boolean {
  const [name, suffix] = [host, domain].map((text) => text.toLowerCase().replace(/\.$/, "")) as [string, string];
  return name === suffix || name.endsWith(`.${suffix}`);
}
