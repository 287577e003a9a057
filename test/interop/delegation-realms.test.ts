// S4U2Self and S4U2Proxy from realm to realm at MIT's KDCs, over a database that knows what a directory knows. MIT's kvno
// beside us. With CI=true: the database is compiled.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { openCache } from "../../src/entry/credentials.ts";
import { createAcceptor, createInitiator } from "../../src/entry/gssapi.ts";
import {
  createClient,
  type KdcError,
  keytab,
  password,
  type RemctlClient,
  type ServiceTicket,
  type TraceEvent,
} from "../../src/entry/index.ts";
import { ticketAuthorization } from "../../src/entry/pac.ts";
import { makeDelegationDatabase, runProgram, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLater, useBed } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";

const START_MS = 60_000;
const WEB = "HTTP/web@A.TEST";
const BACK = "host/back.b.test@B.TEST";
const OTHER = "host/other.b.test@B.TEST";
const FAR = "host/back.c.test@C.TEST";

type Bed = Awaited<ReturnType<typeof startMitBed>>;

/** A.TEST, whose service acts; B.TEST, which it trusts; C.TEST, which only B.TEST trusts. */
async function startRealms(): Promise<{ a: Bed; b: Bed; c: Bed; config: string; close(): Promise<void> }> {
  const made = await makeDelegationDatabase();
  const trust = (...realms: string[]) => realms.map((realm) => ({ realm, password: "trust-password" }));
  const actors = [`${WEB} ${BACK}`, `${WEB} ${FAR}`];
  const capaths = { "A.TEST": { "C.TEST": ["B.TEST"] }, "C.TEST": { "A.TEST": ["B.TEST"] } };
  const kdcDomainRealm = { ".b.test": "B.TEST", ".c.test": "C.TEST" };
  // A way there and back through one realm is none of [capaths].
  const common = { capaths, kdcDomainRealm, lines: { realm: ["reject_bad_transit = false"] } };
  const [a, b, c] = await Promise.all([
    startMitBed({
      ...common,
      realm: "A.TEST",
      services: ["HTTP/web"],
      trust: trust("B.TEST"),
      principals: "modprinc +ok_to_auth_as_delegate HTTP/web",
      database: made.databaseFor({ via: "B.TEST" }),
    }),
    startMitBed({
      ...common,
      realm: "B.TEST",
      services: ["host/back.b.test", "host/other.b.test"],
      trust: trust("A.TEST", "C.TEST"),
      database: made.databaseFor({ actors }),
    }),
    startMitBed({
      ...common,
      realm: "C.TEST",
      services: ["host/back.c.test"],
      trust: trust("B.TEST"),
      database: made.databaseFor({ actors, via: "B.TEST" }),
    }),
  ]);
  const realms = [a, b, c].map(({ realm, port }) => ` ${realm} = {\n  kdc = 127.0.0.1:${port}\n }\n`);
  const config = `[libdefaults]
 default_realm = A.TEST
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
 rdns = false
[realms]
${realms.join("")}[capaths]
 A.TEST = {
  C.TEST = B.TEST
 }
 C.TEST = {
  A.TEST = B.TEST
 }
`;
  return {
    a,
    b,
    c,
    config,
    close: async () => {
      await Promise.all([a, b, c].map((bed) => bed.close()));
      await made.close();
    },
  };
}

