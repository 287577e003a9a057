import type { Kerberos } from "../../client/index.ts";
import {
  type CacheContents,
  type Credential,
  type CredentialCache,
  credentialOfTicket,
  findCredential,
  tgtNameIn,
  ticketOfCredential,
} from "../../credentials/index.ts";
import type { EncTypeSet } from "../../crypto/index.ts";
import type { Principal, ServiceTicket } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure, trying } from "../failure.ts";
import type { ParsedArgs } from "../getopt.ts";
import { fileNameOf } from "../local.ts";

/** What {@link getTicket} works with. */
export interface TicketWorld {
  readonly host: CommandHost;
  readonly args: ParsedArgs;
  readonly cache: CredentialCache;
  /** What is in the cache, with what this run put there. */
  contents: CacheContents;
  readonly etype: number | undefined;
  readonly kerberos: Kerberos;
  readonly encTypes: EncTypeSet;
}

/** A ticket, and the cross-realm ones that were got on the way to it. */
export interface GotTicket {
  readonly credential: Credential;
  /** Whether a KDC gave it, and not the cache. */
  readonly isNew: boolean;
  readonly intermediate: readonly Credential[];
}

/** The ticket-granting ticket of the cache. */
export function grantingTicket(world: TicketWorld, doing: string): Credential {
  const { contents, encTypes, cache, host, args } = world;
  const granting = args.has("cached-only")
    ? undefined
    : findCredential(contents, { server: tgtNameIn(contents), enctypes: encTypes.permitted });
  if (granting === undefined) {
    throw new CommandFailure(`Matching credential not found (filename: ${fileNameOf(cache)}) ${doing}`, {
      advice: "log in with kinit",
    });
  }
  if (granting.endTime.getTime() <= host.now() + (contents.clockOffsetMs ?? 0)) {
    throw new CommandFailure(`Ticket expired ${doing}`, { advice: "log in with kinit" });
  }
  return granting;
}

/** Finds a cross-realm ticket that is there, so that it is not asked for again. */
export function keptTickets({
  contents,
  encTypes,
  host,
}: TicketWorld): (server: Principal) => ServiceTicket | undefined {
  const { clockOffsetMs = 0 } = contents;
  const at = new Date(host.now() + clockOffsetMs);
  return (server) => {
    const one = findCredential(contents, { server, at, enctypes: encTypes.permitted });
    return one && ticketOfCredential(one, encTypes, { clockOffsetMs });
  };
}

/** From the cache, or with the ticket-granting ticket that is in it. */
export async function getTicket(world: TicketWorld, service: Principal, doing: string): Promise<GotTicket> {
  const { contents, etype, kerberos, encTypes, host } = world;
  const { clockOffsetMs = 0, principal } = contents;
  const at = new Date(host.now() + clockOffsetMs);
  const enctypes = etype === undefined ? {} : { enctypes: [etype] };
  const there = findCredential(contents, { server: service, at, ...enctypes });
  if (there !== undefined) return { credential: there, isNew: false, intermediate: [] };
  const tgt = ticketOfCredential(grantingTicket(world, doing), encTypes, { clockOffsetMs });
  const { ticket, intermediate } = await trying(
    doing,
    () => kerberos.getServiceTicket(tgt, service, { kept: keptTickets(world), ...enctypes }),
    { client: principal, service, realm: principal.realm },
  );
  return {
    // Under the name that was asked for, so that it is found again.
    credential: { ...credentialOfTicket(ticket), server: service },
    isNew: true,
    intermediate: intermediate.map(credentialOfTicket),
  };
}
