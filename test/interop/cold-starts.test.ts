// A cold command, counted at the wire: each message of the client passes a link of 10 ms, and what waits for what is one round
// trip after the other. Real KDCs and Debian's remctld; how often a KDC says that a login failed is read from the KDC.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type ClientOptions,
  createClient,
  type KerberosError,
  keytab,
  password,
  type RemctlClient,
  remctl,
} from "../../src/entry/index.ts";
import { startHeimdalBed, startMitBed, startRemctld, startSambaBed } from "../../tools/beds/index.mjs";
import { startDelayLink } from "../../tools/bench/delay-link.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

const HOST = "127.0.0.1";
const ECHO = ["test", "env", "REMOTE_USER"];

/** A realm and a remctld behind a link. */
async function behindLink(
  of: { readonly port: number; readonly realm: string },
  remctld: { port: number; service: string },
) {
  const link = startDelayLink(10);
  const kdcPort = await link.kdc(of.port);
  const port = await link.tcp(remctld.port);
  const options = (scheme: "udp" | "tcp", more: Partial<ClientOptions>): ClientOptions => ({
    kdc: [`${scheme}://${HOST}:${kdcPort}`],
    port,
    service: remctld.service,
    ...more,
  });
  /** Round trips of one command from nothing, and what it printed, or the code of its failure. */
  const count = async (scheme: "udp" | "tcp", more: Partial<ClientOptions>): Promise<[number, string]> => {
    link.reset();
    const printed = await remctl(HOST, ECHO, options(scheme, more)).then(
      (result) => result.text().trim(),
      ({ code }: KerberosError) => String(code),
    );
    return [link.roundTrips(), printed];
  };
  const client = (scheme: "udp" | "tcp", more: Partial<ClientOptions>): RemctlClient =>
    createClient(options(scheme, more));
  return { link, count, client, kdcPort, close: async () => link.close() };
}

/** Both options. */
const both = { directTicket: true, preauth: "timestamp-first" } as const;

const queries = [
  "addpol -maxfailure 5 strict",
  "addprinc -policy strict -pw right +requires_preauth cold",
  "addprinc -policy strict -pw right +requires_preauth salted",
  "addprinc -policy strict -pw right +requires_preauth stale",
];

describeLive("mit", "a cold command with MIT's KDC", () => {
  const bed = useBed(() => startMitBed({ principals: queries.join("\n"), fresh: true }));
  const server = useBed(() => startRemctld({ bed: bed() }));
  const far = useBed(() => behindLink(bed(), server()));
  const robot = () => ({
    credentials: keytab(`robot@${bed().realm}`, new Uint8Array(readFileSync(bed().keytab.robot))),
  });
  const person = (name: string, secret = "right", salt?: string) => ({
    credentials: password(`${name}@${bed().realm}`, secret, salt === undefined ? {} : { salt }),
  });
  const salt = (name: string): string => bed().realm + name;
  const failures = async (name: string): Promise<number> => {
    const [, count] = /Failed password attempts: (\d+)/.exec(await bed().kadmin(`getprinc ${name}\n`)) ?? [];
    return Number(count);
  };

  it("by UDP: five round trips; a keytab with both options three; a warm command one", async () => {
    const who = `robot@${bed().realm}`;
    expect(await far().count("udp", robot())).toEqual([5, who]);
    expect(await far().count("udp", { ...robot(), ...both })).toEqual([3, who]);
    const session = await far()
      .client("udp", { ...robot(), ...both })
      .connect(HOST);
    await session.run(ECHO);
    const before = far().link.roundTrips();
    // After output an octet goes ahead of the next command, which the link would count.
    expect((await session.run(["test", "status", "3"])).status).toBe(3);
    expect(far().link.roundTrips() - before).toBe(1);
    await session.close();
  });

  it("P18: a wrong salt with both options: two round trips, one failed login", async () => {
    expect(await far().count("udp", { ...person("salted", "right", "another"), ...both })).toEqual([
      2,
      "WRONG_PASSWORD",
    ]);
    expect(await failures("salted")).toBe(1);
  });

  describe.runIf(wholeTable)("the whole table", () => {
    it("a password with its salt three, without it four; one option saves one", async () => {
      const who = `cold@${bed().realm}`;
      const known = person("cold", "right", salt("cold"));
      expect(await far().count("udp", { ...known, ...both })).toEqual([3, who]);
      expect(await far().count("udp", { ...person("cold"), ...both })).toEqual([4, who]);
      expect(await far().count("udp", { ...person("cold"), directTicket: true })).toEqual([4, who]);
      expect(await far().count("udp", { ...known, preauth: both.preauth })).toEqual([4, who]);
      expect(await far().count("udp", person("cold"))).toEqual([5, who]);
      expect(await failures("cold")).toBe(0);
    });

    it("by TCP one more, for the handshake: the KDC closes after each answer, and the next connection is open by then", async () => {
      const who = `robot@${bed().realm}`;
      expect(await far().count("tcp", { ...robot(), ...both })).toEqual([4, who]);
      expect(await far().count("tcp", { ...person("cold"), ...both })).toEqual([5, `cold@${bed().realm}`]);
      expect(await far().count("tcp", robot())).toEqual([6, who]);
    });

    it("a stale key: two round trips, one failed login, and the key rests", async () => {
      const file = `${bed().dir}/stale.keytab`;
      await bed().kadmin(`ktadd -k ${file} stale\n`);
      const client = far().client("udp", {
        credentials: keytab(`stale@${bed().realm}`, new Uint8Array(readFileSync(file))),
        ...both,
      });
      await bed().kadmin("cpw -randkey stale\n");
      far().link.reset();
      const codes: unknown[] = [];
      for (let i = 0; i < 3; i++) await client.remctl(HOST, ECHO).catch(({ code }) => codes.push(code));
      expect({ codes, trips: far().link.roundTrips() }).toEqual({ codes: ["KEYTAB", "KEYTAB", "KEYTAB"], trips: 2 });
      expect(await failures("stale")).toBe(1);
    });

    it("a wrong password with its salt: one failed login, however often it is asked for", async () => {
      const client = far().client("udp", { ...person("cold", "wrong", salt("cold")), ...both });
      for (let i = 0; i < 3; i++) await client.remctl(HOST, ECHO).catch(() => {});
      expect(await failures("cold")).toBe(1);
    });

    it("DT2: a service that the login does not give: the usual way, and no failed login", async () => {
      // The KDC has no such name. What it says to a ticket-granting ticket is the same: the way is counted.
      const before = await failures("salted");
      const unknown = { service: `host/nowhere.test@${bed().realm}` };
      const known = person("salted", "right", salt("salted"));
      for (const [more, trips] of [
        // Login refused, login, ticket refused, and once more without CANONICALIZE.
        [{ ...known, ...both, ...unknown }, 4],
        [{ ...person("salted"), directTicket: true, ...unknown }, 5],
      ] as const) {
        const [count, printed] = await far().count("udp", more);
        expect([count, printed]).toEqual([trips, "SERVICE_UNKNOWN"]);
      }
      // A login that succeeds clears the count.
      expect(before).toBe(1);
      expect(await failures("salted")).toBe(0);
    });
  });
});

