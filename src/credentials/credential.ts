import { type Checks, checkMethods, checkNumber, checkOptions, refuse } from "../checks/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { checkTicket, hideTicket, type Principal, type ServiceTicket } from "../krb5/index.ts";
import { KeyBlock, type RawKey } from "./key-block.ts";

/** A number with octets: an address or an element of authorization data. */
export interface TypedOctets {
  /** Signed; 16 bits on file. */
  readonly type: number;
  /** The address or element, as it is on file. */
  readonly octets: Uint8Array;
}

/**
 * One ticket with its session key, as a credential cache keeps it: what libkrb5 calls `krb5_creds`. Nothing in it has
 * been looked into. Also a configuration entry, whose `ticket` is its value. What a client logs in with are its
 * credentials, see the option `credentials`.
 */
export interface Credential {
  /** Whose ticket it is. */
  readonly client: Principal;
  /** The service that it is for. */
  readonly server: Principal;
  /** The session key. */
  readonly key: RawKey;
  /** When the client logged in. */
  readonly authTime: Date;
  /** Absent: the ticket starts at `authTime`. */
  readonly startTime?: Date;
  /** When the ticket ends. */
  readonly endTime: Date;
  /** Until when it can be renewed; absent: it cannot. */
  readonly renewTill?: Date;
  /** Whether the ticket is under the session key of `secondTicket` (RFC 4120 section 2.9.2). */
  readonly isSkey: boolean;
  /** TICKET_FLAG bits, unsigned. */
  readonly flags: number;
  /** Where the ticket is good from; none: anywhere. */
  readonly addresses: readonly TypedOctets[];
  /** Authorization data that the client asked for. */
  readonly authData: readonly TypedOctets[];
  /** The DER octets of the Ticket. */
  readonly ticket: Uint8Array;
  /** The DER octets of the second ticket; none, as a rule. */
  readonly secondTicket: Uint8Array;
}

/**
 * Makes a credential that shows no ticket to `JSON.stringify` and `util.inspect`; its octets are there under their
 * names. What the caches give is made so.
 *
 * @param fields the ticket and what is known about it
 * @returns the credential
 * @throws TypeError for what is not a credential: the caller's mistake
 * @example
 * ```ts
 * import { credential, openCache } from "krb5-remctl/credentials";
 *
 * const contents = await openCache("FILE:/tmp/krb5cc_1000").read();
 * const copies = contents?.credentials.map((one) => credential({ ...one, authData: [] }));
 * ```
 */
export function credential(fields: Credential): Credential {
  checkCredential("fields", fields);
  return Object.assign(new ShyCredential(), fields);
}

/** Checks a credential. Nothing of it is quoted. Throws TypeError: the caller's mistake. */
export function checkCredential(name: string, value: unknown): void {
  const { client, server, key, endTime, ticket } = Object(value) as Partial<Credential>;
  const isKey = key?.octets instanceof Uint8Array && typeof key.etype === "number";
  const isNamed = Array.isArray(client?.components) && Array.isArray(server?.components);
  if (isKey && isNamed && endTime instanceof Date && ticket instanceof Uint8Array) return;
  refuse(name, value, "a credential: { client, server, key, ticket, endTime, ... }, as a cache gives it");
}

class ShyCredential {
  toJSON(): Record<string, unknown> {
    const { ticket, secondTicket, authData, addresses, ...rest } = this as unknown as Credential;
    return { ...rest, ticketBytes: ticket.length };
  }

  // What Node, Deno and Bun call on their way to print an object.
  [Symbol.for("nodejs.util.inspect.custom")](): Record<string, unknown> {
    return this.toJSON();
  }
}

/** What a ticket from a cache was: so that it goes into another one octet for octet. */
const originals = new WeakMap<ServiceTicket, Credential>();

/**
 * Makes what a cache keeps of a ticket, from an exchange or from another cache.
 *
 * @param from the ticket
 * @returns the credential; a ticket that came from a cache gives what was there, octet for octet
 * @throws TypeError for what is not a ticket: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { credentialOfTicket, openCache } from "krb5-remctl/credentials";
 *
 * const ticket = await createClient().getTicket("host/server.example.org");
 * await openCache("FILE:/tmp/krb5cc_1000").store(credentialOfTicket(ticket));
 * ```
 */
export function credentialOfTicket(from: ServiceTicket): Credential {
  checkTicket("from", from);
  const original = originals.get(from);
  if (original !== undefined) return original;
  return credential({
    client: from.client,
    server: from.service,
    key: new KeyBlock(from.sessionKey.encType.etype, from.sessionKey.octets.slice()),
    authTime: from.authTime,
    startTime: from.startTime,
    endTime: from.endTime,
    ...(from.renewTill === undefined ? {} : { renewTill: from.renewTill }),
    isSkey: from.isUserToUser === true,
    flags: from.flags,
    addresses: from.addresses ?? [],
    authData: [],
    ticket: from.ticket,
    secondTicket: new Uint8Array(),
  });
}

/** Any clock that Date has. */
const ticketChecks: Checks<{ readonly clockOffsetMs?: number }> = { clockOffsetMs: [checkNumber, -8.64e15, 8.64e15] };

/**
 * Makes a ticket from a cache ready for use.
 *
 * @param from the credential
 * @param enctypes those that the session key may have
 * @param options `clockOffsetMs`: milliseconds to add to the local clock to have the KDC's
 * @returns the ticket, for a {@link TicketSource}
 * @throws TypeError for what is not a credential or a set of enctypes: the caller's mistake
 * @throws CryptoError `ETYPE_NOT_PERMITTED` or `BAD_KEY` if its session key cannot be used
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { openCache, ticketOfCredential } from "krb5-remctl/credentials";
 *
 * const enctypes = await createClient().loadEncTypes();
 * const contents = await openCache("FILE:/tmp/krb5cc_1000").read();
 * const tickets = contents?.credentials.map((one) => ticketOfCredential(one, enctypes));
 * ```
 */
export function ticketOfCredential(
  from: Credential,
  enctypes: EncTypeSet,
  options: {
    /** What the KDC's clock is ahead of ours. Default 0. */
    readonly clockOffsetMs?: number | undefined;
  } = {},
): ServiceTicket {
  checkOptions("ticketOfCredential", options, ticketChecks);
  checkCredential("from", from);
  checkMethods("enctypes", enctypes, "importKey");
  const ticket: ServiceTicket = {
    client: from.client,
    service: from.server,
    sessionKey: enctypes.importKey(from.key.etype, from.key.octets),
    ticket: from.ticket,
    flags: from.flags,
    authTime: from.authTime,
    startTime: from.startTime ?? from.authTime,
    endTime: from.endTime,
    ...(from.renewTill === undefined ? {} : { renewTill: from.renewTill }),
    ...(from.addresses.length === 0 ? {} : { addresses: from.addresses }),
    ...(from.isSkey ? { isUserToUser: true } : {}),
    clockOffsetMs: options.clockOffsetMs ?? 0,
  };
  originals.set(ticket, from);
  return hideTicket(ticket);
}
