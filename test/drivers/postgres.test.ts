// `pg` and `postgres`, unchanged, at PostgreSQL with GSSAPI.

import { readFileSync, renameSync } from "node:fs";
import { expect, it } from "vitest";
import { createClient, keytab, type RemctlClient } from "../../src/entry/index.ts";
import { type GssStreamOptions, gssStream, postgresSocket } from "../../src/entry/postgres.ts";
import { gssRule, startMitBed, startPostgres } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";

interface Rows {
  readonly rows: Record<string, unknown>[];
}
interface PgClient {
  connect(): Promise<void>;
  query(sql: string, values?: unknown[]): Promise<Rows>;
  end(): Promise<void>;
  on(name: string, listener: (error: Error) => void): void;
  readonly processID: number;
}
type Pool = Omit<PgClient, "connect" | "processID"> & { connect(): Promise<PgClient & { release(): void }> };
interface Pg {
  readonly Client: new (settings: object) => PgClient;
  readonly Pool: new (settings: object) => Pool;
}
type Query = Promise<Record<string, unknown>[]> & { execute(): Query; cancel(): void };
type Sql = ((parts: TemplateStringsArray, ...values: unknown[]) => Query) & {
  end(): Promise<void>;
};

const HOW =
  "select gss_authenticated as a, encrypted as e, principal as p, current_user as u from pg_stat_gssapi where pid = pg_backend_pid()";

describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
  describeLive(["mit", "postgres"], "PostgreSQL by Kerberos", () => {
    const bed = useBed(() => startMitBed({ services: ["postgres/localhost"] }));
    const database = useBed(() => startPostgres({ bed: bed() }));
    let kept: RemctlClient | undefined;
    const alice = () => {
      kept ??= createClient({
        credentials: { principal: `alice@${bed().realm}`, password: "alice-password" },
        kdc: bed().kdc,
      });
      return kept;
    };
    const settings = (options: Partial<GssStreamOptions> = {}, user = "alice") => ({
      host: "localhost",
      port: database().port,
      user,
      database: "alice",
      stream: gssStream({ credential: alice(), ...options }),
    });
    const pg = () => requireDriver("pg") as Pg;

    async function failureOf(client: PgClient): Promise<Error & { code?: string }> {
      client.on("error", () => {});
      return await client.connect().then(
        () => client.end().then(() => new Error("it connected")),
        (error: Error) => error,
      );
    }

    it("pg logs in, encrypted, with 2 MB rows and a cancelled query", async () => {
      const client = new (pg().Client)(settings());
      await client.connect();
      const { rows } = await client.query(HOW);
      expect(rows).toEqual([{ a: true, e: true, p: `alice@${bed().realm}`, u: "alice" }]);
      const text = "x".repeat(2_000_000);
      const large = await client.query("select $1::text as t, length($1::text) as n", [text]);
      expect(large.rows[0]?.n).toBe(2_000_000);
      expect(large.rows[0]?.t === text).toBe(true);
      const sleeping = client.query("select pg_sleep(30)").catch((error: { code?: string }) => error.code);
      const cancel = "select pg_cancel_backend(pid) from pg_stat_activity where query = 'select pg_sleep(30)'";
      while (!(await database().run(cancel)).includes("t")) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await sleeping).toBe("57014");
      await client.end();
    });

    it("pg is refused as another user, in PostgreSQL's words", async () => {
      await database().run("create role mallory login");
      const error = await failureOf(new (pg().Client)(settings({}, "mallory")));
      expect(error).toMatchObject({ code: "28000" });
      expect(error.message).toContain("GSSAPI authentication failed");
    });

    it("pg hears what the KDC does not know, with our code", async () => {
      const error = await failureOf(new (pg().Client)(settings({ service: "nosuch" })));
      expect(error).toMatchObject({ code: "SERVICE_UNKNOWN" });
    });

    it("postgres gives each query an error of its own, though the client failed once for both", async () => {
      const postgres = requireDriver("postgres") as (settings: object) => Sql;
      const { host, port, user, database: name } = settings();
      const socket = postgresSocket({ credential: alice(), service: "nosuch" });
      const sql = postgres({ host, port, user, database: name, socket, max: 2 });
      const heard = (query: Promise<unknown>) =>
        query.then(
          () => new Error("it logged in"),
          (error: Error) => error,
        );
      const [first, second] = await Promise.all([heard(sql`select 1`), heard(sql`select 2`)]);
      expect(first).not.toBe(second);
      for (const error of [first, second]) {
        expect(error).toMatchObject({ code: "SERVICE_UNKNOWN", cause: { name: "KdcError" } });
      }
      await sql.end();
    });

    it.each([
      ["one host", (port: number) => `localhost:${port}`],
      // Nobody listens on the port tcpmux.
      ["the second of two hosts, like libpq", (port: number) => `localhost:1,localhost:${port}`],
    ])("postgres logs in, encrypted, at %s", async (_, hosts) => {
      const postgres = requireDriver("postgres") as (settings: object) => Sql;
      const { port, user, database: name } = settings();
      const socket = postgresSocket({ credential: alice() });
      const sql = postgres({ host: hosts(port), user, database: name, socket, max: 2 });
      expect(await sql`select encrypted as e from pg_stat_gssapi where pid = pg_backend_pid()`).toEqual([{ e: true }]);
      await sql.end();
    });

    it.runIf(wholeTable)("a pool connects anew when the server has ended its connections", async () => {
      const pool: Pool = new (pg().Pool)({ ...settings(), max: 2 });
      const pidOf = async () => (await pool.query("select pg_backend_pid() as pid")).rows[0]?.pid;
      const first = await pidOf();
      const ended = new Promise<Error & { code?: string }>((resolve) => pool.on("error", resolve));
      await database().run(`select pg_terminate_backend(${first})`);
      expect((await ended).code).toBe("57P01");
      expect(await pidOf()).not.toBe(first);
      await pool.end();
    });

    it.runIf(wholeTable)("postgres cancels a query, by a connection that is encrypted too", async () => {
      const postgres = requireDriver("postgres") as (settings: object) => Sql;
      const { host, port, user, database: name } = settings();
      const sql = postgres({ host, port, user, database: name, socket: postgresSocket({ credential: alice() }) });
      const sleeping = sql`select pg_sleep(31)`.execute();
      const outcome = sleeping.catch((error: { code?: string }) => error.code);
      const running = "select count(*) from pg_stat_activity where query = 'select pg_sleep(31)' and state = 'active'";
      while (!(await database().run(running)).includes("1")) await new Promise((resolve) => setTimeout(resolve, 20));
      sleeping.cancel();
      expect(await outcome).toBe("57014");
      await sql.end();
    });

    it.runIf(wholeTable)("a pool of 20 works, and authenticates without encryption where that is said", async () => {
      const pool: Pool = new (pg().Pool)({ ...settings({ encryption: "disable" }), max: 20 });
      const clients = await Promise.all(Array.from({ length: 20 }, () => pool.connect()));
      const seen = await Promise.all(clients.map(async (client) => (await client.query(HOW)).rows[0]));
      for (const row of seen) expect(row).toMatchObject({ a: true, e: false, u: "alice" });
      for (const client of clients) client.release();
      await pool.end();
    });
  });

  describeLive(["mit", "postgres"], "PostgreSQL with other rules", () => {
    const bed = useBed(() => startMitBed({ services: ["postgres/localhost"] }));
    const database = useBed(() =>
      startPostgres({
        bed: bed(),
        tls: true,
        roles: ["alice", "trusted", "secret"],
        rules: [
          "hostnogssenc all trusted 127.0.0.1/32 trust",
          "hostnogssenc all secret 127.0.0.1/32 scram-sha-256",
          gssRule("hostnogssenc", bed().realm),
          gssRule("hostgssenc", bed().realm),
        ],
      }),
    );
    const failureAs = async (user: string): Promise<Error> => {
      const credential = createClient({
        credentials: { principal: `alice@${bed().realm}`, password: "alice-password" },
        kdc: bed().kdc,
      });
      const { Client } = requireDriver("pg") as Pg;
      const stream = gssStream({ credential, encryption: "disable" });
      const client = new Client({ host: "localhost", port: database().port, user, password: "never", stream });
      client.on("error", () => {});
      return await client.connect().then(
        () => new Error("it connected"),
        (error: Error) => error,
      );
    };

    const overTls = async (tls: GssStreamOptions["tls"]) => {
      const credential = createClient({
        credentials: { principal: `alice@${bed().realm}`, password: "alice-password" },
        kdc: bed().kdc,
      });
      const { Client } = requireDriver("pg") as Pg;
      const stream = gssStream({ credential, ...(tls === undefined ? {} : { tls }) });
      const client = new Client({ host: "localhost", port: database().port, user: "alice", database: "alice", stream });
      client.on("error", () => {});
      await client.connect();
      const how =
        "select s.ssl as tls, g.gss_authenticated as a, g.encrypted as e from pg_stat_ssl s join pg_stat_gssapi g using (pid)";
      const { rows } = await client.query(`${how} where pid = pg_backend_pid()`);
      await client.end();
      return rows;
    };

    it("pg logs in with TLS beneath", async () => {
      const ca = readFileSync(database().ca as string, "utf8");
      expect(await overTls({ ca })).toEqual([{ tls: true, a: true, e: false }]);
    });

    it.runIf(wholeTable)("TLS beneath is not with a certificate that nobody vouches for", async () => {
      await expect(overTls(true)).rejects.toThrow(/certificate/);
    });

    it.runIf(wholeTable)("PG4: is not believed if it lets us in without a proof", async () => {
      expect((await failureAs("trusted")).message).toContain("lets us in without GSSAPI");
    });

    it.runIf(wholeTable)("PG5: gets no password if it asks for one", async () => {
      expect((await failureAs("secret")).message).toContain("another authentication than GSSAPI (request 10)");
    });
  });

  describeLive(["mit", "postgres"], "PostgreSQL where tickets live for 10 s", () => {
    const bed = useBed(() => startMitBed({ services: ["postgres/localhost"], maxLife: "10s" }));
    const database = useBed(() => startPostgres({ bed: bed(), roles: ["alice", "robot"] }));

    it.runIf(wholeTable)(
      "a pool takes up a keytab that was rotated",
      async () => {
        const { realm, keytab: files, kdc, kadmin, dir } = bed();
        const credential = createClient({ credentials: keytab(`robot@${realm}`, files.robot), kdc });
        const pool: Pool = new (requireDriver("pg") as Pg).Pool({
          host: "localhost",
          port: database().port,
          user: "robot",
          database: "robot",
          stream: gssStream({ credential }),
          max: 1,
        });
        const open = async (): Promise<unknown> => {
          const client = await pool.connect();
          const { rows } = await client.query(HOW);
          (client.release as (isOver?: boolean) => void)(true);
          return rows[0]?.u;
        };
        expect(await open()).toBe("robot");
        // The KDC knows the new key alone; the ticket of the old one ends in 10 s.
        await kadmin(`ktadd -k ${dir}/rotated.keytab robot`);
        renameSync(`${dir}/rotated.keytab`, files.robot);
        for (const end = Date.now() + 12_000; Date.now() < end; ) {
          expect(await open()).toBe("robot");
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
        await pool.end();
      },
      60_000,
    );

    it.runIf(wholeTable)(
      "a pool that lives for a minute opens connections all the time",
      async () => {
        const credential = createClient({
          credentials: { principal: `alice@${bed().realm}`, password: "alice-password" },
          kdc: bed().kdc,
        });
        const pool: Pool = new (requireDriver("pg") as Pg).Pool({
          host: "localhost",
          port: database().port,
          user: "alice",
          database: "alice",
          stream: gssStream({ credential }),
          max: 2,
        });
        // One connection is kept, and outlives the ticket that opened it.
        const kept = await pool.connect();
        const seen = new Set<unknown>();
        for (const end = Date.now() + 60_000; Date.now() < end; ) {
          const client = await pool.connect();
          seen.add((await client.query(HOW)).rows[0]?.u);
          (client.release as (isOver?: boolean) => void)(true);
          expect((await kept.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
          await new Promise((resolve) => setTimeout(resolve, 2_500));
        }
        kept.release();
        await pool.end();
        expect([...seen]).toEqual(["alice"]);
      },
      120_000,
    );
  });
});
