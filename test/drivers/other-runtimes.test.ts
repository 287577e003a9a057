// Each driver, unchanged, on Node 24, Deno and Bun: the same logins as on the Node of the tests, at the same servers.

import path from "node:path";
import { describe, expect, it } from "vitest";
import { startMitBed } from "../../tools/beds/index.mjs";
import { mustRun } from "../../tools/beds/process.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { DRIVER_NAMES } from "../support/driver-logins.ts";
import { DRIVER_PEERS, DRIVER_SERVICES, startDriverServers } from "../support/driver-servers.ts";
import { driversMissing } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const main = path.join(import.meta.dirname, "../support/driver-logins-main.ts");

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
    describeRuntimes("drivers on other runtimes", () => {
      describeLive([...DRIVER_PEERS], "with their servers", () => {
        const bed = useBed(() => startMitBed({ services: DRIVER_SERVICES }));
        const servers = useBed(() => startDriverServers(bed()), 180_000);

        it.each([
          ["Node 24", "node24", []],
          ["Deno", "deno", ["run", "-A", "--no-lock", "--node-modules-dir=manual"]],
          ["Bun", "bun", []],
        ] as const)(
          "log in on %s",
          async (_, runtime, flags) => {
            const { realm, kdc, passwords } = bed();
            const { ports, ca } = servers();
            const credentials = { principal: `alice@${realm}`, password: passwords.alice };
            const env = { WORLD: JSON.stringify({ ports, ca, credentials, kdc }), DENO_NO_UPDATE_CHECK: "1" };
            const { stdout } = await mustRun(runtimePath(runtime), [...flags, main], { env, timeoutMs: 120_000 });
            expect(JSON.parse(stdout.toString().trim().split("\n").at(-1) ?? "")).toEqual(
              Object.fromEntries(DRIVER_NAMES.map((name) => [name, true])),
            );
          },
          150_000,
        );
      });
    });
  });
});
