// Where a ticket-granting ticket comes from: the one at hand, a renewal, a login; which of them, and what a failure of one
// leaves. The KDC is the embedded one, each request counted.

import { beforeEach, describe, expect, it } from "vitest";
import type { OpenedCredentials } from "../../../src/client/credentials/credential-source.ts";
import { Exchanges, passwordSecret } from "../../../src/client/index.ts";
import { TgtSource } from "../../../src/client/tickets/tgt-source.ts";
import { TicketCache } from "../../../src/client/tickets/ticket-cache.ts";
import type { HeldTgt, ShelfLook, TicketShelf } from "../../../src/client/tickets/ticket-shelf.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { CredentialError, TransportError } from "../../../src/errors.ts";
import { applicationTag, parsePrincipal, type ServiceTicket, tgsPrincipal } from "../../../src/krb5/index.ts";
import type { SpareConnections } from "../../../src/transport/index.ts";
import { allEncTypes } from "./harness.ts";

const REALM = "TEST.EXAMPLE";
const alice = parsePrincipal(`alice@${REALM}`);
const host = parsePrincipal(`host/server@${REALM}`);
const NOW = Date.UTC(2026, 5, 1, 12);
const unreachable = new TransportError("KDC_UNREACHABLE", "no KDC answers");

let now: number;
let realm: TestRealm;
let asked: string[];
let notes: string[];
let memory: TicketCache;
/** Thrown in the place of an answer to a request of that kind. */
let failing: Partial<Record<string, () => Error>>;
beforeEach(async () => {
  [now, asked, notes, failing] = [NOW, [], [], {}];
  memory = new TicketCache();
  realm = await createTestRealm({
    realm: REALM,
    now: () => now,
    principals: { alice: { password: "secret" }, "host/server": {} },
  });
});

const right = async () => passwordSecret(alice, "secret");

function sourceOf(parts: { shelf?: Partial<TicketShelf>; credentials?: object; options?: object } = {}): TgtSource {
  const transport = {
    exchange: async (name: string, request: Uint8Array): Promise<Uint8Array> => {
      const kind = applicationTag(request) === 10 ? "AS" : "TGS";
      asked.push(kind);
      const error = failing[kind]?.();
      if (error !== undefined) throw error;
      return await realm.transport.exchange(name, request);
    },
  };
  return new TgtSource({
    credentials: { principal: alice, loadSecret: right, ...parts.credentials } as OpenedCredentials,
    memory,
    shelf: parts.shelf as TicketShelf | undefined,
    exchanges: new Exchanges({ loadEncTypes: async () => allEncTypes, trace: () => {}, now: () => now, transport }),
    options: parts.options ?? {},
    restMs: 60_000,
  });
}

const never = new AbortController().signal;
const get = (tgts: TgtSource, wish: object = {}, signal = never): Promise<ServiceTicket> =>
  tgts.get(signal, (event) => event.type === "note" && notes.push(event.text), wish);
const take = (): string[] => asked.splice(0);

/** A shelf that has what `look` gives. */
const shelfOf = (look: () => Partial<ShelfLook>): Partial<TicketShelf> => ({ look: async () => look() as ShelfLook });

/** Any ticket-granting ticket. */
const tgtFor = async (options: object = {}): Promise<ServiceTicket> => {
  const ticket = await get(sourceOf({ options }));
  take();
  memory.clear();
  return ticket;
};

