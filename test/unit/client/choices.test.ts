// Who asks, with what, and what is at hand already: the small decisions of a client, each by itself.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolvePrincipal } from "../../../src/client/credentials/credentials.ts";
import { identityFor } from "../../../src/client/credentials/k5identity.ts";
import { noTicketsIn } from "../../../src/client/tickets/cache-contents.ts";
import { SingleFlight } from "../../../src/client/tickets/single-flight.ts";
import { openCache } from "../../../src/credentials/index.ts";
import { Keytab } from "../../../src/entry/credentials.ts";
import {
  type ClientOptions,
  createClient,
  fromEnvironment,
  keytab,
  type TraceEvent,
} from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { formatPrincipal, parsePrincipal, servicePrincipal } from "../../../src/krb5/index.ts";
import { failureOf } from "../../support/credential-desk.ts";
import { makeCredential, randomBytes } from "../../support/credentials.ts";

const alice = "alice@TEST.EXAMPLE";
const service = "host/localhost@TEST.EXAMPLE";

let realm: TestRealm;
let nowMs: number;
let asked: string[];
let notes: string[];

beforeEach(async () => {
  nowMs = Date.now();
  asked = [];
  notes = [];
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    now: () => nowMs,
    principals: {
      alice: { password: "secret" },
      open: { password: "secret", requirePreauth: false },
      svc: { password: "secret", isTrustedToAuthenticate: true, delegatesTo: ["host/localhost"] },
      weak: { password: "secret", delegatesTo: ["host/localhost"] },
      "host/localhost": {},
      "HTTP/localhost": {},
    },
  });
});
afterEach(() => realm.close());

