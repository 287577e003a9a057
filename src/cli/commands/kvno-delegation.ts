import type { S4uUser } from "../../client/index.ts";
import {
  type Credential,
  type CredentialCache,
  credential,
  credentialOfTicket,
  findCredential,
  tgtNameIn,
  ticketOfCredential,
} from "../../credentials/index.ts";
import { NAME_TYPE } from "../../iana/index.ts";
import { equalPrincipals, type Principal, principal, tgsPrincipal } from "../../krb5/index.ts";
import { CommandFailure, trying } from "../failure.ts";
import type { ParsedArgs } from "../getopt.ts";
import { cacheOf, type Local, needCache, principalOf } from "../local.ts";
import { nameOf } from "../text.ts";
import { type GotTicket, grantingTicket, keptTickets, type TicketWorld } from "./kvno-ticket.ts";

/** Whom `-I`, `-U` or `-F` name; undefined without them. */
export async function userOf(local: Local, args: ParsedArgs, me: Principal): Promise<S4uUser | undefined> {
  const file = args.get("F");
  if (file !== undefined) {
    const doing = `while reading certificate file ${file}`;
    const [first] = await trying(doing, async () => {
      const octets = await local.files.read(file);
      if (octets === undefined) throw new CommandFailure(`No such file or directory ${doing}`);
      // What reads certificates is loaded where there is one.
      const { readCertificates } = await import("../../x509/index.ts");
      // The file is named behind.
      return readCertificates(octets, "");
    });
    return { name: principal(me.realm, []), certificate: first?.octets };
  }
  const text = args.get("U") ?? args.get("I");
  if (text === undefined) return undefined;
  const doing = `while parsing principal name ${text}`;
  return { name: principalOf(local, text, { doing, isEnterprise: args.has("U") }) };
}

/** A ticket of the user for the cache's principal: one that is there, or by S4U2Self. */
export async function evidenceOf(
  world: TicketWorld,
  user: S4uUser,
  service: Principal,
  doing: string,
): Promise<GotTicket> {
  const { contents, args, kerberos, encTypes, host, etype } = world;
  const me = contents.principal;
  if (!args.has("P") && !equalPrincipals(me, service)) {
    throw new CommandFailure("Invalid argument client and server principal names must match", {
      advice: `-I, -U and -F give a ticket for ${nameOf(me)} itself; with -P it serves to get one for another service`,
    });
  }
  const enctypes = etype === undefined ? {} : { enctypes: [etype] };
  const { clockOffsetMs = 0 } = contents;
  const at = new Date(host.now() + clockOffsetMs);
  const there = findCredential(contents, { client: user.name, server: me, at, ...enctypes });
  if (there !== undefined) return { credential: there, isNew: false, intermediate: [] };
  const tgt = ticketOfCredential(grantingTicket(world, doing), encTypes, { clockOffsetMs });
  const isEnterprise = user.name.nameType === NAME_TYPE.enterprise;
  const ticket = await trying(doing, () => kerberos.impersonate(tgt, user, { kept: keptTickets(world), ...enctypes }), {
    ...(isEnterprise ? { client: me } : {}),
    service: tgsPrincipal(user.name.realm),
    realm: me.realm,
  });
  return { credential: credentialOfTicket(ticket), isNew: true, intermediate: [] };
}

/** A ticket of the user for the service, by S4U2Proxy. */
export async function proxied(world: TicketWorld, evidence: Credential, service: Principal): Promise<GotTicket> {
  const { contents, kerberos, encTypes, host, etype } = world;
  const enctypes = etype === undefined ? {} : { enctypes: [etype] };
  const { clockOffsetMs = 0 } = contents;
  const at = new Date(host.now() + clockOffsetMs);
  const { client } = evidence;
  const there = findCredential(contents, { client, server: service, at, ...enctypes });
  if (there !== undefined) return { credential: there, isNew: false, intermediate: [] };
  const doing = `${nameOf(service)}: constrained delegation failed`;
  const tgt = ticketOfCredential(grantingTicket(world, doing), encTypes, { clockOffsetMs });
  const ticket = await trying(
    doing,
    () => {
      const proof = ticketOfCredential(evidence, encTypes, { clockOffsetMs });
      return kerberos.actFor(tgt, proof, service, { kept: keptTickets(world), ...enctypes });
    },
    { service, realm: contents.principal.realm },
  );
  return { credential: { ...credentialOfTicket(ticket), server: service }, isNew: true, intermediate: [] };
}

/** The ticket-granting ticket in the cache that `--u2u` names. */
export async function userToUserTicket(local: Local, args: ParsedArgs): Promise<Credential | undefined> {
  const name = args.get("u2u");
  if (name === undefined) return undefined;
  const doing = `while getting user-to-user ticket from ${name}`;
  const cache: CredentialCache = await cacheOf(local, name, doing);
  const contents = await needCache(cache, doing);
  const found = findCredential(contents, { server: tgtNameIn(contents) });
  if (found === undefined) {
    throw new CommandFailure(`Matching credential not found (filename: ${cache.name}) ${doing}`, {
      advice: "the one whom the ticket is for must log in with kinit",
    });
  }
  return found;
}

/** A ticket under the session key of another's ticket-granting ticket. */
export async function getUserToUser(
  world: TicketWorld,
  second: Credential,
  service: Principal,
  doing: string,
): Promise<GotTicket> {
  const { contents, kerberos, encTypes, etype } = world;
  const { clockOffsetMs = 0 } = contents;
  const tgt = ticketOfCredential(grantingTicket(world, doing), encTypes, { clockOffsetMs });
  const userToUser = await trying(doing, () => ticketOfCredential(second, encTypes));
  const { ticket, intermediate } = await trying(
    doing,
    () =>
      kerberos.getServiceTicket(tgt, service, {
        userToUser,
        kept: keptTickets(world),
        ...(etype === undefined ? {} : { enctypes: [etype] }),
      }),
    { client: contents.principal, service, realm: contents.principal.realm },
  );
  return {
    credential: credential({ ...credentialOfTicket(ticket), server: service, secondTicket: second.ticket }),
    isNew: true,
    intermediate: intermediate.map(credentialOfTicket),
  };
}
