// Tickets of 10 s, and drivers that live for longer: a client of ours renews them; a cache that nobody renews ends with the driver's own
// error and our reason.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ccache, createClient } from "../../src/entry/index.ts";
import { startMitBed } from "../../tools/beds/index.mjs";
import { failureOf, wordsOf } from "../support/driver-errors.ts";
import { DRIVER_LOGINS, DRIVER_NAMES, type DriverLogins, type DriverWorld } from "../support/driver-logins.ts";
import { DRIVER_PEERS, DRIVER_SERVICES, startDriverServers } from "../support/driver-servers.ts";
import { driversMissing } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
    describeLive([...DRIVER_PEERS], "tickets that end while a driver lives", () => {
      const bed = useBed(() => startMitBed({ services: DRIVER_SERVICES, maxLife: "10s" }));
      const servers = useBed(() => startDriverServers(bed()), 180_000);
      const renewed: DriverLogins[] = [];
      const ended: DriverLogins[] = [];
      const first: unknown[] = [];
      let endedAt = 0;

      beforeAll(async () => {
        const { realm, kdc, passwords } = bed();
        const password = passwords.alice as string;
        const credential = createClient({ credentials: { principal: `alice@${realm}`, password }, kdc });
        for (const name of DRIVER_NAMES) {
          const open: (world: DriverWorld) => DriverLogins = DRIVER_LOGINS[name];
          renewed.push(open({ ...servers(), credential }));
          const { env } = await bed().kinit("alice", { password });
          endedAt = Date.now() + 10_000;
          const cached = createClient({ credentials: ccache(String(env.KRB5CCNAME)), kdc });
          ended.push(open({ ...servers(), credential: cached }));
          first.push(await renewed.at(-1)?.login(), await ended.at(-1)?.login());
        }
        await new Promise((resolve) => setTimeout(resolve, endedAt + 1_000 - Date.now()));
      }, 180_000);
      afterAll(async () => {
        for (const driver of [...renewed, ...ended]) await driver.close();
      });

      it("each logs in while there are tickets", () => {
        expect(first).toEqual(DRIVER_NAMES.flatMap(() => [true, true]));
      });

      it.each(DRIVER_NAMES.map((name, index) => [name, index] as const))("%s logs in anew", async (_, index) => {
        expect(await renewed[index]?.login()).toBe(true);
      });

      it.each(DRIVER_NAMES.map((name, index) => [name, index] as const))(
        "%s says that the tickets of the cache have ended, and what to do",
        async (_, index) => {
          const error = await failureOf((ended[index] as DriverLogins).login());
          expect(error).toBeInstanceOf(Error);
          expect(wordsOf(error)).toMatch(/the tickets of alice@\S+ in FILE:\S+ ended at .*: log in with kinit/);
        },
      );
    });
  });
});
