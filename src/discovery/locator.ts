import { Krb5Config, Profile, type ServerAddress } from "../config/index.ts";
import { endpointTexts } from "./endpoints.ts";
import type { Locator, LocatorOptions } from "./types.ts";

/**
 * Makes a {@link Locator}. Nothing is looked up, and no DNS code is loaded, before something is asked that the
 * configuration does not answer.
 *
 * ```ts
 * const locator = createLocator({ config, runtime });
 * const transport = createKdcTransport({ runtime: locator.runtime, kdcs: locator.kdcs });
 * ```
 */
export function createLocator(options: LocatorOptions): Locator {
  const { runtime, trace = () => {} } = options;
  const config = options.config ?? new Krb5Config(new Profile([]));
  const configured = (addresses: readonly ServerAddress[] | undefined): readonly string[] =>
    endpointTexts(addresses ?? [], trace);

  return {
    runtime,
    kdcs: async (realm) => configured(config.kdcs(realm)),
    primaryKdcs: async (realm) => configured(config.getRealm(realm)?.primaryKdcs),
    kpasswdServers: async (realm) => configured(config.getRealm(realm)?.kpasswdServers),
    realmOfHost: async (host) => config.domainRealm(host) ?? "",
    serviceHosts: async () => undefined,
  };
}
