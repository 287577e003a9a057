import fc from "fast-check";
import { encodeHex } from "../../../src/bytes/index.ts";
import { createReplayCache } from "../../../src/entry/gssapi.ts";
import {
  createSpnegoAcceptor,
  createSpnegoInitiator,
  describeToken,
  type SpnegoContext,
} from "../../../src/entry/spnego.ts";
import { decodeContextToken } from "../../../src/gssapi/framing.ts";
import { decodeApRep, decodeApReq, decodeTicket } from "../../../src/krb5/index.ts";
import { decodeInit, decodeResponse, encodeInit } from "../../../src/spnego/tokens.ts";
import { createWorld, NOW } from "../../unit/gssapi/exchange.ts";
import { encTypes } from "../../unit/gssapi/pair.ts";
import { NTLM, offerOf, there } from "../../unit/spnego/negotiation.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

type Target = FuzzTarget<{ readonly isEstablished: boolean }>;

/** One negotiation of each kind, and ends that begin anew with the same keys and the same time. */
async function negotiations() {
  const world = createWorld();
  const now = (): number => NOW;
  const initiate = (mutual = true): SpnegoContext =>
    createSpnegoInitiator({
      target: world.ticket.service,
      credential: { getTicket: async () => world.ticket },
      enctypes: encTypes,
      now,
      clock: { next: () => ({ ctime: new Date(NOW), cusec: 1 }) },
      flags: { mutual },
    });
  const accept = (requireMic = false): SpnegoContext =>
    createSpnegoAcceptor({
      keytab: world.keytab,
      enctypes: encTypes,
      now,
      replayCache: createReplayCache(),
      requireMic,
    });
  const offer = there(await initiate().step());
  return { world, initiate, accept, offer };
}

/** The first token of a negotiation, changed, at the acceptor, and as what a server says first, at the initiator. */
export async function negTokenInit(): Promise<FuzzTarget<never>> {
  const { world, initiate, accept, offer } = await negotiations();
  const { token } = decodeInit(offer);
  const others = [offerOf([NTLM, ...decodeInit(offer).mechanisms], token).octets, there(await accept().step())];
  const { authenticator } = decodeApReq(decodeContextToken(there(token)).message);
  const sealed = [authenticator.cipher, decodeTicket(world.ticket.ticket).encPart.cipher].map(encodeHex);
  const all = [offer, ...others, encodeInit({ list: offerOf([NTLM]).list, token, hintName: "a@b" })];
  const target: Target = {
    name: "neg-token-init",
    inputs: mutatedOctets(all, derChange(all)),
    async run(input) {
      describeToken(input);
      if (input.length % 8 === 0) {
        await initiate()
          .step(input)
          .catch(() => {});
      }
      const context = accept();
      await context.step(input);
      return context;
    },
    verify({ isEstablished }, input) {
      if (!isEstablished) return;
      const text = encodeHex(input);
      if (!sealed.every((cipher) => text.includes(cipher))) throw new Finding("a changed offer made a context");
    },
  };
  return target as FuzzTarget<never>;
}

/** Later tokens, changed: at the initiator, and at an acceptor that waits for a MIC. */
export async function negTokenResp(): Promise<FuzzTarget<never>> {
  const { initiate, accept, offer } = await negotiations();
  const replies = await Promise.all([accept(), accept(true)].map(async (end) => there(await end.step(offer))));
  const sealed = replies.map((reply) =>
    encodeHex(decodeApRep(decodeContextToken(there(decodeResponse(reply).token)).message).encPart.cipher),
  );
  const target: Target = {
    name: "neg-token-resp",
    inputs: fc.oneof(mutatedOctets(replies, derChange(replies)), fc.uint8Array({ maxLength: 64 })),
    async run(input) {
      describeToken(input);
      // One in eight: an acceptor opens a ticket first, which takes longer than all else.
      if (input.length % 8 === 0) {
        const acceptor = accept(true);
        await acceptor.step(offer);
        await acceptor.step(input).catch(() => {});
        if (acceptor.isEstablished) throw new Finding("an acceptor took a MIC that no initiator made");
      }
      const context = initiate();
      await context.step();
      await context.step(input);
      return context;
    },
    verify({ isEstablished }, input) {
      if (!isEstablished) return;
      const text = encodeHex(input);
      if (!sealed.some((cipher) => text.includes(cipher))) throw new Finding("a changed answer made a context");
    },
  };
  return target as FuzzTarget<never>;
}
