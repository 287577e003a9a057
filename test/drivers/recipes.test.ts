// The recipes of docs/drivers.md, as they stand there, with the servers of the tests: drivers that have no place for another login.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { startDovecot, startMitBed, startSlapd } from "../../tools/beds/index.mjs";
import { driversFolder, driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import { programOf } from "../support/pages.ts";

const folder = wholeTable ? mkdtempSync(path.join(import.meta.dirname, "recipe-")) : "";
afterAll(() => {
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});
let count = 0;

/** Runs a program of the page with other words in it, and gives what it exports. */
async function runRecipe<T>(marker: string, exported: string, words: Readonly<Record<string, string>>): Promise<T> {
  let code = programOf("docs/drivers.md", marker);
  for (const [from, to] of Object.entries(words)) {
    expect(code).toContain(from);
    code = code.replaceAll(from, to);
  }
  code = code.replace(
    /from "krb5-remctl(?:\/(\w+))?"/g,
    (_, entry = "index") => `from "../../../src/entry/${entry}.ts"`,
  );
  code = code.replace(/from "(imapflow|ldapjs)"/, (_, name: string) => {
    const file = requireDriver.resolve(name);
    return `from ${JSON.stringify(pathToFileURL(file).href)}`;
  });
  const file = path.join(folder, `recipe${++count}.mjs`);
  writeFileSync(file, `${code}\nexport { ${exported} };\n`);
  return (await import(pathToFileURL(file).href)) as T;
}

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
