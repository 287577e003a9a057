import { NAME_TYPE } from "../../iana/index.ts";
import { equalPrincipals, formatPrincipal, type Principal, parsePrincipal, principal } from "../../krb5/index.ts";
import { type Credential, credential } from "../credential.ts";
import { KeyBlock } from "../key-block.ts";
import type { ConfigEntry } from "./types.ts";

const REALM = "X-CACHECONF:";
const REMOVED_REALM = "X-RMED-CONF:";
const NAME = "krb5_ccache_conf_data";

/** Whether a credential is a configuration entry. */
export function isConfigEntry({ server }: Credential): boolean {
  return server.realm === REALM && server.components[0] === NAME;
}

/** Whether a credential was marked as removed where it stands, the way of libkrb5 since 1.17. */
export function isRemoved({ server, authTime, endTime }: Credential): boolean {
  return server.realm === REMOVED_REALM || (endTime.getTime() === 0 && authTime.getTime() !== 0);
}

/** The same credential marked as removed, of the same length on file, and without its key. */
export function markRemoved(from: Credential): Credential {
  return credential({
    ...from,
    server: isConfigEntry(from) ? { ...from.server, realm: REMOVED_REALM } : from.server,
    key: new KeyBlock(from.key.etype, new Uint8Array(from.key.octets.length)),
    authTime: new Date(0xffffffff * 1000),
    endTime: new Date(0),
  });
}

/** The credential that keeps a configuration entry in a cache of `client`. */
export function encodeConfigEntry(client: Principal, { key, server, value }: ConfigEntry): Credential {
  return credential({
    client,
    server: principal(REALM, [NAME, key, ...(server === undefined ? [] : [formatPrincipal(server)])]),
    key: new KeyBlock(0, new Uint8Array()),
    authTime: new Date(0),
    endTime: new Date(0),
    isSkey: false,
    flags: 0,
    addresses: [],
    authData: [],
    ticket: value,
    secondTicket: new Uint8Array(),
  });
}

/** The entry that a credential keeps; undefined if it keeps none. */
export function decodeConfigEntry(from: Credential): ConfigEntry | undefined {
  if (!isConfigEntry(from) || isRemoved(from)) return undefined;
  const [, key, about] = from.server.components;
  if (key === undefined) return undefined;
  return { key, ...(about === undefined ? {} : { server: principalOf(about) }), value: from.ticket };
}

/** What an entry is about. */
interface About {
  readonly key: string;
  readonly server?: Principal | undefined;
}

/** Whether two entries are about the same thing. */
export function isSameEntry(a: About, b: About): boolean {
  if (a.key !== b.key) return false;
  if (a.server === undefined || b.server === undefined) return a.server === b.server;
  return equalPrincipals(a.server, b.server);
}

/** A program may have quoted the name in another way: then it is one component, and equal to itself. */
function principalOf(text: string): Principal {
  try {
    return parsePrincipal(text);
  } catch {
    return principal("", [text], NAME_TYPE.unknown);
  }
}
