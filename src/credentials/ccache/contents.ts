import { decodeText } from "../../bytes/index.ts";
import { type Checks, checkDate, checkOptions, checkRequired, checkText, refuse } from "../../checks/index.ts";
import {
  checkEnctypes,
  checkParsedPrincipal,
  type Enctypes,
  equalPrincipals,
  etypesOf,
  formatPrincipal,
  type Principal,
  tgsPrincipal,
} from "../../krb5/index.ts";
import type { Credential } from "../credential.ts";
import { decodeConfigEntry, encodeConfigEntry, isConfigEntry, isRemoved, isSameEntry } from "./config-entries.ts";
import type { CacheContents, ConfigEntry, NewCacheContents } from "./types.ts";

const CONTENTS = "the contents of a cache, as its read() gives them";

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

/** The contents of a new cache, with every part. */
export function wholeContents(contents: NewCacheContents): CacheContents {
  return { ...contents, credentials: contents.credentials ?? [], config: contents.config ?? [] };
}

/** The one list: configuration entries first, as kinit writes them. */
export function listOf({ principal, credentials = [], config = [] }: NewCacheContents): Credential[] {
  return [...config.map((entry) => encodeConfigEntry(principal, entry)), ...credentials];
}

/**
 * Finds the value of a remark in a cache.
 *
 * @param contents what the cache holds
 * @param key the name of the remark, for example `fast_avail`
 * @param server the principal that the remark is about, if it is about one
 * @returns the value; undefined if the cache lacks it
 * @throws TypeError for what is not the contents of a cache, or not a name: the caller's mistake
 * @example
 * ```ts
 * import { configValue, openCache } from "krb5-remctl/credentials";
 *
 * const contents = await openCache("FILE:/tmp/krb5cc_1000").read();
 * const proxy = contents && configValue(contents, "proxy_impersonator");
 * ```
 */
export function configValue(
  contents: Pick<CacheContents, "config">,
  key: string,
  server?: Principal,
): Uint8Array | undefined {
  const { config } = Object(contents) as Partial<CacheContents>;
  if (!Array.isArray(config)) refuse("contents", contents, CONTENTS);
  checkText("key", key);
  return config.find((entry) => isSameEntry(entry, { key, server }))?.value;
}

/** The remark of libkrb5 in a cache whose ticket-granting ticket is of another realm than its principal. */
export const START_REALM = "start_realm";

/** The ticket-granting ticket that the tickets of a cache are had with: `krbtgt/REALM` of where they start. */
export function tgtNameIn(contents: Pick<CacheContents, "config" | "principal">): Principal {
  const value = configValue(contents, START_REALM);
  return tgsPrincipal(value === undefined ? contents.principal.realm : decodeText(value));
}

/** Which ticket of a cache is wanted. */
export interface CredentialQuery {
  /** The service that the ticket is for. */
  readonly server: Principal;
  /** Whose ticket it is. Default: that of the principal of the cache. */
  readonly client?: Principal | undefined;
  /** The time by the KDC's clock at which the ticket must be good; default: any that the cache has. */
  readonly at?: Date | undefined;
  /** The enctypes of session keys that will do, by name or number. */
  readonly enctypes?: Enctypes | undefined;
}

const queryChecks: Checks<CredentialQuery> = {
  server: checkParsedPrincipal,
  client: checkParsedPrincipal,
  at: checkDate,
  enctypes: checkEnctypes,
};

/**
 * Finds the ticket that fits and ends last.
 *
 * @param contents what a cache holds
 * @param query the service, and what the ticket must be good for
 * @returns the ticket; undefined if none fits
 * @throws TypeError for what is not the contents of a cache, or not a query: the caller's mistake
 * @example
 * ```ts
 * import { parsePrincipal } from "krb5-remctl";
 * import { findCredential, openCache } from "krb5-remctl/credentials";
 *
 * const contents = await openCache("FILE:/tmp/krb5cc_1000").read();
 * const server = parsePrincipal("host/server.example.org@EXAMPLE.ORG");
 * const found = contents && findCredential(contents, { server, at: new Date() });
 * ```
 */
export function findCredential(
  contents: Pick<CacheContents, "credentials"> & { readonly principal?: Principal | undefined },
  query: CredentialQuery,
): Credential | undefined {
  const { credentials, principal } = Object(contents) as Partial<CacheContents>;
  if (!Array.isArray(credentials)) refuse("contents", contents, CONTENTS);
  checkOptions("findCredential", query, queryChecks);
  checkRequired(query, queryChecks, "server");
  const { client = principal, server, at, enctypes } = query;
  const etypes = enctypes && etypesOf("enctypes", enctypes);
  let best: Credential | undefined;
  for (const one of credentials) {
    if (!equalPrincipals(one.server, server) || one.isSkey) continue;
    // S4U leaves tickets of other users beside those of the cache's own.
    if (client !== undefined && !equalPrincipals(one.client, client)) continue;
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
