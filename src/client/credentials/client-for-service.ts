import { decodeText } from "../../bytes/index.ts";
import type { Krb5Config } from "../../config/index.ts";
import { isKerberosError } from "../../errors.ts";
import { NAME_TYPE } from "../../iana/index.ts";
import { type Principal, printableName } from "../../krb5/index.ts";
import { noteTo } from "../../trace.ts";
import type { CredentialHost } from "./credential-source.ts";
import { cachesNamed, collectionNamed } from "./find-cache.ts";
import { identityFor } from "./k5identity.ts";

const MAX_FILE_BYTES = 65_536;

/**
 * Chooses who asks for a ticket for a service, like libgssapi where nobody is named: whom `.k5identity` of the
 * home folder names, else the first of the default collection in the service's realm, else in the realm that is the
 * longest domain of its host.
 *
 * @param service the service; one without a realm is in that of `[domain_realm]`, or of its host's domain
 * @param caches the name of the default cache
 * @param host the environment
 * @returns the principal; undefined: that of the default cache
 */
export async function clientForService(
  service: Principal,
  caches: string,
  host: CredentialHost,
): Promise<Principal | undefined> {
  const asked = { ...service, realm: service.realm === "" ? realmOf(service, host.config) : service.realm };
  const note = (how: string, client: Principal): Principal => {
    noteTo(host.onTrace, `${printableName(client)} asks for ${printableName(asked)}: ${how}`);
    return client;
  };
  const named = identityFor(await identityFile(host), asked);
  if (named !== undefined) {
    const realm = named.realm === "" ? (host.config.libdefaults.defaultRealm ?? "") : named.realm;
    if (realm !== "") return note("by .k5identity", { ...named, realm });
  }
  // Of one cache nothing is to be chosen.
  if (asked.realm === "" || collectionNamed(caches, host) === undefined) return undefined;
  let byDomain: Principal | undefined;
  for await (const { contents } of cachesNamed(caches, host)) {
    const client = contents.principal;
    if (client.realm === asked.realm) return note("it is of the service's realm", client);
    if (isDomainOf(client.realm, asked) && client.realm.length > (byDomain?.realm.length ?? 0)) byDomain = client;
  }
  return byDomain && note("its realm is a domain of the host", byDomain);
}

/**
 * The realm that a service without one may be in (krb5_get_fallback_host_realm): nothing is decided by it but who asks.
 */
function realmOf({ components: [, host = ""] }: Principal, config: Krb5Config): string {
  const dot = host.indexOf(".");
  const fallback = dot < 0 ? config.libdefaults.defaultRealm : host.slice(dot + 1).toUpperCase();
  return config.domainRealm(host) ?? fallback ?? "";
}

function isDomainOf(realm: string, { nameType, components: [, host = ""] }: Principal): boolean {
  return nameType === NAME_TYPE.srvHst && `.${host.toUpperCase()}`.endsWith(`.${realm.toUpperCase()}`);
}

/** Gives the text of `.k5identity`; empty if the file is missing or cannot be read. */
async function identityFile({ environment, files, onTrace }: CredentialHost): Promise<string> {
  const home = environment.env?.HOME;
  if (files === undefined || home === undefined || home === "") return "";
  const path = `${home.replace(/\/$/, "")}/.k5identity`;
  try {
    const octets = await files.read(path, { maxBytes: MAX_FILE_BYTES });
    return octets === undefined ? "" : decodeText(octets);
  } catch (error) {
    if (!isKerberosError(error) && !(error instanceof Error)) throw error;
    noteTo(onTrace, `${path} is passed over: ${error.message}`);
    return "";
  }
}
