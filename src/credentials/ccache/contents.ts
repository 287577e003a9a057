import { equalPrincipals, formatPrincipal, type Principal } from "../../krb5/index.ts";
import type { Credential } from "../credential.ts";
import { decodeConfigEntry, encodeConfigEntry, isConfigEntry, isRemoved, isSameEntry } from "./config-entries.ts";
import type { CacheContents, ConfigEntry, NewCacheContents } from "./types.ts";

/** Sorts what a cache keeps in one list into tickets and configuration entries. */
export function contentsOf(
  principal: Principal,
  all: readonly Credential[],
  clockOffsetMs: number | undefined,
): CacheContents {
  const credentials: Credential[] = [];
  const config: ConfigEntry[] = [];
  for (const one of all) {
    if (isRemoved(one)) continue;
    const entry = decodeConfigEntry(one);
    if (entry === undefined) {
      if (!isConfigEntry(one)) credentials.push(one);
    } else if (!config.some((other) => isSameEntry(other, entry))) config.push(entry);
  }
  return { principal, credentials, config, ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }) };
}

/** The one list: configuration entries first, as kinit writes them. */
export function listOf({ principal, credentials = [], config = [] }: NewCacheContents): Credential[] {
  return [...config.map((entry) => encodeConfigEntry(principal, entry)), ...credentials];
}

/** The value of a configuration entry; undefined if there is none. */
export function configValue(
  { config }: Pick<CacheContents, "config">,
  key: string,
  server?: Principal,
): Uint8Array | undefined {
  return config.find((entry) => isSameEntry(entry, server === undefined ? { key } : { key, server }))?.value;
}

/** Which ticket of a cache is wanted. */
export interface CredentialQuery {
  /** The service that the ticket is for. */
  readonly server: Principal;
  /** The time by the KDC's clock at which the ticket must be good; default: any that the cache has. */
  readonly at?: Date;
  /** The enctypes of session keys that will do. */
  readonly etypes?: readonly number[];
}

/** The ticket that fits and ends last; undefined if none fits. */
export function findCredential(
  { credentials }: Pick<CacheContents, "credentials">,
  { server, at, etypes }: CredentialQuery,
): Credential | undefined {
  let best: Credential | undefined;
  for (const one of credentials) {
    if (!equalPrincipals(one.server, server) || one.isSkey) continue;
    if (etypes !== undefined && !etypes.includes(one.key.etype)) continue;
    if (at !== undefined && (one.endTime <= at || (one.startTime ?? one.authTime) > at)) continue;
    if (best === undefined || one.endTime >= best.endTime) best = one;
  }
  return best;
}

/** For errors: which principal a cache is of. */
export function ownerOf({ principal }: Pick<CacheContents, "principal">): string {
  return formatPrincipal(principal);
}
