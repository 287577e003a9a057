// What an initiator delegates, used for the next hop by who accepted it.

import { describe, expect, it } from "vitest";
import { createAcceptor, createInitiator, formatPrincipal } from "../../src/entry/gssapi.ts";
import { createClient, delegatedCredentials } from "../../src/entry/index.ts";
import { createTestRealm } from "../../src/entry/testing.ts";

const realm = await createTestRealm({
  realm: "TEST.EXAMPLE",
  principals: { alice: { password: "secret" }, "HTTP/front": {}, "imap/back": {} },
});
const { kdc } = realm;
const dial = realm.dial.bind(realm);

async function accept(delegation: boolean) {
  const credential = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc,
    dial,
    forwardable: true,
  });
  const initiator = createInitiator({ target: "HTTP@front", credential, flags: { delegation } });
  const acceptor = createAcceptor({ keytab: realm.keytab("HTTP/front"), service: "HTTP", takeDelegation: true });
  await initiator.step(await acceptor.step(await initiator.step()));
  return acceptor;
}

describe("delegatedCredentials", () => {
  it("is the source of tickets for the next hop, as the person who delegated", async () => {
    const credential = delegatedCredentials(await accept(true), { kdc, dial });
    if (credential === undefined) return expect.fail("nothing was delegated");
    expect(formatPrincipal(await credential.identify())).toBe("alice@TEST.EXAMPLE");
    const next = createInitiator({ target: "imap@back", credential });
    const last = createAcceptor({ keytab: realm.keytab("imap/back"), service: "imap@back" });
    await next.step(await last.step(await next.step()));
    expect(last.peer && formatPrincipal(last.peer)).toBe("alice@TEST.EXAMPLE");
    expect(last.unwrap(next.wrap(Uint8Array.of(1, 2)))).toEqual(Uint8Array.of(1, 2));
  });

  it("is undefined where nothing was delegated, and in an initiator", async () => {
    expect(delegatedCredentials(await accept(false), { kdc, dial })).toBeUndefined();
    expect(delegatedCredentials({}, { kdc, dial })).toBeUndefined();
  });

  it("is undefined for tickets of which none is for the ticket-granting service", async () => {
    const { delegated } = await accept(true);
    const others = delegated?.map((ticket) => ({
      ...ticket,
      service: { ...ticket.service, components: ["imap", "x"] },
    }));
    expect(delegatedCredentials({ delegated: others }, { kdc, dial })).toBeUndefined();
  });
});
