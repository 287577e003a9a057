// Delegation in a context of our own two ends (RFC 4121 section 4.1.1).

import { describe, expect, it } from "vitest";
import { createAcceptor, createInitiator, type InitiatorOptions } from "../../../src/entry/gssapi.ts";
import { TransportError } from "../../../src/errors.ts";
import { TICKET_FLAG } from "../../../src/iana/index.ts";
import { createReplayCache, type ServiceTicket } from "../../../src/krb5/index.ts";
import { createWorld, NOW } from "./exchange.ts";
import { encTypes } from "./pair.ts";

/** What an initiator with a forwardable login hands to an acceptor that takes it. */
async function delegate(
  flags: InitiatorOptions["flags"],
  options: {
    readonly serviceFlags?: number;
    readonly forward?: () => Promise<ServiceTicket | undefined>;
    readonly take?: boolean;
  } = {},
) {
  const { ticket, keytab } = createWorld();
  const forwarded = { ...createWorld().ticket, flags: TICKET_FLAG.forwarded };
  let asked = 0;
  const initiator = createInitiator({
    target: "host@server.example.org",
    credential: {
      getTicket: async () => Object.assign(Object.create(ticket), ticket, { flags: options.serviceFlags ?? 0 }),
      getForwardedTicket: async () => {
        asked += 1;
        return options.forward === undefined
          ? { ...forwarded, ticket: createWorld().ticket.ticket }
          : options.forward();
      },
    },
    enctypes: encTypes,
    now: () => NOW,
    flags,
  });
  const acceptor = createAcceptor({
    keytab,
    enctypes: encTypes,
    replayCache: createReplayCache(),
    now: () => NOW,
    takeDelegation: options.take ?? true,
  });
  await initiator.step(await acceptor.step(await initiator.step()));
  expect(acceptor.flags.delegation).toBe(acceptor.delegated !== undefined);
  return { asked, sent: initiator.flags.delegation, taken: acceptor.delegated };
}

describe("delegation", () => {
  it("hands a ticket and its key to an acceptor that takes it", async () => {
    const { asked, sent, taken } = await delegate({ delegation: true });
    expect({ asked, sent }).toEqual({ asked: 1, sent: true });
    expect(taken).toHaveLength(1);
    expect(taken?.[0]?.flags).toBe(TICKET_FLAG.forwarded);
    expect(JSON.stringify(taken)).not.toContain('"ticket"');
  });

  it("is passed over by an acceptor that does not", async () => {
    expect((await delegate({ delegation: true }, { take: false })).taken).toBeUndefined();
  });

  it("C9: nothing is delegated that nobody asked for", async () => {
    for (const flags of [undefined, {}, { delegation: false }]) {
      expect(await delegate(flags, { serviceFlags: TICKET_FLAG.okAsDelegate })).toEqual({
        asked: 0,
        sent: false,
        taken: undefined,
      });
    }
  });

  it("C9: by policy, to a service that the KDC trusts, and to no other", async () => {
    const flags = { delegation: "policy" as const };
    expect((await delegate(flags)).sent).toBe(false);
    expect((await delegate(flags, { serviceFlags: TICKET_FLAG.okAsDelegate })).taken).toHaveLength(1);
  });

  it("that cannot be had makes a context without", async () => {
    const refuse = async (): Promise<never> => {
      throw new TransportError("KDC_UNREACHABLE", "no KDC answered");
    };
    for (const forward of [async () => undefined, refuse]) {
      expect(await delegate({ delegation: true }, { forward })).toEqual({ asked: 1, sent: false, taken: undefined });
    }
  });
});
