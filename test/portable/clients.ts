// What every entry's client does: one login for all who ask at once, one failed proof, the same options, the same errors.

import { createInitiator } from "../../src/entry/gssapi.ts";
import { httpsProxy, type LeanClientOptions, type SessionClient } from "../../src/entry/lean.ts";
import { createRemctlServer, type RemctlServer } from "../../src/entry/server.ts";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../src/entry/testing.ts";
import { KerberosError } from "../../src/errors.ts";
import { createStreamPair } from "../../src/host/index.ts";
import { TICKET_FLAG } from "../../src/iana/index.ts";
import { formatPrincipal } from "../../src/krb5/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { type Case, equal, refuses } from "./harness.ts";

/** One entry's `createClient`, with the options that all entries have. */
export type CreateClient = (options: LeanClientOptions) => SessionClient;

/** One KDC, one server and what the clients asked of them, with no socket between. */
interface World {
  readonly realm: TestRealm;
  /** Makes a client of alice with her password, unless the options say another. */
  readonly client: (more?: Partial<LeanClientOptions>) => SessionClient;
  /** Requests to the KDC, as `AS-REQ`, and `proof` for each proof of the secret. */
  readonly asked: string[];
  readonly notes: string[];
  readonly clock: { nowMs: number };
  /** What happens when the server is dialled. */
  serve: (stream: Parameters<RemctlServer["accept"]>[0]) => unknown;
  /** Whether the KDC can be dialled. */
  isKdcThere: boolean;
}

const SERVER = "localhost";
const ALICE = "alice@TEST.EXAMPLE";
const TGS = "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE";
const SERVICE = `host/${SERVER}@TEST.EXAMPLE`;
const MINUTE = 60_000;
/** Of the KDC for one ticket of a service, with a login. */
const FIRST_TICKET = ["AS-REQ", "proof", "AS-REQ", "TGS-REQ"];

async function withWorld(
  create: CreateClient,
  run: (world: World) => Promise<void>,
  more: Partial<TestRealmOptions> = {},
): Promise<void> {
  const clock = { nowMs: Date.now() };
  const now = (): number => clock.nowMs;
  const realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: {
      alice: { password: "secret", aliases: ["ally"] },
      [`host/${SERVER}`]: {},
      "HTTP/localhost": {},
    },
    now,
    ...more,
  });
  const handler = async ({ user, stdout }: { user: string; stdout: { write(text: string): Promise<void> } }) => {
    await stdout.write(user);
    return 0;
  };
  const server = createRemctlServer({
    keytab: realm.keytab(`host/${SERVER}`),
    commands: [{ command: "who", subcommand: "EMPTY", acl: ["ANYUSER"], handler }],
    now,
  });
  const asked: string[] = [];
  const notes: string[] = [];
  const world: World = {
    realm,
    asked,
    notes,
    clock,
    isKdcThere: true,
    serve: (stream) => server.accept(stream),
    client: (own = {}) =>
      create({
        credentials: { principal: ALICE, password: "secret" },
        kdc: realm.kdc,
        dial(host, port, options) {
          if (host !== SERVER) {
            if (!world.isKdcThere) throw new Error("no route to the KDC");
            return realm.dial(host, port, options);
          }
          const [near, far] = createStreamPair();
          world.serve(far);
          return near;
        },
        now,
        onTrace(event) {
          if (event.type === "kdc-request") asked.push(event.message);
          if (event.type === "preauth-chosen") asked.push("proof");
          if (event.type === "note") notes.push(event.text);
        },
        ...own,
      }),
  };
  try {
    await run(world);
  } finally {
    await Promise.all([server.close(), realm.close()]);
  }
}

const twenty = <T>(run: (index: number) => Promise<T>): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: 20 }, (_, index) => run(index)));

const count = (asked: readonly string[], what: string): number => asked.filter((one) => one === what).length;

/** What programs may decide by: everything but the words. */
function essence(error: unknown): unknown {
  if (!(error instanceof KerberosError)) throw new Error(`this is no KerberosError: ${error}`);
  // The class, the code and every field, but for the words, the cause, and when it will be tried again.
  const { message: _message, cause: _cause, retryAfter: _retryAfter, ...rest } = error.toJSON();
  return rest;
}

async function failure(run: () => Promise<unknown>): Promise<KerberosError> {
  return (await refuses(run, {})) as KerberosError;
}

