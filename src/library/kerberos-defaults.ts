import type { CredentialHost, TicketDefaults, TicketOptions } from "../client/index.ts";
import { PADATA } from "../iana/index.ts";
import type { Principal } from "../krb5/index.ts";
import type { KerberosOptions } from "./kerberos-options.ts";

/** What the configuration asks of the tickets of a principal; enctypes that an option names come before its own. */
export function ticketDefaults(
  { config }: Pick<CredentialHost, "config">,
  { realm }: Principal,
  { enctypes }: Pick<KerberosOptions, "enctypes">,
): TicketDefaults {
  const defaults = config.libdefaultsOf(realm);
  const { ticketLifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable, canonicalize } = defaults;
  const { tktEnctypes, tgsEnctypes } = enctypes === undefined ? defaults : {};
  const both: TicketOptions = {
    // 0 asks for nothing, as with MIT.
    ...(ticketLifetimeSeconds === 0 ? {} : { lifetimeSeconds: ticketLifetimeSeconds }),
    ...(renewLifetimeSeconds === 0 ? {} : { renewLifetimeSeconds }),
    forwardable,
    proxiable,
  };
  const isTimestampDisabled = config.getRealm(realm)?.disableEncryptedTimestamp === true;
  return {
    login: {
      ...both,
      canonicalize,
      ...(tktEnctypes === undefined ? {} : { enctypes: tktEnctypes }),
      ...(isTimestampDisabled ? { disabledPreauth: [PADATA.encTimestamp] } : {}),
    },
    service: { ...both, ...(tgsEnctypes === undefined ? {} : { enctypes: tgsEnctypes }) },
  };
}
