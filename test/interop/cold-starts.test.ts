// A cold command, counted at the wire: each message of the client passes a link of 10 ms, and what waits for what is one round
// trip after the other. Real KDCs and Debian's remctld; how often a KDC says that a login failed is read from the KDC.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type KeyValueStore, memoryStore } from "../../src/credentials/index.ts";
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
  /** Round trips of a command on a session that is open. */
  const warm = async (more: Partial<ClientOptions>): Promise<number> => {
    const session = await client("udp", more).connect(HOST);
    await session.run(ECHO);
    const before = link.roundTrips();
    // After output an octet goes ahead of the next command, which the link would count.
    expect((await session.run(["test", "status", "3"])).status).toBe(3);
    const after = link.roundTrips();
    await session.close();
    return after - before;
  };
  /** Three commands of one client: their codes, and the round trips of all. */
  const thrice = async (more: Partial<ClientOptions>): Promise<{ codes: unknown[]; trips: number }> => {
    const one = client("udp", more);
    link.reset();
    const codes: unknown[] = [];
    for (let i = 0; i < 3; i++) await one.remctl(HOST, ECHO).catch(({ code }) => codes.push(code));
    return { codes, trips: link.roundTrips() };
  };
  return { link, count, client, warm, thrice, kdcPort, close: async () => link.close() };
}

/** A sealed store whose tickets can be ended: what is left is how the KDC took the last login. */
function watchedStore() {
  const inner = memoryStore();
  const names = new Set<string>();
  const store: KeyValueStore = {
    ...inner,
    set: async (name, ...rest) => {
      names.add(name);
      await inner.set(name, ...rest);
    },
  };
  const endTickets = (): void => {
    for (const name of names) if (name.endsWith(":cache")) void inner.delete(name);
  };
  return { store, endTickets };
}

/** Both options. */
const both = { directTicket: true, preauth: "timestamp-first" } as const;

/** A key that the KDC refuses is proven once: the KDC is asked how it makes the key, and then the key rests. */
const STALE = { codes: ["KEYTAB", "KEYTAB", "KEYTAB"], trips: 2 };