/** The cases over one entry's client. */
export function clientCases(entry: string, create: CreateClient): readonly Case[] {
  const cases: [name: string, run: (world: World) => Promise<void>, more?: Partial<TestRealmOptions>][] = [
    [
      "twenty calls at once make one login and one ticket",
      async ({ client, asked }) => {
        const one = client();
        const results = await twenty(() => one.remctl(SERVER, ["who"]));
        equal(
          results.map((result) => result.status === "fulfilled" && result.value.text()),
          Array(20).fill(ALICE),
        );
        equal(asked, FIRST_TICKET);
      },
    ],
    [
      "P11: twenty calls at once with a wrong password make one failed proof, and each says why it failed",
      async ({ client, asked }) => {
        const one = client({ credentials: { principal: ALICE, password: "wrong" } });
        const results = await twenty(() => one.remctl(SERVER, ["who"]));
        equal(count(asked, "proof"), 1);
        const errors = results.map((result) => (result.status === "rejected" ? essence(result.reason) : result.value));
        const [first] = errors;
        equal((first as { readonly code: string }).code, "WRONG_PASSWORD");
        equal(errors, Array(20).fill(first));
      },
      // One more failure, and the account would be locked.
      { maxFailures: 2 },
    ],
    [
      "P11: a rejected password rests, with the same error, and is then tried again",
      async (world) => {
        const credentials = { principal: ALICE, password: "wrong" };
        const one = world.client({ credentials, rejectedSecretRestSeconds: 30 });
        const first = await failure(() => one.getTicket(SERVICE));
        world.clock.nowMs += 29_000;
        const second = await failure(() => one.getTicket(SERVICE));
        equal(essence(second), essence(first));
        // It says itself that it was not tried, and when it will be.
        const { retryAfter } = second;
        equal([first.retryAfter, (retryAfter?.getTime() ?? 0) - world.clock.nowMs], [undefined, 1000]);
        equal(count(world.asked, "proof"), 1);
        world.clock.nowMs += 2_000;
        equal(essence(await failure(() => one.getTicket(SERVICE))), essence(first));
        equal(count(world.asked, "proof"), 2);
      },
    ],
    [
      "P11: a rejected password rests for 60 s if no option says otherwise",
      async (world) => {
        const one = world.client({ credentials: { principal: ALICE, password: "wrong" } });
        const rejected = async (): Promise<void> => {
          await refuses(() => one.getTicket(SERVICE), { code: "WRONG_PASSWORD" });
        };
        await rejected();
        world.clock.nowMs += 59_000;
        await rejected();
        equal(count(world.asked, "proof"), 1);
        world.clock.nowMs += 2_000;
        await rejected();
        equal(count(world.asked, "proof"), 2);
      },
    ],
    [
      "a keytab in base64, as a value or from a function; a password from an asynchronous function",
      async ({ client, realm }) => {
        const base64 = btoa(String.fromCharCode(...realm.keytab("alice")));
        const all = [{ keytab: { base64 } }, { keytab: async () => ({ base64 }) }, { password: async () => "secret" }];
        for (const secret of all) {
          const one = client({ credentials: { principal: ALICE, ...secret } });
          equal((await one.remctl(SERVER, ["who"])).text(), ALICE);
        }
      },
    ],
    [
      "a KDC behind a proxy: through `fetch`, and the proxy's fault is named as the proxy's",
      async ({ client }) => {
        const kdc = ["https://proxy.example/KdcProxy"];
        const urls: string[] = [];
        const fetch = async (url: string): Promise<Response> => {
          urls.push(url);
          return new Response("no", { status: 403 });
        };
        // The main entry has that transport, and no option for it.
        const parts = entry === "krb5-remctl" ? {} : { transports: [httpsProxy()] };
        const error = await failure(() => client({ kdc, fetch, ...parts }).remctl(SERVER, ["who"]));
        equal([error.code, error.commandState, urls[0]], ["KDC_UNREACHABLE", "not-sent", kdc[0]]);
        equal(error.message.includes("the proxy failed: HTTP 403"), true);
      },
    ],
    [
      "P11: the error of a rejected password in a command is the same at the second attempt",
      async ({ client }) => {
        const one = client({ credentials: { principal: ALICE, password: "wrong" } });
        const first = await failure(() => one.remctl(SERVER, ["who"]));
        equal(first.commandState, "not-sent");
        equal(essence(await failure(() => one.remctl(SERVER, ["who"]))), essence(first));
      },
    ],
    [
      "P11: a new password is tried at once",
      async ({ client, asked }) => {
        let password = "wrong";
        const one = client({ credentials: { principal: ALICE, password: async () => password } });
        await refuses(() => one.getTicket(SERVICE), { code: "WRONG_PASSWORD" });
        password = "secret";
        await one.getTicket(SERVICE);
        equal(count(asked, "proof"), 2);
      },
    ],
    [
      "P11: a keytab with keys that were changed since is tried once",
      async ({ client, realm, asked }) => {
        const octets = realm.keytab("alice");
        await realm.setPassword("alice", "another");
        const one = client({ credentials: { principal: ALICE, keytab: async () => octets } });
        const first = await failure(() => one.getTicket(SERVICE));
        equal(first.code, "KEYTAB");
        equal(essence(await failure(() => one.getTicket(SERVICE))), essence(first));
        equal(count(asked, "proof"), 1);
        const newer = client({ credentials: { principal: ALICE, keytab: realm.keytab("alice") } });
        equal((await newer.remctl(SERVER, ["who"])).text(), ALICE);
      },
    ],
    [
      "one of many that gives up ends nothing for the others",
      async ({ client, asked, realm }) => {
        realm.fault({ on: "as-rep", name: "slow", ms: 200, count: 1 });
        const one = client();
        const controller = new AbortController();
        const all = twenty((index) => one.getTicket(SERVICE, index === 0 ? { signal: controller.signal } : {}));
        setTimeout(() => controller.abort(new Error("enough")), 50);
        equal(
          (await all).map(({ status }) => status),
          ["rejected", ...Array(19).fill("fulfilled")],
        );
        // On a host where nobody waits for another's promise, the next begins the login anew.
        equal([0, 1].includes(count(asked, "proof") - 1), true);
      },
    ],
    [
      "P11: twenty calls at once with a wrong password make one failed proof, though the first of them gives up while the KDC looks at it",
      async ({ client, asked, realm }) => {
        realm.fault({ on: "as-req", name: "slow", ms: 300, count: 2 });
        const one = client({ credentials: { principal: ALICE, password: "wrong" } });
        const controller = new AbortController();
        const all = twenty((index) => one.getTicket(SERVICE, index === 0 ? { signal: controller.signal } : {}));
        while (count(asked, "proof") === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        setTimeout(() => controller.abort(new Error("enough")), 50);
        const codes = (await all).map((result) => result.status === "rejected" && result.reason.code);
        equal(codes.slice(1), Array(19).fill("WRONG_PASSWORD"));
        // Its own signal ended it, which a host where nobody waits for another's promise tells as ABORTED.
        equal([undefined, "ABORTED"].includes(codes[0]), true);
        equal(count(asked, "proof"), 1);
      },
    ],
    [
      "canonicalize: another name of the client is taken, where it is asked for",
      async ({ client }) => {
        const credentials = { principal: "ally@TEST.EXAMPLE", password: "secret" };
        await refuses(() => client({ credentials }).getTicket(SERVICE), { code: "CLIENT_UNKNOWN" });
        const one = client({ credentials, canonicalize: true });
        equal(formatPrincipal((await one.getTicket(SERVICE)).client), ALICE);
        equal((await one.remctl(SERVER, ["who"])).text(), ALICE);
      },
    ],
    [
      "renewableOk: a renewable ticket where the life asked for is not to be had",
      async ({ client }) => {
        const lifetimeSeconds = 36_000;
        const plain = await client({ lifetimeSeconds }).getTicket(TGS);
        const stretched = await client({ lifetimeSeconds, renewableOk: true }).getTicket(TGS);
        equal([plain.renewTill, stretched.renewTill !== undefined], [undefined, true]);
      },
      { ticketLifetimeSeconds: 600 },
    ],
    [
      "lifetimes and flags are asked for; an option that is undefined says nothing",
      async ({ client }) => {
        const options = { lifetimeSeconds: 600, renewLifetimeSeconds: 7_200, forwardable: true, proxiable: true };
        const { flags, endTime, authTime, renewTill } = await client(options).getTicket(TGS);
        equal([endTime.getTime() - authTime.getTime(), renewTill !== undefined], [600_000, true]);
        equal((flags & TICKET_FLAG.forwardable) !== 0 && (flags & TICKET_FLAG.proxiable) !== 0, true);
        const unset = Object.fromEntries([...Object.keys(options), "canonicalize"].map((name) => [name, undefined]));
        equal((await client(unset).getTicket(TGS)).renewTill, undefined);
        const call = { port: undefined, totalTimeoutMs: undefined, idleTimeoutMs: undefined };
        equal((await client().remctl(SERVER, ["who"], call)).text(), ALICE);
      },
    ],
    [
      "enctypes: only those that are named are asked for",
      async ({ client }) => {
        const one = client({ enctypes: ["aes128-sha2"] });
        const { sessionKey } = await one.getTicket(SERVICE);
        equal([sessionKey.encType.etype, (await one.loadEncTypes()).permitted], [19, [19]]);
        equal((await one.remctl(SERVER, ["who"])).text(), ALICE);
      },
    ],
    [
      "identify() and principal say who logs in, and ask no KDC",
      async ({ client, asked }) => {
        const one = client();
        equal(
          [one.principal, await one.identify()].map((who) => who && formatPrincipal(who)),
          [ALICE, ALICE],
        );
        equal(asked, []);
      },
    ],
    [
      "getForwardedTicket() gives a ticket to hand on, or undefined",
      async ({ client }) => {
        equal(await client().getForwardedTicket(), undefined);
        const forwarded = await client({ forwardable: true }).getForwardedTicket();
        equal(((forwarded?.flags ?? 0) & TICKET_FLAG.forwarded) !== 0, true);
      },
    ],
    [
      "`using` and close() forget the tickets",
      async ({ client, asked }) => {
        const one = client();
        await one.getTicket(SERVICE);
        await one.getTicket(SERVICE);
        equal(asked, FIRST_TICKET);
        one[Symbol.dispose]();
        await one.getTicket(SERVICE);
        equal(count(asked, "TGS-REQ"), 2);
        one.close();
        await one.getTicket(SERVICE);
        equal(count(asked, "TGS-REQ"), 3);
      },
    ],
    [
      "a ticket is used to its end while no KDC answers",
      async (world) => {
        const one = world.client({ lifetimeSeconds: 600 });
        const first = await one.getTicket(TGS);
        world.clock.nowMs += 9.5 * MINUTE;
        world.isKdcThere = false;
        equal((await one.getTicket(TGS)) === first, true);
        equal(
          world.notes.some((text) => text.includes("the current one ends at")),
          true,
        );
        world.clock.nowMs += MINUTE;
        await refuses(() => one.getTicket(TGS), { code: "KDC_UNREACHABLE" });
        world.isKdcThere = true;
        equal((await one.remctl(SERVER, ["who"])).text(), ALICE);
      },
    ],
    [
      "a renewable ticket is renewed before it ends, with no proof",
      async (world) => {
        const one = world.client({ lifetimeSeconds: 600, renewLifetimeSeconds: 7_200 });
        const first = await one.getTicket(TGS);
        world.clock.nowMs += 9.5 * MINUTE;
        const second = await one.getTicket(TGS);
        equal([second === first, second.endTime > first.endTime, count(world.asked, "proof")], [false, true, 1]);
      },
    ],
    [
      "the ticket of a service is kept, forgotten when it is told to be, and not when it is another's",
      async ({ client, asked }) => {
        const one = client();
        const first = await one.getTicket(SERVICE);
        equal((await one.getTicket(SERVICE)) === first, true);
        await one.forget(await one.getTicket("HTTP/localhost@TEST.EXAMPLE"));
        equal((await one.getTicket(SERVICE)) === first, true);
        await one.forget(first);
        equal((await one.getTicket(SERVICE)) === first, false);
        equal([count(asked, "proof"), count(asked, "TGS-REQ")], [1, 3]);
      },
    ],
    [
      "a ticket that the server refuses is forgotten, and the login is kept",
      async (world) => {
        const one = world.client();
        const tgt = await one.getTicket(TGS);
        const first = await one.getTicket(SERVICE);
        const { serve } = world;
        const keytab = world.realm.keytab("HTTP/localhost");
        const stranger = createRemctlServer({ keytab, commands: [], now: () => world.clock.nowMs });
        world.serve = (stream) => stranger.accept(stream);
        await refuses(() => one.remctl(SERVER, ["who"], { service: SERVICE }), { commandState: "not-sent" });
        world.serve = serve;
        equal([(await one.getTicket(SERVICE)) === first, (await one.getTicket(TGS)) === tgt], [false, true]);
        await stranger.close();
      },
    ],
    [
      "of a host that cannot be reached and a ticket that cannot be had, the error names the host",
      async (world) => {
        world.isKdcThere = false;
        world.serve = () => {
          throw new Error("no route to the server");
        };
        const error = await failure(() => world.client().remctl(SERVER, ["who"]));
        // Where a host allows few connections, none is opened before there is a ticket.
        const isFrugal = detectRuntime().maxConnections !== undefined;
        equal([error.code, error.commandState], [isFrugal ? "KDC_UNREACHABLE" : "CONNECT", "not-sent"]);
        equal(error.message.includes(isFrugal ? "no route to the KDC" : "no route to the server"), true);
      },
    ],
    [
      "KDCs of several realms by name; a realm that is not named has none",
      async ({ client, realm }) => {
        equal((await client({ kdc: { "TEST.EXAMPLE": realm.kdc } }).remctl(SERVER, ["who"])).text(), ALICE);
        const other = client({ kdc: { "OTHER.EXAMPLE": realm.kdc } });
        await refuses(() => other.getTicket(SERVICE), { code: "NO_KDC_FOR_REALM", name: "ConfigError" });
        const away = client().getTicket("host/far@OTHER.EXAMPLE");
        await refuses(() => away, { name: "ProtocolError" });
      },
    ],
    [
      "a secret that its function does not give is NO_CREDENTIAL, with the function's error",
      async ({ client }) => {
        const cause = new Error("no store");
        const broken = client({ credentials: { principal: ALICE, password: () => Promise.reject(cause) } });
        equal((await refuses(() => broken.getTicket(SERVICE), { code: "NO_CREDENTIAL" })).cause === cause, true);
        const empty = client({ credentials: { principal: ALICE, keytab: () => undefined as never } });
        await refuses(() => empty.getTicket(SERVICE), { code: "NO_CREDENTIAL" });
      },
    ],
    [
      "options that cannot work are refused when the client is made",
      async ({ client }) => {
        const wrong: [Partial<LeanClientOptions>, string][] = [
          [{ kdc: { "TEST.EXAMPLE": 5 } as never }, "TypeError"],
          [{ enctypes: [] }, "RangeError"],
          [{ enctypes: ["rc4-hmac"] }, "RangeError"],
          [{ lifetimeSeconds: 0 }, "RangeError"],
          [{ skewSeconds: Number.NaN }, "RangeError"],
          [{ rejectedSecretRestSeconds: -1 }, "RangeError"],
          [{ credentials: { principal: ALICE } as never }, "TypeError"],
          [{ credentials: { principal: "", password: "x" } }, "TypeError"],
          [{ credentials: { principal: "a@b@c", password: "x" } }, "TypeError"],
          [{ credentials: { principal: 5 as never, password: "x" } }, "TypeError"],
        ];
        for (const [options, name] of wrong) await refuses(() => client(options), { name });
        await refuses(() => client().remctl(5 as never, ["who"]), { name: "TypeError" });
        await refuses(() => client().connect(SERVER, { port: 0 }), { name: "RangeError" });
      },
    ],
    [
      "a session runs commands, and the client is a ticket source for a context",
      async ({ client, asked }) => {
        const one = client();
        const session = await one.connect(SERVER);
        equal([(await session.run(["who"])).text(), (await session.run(["who"])).text()], [ALICE, ALICE]);
        await session.close();
        const context = createInitiator({ target: `host@${SERVER}`, credential: one });
        equal((await context.step())?.[0], 0x60);
        equal(asked, FIRST_TICKET);
      },
    ],
  ];
  // Where a promise belongs to its request, one works and the others look for what it left: so on every host, if told.
  const bound = { runtime: { ...detectRuntime(), hasRequestBoundPromises: true } };
  const slow: typeof cases = [
    [
      "RT3: twenty calls at once make one login, though the KDC takes three seconds",
      async ({ client, realm, asked }) => {
        realm.fault({ on: "as-rep", name: "slow", ms: 3_000, count: 1 });
        const one = client(bound);
        const results = await twenty(() => one.remctl(SERVER, ["who"]));
        equal(
          count(
            results.map(({ status }) => status),
            "fulfilled",
          ),
          20,
        );
        equal(asked, FIRST_TICKET);
      },
    ],
    [
      "RT3: twenty calls at once with a wrong password make one failed proof",
      async ({ client, asked }) => {
        const one = client({ ...bound, credentials: { principal: ALICE, password: "wrong" } });
        const results = await twenty(() => one.remctl(SERVER, ["who"]));
        const codes = results.map((result) => result.status === "rejected" && result.reason.code);
        equal(codes, Array(20).fill("WRONG_PASSWORD"));
        equal(count(asked, "proof"), 1);
      },
      { maxFailures: 2 },
    ],
  ];
  return [...cases, ...slow].map(([name, run, more]) => ({
    name: `${entry}: ${name}`,
    run: () => withWorld(create, run, more),
  }));
}
