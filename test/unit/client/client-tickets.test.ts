// Which ticket a client gives, and what it asks for where it has none: each wish of a call by itself.

import { describe, expect, it } from "vitest";
import { MemoryCaches, openCache } from "../../../src/entry/credentials.ts";
import type { ServiceTicketOptions, TraceEvent } from "../../../src/entry/index.ts";
import { TICKET_FLAG } from "../../../src/iana/index.ts";
import { parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";
import { HOST, OTHER, REALM, setting, TGS } from "./cold-harness.ts";
import { refusal } from "./harness.ts";

const LOGIN = ["AS tgt", "AS tgt timestamp"];

describe("the ticket-granting ticket of the client's realm", () => {
  it("is the login's, and where only what is there is wanted, what is there", async () => {
    const self = await setting();
    const client = self.client();
    const found = refusal(client.getTicket(TGS, { cachedOnly: true }));
    expect(await found).toBe(
      `NO_CREDENTIAL: no ticket for ${TGS} is cached here: log in first, or let the KDC be asked`,
    );
    expect(self.take()).toEqual([]);
    const tgt = await client.getTicket(TGS);
    expect(self.take()).toEqual(LOGIN);
    expect(await client.getTicket(TGS)).toBe(tgt);
    expect(self.take()).toEqual([]);
  });

  it("of chosen enctypes is asked for as a service's ticket is", async () => {
    const self = await setting();
    const ticket = await self.client().getTicket(TGS, { enctypes: [17] });
    expect(self.take()).toEqual([...LOGIN, "TGS tgt"]);
    expect(ticket.sessionKey.encType.etype).toBe(17);
  });
});

describe("a ticket that is kept", () => {
  it("is given where its enctype is one of those that are wanted", async () => {
    const self = await setting();
    const client = self.client();
    const kept = await client.getTicket(HOST);
    self.take();
    expect(await client.getTicket(HOST, { enctypes: [17, 18] })).toBe(kept);
    expect(await client.getTicket(HOST, { cachedOnly: true })).toBe(kept);
    expect(self.take()).toEqual([]);
    expect((await client.getTicket(HOST, { enctypes: [17] })).sessionKey.encType.etype).toBe(17);
    expect(self.take()).toEqual(["TGS server"]);
    expect(await refusal(client.getTicket(HOST, { enctypes: [17], cachedOnly: true }))).toMatch(/^NO_CREDENTIAL: /);
    expect(await client.getTicket(HOST)).toBe(kept);
    expect(self.take()).toEqual([]);
  });

  it("is told as one that was there, and a new one as new", async () => {
    const self = await setting();
    const told: (boolean | undefined)[] = [];
    const onTrace = (event: TraceEvent): void => void (event.type === "ticket" && told.push(event.cached));
    const client = self.client({ onTrace });
    await client.getTicket(HOST);
    expect(told).toEqual([false, false]);
    await client.getTicket(HOST);
    expect(told).toEqual([false, false, true]);
  });

  it("is none where it is to be kept nowhere, though others ask at the same time", async () => {
    const self = await setting();
    const client = self.client();
    const both = [client.getTicket(HOST, { noStore: true }), client.getTicket(HOST)] as const;
    const [passing, kept] = await Promise.all(both);
    expect(passing.ticket).not.toEqual(kept.ticket);
    expect(self.take()).toEqual([...LOGIN, "TGS server", "TGS server"]);
    expect(await client.getTicket(HOST)).toBe(kept);
    await client.getTicket(OTHER, { noStore: true });
    await client.getTicket(OTHER, { noStore: true });
    expect(self.take()).toEqual(["TGS other", "TGS other"]);
    expect(await refusal(client.getTicket(OTHER, { cachedOnly: true }))).toMatch(/^NO_CREDENTIAL: /);
  });

  it("in a cache is read once, and one of chosen enctypes is not what others get", async () => {
    const self = await setting();
    const randomBytes = (length: number) => new Uint8Array(length);
    const cache = openCache("MEMORY:x", { memory: new MemoryCaches(), randomBytes });
    const kept = await self.client({ cache }).getTicket(HOST);
    self.take();
    let reads = 0;
    const counting = Object.assign(Object.create(cache) as typeof cache, {
      read: () => {
        reads += 1;
        return cache.read();
      },
    });
    const client = self.client({ cache: counting });
    expect((await client.getTicket(HOST, { enctypes: [18] })).ticket).toEqual(kept.ticket);
    const before = reads;
    expect((await client.getTicket(HOST)).ticket).toEqual(kept.ticket);
    expect(reads).toBe(before + 1);
    await client.getTicket(HOST);
    expect(reads).toBe(before + 1);
    expect(self.take()).toEqual([]);
  });
});

describe("a ticket that is new each time (user-to-user, a computer's armor, a wish about the PAC)", () => {
  const wishes = (tgt: ServiceTicket): readonly ServiceTicketOptions[] => [
    { userToUser: tgt },
    { pac: false },
    { pac: "claims" },
  ];

  it("is asked for each time, and kept nowhere", async () => {
    const self = await setting({ principals: { bob: { password: "bobs" } } });
    const bob = self.client({ credentials: { principal: `bob@${REALM}`, password: "bobs" } });
    const tgt = await bob.getTicket(TGS);
    const client = self.client();
    await client.getTicket(TGS);
    for (const wish of wishes(tgt)) {
      self.take();
      const service = "userToUser" in wish ? `bob@${REALM}` : HOST;
      const first = await client.getTicket(service, wish);
      expect((await client.getTicket(service, wish)).ticket).not.toEqual(first.ticket);
      expect(self.take()).toHaveLength(2);
      expect(first.isUserToUser).toBe("userToUser" in wish ? true : undefined);
      expect(await refusal(client.getTicket(service, { cachedOnly: true }))).toMatch(/^NO_CREDENTIAL: /);
    }
  });

  it("of a chosen enctype has it, and no other wish is lost beside it", async () => {
    const self = await setting();
    const ticket = await self.client().getTicket(HOST, { pac: true, enctypes: [17] });
    expect(ticket.sessionKey.encType.etype).toBe(17);
    // Without one it has what krb5.conf names for services.
    const config = `[libdefaults]\n default_tgs_enctypes = aes128-cts\n`;
    expect((await self.client({ config }).getTicket(HOST, { pac: true })).sessionKey.encType.etype).toBe(17);
    expect((await self.client({ config }).getTicket(HOST)).sessionKey.encType.etype).toBe(17);
  });

  it("is not had without a KDC, and asks none where only what is there is wanted", async () => {
    const self = await setting();
    const client = self.client();
    const tgt = await client.getTicket(TGS);
    await client.getTicket(HOST);
    self.take();
    for (const wish of [...wishes(tgt), { armor: tgt }]) {
      expect(await refusal(client.getTicket(HOST, { ...wish, cachedOnly: true }))).toMatch(/^NO_CREDENTIAL: no ticket/);
    }
    expect(self.take()).toEqual([]);
  });

  it("is given up when its caller gives up", async () => {
    const self = await setting();
    const client = self.client();
    await client.getTicket(TGS);
    self.take();
    const signal = AbortSignal.abort();
    expect(await refusal(client.getTicket(HOST, { pac: true, signal }))).toMatch(/^ABORTED: /);
    expect(self.take()).toEqual([]);
  });
});

describe("a ticket straight from the login", () => {
  it.each<[string, object, object]>([
    ["is not asked for where it is to be kept nowhere", {}, { noStore: true }],
    ["is not asked for where nobody wants that", { directTicket: false }, {}],
    [
      "is not asked for by a name that the KDC may know as another (RFC 6806 section 5)",
      { credentials: { principal: { realm: REALM, nameType: 10, components: ["alice@mail.example"] }, password: "x" } },
      {},
    ],
  ])("%s", async (_, options, wish) => {
    const self = await setting();
    const client = self.client({ directTicket: true, ...options });
    await client.getTicket(HOST, wish).catch(() => {});
    expect(self.take()[0]).toBe("AS tgt");
  });
});

describe("a ticket to hand on", () => {
  it("is had where the login's is forwardable, and is nothing where it is not (RFC 4120 section 2.6)", async () => {
    const self = await setting();
    const plain = self.client();
    expect(await plain.getForwardedTicket()).toBeUndefined();
    expect(self.take()).toEqual(LOGIN);
    const client = self.client({ forwardable: true });
    const ticket = await client.getForwardedTicket({ client: parsePrincipal(`alice@${REALM}`) });
    expect((ticket?.flags ?? 0) & TICKET_FLAG.forwarded).not.toBe(0);
    expect(self.take()).toEqual([...LOGIN, "TGS tgt"]);
  });
});
