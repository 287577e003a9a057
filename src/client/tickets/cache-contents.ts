import { decodeText, encodeText } from "../../bytes/index.ts";
import {
  type CacheContents,
  type CredentialCache,
  configValue,
  credentialOfTicket,
  type NewCacheContents,
  shownCache,
} from "../../credentials/index.ts";
import { CredentialError } from "../../errors.ts";
import { equalPrincipals, formatPrincipal } from "../../krb5/index.ts";
import { contentsOfLogin } from "../as/login.ts";
import type { OpenedCredentials } from "../credentials/credential-source.ts";
import { refreshTimeOf } from "./tgt-source.ts";
import type { Obtained } from "./ticket-shelf.ts";

/** The remark of libkrb5 in a cache that a client keytab filled: seconds since the epoch. */
const REFRESH_TIME = "refresh_time";

/** What a cache holds after a login or a renewal: the new ticket beside the service tickets that are still good. */
export function contentsAfter(
  obtained: Obtained,
  old: CacheContents | undefined,
  credentials: OpenedCredentials,
  nowMs: number,
): NewCacheContents {
  const tgt = obtained.ticket;
  const made = "isFastAvailable" in obtained ? contentsOfLogin(obtained) : undefined;
  const kdcTimeMs = nowMs + tgt.clockOffsetMs;
  const kept = (old?.credentials ?? []).filter(
    ({ server, client, endTime }) =>
      !equalPrincipals(server, tgt.service) && equalPrincipals(client, tgt.client) && endTime.getTime() > kdcTimeMs,
  );
  const config = (made?.config ?? old?.config ?? []).filter(({ key }) => key !== REFRESH_TIME);
  const refreshAtMs = refreshTimeOf(credentials, tgt);
  const refresh = (at: number) => ({ key: REFRESH_TIME, value: encodeText(String(at / 1000)) });
  return {
    principal: tgt.client,
    credentials: [credentialOfTicket(tgt), ...kept],
    config: refreshAtMs === undefined ? config : [...config, refresh(refreshAtMs)],
    ...(tgt.clockOffsetMs === 0 ? {} : { clockOffsetMs: tgt.clockOffsetMs }),
  };
}

/** When libkrb5, or this library, wanted the tickets of a cache to be renewed. */
export function refreshTimeIn(contents: CacheContents): number | undefined {
  const value = configValue(contents, REFRESH_TIME);
  const seconds = value === undefined ? Number.NaN : Number(decodeText(value));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** Why the tickets of a cache do not help. */
export function noTicketsIn(
  contents: CacheContents | undefined,
  { name }: CredentialCache,
  { principal }: OpenedCredentials,
  nowMs: number,
): CredentialError {
  const who = formatPrincipal(principal);
  const all = contents?.credentials ?? [];
  const own = all.filter(({ client }) => equalPrincipals(client, principal));
  const granting = own.filter(({ server }) => server.components[0] === "krbtgt");
  const lastEnd = granting.reduce((last, { endTime }) => Math.max(last, endTime.getTime()), Number.NEGATIVE_INFINITY);
  const others = [...new Set(all.map(({ client }) => formatPrincipal(client)).filter((client) => client !== who))];
  // One that is there, has not ended, and does not help is of an enctype that is not permitted, or was refused.
  const hasEnded = granting.length > 0 && lastEnd <= nowMs + (contents?.clockOffsetMs ?? 0);
  const whose = own.length === 0 && others.length > 0 ? `; those in it are of ${others.slice(0, 3).join(", ")}` : "";
  return !hasEnded
    ? new CredentialError(
        "NO_CREDENTIAL",
        `there is no ticket-granting ticket of ${who} in ${shownCache(name)} that can be used${whose}: log in with kinit`,
        { principal: who },
      )
    : new CredentialError(
        "TICKET_EXPIRED",
        `the tickets of ${who} in ${shownCache(name)} ended at ${new Date(lastEnd).toISOString()} or cannot be renewed any more: log in with kinit`,
        { principal: who },
      );
}
