import type { CredentialHost, TicketDefaults, TicketOptions } from "../client/index.ts";
import type { Krb5Config } from "../config/index.ts";
import { type EncType, etypeByName, strongEncTypes } from "../crypto/index.ts";
import { ConfigError } from "../errors.ts";
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
    // 0 is no wish, as with MIT.
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
      ...(tktEnctypes === undefined ? {} : { etypes: tktEnctypes }),
      ...(isTimestampDisabled ? { disabledPreauth: [PADATA.encTimestamp] } : {}),
    },
    service: { ...both, ...(tgsEnctypes === undefined ? {} : { etypes: tgsEnctypes }) },
  };
}

/** The KDCs that an option names for a realm; a plain list is of the client's own. */
export function kdcsOf(
  kdc: NonNullable<KerberosOptions["kdc"]>,
  realm: string,
  home: string | undefined,
): readonly string[] {
  if (Array.isArray(kdc)) return realm === home ? kdc : [];
  const lists = kdc as Readonly<Record<string, readonly string[]>>;
  return Object.hasOwn(lists, realm) ? (lists[realm] ?? []) : [];
}

/** The permitted enctypes. Throws RangeError for a name that is not built in: a caller's mistake. */
export function permittedTypes(names: readonly string[] | undefined): readonly EncType[] | undefined {
  if (names === undefined) return undefined;
  if (!Array.isArray(names)) throw new TypeError("enctypes is not a list of names");
  if (names.length === 0) throw new RangeError("enctypes is empty: name at least one");
  return names.map((name) => {
    const type = etypeByName(String(name));
    if (type !== undefined) return type;
    throw new RangeError(
      `enctype ${JSON.stringify(name)} is not one of ${strongEncTypes.map((known) => known.name).join(", ")}`,
    );
  });
}

/** Of `permitted_enctypes`, those that are built in, in the order of the file. */
export function typesOfConfig(config: Krb5Config): readonly EncType[] {
  const wanted = config.libdefaults.permittedEnctypes;
  if (wanted === undefined) return strongEncTypes;
  const types = wanted.flatMap((etype) => strongEncTypes.filter((type) => type.etype === etype));
  if (types.length > 0) return types;
  throw new ConfigError(
    `permitted_enctypes allows none of ${strongEncTypes.map(({ name }) => name).join(", ")}, which are all there are here`,
    { key: "permitted_enctypes" },
  );
}
