// One login of each driver, as programs write it: the same for the tests on Node and for the program that Deno and Bun run.

import { kafkajs, ldapSocket, mysql2Gssapi, nodemailerGssapi, platformaticKafka } from "../../src/entry/drivers.ts";
import { gssStream, postgresSocket } from "../../src/entry/postgres.ts";
import { requireDriver } from "./drivers.ts";

/** Where the servers are, and who logs in. */
export interface DriverWorld {
  readonly credential: Parameters<typeof kafkajs>[0]["credential"];
  /** The port of each driver's server. */
  readonly ports: Readonly<Record<DriverName, number>>;
  /** The PEM of who signed MariaDB's certificate. */
  readonly ca: string;
  readonly user?: string;
  /** Another service than the driver's own. */
  readonly service?: string;
}

/** A pool, or what a program keeps in its place. */
export interface DriverLogins {
  /** Opens a connection that is new, and says something in it. */
  login(): Promise<unknown>;
  close(): Promise<void>;
}

const WHOAMI = "1.3.6.1.4.1.4203.1.11.3";
const nothing = async (): Promise<void> => {};

/** Each gives `true` from `login`, or throws what the driver throws. */
export const DRIVER_LOGINS = {
  pg({ credential, ports, user = "alice", service }) {
    const stream = gssStream({ credential, ...(service && { service }) });
    const where = { host: "localhost", port: ports.pg, user, database: "alice" };
    const pool = new (requireDriver("pg").Pool)({ ...where, stream, max: 1 });
    return {
      async login() {
        const client = await pool.connect();
        const { rows } = await client.query("select current_user as u");
        client.release(true);
        return rows[0].u === user;
      },
      close: () => pool.end(),
    };
  },

  postgres({ credential, ports, user = "alice", service }) {
    const socket = postgresSocket({ credential, ...(service && { service }) });
    const where = { host: "localhost", port: ports.postgres, user, database: "alice" };
    // Connections end when they are idle, so that each login has one of its own.
    // Bun gives the module, Node what it exports by default.
    const found = requireDriver("postgres");
    const sql = (found.default ?? found)({ ...where, socket, max: 1, idle_timeout: 0.1, backoff: 0 });
    return {
      async login() {
        const rows = await sql`select current_user as u`;
        await new Promise((resolve) => setTimeout(resolve, 500));
        return rows[0].u === user;
      },
      close: () => sql.end(),
    };
  },

  kafkajs({ credential, ports, service }) {
    const { Kafka, logLevel } = requireDriver("kafkajs");
    const kafka = new Kafka({
      brokers: [`localhost:${ports.kafkajs}`],
      sasl: kafkajs({ credential, ...(service && { service }) }),
      retry: { retries: 0 },
      logLevel: logLevel.NOTHING,
    });
    return {
      async login() {
        const admin = kafka.admin();
        try {
          await admin.connect();
          return (await admin.describeCluster()).clusterId === "small";
        } finally {
          await admin.disconnect();
        }
      },
      close: nothing,
    };
  },

  "@platformatic/kafka"({ credential, ports, service }) {
    const sasl = platformaticKafka({ credential, ...(service && { service }) });
    return {
      async login() {
        const { Admin } = await import(requireDriver.resolve("@platformatic/kafka"));
        const bootstrapBrokers = [`localhost:${ports["@platformatic/kafka"]}`];
        const admin = new Admin({ clientId: "tests", bootstrapBrokers, sasl, retries: 0 });
        try {
          return (await admin.metadata({ topics: [] })).id === "small";
        } finally {
          await admin.close();
        }
      },
      close: nothing,
    };
  },

  ldapts({ credential, ports, user = "alice", service }) {
    const createConnection = ldapSocket({ credential, ...(service && { service }) });
    const client = new (requireDriver("ldapts").Client)({ url: `ldap://localhost:${ports.ldapts}`, createConnection });
    return {
      async login() {
        const { value } = await client.exop(WHOAMI);
        await client.unbind();
        return String(value).includes(`uid=${user},`);
      },
      close: nothing,
    };
  },

  nodemailer({ credential, ports, user = "alice", service = "submission" }) {
    const transport = requireDriver("nodemailer").createTransport({
      host: "127.0.0.1",
      port: ports.nodemailer,
      ignoreTLS: true,
      auth: { type: "custom", method: "GSSAPI", user },
      customAuth: { GSSAPI: nodemailerGssapi({ credential, host: "localhost", service }) },
    });
    return { login: () => transport.verify(), close: async () => transport.close() };
  },

  mysql2({ credential, ports, ca, user = "alice", service }) {
    const pool = requireDriver("mysql2/promise").createPool({
      host: "localhost",
      port: ports.mysql2,
      user,
      ssl: { ca, verifyIdentity: true },
      authPlugins: { auth_gssapi_client: mysql2Gssapi({ credential, ...(service && { service }) }) },
      connectionLimit: 1,
    });
    return {
      async login() {
        const connection = await pool.getConnection();
        const [rows] = await connection.query("select substring_index(current_user(), '@', 1) as u");
        connection.destroy();
        return rows[0].u === user;
      },
      close: () => pool.end(),
    };
  },
} satisfies Record<string, (world: DriverWorld) => DriverLogins>;

export type DriverName = "pg" | "postgres" | "kafkajs" | "@platformatic/kafka" | "ldapts" | "nodemailer" | "mysql2";
export const DRIVER_NAMES = Object.keys(DRIVER_LOGINS) as DriverName[];
