// The recipes of docs/drivers.md, as they stand there, with the servers of the tests: drivers that have no place for another login.

import path from "node:path";
import { describe, expect, it } from "vitest";
import { startDovecot, startMitBed, startSlapd } from "../../tools/beds/index.mjs";
import { driversFolder, driversMissing } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import { useRecipes } from "../support/recipes.ts";

const runRecipe = useRecipes();

interface Imap {
  readonly client: { readonly authenticated: unknown; list(): Promise<unknown[]>; logout(): Promise<void> };
}

interface Ldap {
  readonly client: {
    search(base: string, options: object, done: (error: Error | null, found: Found) => void): void;
    destroy(): void;
    on(name: string, listener: (error: Error) => void): void;
  };
  readonly bridge: { close(done: () => void): void };
}
interface Found {
  on(name: string, listener: (value: Error) => void): void;
}

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, `with the drivers of ${path.basename(driversFolder)}`, () => {
    describeLive(["mit", "dovecot", "slapd"], "recipes", () => {
      const bed = useBed(() => startMitBed({ services: ["imap/localhost", "ldap/localhost"] }));
      const dovecot = useBed(() => startDovecot({ bed: bed() }));
      const slapd = useBed(() => startSlapd({ bed: bed() }));
      const clientAs = (password: string): string => {
        const credentials = { principal: `alice@${bed().realm}`, password };
        return `createClient(${JSON.stringify({ credentials, kdc: bed().kdc })})`;
      };
      const alice = () => clientAs(bed().passwords.alice as string);

      const imap = (client: string) =>
        runRecipe<Imap>("imapflow", "client", {
          '"mail.example.org"': '"localhost"',
          "createClient()": client,
          "port: 993, secure: true": `port: ${dovecot().port}, secure: false, logger: false, doSTARTTLS: false`,
        });

      it("imapflow logs in", async () => {
        const { client } = await imap(alice());
        expect(client.authenticated).toBe(true);
        expect((await client.list()).length).toBeGreaterThan(0);
        await client.logout();
      }, 120_000);

      it("imapflow fails with our error", async () => {
        await expect(imap(clientAs("wrong"))).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
      }, 120_000);

      async function search(password: string): Promise<number> {
        const { client, bridge } = await runRecipe<Ldap>("ldapjs", "client, bridge", {
          '"ldap.example.org"': '"localhost"',
          "port = 389": `port = ${slapd().port}`,
          "createClient()": clientAs(password),
        });
        try {
          return await new Promise((resolve, reject) => {
            let entries = 0;
            client.on("error", reject);
            client.on("close", () => reject(new Error("the connection was closed")));
            client.search(slapd().baseDn, { scope: "sub" }, (error, found) => {
              if (error) reject(error);
              found?.on("searchEntry", () => entries++);
              found?.on("error", reject);
              found?.on("end", () => resolve(entries));
            });
          });
        } finally {
          client.destroy();
          await new Promise<void>((resolve) => bridge.close(resolve));
        }
      }

      it("ldapjs searches as alice", async () => {
        expect(await search(bed().passwords.alice as string)).toBe(slapd().people + 1);
      }, 120_000);

      it("ldapjs is not let in without a ticket", async () => {
        await expect(search("wrong")).rejects.toThrow();
      });
    });
  });
});