const clientOf = (options: Partial<ClientOptions> = {}) =>
  createClient({
    credentials: { principal: alice, password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
    now: () => nowMs,
    onTrace: (event: TraceEvent) => {
      if (event.type === "kdc-request") asked.push(event.message);
      if (event.type === "note" || event.type === "check") notes.push(event.type === "note" ? event.text : event.what);
    },
    ...options,
  });

describe("a reply to a login without a proof", () => {
  it("that does not open tells a wrong password, and a wrong key of a keytab, by name", async () => {
    const principal = "open@TEST.EXAMPLE";
    const wrong = await failureOf(clientOf({ credentials: { principal, password: "wrong" } }).getTicket(service));
    expect(wrong).toMatchObject({ code: "WRONG_PASSWORD", message: expect.stringContaining(principal) });
    const stale = new Keytab([
      {
        principal: parsePrincipal(principal),
        timestamp: new Date(0),
        kvno: 1,
        keyBlock: { etype: 18, octets: new Uint8Array(32).fill(1) },
      },
    ]);
    const old = await failureOf(clientOf({ credentials: { principal, keytab: stale } }).getTicket(service));
    expect(old).toMatchObject({ code: "KEYTAB", reason: "rejected", message: expect.stringContaining("new keytab") });
    await clientOf({ credentials: { principal, password: "secret" } }).getTicket(service);
  });

  it("is compared with the clock here where the KDC's is not to be learned", async () => {
    const config = "[libdefaults]\n kdc_timesync = false\n clockskew = 60\n";
    const credentials = { principal: "open@TEST.EXAMPLE", password: "secret" };
    await clientOf({ config, credentials }).getTicket(service);
    for (const away of [61_000, -61_000]) {
      const off = { config, credentials, now: () => nowMs + away };
      expect(await failureOf(clientOf(off).getTicket(service))).toMatchObject({
        code: "CLOCK_SKEW",
        message: expect.stringContaining("more than 60 s away from the time here"),
      });
    }
  });

  it("is said to prove the request, where it does", async () => {
    await clientOf().getTicket(service);
    expect(notes).toContainEqual("AS-REP: nonce, names, times, enctypes, our request unchanged");
  });
});

describe("tickets at hand", () => {
  it("are not asked for again, and those of other enctypes are", async () => {
    const client = clientOf();
    const first = await client.getTicket(service);
    asked.length = 0;
    expect((await client.getTicket(service)).ticket).toEqual(first.ticket);
    expect(asked).toEqual([]);
    const other = first.sessionKey.encType.etype === 18 ? 17 : 18;
    const second = await client.getTicket(service, { enctypes: [other] });
    expect([second.sessionKey.encType.etype, asked.length]).toEqual([other, 1]);
    // What was chosen by its enctype is not what all others get from now on.
    expect((await client.getTicket(service)).ticket).toEqual(first.ticket);
    expect(asked).toHaveLength(1);
  });

  it("of a user for whom a service acts are kept, and each enctype that is chosen is asked for", async () => {
    const client = clientOf({ forwardable: true, credentials: { principal: "svc@TEST.EXAMPLE", password: "secret" } });
    const acting = client.actFor(alice);
    const first = await acting.getTicket(service);
    asked.length = 0;
    expect((await acting.getTicket(service)).ticket).toEqual(first.ticket);
    expect(asked).toEqual([]);
    for (const etype of [17, 18]) {
      expect((await acting.getTicket(service, { enctypes: [etype] })).sessionKey.encType.etype).toBe(etype);
      expect((await client.impersonate(alice, { enctypes: [etype] })).sessionKey.encType.etype).toBe(etype);
    }
  });

  it.each([true, false])("a caller who gives up gets ABORTED, before the work (%s) and during it", async (isBefore) => {
    const gone = new AbortController();
    if (isBefore) gone.abort(new Error("gone"));
    const call = clientOf().getTicket(service, { signal: gone.signal });
    if (!isBefore) setTimeout(() => gone.abort(new Error("gone")), 1);
    expect(await failureOf(call)).toMatchObject({ code: "ABORTED", cause: { message: "gone" } });
  });

  it("of a user: 20 calls at once make one S4U2Self and one S4U2Proxy, and one of them may give up", async () => {
    const client = clientOf({ forwardable: true, credentials: { principal: "svc@TEST.EXAMPLE", password: "secret" } });
    await client.getTicket("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
    asked.length = 0;
    const acting = client.actFor(alice);
    const gone = new AbortController();
    const calls = Array.from({ length: 20 }, (_, index) =>
      acting.getTicket(service, index === 0 ? { signal: gone.signal } : {}),
    );
    gone.abort(new Error("gone"));
    const [first, ...others] = await Promise.allSettled(calls);
    expect(first?.status).toBe("rejected");
    for (const one of others)
      expect(one).toMatchObject({ status: "fulfilled", value: { client: { components: ["alice"] } } });
    expect(asked).toEqual(["TGS-REQ", "TGS-REQ"]);
  });

  it.each(["userToUser", "armor", "pac"])("of a user: %s has no place there, and is not passed over", async (name) => {
    const client = clientOf({ credentials: { principal: "svc@TEST.EXAMPLE", password: "secret" } });
    const tgt = await client.getTicket("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
    asked.length = 0;
    const error = await failureOf(client.actFor(alice).getTicket(service, { [name]: name === "pac" ? true : tgt }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("userToUser, armor and pac are not for a client that acts for a user: leave them out");
    expect(asked).toEqual([]);
  });

  it("of a user are kept unless told otherwise, and not past the evidence", async () => {
    const svc = clientOf({ forwardable: true, credentials: { principal: "svc@TEST.EXAMPLE", password: "secret" } });
    const acting = svc.actFor(alice);
    expect(await failureOf(acting.getTicket(service, { cachedOnly: true }))).toMatchObject({ code: "NO_CREDENTIAL" });
    expect(asked).toEqual([]);
    await acting.getTicket(service, { noStore: true });
    asked.length = 0;
    await acting.getTicket(service);
    // The evidence was there; what was not stored is asked for again.
    expect(asked).toEqual(["TGS-REQ"]);
    await acting.getTicket(service, { cachedOnly: true });
    expect(asked).toEqual(["TGS-REQ"]);
    const evidence = await svc.impersonate(alice);
    nowMs = evidence.endTime.getTime() + 1;
    expect(await failureOf(svc.actFor(evidence).getTicket(service))).toMatchObject({
      code: "TICKET_EXPIRED",
      message: expect.stringContaining("let the user send a new one"),
    });
    // Where it is known whose it must be, a new one is asked for.
    expect((await acting.getTicket(service)).client.components).toEqual(["alice"]);
  });

  it("of a user end with close(), and the evidence where it can be had again; what is kept is traced as such", async () => {
    const tickets: boolean[] = [];
    const svc = clientOf({
      forwardable: true,
      credentials: { principal: "svc@TEST.EXAMPLE", password: "secret" },
      onTrace: (event: TraceEvent) => {
        if (event.type === "kdc-request") asked.push(event.message);
        if (event.type === "ticket" && event.service === service) tickets.push(event.cached);
      },
    });
    const evidence = await svc.impersonate(alice);
    asked.length = 0;
    const gone = svc.actFor(alice);
    expect(await failureOf(gone.getTicket(service, { signal: AbortSignal.abort() }))).toMatchObject({
      code: "ABORTED",
    });
    expect(asked).toEqual([]);
    // A ticket of one enctype is for the one call.
    await gone.getTicket(service, { enctypes: [17] });
    expect(await failureOf(gone.getTicket(service, { cachedOnly: true }))).toMatchObject({ code: "NO_CREDENTIAL" });
    for (const [acting, requests] of [
      [svc.actFor(alice), ["TGS-REQ", "TGS-REQ"]],
      [svc.actFor(evidence), ["TGS-REQ"]],
    ] as const) {
      tickets.length = 0;
      await acting.getTicket(service);
      await acting.getTicket(service);
      expect(tickets).toEqual([false, true]);
      acting.close();
      asked.length = 0;
      await acting.getTicket(service);
      expect(asked).toEqual(requests);
    }
  });

  it("that may not be handed on are said to be that, where the KDC refuses to let a service act", async () => {
    const client = clientOf({ forwardable: true, credentials: { principal: "weak@TEST.EXAMPLE", password: "secret" } });
    expect(await failureOf(client.actFor(alice).getTicket(service))).toMatchObject({
      code: "DELEGATION_REFUSED",
      message: expect.stringContaining("the user's ticket is not forwardable"),
    });
    const svc = clientOf({ forwardable: true, credentials: { principal: "svc@TEST.EXAMPLE", password: "secret" } });
    expect(await failureOf(svc.actFor(alice).getTicket("HTTP/localhost@TEST.EXAMPLE"))).toMatchObject({
      code: "DELEGATION_REFUSED",
      message: expect.stringContaining("must be allowed to delegate to it"),
    });
  });
});

describe("what .k5identity names", () => {
  const host = servicePrincipal("host", "server.home.example");
  const asked = { ...host, realm: "HOME.EXAMPLE" };
  const named = (text: string): string | undefined => {
    const client = identityFor(text, asked);
    return client && formatPrincipal(client);
  };

  it.each([
    ["a comment", "#bob\n", undefined],
    ["a comment behind blanks", "  #bob\n", undefined],
    ["an empty line", "\n\t \n", undefined],
    ["a line behind both", "#bob\n\nalice@R\n", "alice@R"],
    ["the first that fits", "bob@R host=other*\nalice@R host=server*\ncarol@R\n", "alice@R"],
    ["a line all of whose fields fit", "bob@R service=host host=x\nalice@R service=host realm=HOME.*\n", "alice@R"],
    ["a field without a pattern", "bob@R host\n", undefined],
    ["an unknown field", "bob@R port=1\n", undefined],
    ["no principal", "bob@@R\nalice@R\n", "alice@R"],
    ["fields between tabs and blanks", "alice@R\t service=host \t host=*.example\r\n", "alice@R"],
  ])("%s", (_, text, wanted) => {
    expect(named(text)).toBe(wanted);
  });

  it("by service and host is for host-based names alone", () => {
    expect(identityFor("bob@R service=host\nbob@R host=*\n", { ...asked, nameType: 1 })).toBeUndefined();
    const three = { ...asked, components: [...asked.components, "c"] };
    expect(identityFor("bob@R service=host\nbob@R host=*\n", three)).toBeUndefined();
    expect(identityFor("bob@R realm=HOME.EXAMPLE\n", three)).toBeDefined();
  });
});

describe("a host that lacks what is needed says so", () => {
  it("for a principal without a realm, files and sockets", async () => {
    const empty = { libdefaults: {} } as never;
    const none = { libdefaults: { defaultRealm: "" } } as never;
    for (const config of [empty, none]) {
      expect(() => resolvePrincipal("alice", { config })).toThrow(/^alice has no realm: write it as/);
    }
    const config = { libdefaults: { defaultRealm: "R" } } as never;
    expect(formatPrincipal(resolvePrincipal("alice", { config }))).toBe("alice@R");
    expect(formatPrincipal(resolvePrincipal("alice@S", { config: empty }))).toBe("alice@S");
    const host = { config, environment: { env: {} }, randomBytes } as never;
    await expect(fromEnvironment().open(host)).rejects.toThrow(/^this host has no files/);
    const keys = (name: string) => Promise.resolve(keytab(alice, name).open(host)).then((o) => o.loadSecret?.());
    await expect(keys("/etc/x.keytab")).rejects.toMatchObject({ code: "KEYTAB", reason: "type" });
  });

  it("of a keytab that is none at once, and of one that a function gives when it is used", async () => {
    const wrong = { principal: alice, keytab: 5 as never };
    expect(() => clientOf({ credentials: wrong })).toThrow(TypeError);
    const late = clientOf({ credentials: { principal: alice, keytab: () => 5 as never } });
    expect((await failureOf(late.getTicket(service))).name).toBe("TypeError");
    const password = clientOf({ credentials: { principal: alice, password: () => "secret" } });
    await password.getTicket(service);
  });
});

describe("the tickets of a cache that do not help", () => {
  const cache = openCache("MEMORY:a", { randomBytes });
  const krbtgt = (client: string, endTime: Date) =>
    makeCredential("krbtgt/R@R", { client: parsePrincipal(client), endTime });
  const [past, future] = [new Date(1_000_000), new Date(3_000_000)];
  const words = (credentials: ReturnType<typeof krbtgt>[], clockOffsetMs = 0): string =>
    noTicketsIn(
      { principal: parsePrincipal("a@R"), credentials, config: [], clockOffsetMs },
      cache,
      { principal: parsePrincipal("a@R") },
      2_000_000,
    ).message;

  it("are said to be others' where none is one's own, to have ended where all have, and else to be of no use", () => {
    const none = "there is no ticket-granting ticket of a@R in MEMORY:a that can be used";
    expect(words([])).toBe(`${none}: log in with kinit`);
    expect(words([krbtgt("b@R", future), krbtgt("b@R", past), krbtgt("c@R", future)])).toBe(
      `${none}; those in it are of b@R, c@R: log in with kinit`,
    );
    expect(words(["b", "c", "d", "e"].map((who) => krbtgt(`${who}@R`, future)))).toContain("of b@R, c@R, d@R: log");
    expect(words([krbtgt("a@R", future), krbtgt("b@R", future)])).toBe(`${none}: log in with kinit`);
    expect(words([krbtgt("a@R", past)])).toMatch(/^the tickets of a@R in MEMORY:a ended at 1970-01-01T00:16:40.000Z/);
    expect(words([krbtgt("a@R", past), krbtgt("a@R", future)])).toContain(none);
    // By the KDC's clock, and not after its very end.
    expect(words([krbtgt("a@R", new Date(2_000_000))])).toContain("ended at");
    expect(words([krbtgt("a@R", future)], 1_000_000)).toContain("ended at");
    expect(words([krbtgt("a@R", future)], 999_999)).toContain(none);
    expect(words([makeCredential("host/x@R", { client: parsePrincipal("a@R"), endTime: past })])).toContain(none);
  });
});

describe("work that is shared", () => {
  it("ends with the signal of its last asker, and takes nothing from work that began after it", async () => {
    const flights = new SingleFlight<string>(true);
    const begun: { signal: AbortSignal; resolve: (value: string) => void; reject: (error: unknown) => void }[] = [];
    const work = (signal: AbortSignal): Promise<string> =>
      new Promise((resolve, reject) => void begun.push({ signal, resolve, reject }));
    const gone = new AbortController();
    const first = flights.run("k", gone.signal, work);
    gone.abort(new Error("gone"));
    await expect(first).rejects.toMatchObject({ code: "ABORTED", cause: { message: "gone" } });
    expect(begun[0]?.signal.aborted).toBe(true);
    const second = flights.run("k", undefined, work);
    begun[0]?.reject(new Error("stopped"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    // The first one's end is not the second one's: who comes now waits for the second.
    const third = flights.run("k", undefined, work);
    expect(begun).toHaveLength(2);
    begun[1]?.resolve("ticket");
    expect(await Promise.all([second, third])).toEqual(["ticket", "ticket"]);
    // What has been done is not stopped afterwards.
    expect(begun[1]?.signal.aborted).toBe(false);
    const fourth = flights.run("k", undefined, work);
    expect(begun).toHaveLength(3);
    begun[2]?.resolve("another");
    expect(await fourth).toBe("another");
  });

  it("goes on while one of two still waits", async () => {
    const flights = new SingleFlight<string>(true);
    let resolve: (value: string) => void = () => {};
    let inner: AbortSignal | undefined;
    const work = (signal: AbortSignal): Promise<string> => {
      inner = signal;
      return new Promise((done) => {
        resolve = done;
      });
    };
    const gone = new AbortController();
    const first = flights.run("k", gone.signal, work);
    const second = flights.run("k", new AbortController().signal, work);
    gone.abort(new Error("gone"));
    await expect(first).rejects.toMatchObject({ code: "ABORTED", cause: { message: "gone" } });
    expect(inner?.aborted).toBe(false);
    resolve("ticket");
    expect(await second).toBe("ticket");
    await expect(flights.run("k", gone.signal, work)).rejects.toMatchObject({
      code: "ABORTED",
      cause: { message: "gone" },
    });
  });
});
