// What can be wrong with a server, for each driver: its own error, with our reason and what to do.

import { describe, expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { startMitBed } from "../../tools/beds/index.mjs";
import { failureOf, wordsOf } from "../support/driver-errors.ts";
import {
  DRIVER_LOGINS,
  DRIVER_NAMES,
  type DriverLogins,
  type DriverName,
  type DriverWorld,
} from "../support/driver-logins.ts";
import { DRIVER_PEERS, DRIVER_SERVICES, startDriverServers } from "../support/driver-servers.ts";
import { driversMissing } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";

/** What each driver says of a server that wants another login. Where it does not ask us, the words are its own or the server's. */
const OTHER: Readonly<Record<DriverName, RegExp>> = {
  pg: /asks for another authentication than GSSAPI \(request 10\): give it a line with the method gss in pg_hba\.conf/,
  postgres:
    /asks for another authentication than GSSAPI \(request 10\): give it a line with the method gss in pg_hba\.conf/,
  kafkajs: /The broker does not support the requested SASL mechanism/,
  "@platformatic/kafka": /Cannot find a suitable SASL mechanism/,
  ldapts: /refused the login \(result 7 .*\): it has no SASL GSSAPI: install that mechanism there/,
  nodemailer: /refused the login \(504 .*\): it has no SASL GSSAPI: turn that mechanism on there/,
  mysql2: /Access denied for user 'robot'@'localhost' \(using password: NO\)/,
};

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
    describeLive([...DRIVER_PEERS], "what can be wrong with a server", () => {
      const bed = useBed(() => startMitBed({ services: DRIVER_SERVICES }));
      const servers = useBed(() => startDriverServers(bed()), 180_000);
      const others = useBed(() => startDriverServers(bed(), true), 180_000);

      const alice = (config = "") => {
        const { realm, kdc, passwords } = bed();
        const credentials = { principal: `alice@${realm}`, password: passwords.alice as string };
        return createClient({ credentials, kdc, config });
      };

      async function errorOf(name: DriverName, more: Partial<DriverWorld>): Promise<Error> {
        const open: (world: DriverWorld) => DriverLogins = DRIVER_LOGINS[name];
        const driver = open({ ...servers(), credential: alice(), ...more });
        try {
          const error = await failureOf(driver.login());
          expect(error).toBeInstanceOf(Error);
          return error as Error;
        } finally {
          await driver.close();
        }
      }

      describe.each(DRIVER_NAMES)("%s", (name) => {
        it("names a service that the KDC does not know", async () => {
          const words = wordsOf(await errorOf(name, { service: "nosuch" }));
          expect(words).toMatch(/does not know the service nosuch\/localhost@\S+: check the host's name, or add/);
        });

        it("names a realm that does not fit", async () => {
          const credential = alice("[domain_realm]\nlocalhost = ELSEWHERE.TEST\n");
          const words = wordsOf(await errorOf(name, { credential }));
          expect(words).toMatch(/no way from realm \S+ to ELSEWHERE\.TEST: .*; check the service's realm/);
        });

        it("says it where the server wants another login", async () => {
          const user = name === "mysql2" ? "robot" : "alice";
          const error = await errorOf(name, { ...others(), user });
          expect(wordsOf(error)).toMatch(OTHER[name]);
        });
      });
    });
  });
});
