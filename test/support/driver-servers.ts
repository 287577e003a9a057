// The servers of all drivers in one realm, for tests that are about each of them.

import { readFileSync } from "node:fs";
import { startDovecot, startMariadb, startPostgres, startSlapd } from "../../tools/beds/index.mjs";
import { cyrusEnd } from "./cyrus-end.ts";
import type { DriverName } from "./driver-logins.ts";
import { startSmallBroker } from "./small-broker.ts";
import { startSmallRelay } from "./small-relay.ts";

type Bed = Parameters<typeof startMariadb>[0]["bed"] & Parameters<typeof cyrusEnd>[0]["bed"];

/** The peers that they need. */
export const DRIVER_PEERS = ["mit", "postgres", "mariadb", "slapd", "dovecot"] as const;
/** The services that the realm needs. */
export const DRIVER_SERVICES: string[] = ["postgres", "mariadb", "kafka", "ldap", "imap", "submission"].map(
  (name) => `${name}/localhost`,
);

/**
 * Starts PostgreSQL, MariaDB, slapd, Dovecot and a small broker in front of Cyrus's SASL server, where alice logs in by Kerberos; or, with
 * `isOther`, the same where she cannot: PostgreSQL and the SASL servers have other mechanisms, and MariaDB has a password for robot.
 */
export async function startDriverServers(bed: Bed, isOther = false) {
  const closing: { close(): Promise<unknown> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closing.map((one) => one.close()));
  };
  const started = async <T extends { close(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    closing.push(server);
    return server;
  };
  try {
    const database = await started(
      startPostgres({ bed, ...(isOther && { rules: ["host all all 127.0.0.1/32 scram-sha-256"] }) }),
    );
    const mariadb = await started(startMariadb({ bed }));
    const slapd = await started(startSlapd({ bed, ...(isOther && { mechanisms: [] }) }));
    const broker = await started(
      startSmallBroker(() => cyrusEnd({ bed, service: "kafka" }, []), { mechanism: isOther ? "PLAIN" : "GSSAPI" }),
    );
    const relay = await started(startSmallRelay());
    const dovecot = await started(
      startDovecot({ bed, relayPort: relay.port, ...(isOther && { mechanisms: "plain" }) }),
    );
    const ports: Record<DriverName, number> = {
      pg: database.port,
      postgres: database.port,
      kafkajs: broker.port,
      "@platformatic/kafka": broker.port,
      ldapts: slapd.port,
      nodemailer: dovecot.submissionPort,
      mysql2: mariadb.port,
    };
    return { ports, ca: readFileSync(mariadb.ca, "utf8"), close };
  } catch (error) {
    await close();
    throw error;
  }
}
