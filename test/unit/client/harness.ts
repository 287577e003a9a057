// A login and a walk through realms with no socket, each message in the open: to read it, to count it, to change it.

import { AsExchange, type AsExchangeOptions, type AsStep, passwordSecret, TgsWalk } from "../../../src/client/index.ts";
import {
  createEncTypeSet,
  type EncTypeSet,
  loadNobleProvider,
  type ProtocolKey,
  strongEncTypes,
} from "../../../src/crypto/index.ts";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../../src/entry/testing.ts";
import { KerberosError } from "../../../src/errors.ts";
import {
  createAuthenticatorClock,
  decodeAsRep,
  decodeEncKdcRepPart,
  encodeAsRep,
  encodeEncAsRepPart,
  openData,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  sealData,
  tgsPrincipal,
} from "../../../src/krb5/index.ts";

const all: EncTypeSet = createEncTypeSet(strongEncTypes, await loadNobleProvider());

/** AES-256 and AES-128 of RFC 3962, as the realm has; {@link startRealm}. */
export const encTypes: EncTypeSet = all.restrict([18, 17]);
export { all as allEncTypes };

const salt = "salt-of-alice";

export function startRealm(options: Partial<TestRealmOptions> = {}): Promise<TestRealm> {
  return createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [18, 17],
    ...options,
    principals: { alice: { password: "secret", salt }, "host/localhost": {}, ...options.principals },
  });
}

/** Alice's long-term key. */
export function aliceKey(): Promise<ProtocolKey> {
  return passwordSecret(parsePrincipal("alice@TEST.EXAMPLE"), "secret").key(encTypes, { etype: 18, salt });
}

/** What happens to messages on their way. */
export interface Way {
  /** Every request as the client made it, in order. */
  readonly sent?: Uint8Array[];
  /** Before the request of this number, from 0, is answered. */
  readonly before?: (index: number) => void;
  readonly request?: (octets: Uint8Array, index: number) => Uint8Array;
  readonly reply?: (octets: Uint8Array, index: number) => Uint8Array | Promise<Uint8Array>;
}

interface Machine {
  start(): AsStep;
  step(reply: Uint8Array): AsStep | Promise<AsStep>;
}

/** Drives a machine against the realm and its neighbours. */
export async function drive(realm: TestRealm, machine: Machine, way: Way = {}): Promise<ServiceTicket> {
  let next = machine.start();
  for (let index = 0; next.type === "send"; index++) {
    if (index > 40) throw new Error("more than 40 requests: nothing stops this client");
    way.sent?.push(next.request);
    way.before?.(index);
    const request = way.request?.(next.request, index) ?? next.request;
    const answer = await realm.transport.exchange(next.realm, request);
    next = await machine.step((await way.reply?.(answer, index)) ?? answer);
  }
  return next.ticket;
}

export type LoginOptions = Partial<AsExchangeOptions> & { readonly password?: string };

/** Alice's first request for a ticket of a service. */
export function firstRequest(service: Principal): Uint8Array {
  const client = parsePrincipal("alice@TEST.EXAMPLE");
  const secret = passwordSecret(client, "secret");
  const options = { client, service, secret, encTypes, trace: () => {}, now: Date.now, skewMs: 300_000 };
  const step = new AsExchange(options).start();
  return step.type === "send" ? step.request : new Uint8Array();
}

/** Alice logs in. */
export function logIn(realm: TestRealm, options: LoginOptions = {}, way: Way = {}): Promise<ServiceTicket> {
  const { password = "secret", ...rest } = options;
  const client = rest.client ?? parsePrincipal("alice@TEST.EXAMPLE");
  const exchange = new AsExchange({
    client,
    service: tgsPrincipal(realm.realm),
    secret: passwordSecret(client, password),
    encTypes,
    trace: () => {},
    now: Date.now,
    skewMs: 300_000,
    ...rest,
  });
  return drive(realm, exchange, way);
}

/** What {@link walk} and the functions of the TGS exchange take. */
export const tgsOptions: ConstructorParameters<typeof TgsWalk>[2] = {
  encTypes,
  now: Date.now,
  skewMs: 300_000,
  clock: createAuthenticatorClock(),
  trace: () => {},
};

/** From a ticket-granting ticket to the ticket of a service; a name without a realm is found by referrals. */
export function walk(
  realm: TestRealm,
  tgt: ServiceTicket,
  service = "host/localhost@TEST.EXAMPLE",
  options: Partial<typeof tgsOptions> = {},
  way: Way = {},
): Promise<ServiceTicket> {
  return drive(realm, new TgsWalk(tgt, parsePrincipal(service), { ...tgsOptions, ...options }), way);
}

/** Changes the encrypted part of an AS-REP to Alice and seals it again under her key. */
export async function resealAsRep(
  octets: Uint8Array,
  change: (part: ReturnType<typeof decodeEncKdcRepPart>) => object,
): Promise<Uint8Array> {
  const rep = decodeAsRep(octets);
  const key = await aliceKey();
  const part = decodeEncKdcRepPart(openData(key, 3, rep.encPart));
  const { cipher } = sealData(key, 3, encodeEncAsRepPart({ ...part, ...change(part) }));
  return encodeAsRep({ ...rep, encPart: { ...rep.encPart, cipher } });
}

/** The refusal of a promise that must be refused: `CODE: message`. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KerberosError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("it was accepted");
}
