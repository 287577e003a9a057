// Every option `signal` of every public function: where what it waits for never comes, a signal that aborts ends the wait,
// with its reason.

import { expect, it } from "vitest";
import { encodeBase64 } from "../../../src/bytes/index.ts";
import type { Credential } from "../../../src/entry/credentials.ts";
import * as http from "../../../src/entry/http.ts";
import type { HostsOptions, RemctlSession } from "../../../src/entry/index.ts";
import { createRemctlServer } from "../../../src/entry/server.ts";
import { TICKET_FLAG } from "../../../src/iana/index.ts";
import { createReplayCache } from "../../../src/krb5/index.ts";
import type { Case } from "./case.ts";
import * as clients from "./clients.ts";
import * as others from "./other-entries.ts";
import { alice, client, credentials, realm, ticket } from "./world.ts";

const { caches, gssapi, sasl, spnego } = others;
const { main, lean } = clients;

const never = <T>(): Promise<T> => new Promise<T>(() => {});

// What is the caller's, and never answers.
const dial = () => never<never>();
const credential = { getTicket: () => never<never>() };
const replayCache = { remember: () => never<never>() };
const store = { get: () => never<never>(), set: () => never<never>(), delete: () => never<never>() };

const kdc = ["tcp://192.0.2.88"];
const principal = main.parsePrincipal(credentials.principal);
const hangingLean = { credentials, kdc, dial } as const;
const hanging = { ...hangingLean, config: false } as const;
const stuck = main.createClient(hanging);
const stuckPool = stuck.pool();
const stuckLean = lean.createClient(hangingLean);
const elsewhere = { kdc, dial, config: false } as const;
const stuckKerberos = main.createKerberos(elsewhere);
const cache = caches.createStoreCache({ store, key: new Uint8Array(32), principal });
const [stored] = caches.decodeCcacheFile(realm.ccache("alice")).credentials as [Credential];
const server = "host/server@TEST.EXAMPLE";
const url = "https://web/";
const keytab = realm.keytab("host/server");
const webKeytab = realm.keytab("HTTP/web");

/** A server with a command that has no end, and a session with it. */
const slow = createRemctlServer({
  keytab: realm.keytab("host/server"),
  replayCache: createReplayCache(),
  commands: [{ command: "wait", subcommand: "ALL", acl: ["ANYUSER"], handler: never }],
});
const slowClient = main.createClient({
  credentials,
  kdc: realm.kdc,
  service: server,
  config: false,
  pipelineDepth: 2,
  dial: (host, port, options) => (port === 88 ? realm : slow).dial(host, port, options ?? {}),
});
const busy = (): Promise<RemctlSession> => slowClient.connect("server");

const tokenFor = async (target: string): Promise<Uint8Array> =>
  (await spnego.createSpnegoInitiator({ target, credential: client }).step()) as Uint8Array;
const krb5Token = async (): Promise<Uint8Array> =>
  (await gssapi.createInitiator({ target: server, credential: client }).step()) as Uint8Array;
const saslOf = (more: object = {}) => sasl.createSaslClient({ service: "host", host: "server", credential, ...more });

type Wait = (options: { readonly signal: AbortSignal }) => Promise<unknown>;

/** Fails as the one host of a run does. */
async function onOneHost(run: (options: HostsOptions) => Promise<unknown>): Promise<unknown> {
  let failure: unknown;
  await run({
    onResult: ({ error }) => {
      failure = error;
    },
  });
  throw failure;
}

/** A ticket that may be renewed, validated and forwarded, as far as its flags say. */
const flags = TICKET_FLAG.renewable | TICKET_FLAG.invalid | TICKET_FLAG.forwardable;
const fields: Readonly<Record<string | symbol, unknown>> = { flags, renewTill: ticket.endTime };
const able = new Proxy(ticket, { get: (target, name) => fields[name] ?? Reflect.get(target, name) });

/** The reason that an error has, however deep. */
function reasonOf(error: unknown): unknown {
  for (let one = error; one instanceof Error; one = one.cause) if (one.message === "the caller has enough") return one;
  return undefined;
}

