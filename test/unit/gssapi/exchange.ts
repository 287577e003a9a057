import type { EncTypeSet, ProtocolKey } from "../../../src/crypto/index.ts";
import {
  type AcceptorOptions,
  createAcceptor,
  createInitiator,
  type InitiatorOptions,
  type KeySource,
  type SecurityContext,
} from "../../../src/entry/gssapi.ts";
import { type AnyKerberosError, isKerberosError } from "../../../src/errors.ts";
import { NAME_TYPE } from "../../../src/iana/index.ts";
import {
  createReplayCache,
  type EncTicketPart,
  encodeEncTicketPart,
  encodeTicket,
  equalPrincipals,
  type Principal,
  principal,
  type ServiceTicket,
  sealData,
  toPrincipalName,
} from "../../../src/krb5/index.ts";
import { encTypes } from "./pair.ts";

export const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
export const ALICE: Principal = principal("EXAMPLE.TEST", ["alice"]);
export const HOST: Principal = principal("EXAMPLE.TEST", ["host", "server.example.org"], NAME_TYPE.srvHst);

export interface TicketChoices {
  /** Of the session key. */
  readonly etype?: number;
  /** Of the service's key. */
  readonly serviceEtype?: number;
  readonly kvno?: number;
  /** The service's key. */
  readonly serviceKey?: ProtocolKey;
  readonly part?: Partial<EncTicketPart>;
  readonly service?: Principal;
  readonly clockOffsetMs?: number;
  readonly startTime?: Date;
  readonly endTime?: Date;
  /** Where the two keys' enctypes are from. */
  readonly encTypes?: EncTypeSet;
}

export interface World {
  readonly ticket: ServiceTicket;
  readonly keytab: KeySource;
}

/** A ticket as a KDC would give it, and the keys of its service. */
export function createWorld(choices: TicketChoices = {}): World {
  const service = choices.service ?? HOST;
  const etype = choices.etype ?? 18;
  const set = choices.encTypes ?? encTypes;
  const sessionKey = set.generateKey(etype);
  const serviceKey = choices.serviceKey ?? set.generateKey(choices.serviceEtype ?? 18);
  const authTime = choices.startTime ?? new Date(NOW - 60_000);
  const endTime = choices.endTime ?? new Date(NOW + 3_600_000);
  const part = encodeEncTicketPart({
    flags: 0,
    key: { keytype: etype, keyvalue: sessionKey.octets },
    crealm: ALICE.realm,
    cname: toPrincipalName(ALICE),
    transited: { trType: 1, contents: new Uint8Array(0) },
    authtime: authTime,
    endtime: endTime,
    ...choices.part,
  });
  const ticket = encodeTicket({
    tktVno: 5,
    realm: service.realm,
    sname: toPrincipalName(service),
    encPart: sealData(serviceKey, 2, part, choices.kvno ?? 3),
  });
  return {
    ticket: {
      client: ALICE,
      service,
      sessionKey,
      ticket,
      flags: 0,
      authTime,
      startTime: authTime,
      endTime,
      clockOffsetMs: choices.clockOffsetMs ?? 0,
    },
    keytab: { keysOf: (name) => (equalPrincipals(name, service) ? [{ key: serviceKey, kvno: 3 }] : []) },
  };
}

export interface ExchangeChoices extends TicketChoices {
  readonly initiator?: Partial<InitiatorOptions>;
  readonly acceptor?: Partial<AcceptorOptions>;
}

export interface Ends extends World {
  readonly initiator: SecurityContext;
  readonly acceptor: SecurityContext;
}

/** Both ends of a context that nothing has been said in. */
export function createEnds(choices: ExchangeChoices = {}): Ends {
  const world = createWorld(choices);
  const now = (): number => NOW;
  const initiator = createInitiator({
    target: "host@server.example.org",
    credential: { getTicket: async () => world.ticket },
    enctypes: choices.encTypes ?? encTypes,
    now,
    ...choices.initiator,
  });
  const acceptor = createAcceptor({
    keytab: world.keytab,
    enctypes: choices.encTypes ?? encTypes,
    replayCache: createReplayCache(),
    now,
    ...choices.acceptor,
  });
  return { ...world, initiator, acceptor };
}

/** The same, established. */
export async function establish(choices: ExchangeChoices = {}): Promise<Ends> {
  const ends = createEnds(choices);
  const reply = await ends.acceptor.step(await ends.initiator.step());
  if (reply !== undefined) await ends.initiator.step(reply);
  return ends;
}

export function isContextFailure(error: unknown): error is AnyKerberosError & { readonly major: string } {
  return isKerberosError(error) && typeof error.major === "string";
}

/** The error of a context that a promise ends in: it has a major status. Anything else is a fault. */
export async function failureOf(promise: Promise<unknown>): Promise<AnyKerberosError & { readonly major: string }> {
  try {
    await promise;
  } catch (error) {
    if (isContextFailure(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