describeLater("c-headers", "delegation across realms with MIT's KDCs", () => {
  const realms = useBed(startRealms, START_MS);
  const remctld = useBed(() => startRemctld({ bed: realms().b, keytab: realms().b.keytab.service }), START_MS);
  const events: TraceEvent[] = [];
  const web = (): RemctlClient =>
    createClient({
      credentials: keytab(WEB, realms().a.keytab.service),
      config: realms().config,
      forwardable: true,
      onTrace: (event) => void events.push(event),
    });
  const evidence = async (): Promise<ServiceTicket> =>
    createClient({
      credentials: password("alice@A.TEST", realms().a.passwords.alice as string),
      config: realms().config,
      forwardable: true,
    }).getTicket(WEB);

  it("S4U2Self: a user of another realm, by its KDC's referral", async () => {
    const ticket = await web().impersonate("alice@B.TEST");
    expect(ticket).toMatchObject({
      client: { components: ["alice"], realm: "B.TEST" },
      service: { components: ["HTTP", "web"], realm: "A.TEST" },
    });
    const initiator = createInitiator({ credential: { getTicket: async () => ticket }, target: ticket.service });
    const keys = readFileSync(realms().a.keytab.service);
    const acceptor = createAcceptor({ keytab: keys, authorizationData: ticketAuthorization({ requirePac: true }) });
    await acceptor.step(await initiator.step());
    expect([acceptor.peer?.realm, acceptor.pac?.verified]).toEqual(["B.TEST", ["server"]]);
    expect(await failureOf(web().impersonate("nosuch@B.TEST"))).toMatchObject({ code: "CLIENT_UNKNOWN" });
  });

  it("S4U2Self: back from a third realm as far as the last KDC; MIT's takes no such ticket, not from its kvno either", async () => {
    events.length = 0;
    expect(await failureOf<KdcError>(web().impersonate("alice@C.TEST"))).toMatchObject({ errorCode: 43 });
    const hops = events.flatMap((event) => (event.type === "referral" ? [`${event.from} ${event.to}`] : []));
    expect(hops.slice(-2)).toEqual(["C.TEST B.TEST", "B.TEST A.TEST"]);
  });

  it("S4U2Proxy to a remctld of another realm, which allows it: the user came, or is only named", async () => {
    const { port } = remctld();
    const run = { port, service: BACK };
    for (const [who, user] of [
      [await evidence(), "alice@A.TEST"],
      ["bob@A.TEST", "bob@A.TEST"],
      ["alice@B.TEST", "alice@B.TEST"],
    ] as const) {
      const client = web();
      const result = await client.actFor(who).remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], run);
      expect([result.status, result.text()]).toEqual([0, `${user}\n`]);
      const own = await client.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], run);
      expect(own.text()).toBe(`${WEB}\n`);
    }
  });

  it("S4U2Proxy through a realm between, and to a service whose realm the KDCs say", async () => {
    for (const target of [FAR, "host/back.c.test"]) {
      events.length = 0;
      const ticket = await web()
        .actFor(await evidence())
        .getTicket(target);
      expect(ticket).toMatchObject({
        client: { components: ["alice"], realm: "A.TEST" },
        service: { components: ["host", "back.c.test"], realm: "C.TEST" },
      });
      const asked = events.flatMap((event) => (event.type === "kdc-request" ? [event.realm] : []));
      // The login of WEB (2), the referral (A); as itself (A, B, C); what says for whom it acts, from B; and C.
      expect(asked.filter((realm) => realm !== "A.TEST")).toEqual(["B.TEST", "C.TEST", "B.TEST", "C.TEST"]);
    }
  });

  it("is refused by the service's realm, and the error says so", async () => {
    const error = await failureOf<KdcError>(web().actFor("alice@A.TEST").getTicket(OTHER));
    expect([error.code, error.errorName, error.message]).toEqual([
      "DELEGATION_REFUSED",
      "KDC_ERR_BADOPTION",
      expect.stringMatching(/does not let HTTP\/web@A\.TEST act for alice@A\.TEST at host\/other\.b\.test@B\.TEST/),
    ]);
  });

  it("nothing of it lands in the client's cache", async () => {
    const cache = openCache(`FILE:${path.join(realms().a.dir, "own-cache")}`);
    const client = createClient({
      credentials: keytab(WEB, realms().a.keytab.service),
      config: realms().config,
      forwardable: true,
      cache,
    });
    await client.actFor("alice@B.TEST").getTicket(BACK);
    await client.impersonate("bob@B.TEST");
    const names = (await cache.read())?.credentials.map(
      ({ client: { components, realm } }) => `${components.join("/")}@${realm}`,
    );
    expect(new Set(names)).toEqual(new Set([WEB]));
  });

  it("kvno beside MIT's", async () => {
    const file = path.join(realms().a.dir, "kvno.conf");
    writeFileSync(file, realms().config);
    const run = async (side: "mit" | "our"): Promise<string[]> => {
      const env = { ...realms().a.env, KRB5_CONFIG: file, KRB5CCNAME: `FILE:${realms().a.dir}/cc-${side}` };
      const rows = [
        ["kinit", "-f", "-k", "-t", realms().a.keytab.service, "HTTP/web"],
        ["kvno", "-I", "alice@B.TEST", "HTTP/web"],
        ["kvno", "-I", "nosuch@B.TEST", "HTTP/web"],
        ["kvno", "-I", "alice@B.TEST", "-P", "-S", "host", "back.b.test"],
        ["kvno", "-I", "alice", "-P", "-S", "host", "other.b.test"],
      ];
      const said: string[] = [];
      for (const [program = "", ...args] of rows) {
        const { status, text } =
          side === "mit"
            ? await runProgram(realms().a.bin(program), args, { env })
            : await runCli([program, ...args], { env }).then((all) => ({
                status: all.status,
                text: `${all.stdout}${all.stderr}`.replace(/^krb5-remctl:.*\n/gm, ""),
              }));
        said.push(`${args.join(" ")}: ${status} ${text}`);
      }
      return said;
    };
    expect(await run("our")).toEqual(await run("mit"));
  });
});
