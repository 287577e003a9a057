import type { CredentialHost, TicketDefaults, TicketOptions } from "../client/index.ts";
import type { Krb5Config } from "../config/index.ts";
import { PADATA } from "../iana/index.ts";
import type { Principal } from "../krb5/index.ts";
import { type PreauthMechanism, usualMechanisms } from "../preauth/index.ts";
import type { LibraryOptions } from "./kerberos-options.ts";
import { type RequestedTag, requestedEnctypes } from "./permitted-enctypes.ts";

type EnctypeOptions = Pick<LibraryOptions, "enctypes" | "knownTypes">;

/** What was read of a configuration for a realm, with the options that it was read by. */
interface Read {
  readonly options: EnctypeOptions;
  readonly defaults: TicketDefaults;
}

const MAX_REALMS = 64;
/** A configuration does not change, and reading a realm's tags takes longer than sealing a message. */
const readOf = new WeakMap<Krb5Config, Map<string, Read>>();

/** What the configuration asks of the tickets of a principal; enctypes that an option names come before its own. */
export function ticketDefaults(
  { config }: Pick<CredentialHost, "config">,
  { realm }: Principal,
  options: EnctypeOptions,
): TicketDefaults {
  const byRealm = readOf.get(config) ?? new Map<string, Read>();
  const known = byRealm.get(realm);
  if (known !== undefined && isSame(known.options, options)) return known.defaults;
  const defaults = readDefaults(config, realm, options);
  if (byRealm.size >= MAX_REALMS) byRealm.clear();
  readOf.set(config, byRealm.set(realm, { options, defaults }));
  return defaults;
}

function isSame(a: EnctypeOptions, b: EnctypeOptions): boolean {
  return a.enctypes === b.enctypes && a.knownTypes === b.knownTypes;
}

function readDefaults(config: Krb5Config, realm: string, { enctypes, knownTypes }: EnctypeOptions): TicketDefaults {
  const defaults = config.libdefaultsOf(realm);
  const {
    ticketLifetimeSeconds: lifetimeSeconds,
    renewLifetimeSeconds,
    forwardable,
    proxiable,
    canonicalize,
  } = defaults;
  const both: TicketOptions = {
    lifetimeSeconds,
    // 0 asks for nothing, as with MIT.
    ...(renewLifetimeSeconds === 0 ? {} : { renewLifetimeSeconds }),
  };
  const named = (tag: RequestedTag) =>
    enctypes === undefined ? requestedEnctypes(config, realm, tag, knownTypes) : {};
  // Each when it is needed: a tag of service tickets that leaves nothing stops no login, and one of logins no ticket
  // for a service.
  const login = once(() => ({
    ...both,
    forwardable,
    proxiable,
    canonicalize,
    ...named("default_tkt_enctypes"),
    ...preauthByConfig(config, realm),
  }));
  // What a service's ticket may do is what the ticket-granting ticket may do, as with libkrb5.
  const service = once(() => ({ lifetimeSeconds, ...named("default_tgs_enctypes") }));
  return {
    get login() {
      return login();
    },
    get service() {
      return service();
    },
  };
}

function once<T>(read: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= read();
    return value;
  };
}

/** What of a login is by the configuration alone, whatever options there are. */
export function preauthByConfig(
  config: Krb5Config,
  realm: string,
): Pick<TicketDefaults["login"], "disabledPreauth" | "preferredPreauth" | "kdcOptions"> {
  const { preferredPreauthTypes, kdcDefaultOptions } = config.libdefaultsOf(realm);
  const isTimestampDisabled = config.getRealm(realm)?.disableEncryptedTimestamp === true;
  return {
    ...(isTimestampDisabled ? { disabledPreauth: [PADATA.encTimestamp] } : {}),
    ...(preferredPreauthTypes === undefined ? {} : { preferredPreauth: preferredPreauthTypes }),
    ...(kdcDefaultOptions === undefined ? {} : { kdcOptions: kdcDefaultOptions }),
  };
}

/** The mechanisms of a program that names none, with what a configuration says of them when they are used. */
export function mechanismsByConfig(config: () => Krb5Config | undefined): readonly PreauthMechanism[] {
  return usualMechanisms({ spakeGroups: (realm) => config()?.libdefaultsOf(realm).spakePreauthGroups });
}
