// A service's key that is made anew while a pool lives: what the page's row says of it.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { gssStream } from "../../src/entry/postgres.ts";
import { startMitBed, startPostgres } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed } from "../support/live.ts";

interface Client {
  connect(): Promise<void>;
  end(): Promise<void>;
  on(name: string, listener: () => void): void;
}

describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
  describeLive(["mit", "postgres"], "PostgreSQL whose key is made anew", () => {
    const bed = useBed(() => startMitBed({ services: ["postgres/localhost"] }));
    const database = useBed(() => startPostgres({ bed: bed() }));

    // Encrypted, PostgreSQL ends the connection; without encryption it sends a KRB-ERROR.
    it.each([
      ["require", "ended the connection instead of accepting the ticket"],
      ["disable", "KRB_AP_ERR_BADKEYVER"],
    ] as const)(
      "takes tickets of before while it has both keys; then a pool recovers by itself: %s",
      async (encryption, words) => {
        const { realm, kdc, kadmin, dir } = bed();
        const { Client } = requireDriver("pg") as { readonly Client: new (settings: object) => Client };
        const newClient = () =>
          createClient({ credentials: { principal: `alice@${realm}`, password: "alice-password" }, kdc });
        const logIn = async (credential: ReturnType<typeof newClient>): Promise<void> => {
          const stream = gssStream({ credential, encryption });
          const client = new Client({
            host: "localhost",
            port: database().port,
            user: "alice",
            database: "alice",
            stream,
          });
          client.on("error", () => {});
          await client.connect();
          await client.end();
        };
        const kept = newClient();
        await logIn(kept);
        const [file = ""] = /\/\S+keytab/.exec(await database().run("show krb_server_keyfile")) ?? [];
        await kadmin(`ktadd -k ${dir}/${encryption}.keytab postgres/localhost`);
        const key = readFileSync(`${dir}/${encryption}.keytab`);
        // Entries follow the two octets of the file's version.
        appendFileSync(file, key.subarray(2));
        await logIn(kept);
        await logIn(newClient());
        writeFileSync(file, key);
        await expect(logIn(kept)).rejects.toThrow(words);
        await logIn(kept);
      },
    );
  });
});
