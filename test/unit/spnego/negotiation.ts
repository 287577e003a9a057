// Both ends of a negotiation in memory, and peers that are made by hand from the mechanism's context.

import { decodeHex } from "../../../src/bytes/index.ts";
import { createAcceptor, createInitiator, createReplayCache, type SecurityContext } from "../../../src/entry/gssapi.ts";
import {
  createSpnegoAcceptor,
  createSpnegoInitiator,
  type SpnegoAcceptorOptions,
  type SpnegoContext,
  type SpnegoInitiatorOptions,
} from "../../../src/entry/spnego.ts";
import { encodeInit, encodeMechanisms } from "../../../src/spnego/tokens.ts";
import { createWorld, NOW, type World } from "../gssapi/exchange.ts";
import { encTypes } from "../gssapi/pair.ts";

export const KRB5: Uint8Array = decodeHex("2a864886f712010202");
export const MICROSOFT: Uint8Array = decodeHex("2a864882f712010202");
export const NTLM: Uint8Array = decodeHex("2b06010401823702020a");
export const NEGOEX: Uint8Array = decodeHex("2b06010401823702021e");

export const now = (): number => NOW;

export interface Choices {
  readonly initiator?: Partial<SpnegoInitiatorOptions>;
  readonly acceptor?: Partial<SpnegoAcceptorOptions>;
}

export interface Ends extends World {
  readonly initiator: SpnegoContext;
  readonly acceptor: SpnegoContext;
  /** The mechanism's context alone, of each side: for a peer that is made by hand. */
  readonly bareInitiator: (flags?: { readonly mutual?: boolean }) => SecurityContext;
  readonly bareAcceptor: () => SecurityContext;
}

export function createEnds(choices: Choices = {}): Ends {
  const world = createWorld();
  const initiating = {
    target: "host@server.example.org",
    credential: { getTicket: async () => world.ticket },
    enctypes: encTypes,
    now,
  };
  const accepting = { keytab: world.keytab, enctypes: encTypes, replayCache: createReplayCache(), now };
  return {
    ...world,
    initiator: createSpnegoInitiator({ ...initiating, ...choices.initiator }),
    acceptor: createSpnegoAcceptor({ ...accepting, ...choices.acceptor }),
    bareInitiator: (flags = {}) => createInitiator({ ...initiating, flags }),
    bareAcceptor: () => createAcceptor(accepting),
  };
}

/** An offer of these mechanisms, and the list that its MICs are over. */
export function offerOf(
  mechanisms: readonly Uint8Array[],
  token?: Uint8Array,
): { readonly octets: Uint8Array; readonly list: Uint8Array } {
  const list = encodeMechanisms(mechanisms);
  return { octets: encodeInit({ list, token }), list };
}

/** Steps of two ends until there is nothing to send, the first with none; gives what was sent. */
export async function exchange(initiator: SecurityContext, acceptor: SecurityContext): Promise<readonly Uint8Array[]> {
  const sent: Uint8Array[] = [];
  let token = await initiator.step();
  for (let i = 0; token !== undefined && i < 10; i++) {
    sent.push(token);
    token = await (i % 2 === 0 ? acceptor : initiator).step(token);
  }
  return sent;
}

/** Octets that are there. */
export function there(octets: Uint8Array | undefined): Uint8Array {
  if (octets === undefined) throw new Error("no token came");
  return octets;
}
