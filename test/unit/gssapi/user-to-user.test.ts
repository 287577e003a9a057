// An acceptor without a keytab: the session key of its ticket-granting ticket opens tickets (RFC 4120 section 3.7).

import { describe, expect, it } from "vitest";
import { createAcceptor } from "../../../src/entry/gssapi.ts";
import { type Principal, parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";
import { createEnds, createWorld, establish, failureOf, HOST } from "./exchange.ts";
import { encTypes } from "./pair.ts";

const BOB = parsePrincipal("bob@EXAMPLE.TEST");
const CAROL = parsePrincipal("carol@EXAMPLE.TEST");
const TGS = parsePrincipal("krbtgt/EXAMPLE.TEST@EXAMPLE.TEST");
const tgt: ServiceTicket = { ...createWorld({ service: TGS }).ticket, client: BOB };

/** A ticket for `service` under the session key of a ticket-granting ticket, and both ends of a context with it. */
function ends(service: Principal, isUserToUser = true, own: ServiceTicket = tgt) {
  const { ticket } = createWorld({ service, serviceKey: tgt.sessionKey });
  const credential = { getTicket: async () => ({ ...ticket, isUserToUser }) };
  return { initiator: { target: service, credential }, acceptor: { keytab: undefined, ticket: own } };
}

describe("a user-to-user acceptor", () => {
  it("takes a ticket under the session key of its own", async () => {
    const { acceptor, initiator } = await establish(ends(BOB));
    expect(acceptor.self).toEqual(BOB);
    expect(acceptor.unwrap(initiator.wrap(Uint8Array.of(1, 2)))).toEqual(Uint8Array.of(1, 2));
  });

  it("is its user, whatever name stands outside of the ticket", async () => {
    expect((await establish(ends(CAROL))).acceptor.self).toEqual(BOB);
  });

  it.each([
    ["a ticket that is not user-to-user", ends(BOB, false), "user-to-user authentication is required here"],
    [
      "a ticket under another key",
      ends(BOB, true, { ...tgt, sessionKey: encTypes.generateKey(18) }),
      "the initiator is refused: ",
    ],
    [
      "a ticket under a key of another enctype",
      ends(CAROL, true, { ...tgt, sessionKey: encTypes.generateKey(17) }),
      "there is no aes256-cts-hmac-sha1-96 key of carol@EXAMPLE.TEST here",
    ],
  ])("refuses %s", async (_, choices, words) => {
    const { acceptor, initiator } = createEnds(choices);
    const error = await failureOf(acceptor.step(await initiator.step()));
    expect(error.message).toContain(words);
  });

  it.each([
    ["a ticket of another service", createWorld({ service: HOST }).ticket],
    ["a ticket without its key", { ...tgt, sessionKey: undefined }],
    ["a ticket without a service", { ...tgt, service: undefined }],
    ["octets", tgt.ticket],
    ["nothing", null],
  ])("is not made of %s", (_, ticket) => {
    expect(() => createAcceptor({ ticket: ticket as ServiceTicket, enctypes: encTypes })).toThrow(
      "it must be a ticket-granting ticket that this package gave",
    );
  });

  it("is not made of a ticket and a keytab", () => {
    expect(() => createAcceptor({ ticket: tgt, keytab: createWorld().keytab, enctypes: encTypes })).toThrow(
      "keytab and ticket are two ways to be a service: give one of them",
    );
  });
});
