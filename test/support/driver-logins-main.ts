// The logins of driver-logins.ts as a program for another runtime: WORLD has where the servers are; one line of JSON says what came.

import { createClient } from "../../src/entry/index.ts";
import { DRIVER_LOGINS, DRIVER_NAMES, type DriverLogins, type DriverWorld } from "./driver-logins.ts";

const { credentials, kdc, ...world } = JSON.parse(process.env.WORLD ?? "");
const credential = createClient({ credentials, kdc, config: "" });
const said: Record<string, unknown> = {};
for (const name of DRIVER_NAMES) {
  const open: (world: DriverWorld) => DriverLogins = DRIVER_LOGINS[name];
  const driver = open({ ...world, credential });
  said[name] = await driver.login().catch((error: unknown) => String(error));
  await driver.close();
}
console.log(JSON.stringify(said));
process.exit(0);
