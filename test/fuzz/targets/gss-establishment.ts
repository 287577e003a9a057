import fc from "fast-check";
import { concat, encodeHex } from "../../../src/bytes/index.ts";
import { createAcceptor, createInitiator, type SecurityContext } from "../../../src/entry/gssapi.ts";
import { decodeContextToken } from "../../../src/gssapi/framing.ts";
import { createReplayCache, decodeApRep, decodeApReq, decodeTicket } from "../../../src/krb5/index.ts";
import { createWorld, NOW } from "../../unit/gssapi/exchange.ts";
import { encTypes } from "../../unit/gssapi/pair.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** The two tokens that make a context, changed: AP-REQ at the acceptor, AP-REP at the initiator. Neither may be taken. */
export async function gssEstablishment(): Promise<FuzzTarget<never>> {
  const world = createWorld();
  const now = (): number => NOW;
  const clock = { next: () => ({ ctime: new Date(NOW), cusec: 1 }) };
  const credential = { getTicket: async () => world.ticket };
  const initiate = (): SecurityContext =>
    createInitiator({
      target: world.ticket.service,
      credential,
      enctypes: encTypes,
      now,
      clock,
      flags: { mutual: true },
    });
  const accept = (): SecurityContext =>
    createAcceptor({ keytab: world.keytab, enctypes: encTypes, now, replayCache: createReplayCache() });
  const request = (await initiate().step()) as Uint8Array;
  const reply = (await accept().step(request)) as Uint8Array;
  const apReq = decodeApReq(decodeContextToken(request).message);
  const sealedInRequest = [apReq.authenticator.cipher, decodeTicket(world.ticket.ticket).encPart.cipher].map(encodeHex);
  const sealedInReply = [encodeHex(decodeApRep(decodeContextToken(reply).message).encPart.cipher)];
  const change = derChange([request, reply]);
  const inputs = fc
    .constantFrom(0, 1)
    .chain((side) =>
      mutatedOctets([side === 0 ? request : reply], change).map((all) => concat(Uint8Array.of(side), all)),
    );
  const target: FuzzTarget<{ readonly isEstablished: boolean }> = {
    name: "gss-establishment",
    inputs,
    async run(input) {
      const token = input.subarray(1);
      const context = (input[0] ?? 0) % 2 === 0 ? accept() : initiate();
      if ((input[0] ?? 0) % 2 === 1) await context.step();
      await context.step(token);
      return context;
    },
    verify({ isEstablished }, input) {
      if (!isEstablished) return;
      const sealed = (input[0] ?? 0) % 2 === 0 ? sealedInRequest : sealedInReply;
      const token = encodeHex(input);
      // Key versions and reserved bits are in the clear and decide nothing; everything that decides is sealed.
      if (!sealed.every((cipher) => token.includes(cipher))) throw new Finding("a changed token made a context");
    },
  };
  return target as FuzzTarget<never>;
}