describe("a ticket-granting ticket", () => {
  it("is had by a login, kept until it is about to end, and then had again", async () => {
    const tgts = sourceOf();
    expect(tgts.kept).toBeUndefined();
    const ticket = await get(tgts);
    expect(take()).toEqual(["AS", "AS"]);
    expect(tgts.kept).toBe(ticket);
    now = ticket.endTime.getTime() - 60_000;
    expect(tgts.kept).toBeUndefined();
    expect(await get(tgts)).not.toBe(ticket);
    expect(take()).toEqual(["AS"]);
  });

  it("that is renewable is renewed, which costs no secret, if it then lasts longer", async () => {
    const tgts = sourceOf({ options: { lifetimeSeconds: 3600, renewLifetimeSeconds: 7200 } });
    const first = await get(tgts);
    take();
    now = first.endTime.getTime() - 30_000;
    const second = await get(tgts);
    expect(take()).toEqual(["TGS"]);
    expect(second.endTime.getTime()).toBeGreaterThan(first.endTime.getTime());
    // What has ended cannot be renewed.
    now = second.endTime.getTime();
    await get(tgts);
    expect(take()).toEqual(["AS"]);
  });

  it("that ends when its renewals do is not renewed", async () => {
    const held = await tgtFor({ lifetimeSeconds: 3600, renewLifetimeSeconds: 7200 });
    const until = async (renewTill: Date | undefined, flags = held.flags): Promise<string[]> => {
      const { renewTill: _, ...bare } = held;
      // The octets of a ticket are not among what is copied.
      const ticket = { ...bare, ticket: held.ticket, flags, ...(renewTill === undefined ? {} : { renewTill }) };
      const acquire: ShelfLook["acquire"] = async (obtain) => ({ ticket: (await obtain()).ticket });
      await get(sourceOf({ shelf: shelfOf(() => ({ held: { ticket }, isGood: false, acquire })) }));
      return take();
    };
    expect(await until(held.renewTill)).toEqual(["TGS"]);
    expect(await until(held.endTime)).toEqual(["AS", "AS"]);
    expect(await until(undefined)).toEqual(["AS", "AS"]);
    expect(await until(held.renewTill, 0)).toEqual(["AS", "AS"]);
  });

  it("whose renewal fails is had by a login with a note; without a secret, or after the caller gave up, it fails", async () => {
    const ticket = await tgtFor({ lifetimeSeconds: 3600, renewLifetimeSeconds: 7200 });
    failing.TGS = () => unreachable;
    const acquire: ShelfLook["acquire"] = async (obtain) => ({ ticket: (await obtain()).ticket });
    const shelf = shelfOf(() => ({ held: { ticket }, isGood: false, acquire }));
    expect(await get(sourceOf({ shelf }))).not.toBe(ticket);
    expect(take()).toEqual(["TGS", "AS", "AS"]);
    expect(notes).toContainEqual(
      expect.stringMatching(/^the ticket-granting ticket was not renewed, logging in: .*no KDC/),
    );
    notes.length = 0;
    // It is good to its end.
    expect(await get(sourceOf({ shelf, credentials: { loadSecret: undefined } }))).toBe(ticket);
    expect(take()).toEqual(["TGS"]);
    expect(notes).toEqual([
      expect.stringMatching(/^no new ticket-granting ticket; the current one ends at .*: no KDC/),
    ]);
    const gone = new AbortController();
    failing.TGS = () => {
      gone.abort();
      return unreachable;
    };
    await expect(get(sourceOf({ shelf }), {}, gone.signal)).rejects.toBeDefined();
    expect(take()).toEqual(["TGS"]);
  });

  it("of a shelf is used where it is good; where it is not, another is got and used", async () => {
    const old = await tgtFor();
    const held: HeldTgt = { ticket: old };
    expect(await get(sourceOf({ shelf: shelfOf(() => ({ held, isGood: true })) }))).toBe(old);
    const fresh = { ...old };
    const acquire = async () => ({ ticket: fresh });
    expect(await get(sourceOf({ shelf: shelfOf(() => ({ held, isGood: false, acquire })) }))).toBe(fresh);
    // A shelf that gives no other leaves the one that is there, or the shelf's own error.
    const empty = {
      isGood: false,
      acquire: async () => undefined,
      noTickets: () => new CredentialError("CCACHE", "none"),
    };
    expect(await get(sourceOf({ shelf: shelfOf(() => ({ ...empty, held })) }))).toBe(old);
    await expect(get(sourceOf({ shelf: shelfOf(() => ({ ...empty, held: undefined })) }))).rejects.toThrow("none");
  });

  it("without a secret is none, with the shelf's own error where there is a shelf", async () => {
    const acquire: ShelfLook["acquire"] = async (obtain) => ({ ticket: (await obtain()).ticket });
    const noTickets = () => new CredentialError("NO_CREDENTIAL", "the shelf is empty");
    const bare = { credentials: { loadSecret: undefined } };
    const shelf = shelfOf(() => ({ held: undefined, isGood: false, acquire, noTickets }));
    await expect(get(sourceOf({ ...bare, shelf }))).rejects.toThrow("the shelf is empty");
    await expect(get(sourceOf(bare))).rejects.toThrow("hold neither tickets nor a secret");
    expect([sourceOf().hasSecret, sourceOf(bare).hasSecret]).toEqual([true, false]);
  });

  it("of before is used to its end where no KDC can be reached, and asked for again after 30 s", async () => {
    const tgts = sourceOf({ credentials: { isRefreshedAtHalf: true } });
    const ticket = await get(tgts);
    const half = Math.floor((ticket.startTime.getTime() + ticket.endTime.getTime()) / 2000) * 1000;
    now = half - 1;
    expect(tgts.kept).toBe(ticket);
    now = half;
    expect(tgts.kept).toBeUndefined();
    failing.AS = () => unreachable;
    expect(await get(tgts)).toBe(ticket);
    now += 29_999;
    expect(tgts.kept).toBe(ticket);
    now += 1;
    expect(tgts.kept).toBeUndefined();
    now = ticket.endTime.getTime() - 1;
    expect(await get(tgts)).toBe(ticket);
    now += 1;
    await expect(get(tgts)).rejects.toThrow("no KDC answers");
  });

  it("of before ends by the KDC's clock", async () => {
    const tgts = sourceOf();
    realm.setPolicy({ clockOffsetSeconds: 7200 });
    const ticket = await get(tgts);
    failing.AS = () => unreachable;
    now = ticket.endTime.getTime() - ticket.clockOffsetMs - 1;
    expect(await get(tgts)).toBe(ticket);
    now += 1;
    await expect(get(tgts)).rejects.toThrow("no KDC answers");
  });
});

