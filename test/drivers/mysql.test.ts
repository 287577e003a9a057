// `mysql2`, unchanged, at MariaDB with auth_gssapi and TLS.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { mysql2Gssapi } from "../../src/entry/drivers.ts";
import { createClient } from "../../src/entry/index.ts";
import { startMariadb, startMitBed } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed } from "../support/live.ts";

describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
  describeLive(["mit", "mariadb"], "MariaDB by Kerberos", () => {
    const bed = useBed(() => startMitBed({ services: ["mariadb/localhost"] }));
    const database = useBed(() => startMariadb({ bed: bed() }), 60_000);

    async function whoAmI(more: object = {}): Promise<string> {
      const { createConnection } = requireDriver("mysql2/promise");
      const { realm, kdc, passwords } = bed();
      const credential = createClient({
        credentials: { principal: `alice@${realm}`, password: passwords.alice as string },
        kdc,
      });
      const connection = await createConnection({
        host: "localhost",
        port: database().port,
        user: "alice",
        ssl: { ca: readFileSync(database().ca, "utf8"), verifyIdentity: true },
        authPlugins: { auth_gssapi_client: mysql2Gssapi({ credential }) },
        ...more,
      });
      const [rows] = await connection.query("select substring_index(current_user(), '@', 1) as u");
      await connection.end();
      return rows[0].u;
    }

    it("mysql2 logs in over TLS", async () => {
      expect(await whoAmI()).toBe("alice");
    });

    it("mysql2 is refused as another user, in MariaDB's words", async () => {
      await expect(whoAmI({ user: "bob" })).rejects.toMatchObject({ code: "ER_ACCESS_DENIED_ERROR" });
    });

    it("mysql2 sends no ticket without TLS", async () => {
      await expect(whoAmI({ ssl: undefined })).rejects.toThrow("verifyIdentity: true");
    });
  });
});