const queries = [
  "addpol -maxfailure 5 strict",
  "addprinc -policy strict -pw right +requires_preauth cold",
  "addprinc -policy strict -pw right +requires_preauth salted",
  "addprinc -policy strict -pw right +requires_preauth stale",
  "addprinc -policy strict -pw right +requires_preauth hasty",
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
    expect(await far().warm({ ...robot(), ...both })).toBe(1);
  });

  it("P19: a fresh client with a warm store saves the question: four round trips, three with directTicket; a stale key two", async () => {
    await bed().kadmin("addprinc -policy strict -randkey +requires_preauth kept\n");
    const file = `${bed().dir}/kept.keytab`;
    await bed().kadmin(`ktadd -k ${file} kept\n`);
    const credentials = keytab(`kept@${bed().realm}`, new Uint8Array(readFileSync(file)));
    const { store, endTickets } = watchedStore();
    const cache = { store, key: new Uint8Array(32).fill(7) };
    const who = `kept@${bed().realm}`;
    const trips: number[] = [];
    for (const more of [{}, {}, { directTicket: true }]) {
      const [count, printed] = await far().count("udp", { credentials, cache, ...more });
      expect(printed).toBe(who);
      trips.push(count);
      endTickets();
    }
    expect(trips).toEqual([5, 4, 3]);
    expect(await failures("kept")).toBe(0);
    await bed().kadmin("cpw -randkey kept\n");
    expect(await far().count("udp", { credentials, cache })).toEqual([2, "KEYTAB"]);
    expect(await failures("kept")).toBe(1);
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
      const stale = keytab(`stale@${bed().realm}`, new Uint8Array(readFileSync(file)));
      await bed().kadmin("cpw -randkey stale\n");
      expect(await far().thrice({ credentials: stale, ...both })).toEqual(STALE);
      expect(await failures("stale")).toBe(1);
    });

    it("a wrong password with its salt: one failed login, however often it is asked for", async () => {
      const client = far().client("udp", { ...person("cold", "wrong", salt("cold")), ...both });
      for (let i = 0; i < 3; i++) await client.remctl(HOST, ECHO).catch(() => {});
      expect(await failures("cold")).toBe(1);
    });

    it("a wrong password with its salt, for three services at once: one failed login", async () => {
      const client = far().client("udp", { ...person("hasty", "wrong", salt("hasty")), ...both });
      const names = ["host/a.test", "host/b.test", `krbtgt/${bed().realm}`];
      const tickets = await Promise.allSettled(names.map((name) => client.getTicket(`${name}@${bed().realm}`)));
      expect(tickets.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
      expect(await failures("hasty")).toBe(1);
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

    it("DT2: a service that the KDC gives neither so nor to a ticket-granting ticket (27): the usual way, no failed login", async () => {
      await bed().kadmin("addprinc -randkey -allow_svr host/user-to-user.test\n");
      const only = { service: `host/user-to-user.test@${bed().realm}` };
      const known = person("cold", "right", salt("cold"));
      const failed = await failures("cold");
      expect(await far().count("udp", { ...known, ...both, ...only })).toEqual([4, "KDC"]);
      expect(failed).toBe(1);
      expect(await failures("cold")).toBe(0);
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
      for (const { kadmin } of [bed().first, bed().second]) {
        expect(await kadmin("getprinc alice\n")).toContain("Failed password attempts: 0");
      }
    });
  });

  describeLive(["heimdal", "mit"], "a cold command with Heimdal's KDC", () => {
    const bed = useBed(() => startHeimdalBed());
    const server = useBed(() => startRemctld({ bed: bed() }));
    const far = useBed(() => behindLink(bed(), server()));

    const robot = () => keytab(`robot@${bed().realm}`, new Uint8Array(readFileSync(bed().keytab.robot)));
    const alice = (salt?: string) =>
      password(`alice@${bed().realm}`, bed().passwords.alice as string, salt === undefined ? {} : { salt });

    it("by UDP: a keytab three, a password with its salt three, without it four, with neither option five; a warm command one", async () => {
      const who = `alice@${bed().realm}`;
      expect(await far().count("udp", { credentials: robot(), ...both })).toEqual([3, `robot@${bed().realm}`]);
      expect(await far().count("udp", { credentials: robot() })).toEqual([5, `robot@${bed().realm}`]);
      expect(await far().count("udp", { credentials: alice(`${bed().realm}alice`), ...both })).toEqual([3, who]);
      expect(await far().count("udp", { credentials: alice(), ...both })).toEqual([4, who]);
      expect(await far().warm({ credentials: robot(), ...both })).toBe(1);
    });

    it("P18: a wrong salt: two round trips", async () => {
      const wrong = { credentials: alice("another"), ...both };
      expect(await far().count("udp", wrong)).toEqual([2, "WRONG_PASSWORD"]);
    });

    it("P18: a stale key: two round trips, and the key rests", async () => {
      const file = `${bed().dir}/stale.keytab`;
      await bed().kadmin(["add -r --use-defaults stale", `ext_keytab -k ${file} stale`, "cpw -r stale"]);
      const stale = keytab(`stale@${bed().realm}`, new Uint8Array(readFileSync(file)));
      expect(await far().thrice({ credentials: stale, ...both })).toEqual(STALE);
    });

    it("DT2: a service that the login does not give: the usual way", async () => {
      const unknown = { service: `host/nowhere.test@${bed().realm}` };
      expect(await far().count("udp", { credentials: robot(), ...both, ...unknown })).toEqual([4, "SERVICE_UNKNOWN"]);
    });
  });

  describeLive(["samba", "mit"], "a cold command with Samba's domain controller", () => {
    const bed = useBed(startSambaBed, 300_000);
    const server = useBed(() => startRemctld({ bed: bed(), keytab: bed().keytab.service }), 300_000);
    const far = useBed(() => behindLink(bed(), server()));

    const robot = () => keytab(`alice@${bed().realm}`, new Uint8Array(readFileSync(bed().keytab.alice)));
    const alice = (salt?: string) =>
      password(`alice@${bed().realm}`, bed().passwords.alice, salt === undefined ? {} : { salt });

    it("by UDP: a keytab three, a password with its salt three, without it four; a warm command one", async () => {
      const who = `alice@${bed().realm}`;
      expect(await far().count("udp", { credentials: robot(), ...both })).toEqual([3, who]);
      // The ticket for the service has a PAC and is too large for a datagram: the KDC says so, and a connection is opened.
      expect(await far().count("udp", { credentials: robot() })).toEqual([7, who]);
      expect(await far().count("udp", { credentials: alice(`${bed().realm}alice`), ...both })).toEqual([3, who]);
      expect(await far().count("udp", { credentials: alice(), ...both })).toEqual([4, who]);
      expect(await far().warm({ credentials: robot(), ...both })).toBe(1);
    });

    it("P18: a wrong salt: two round trips", async () => {
      const wrong = { credentials: alice("another"), ...both };
      expect(await far().count("udp", wrong)).toEqual([2, "WRONG_PASSWORD"]);
    });

    it("DT2: a service that the login does not give: the usual way", async () => {
      const unknown = { service: `host/nowhere.test@${bed().realm}` };
      // A request with a ticket that has a PAC is too large for a datagram: each of the two has a connection.
      expect(await far().count("udp", { credentials: robot(), ...both, ...unknown })).toEqual([6, "SERVICE_UNKNOWN"]);
    });

    it("P18: a stale key: two round trips, and the key rests", async () => {
      const stale = robot();
      const quoted = Buffer.from('"another-password"', "utf16le").toString("base64");
      const to = "CN=alice,CN=Users,DC=ad,DC=test";
      await bed().modify(`dn: ${to}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: ${quoted}\n`);
      expect(await far().thrice({ credentials: stale, ...both })).toEqual(STALE);
    });
  });
});