/** What waits for ever, by the row of the table of options that has its signal. */
const WAITS: Readonly<Record<string, Wait | readonly Wait[]>> = {
  "krb5-remctl createClient": (o) => main.createClient({ ...hanging, ...o }).remctl("server", ["ping"]),
  "krb5-remctl delegatedCredentials": async (o) =>
    main.delegatedCredentials({ delegated: [ticket] }, { ...elsewhere, ...o })?.remctl("server", ["ping"]),
  "krb5-remctl remctl": (o) => main.remctl("server", ["ping"], { ...hanging, ...o }),
  "krb5-remctl runOnHosts": (o) =>
    onOneHost((more) => main.runOnHosts(["server"], ["ping"], { ...hanging, ...more, ...o })),
  "krb5-remctl verifyPassword": (o) =>
    main.verifyPassword("alice", "secret", { kdc, dial, config: false, keytab, realms: ["TEST.EXAMPLE"], ...o }),
  "krb5-remctl/lean createClient": (o) => lean.createClient({ ...hangingLean, ...o }).remctl("server", ["ping"]),
  "krb5-remctl/lean impersonate": (o) => lean.impersonate(stuckLean, "bob@TEST.EXAMPLE", o),
  "krb5-remctl/lean runOnHosts": (o) =>
    onOneHost((more) => lean.runOnHosts(stuckLean, ["server"], ["ping"], { ...more, ...o })),
  "client getTicket": (o) => stuck.getTicket(server, o),
  "client getForwardedTicket": (o) => stuck.getForwardedTicket(o),
  "client connect": (o) => stuck.connect("server", o),
  "client remctl": (o) => stuck.remctl("server", ["ping"], o),
  "client stream": (o) => stuck.stream("server", ["ping"], o),
  "client impersonate": (o) => stuck.impersonate("bob@TEST.EXAMPLE", o),
  "client changePassword": (o) => stuck.changePassword("another", o),
  "client runOnHosts": (o) => onOneHost((more) => stuck.runOnHosts(["server"], ["ping"], { ...more, ...o })),
  "pool run": (o) => stuckPool.run("server", ["ping"], o),
  "pool stream": (o) => stuckPool.stream("server", ["ping"], o),
  "pool withSession": (o) => stuckPool.withSession("server", () => 0, o),
  "session run": async (o) => (await busy()).run(["wait"], o),
  "session stream": async (o) => (await busy()).stream(["wait"], o).status,
  "session noop": async (o) => {
    const session = await busy();
    session.run(["wait"]).catch(() => {});
    return session.noop(o);
  },
  "kerberos login": (o) => stuckKerberos.login(alice, o),
  "kerberos getServiceTicket": (o) => stuckKerberos.getServiceTicket(ticket, server, o),
  "kerberos impersonate": (o) => stuckKerberos.impersonate(ticket, { name: principal }, o),
  "kerberos actFor": (o) => stuckKerberos.actFor(ticket, ticket, server, o),
  "kerberos renew": (o) => stuckKerberos.renew(able, o),
  "kerberos validate": (o) => stuckKerberos.validate(able, o),
  "kerberos forward": (o) => stuckKerberos.forward(able, o),
  "kerberos changePassword": (o) => stuckKerberos.changePassword(alice, "another", o),
  "store cache read": (o) => cache.read(o),
  "store cache destroy": (o) => cache.destroy(o),
  "store cache initialize": (o) => cache.initialize({ principal, credentials: [] }, o),
  "store cache store": (o) => cache.store(stored, o),
  "store cache remove": (o) => cache.remove(() => true, o),
  "store cache setConfig": (o) => cache.setConfig({ key: "k", value: undefined }, o),
  "store cache acquire": (o) => cache.acquire({ isFresh: () => true, obtain: never, ...o }),
  "context step": [
    (o) => gssapi.createInitiator({ target: server, credential }).step(undefined, o),
    async (o) => gssapi.createAcceptor({ keytab, replayCache }).step(await krb5Token(), o),
    (o) => spnego.createSpnegoInitiator({ target: server, credential }).step(undefined, o),
    async (o) => spnego.createSpnegoAcceptor({ keytab, replayCache }).step(await tokenFor(server), o),
    async (o) => spnego.createSpnegoAcceptor({ keytab, replayCache }).step(await krb5Token(), o),
  ],
  "SASL client step": [
    (o) => saslOf().step(undefined, o),
    (o) => saslOf({ mechanism: "GSS-SPNEGO", spnego: spnego.createSpnegoInitiator }).step(undefined, o),
    (o) => saslOf({ mechanism: "GS2-KRB5", tls: true }).step(undefined, o),
  ],
  "SASL client finish": (o) =>
    saslOf({ mechanism: "GSS-SPNEGO", spnego: () => ({ step: never, dispose() {} }) }).finish(new Uint8Array(1), o),
  "SASL server step": async (o) => sasl.createSaslServer({ keytab, replayCache }).step(await krb5Token(), o),
  "HTTP negotiator begin": (o) => http.createNegotiator({ credential, origins: [url] }).begin(url, o),
  "HTTP negotiateFetch": (o) =>
    http.negotiateFetch({ credential, origins: [url], preemptive: true, fetch: never })(url, o),
  "HTTP authenticate": async (o) =>
    http
      .createNegotiateServer({ keytab: webKeytab, replayCache })
      .authenticate({ headers: { authorization: `Negotiate ${encodeBase64(await tokenFor("HTTP/web"))}` }, ...o }),
};