describe.runIf(wholeTable)("other KDCs", () => {
  describeLive("mit", "a service that the client takes for one of its realm, and the KDC for another's", () => {
    const [one, two] = ["ONE.TEST", "TWO.TEST"] as const;
    const bed = useBed(async () => {
      const trust = (realm: string) => [{ realm, password: "trust-password" }];
      const [first, second] = await Promise.all([
        startMitBed({ realm: one, trust: trust(two), kdcDomainRealm: { ".far.test": two } }),
        startMitBed({ realm: two, trust: trust(one), services: ["host/srv.far.test"] }),
      ]);
      return { first, second, close: async () => void (await Promise.all([first.close(), second.close()])) };
    });
    const server = useBed(() => startRemctld({ bed: bed().second }));
    const far = useBed(async () => {
      const way = await behindLink(bed().first, server());
      return { ...way, otherPort: await way.link.kdc(bed().second.port) };
    });

    it("DT2: the usual way with its referral: seven round trips", async () => {
      const who = `alice@${one}`;
      const { kdcPort, otherPort, link } = far();
      const client = createClient({
        credentials: password(who, bed().first.passwords.alice as string),
        config: `[domain_realm]\n .far.test = ${one}\n`,
        kdc: { [one]: [`udp://${HOST}:${kdcPort}`], [two]: [`udp://${HOST}:${otherPort}`] },
        ...both,
      });
      const port = await link.tcp(server().port);
      link.reset();
      const result = await client.remctl(HOST, ECHO, { port, service: "host/srv.far.test" });
      expect([link.roundTrips(), result.text().trim()]).toEqual([7, who]);
    });
  });

  describeLive(["heimdal", "mit"], "a cold command with Heimdal's KDC", () => {
    const bed = useBed(() => startHeimdalBed());
    const server = useBed(() => startRemctld({ bed: bed() }));
    const far = useBed(() => behindLink(bed(), server()));

    it("by UDP: a keytab three, with neither option five; a warm command one", async () => {
      const who = `robot@${bed().realm}`;
      const robot = { credentials: keytab(who, new Uint8Array(readFileSync(bed().keytab.robot))) };
      expect(await far().count("udp", { ...robot, ...both })).toEqual([3, who]);
      expect(await far().count("udp", robot)).toEqual([5, who]);
      const alice = `alice@${bed().realm}`;
      const { alice: secret } = bed().passwords as { alice: string };
      expect(await far().count("udp", { credentials: password(alice, secret), ...both })).toEqual([4, alice]);
    });
  });

  describeLive(["samba", "mit"], "a cold command with Samba's domain controller", () => {
    const bed = useBed(startSambaBed, 300_000);
    const server = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.service }), 300_000);
    const far = useBed(() => behindLink(bed(), server()));

    it("by UDP: a keytab three, with neither option five", async () => {
      const who = `alice@${bed().realm}`;
      const alice = { credentials: keytab(who, new Uint8Array(readFileSync(bed().keytab.alice))) };
      expect(await far().count("udp", { ...alice, ...both })).toEqual([3, who]);
      // The ticket for the service has a PAC and is too large for a datagram: the KDC says so, and a connection is opened.
      expect(await far().count("udp", alice)).toEqual([7, who]);
      const { alice: secret } = bed().passwords;
      expect(await far().count("udp", { credentials: password(who, secret), ...both })).toEqual([4, who]);
    });
  });
});