describe("a login for a service", () => {
  const wishOf = () => {
    return { direct: { service: host, onRefused: () => {} } };
  };

  it("gives that service's ticket, which is not kept as a ticket-granting ticket", async () => {
    const tgts = sourceOf();
    const ticket = await get(tgts, wishOf());
    expect(ticket.service).toEqual(host);
    expect(tgts.kept).toBeUndefined();
    expect(memory.get(tgsPrincipal(REALM), now)).toBeUndefined();
  });

  it("is not done where a ticket-granting ticket is at hand: its renewal costs no secret", async () => {
    const ticket = await tgtFor({ lifetimeSeconds: 3600, renewLifetimeSeconds: 7200 });
    const wanted: unknown[] = [];
    const acquire: ShelfLook["acquire"] = async (obtain, _signal, _mayRest, direct) => {
      wanted.push(direct);
      return { ticket: (await obtain()).ticket };
    };
    const got = async (held: HeldTgt | undefined) =>
      (await get(sourceOf({ shelf: shelfOf(() => ({ held, isGood: false, acquire })) }), wishOf())).service;
    expect(await got({ ticket })).toEqual(tgsPrincipal(REALM));
    expect(take()).toEqual(["TGS"]);
    expect(await got(undefined)).toEqual(host);
    expect(wanted).toEqual([undefined, host]);
  });

  it("leaves no exchange to follow; that for a ticket-granting ticket leaves one", async () => {
    const left = async (wish: object): Promise<number> => {
      const spares = { following: 0, afterLogin: 7 } as unknown as SpareConnections;
      await get(sourceOf(), { ...wish, spares });
      return spares.afterLogin;
    };
    expect(await left({})).toBe(1);
    expect(await left(wishOf())).toBe(0);
  });
});

describe("P11: a secret that the KDC refused", () => {
  const wrong = { loadSecret: async () => passwordSecret(alice, "wrong") };

  it("is not proven again before its rest is over, or before it is told to be good", async () => {
    const tgts = sourceOf({ credentials: wrong });
    await expect(get(tgts)).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    expect(take()).toEqual(["AS", "AS"]);
    await expect(get(tgts)).rejects.toThrow("not tried again before");
    expect(take()).toEqual([]);
    await tgts.forgetRejection();
    await expect(get(tgts)).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    expect(take()).toEqual(["AS", "AS"]);
    now += 60_000;
    await expect(get(tgts)).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    expect(take()).toEqual(["AS", "AS"]);
  });

  it("does not rest where it was not the secret that failed, nor after another one was taken", async () => {
    let secret = "secret";
    const tgts = sourceOf({ credentials: { loadSecret: async () => passwordSecret(alice, secret) } });
    failing.AS = () => unreachable;
    await expect(get(tgts)).rejects.toThrow("no KDC answers");
    failing = {};
    secret = "wrong";
    await expect(get(tgts)).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    secret = "secret";
    const ticket = await get(tgts);
    // A secret that was refused before another was taken may be the right one by now.
    memory.clear();
    secret = "wrong";
    take();
    expect(await get(tgts)).toBe(ticket);
    expect(take()).toEqual(["AS", "AS"]);
  });

  it("rests for all who share a shelf only by an error that is heard well: over UDP it rests here", async () => {
    const said: boolean[] = [];
    const acquire: ShelfLook["acquire"] = async (obtain, _signal, mayRest) => {
      try {
        return { ticket: (await obtain()).ticket };
      } catch (error) {
        said.push(mayRest(error));
        throw error;
      }
    };
    const shelf = { ...shelfOf(() => ({ held: undefined, isGood: false, acquire })), forgetRejection: async () => {} };
    await expect(get(sourceOf({ shelf, credentials: wrong }))).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
    expect(said).toEqual([false]);
  });
});