/** Functions that are another's by name, or have the same code. */
const SAME = [
  "krb5-remctl/lean/node createClient",
  "krb5-remctl/lean/node impersonate",
  "krb5-remctl/lean/node runOnHosts",
];

it.each(
  Object.entries(WAITS).flatMap(([name, waits]) => [waits].flat().map((wait, index) => [name, index, wait] as const)),
)(
  "%s (%i)",
  async (_, _index, wait) => {
    for (const isBefore of [false, true]) {
      const ending = new AbortController();
      const reason = new Error("the caller has enough");
      if (isBefore) ending.abort(reason);
      const waiting = wait({ signal: ending.signal });
      let isOver = false;
      waiting
        .catch(() => {})
        .finally(() => {
          isOver = true;
        });
      if (!isBefore) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        expect(isOver, `it does not wait: ${isOver && (await waiting.catch(String))}`).toBe(false);
        ending.abort(reason);
      }
      const error = await waiting.then(
        () => undefined,
        (thrown) => thrown,
      );
      expect(reasonOf(error), String(error?.stack)).toBe(reason);
    }
  },
  3_000,
);

/** The same function under several names. */
const tables: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  "krb5-remctl": clients.mainRows,
  "krb5-remctl/lean": clients.leanRows,
  "krb5-remctl/lean/node": clients.leanNodeRows,
  client: clients.clientRows,
  pool: clients.poolRows,
  session: clients.sessionRows,
  kerberos: clients.kerberosRows,
  "store cache": others.storeCacheRows,
  "krb5-remctl/http": others.httpRows,
  context: others.contextRows,
  "SASL client": others.saslClientRows,
  "SASL server": others.saslServerRows,
  "krb5-remctl/sasl": others.saslRows,
  server: others.serverMethodRows,
  realm: others.realmRows,
  "krb5-remctl/testing": others.testingRows,
  "krb5-remctl/drivers": clients.driversRows,
  "krb5-remctl/credentials": others.credentialsRows,
};

it("the list has every one of them", () => {
  const names = Object.entries(tables).flatMap(([table, rows]) =>
    Object.entries(rows)
      .filter(([, { kinds }]) => "signal" in kinds)
      .map(([name]) => `${table} ${name}`),
  );
  expect(names.filter((name) => !Object.hasOwn(WAITS, name) && !SAME.includes(name))).toEqual([]);
});
