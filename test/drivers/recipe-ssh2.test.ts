// The recipe for ssh2, as docs/drivers.md has it, at OpenSSH's server.

import { describe, expect, it } from "vitest";
import { startMitBed, startSshd } from "../../tools/beds/index.mjs";
import { driversMissing, requireDriver } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import { useRecipes } from "../support/recipes.ts";

interface Stranger {
  on(name: string, listener: () => void): void;
  readonly _protocol: { readonly _handlers: Record<string, (protocol: { authSuccess(): void }) => void> };
}

const runRecipe = useRecipes();

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
    describeLive(["mit", "sshd"], "ssh2 by Kerberos", () => {
      const bed = useBed(() => startMitBed());
      const sshd = useBed(() => startSshd({ bed: bed() }));

      /** What the command said, or why there was no login. */
      async function run(
        settings: { username?: string; password?: string; port?: number; service?: string; hostKey?: string } = {},
      ): Promise<string | Error> {
        const { username = "alice", password = bed().passwords.alice, port = sshd().port, service = "host" } = settings;
        const { hostKey = sshd().hostKey } = settings;
        const credentials = { principal: `alice@${bed().realm}`, password };
        const said = new Promise<string | Error>((resolve) => Object.assign(globalThis, { sshSaid: resolve }));
        const { client } = await runRecipe<{ client: { end(): void; on(name: string, done: () => void): void } }>(
          "connectByKerberos",
          "client",
          {
            '"shell.example.org", username: "alice"': `"localhost", port: ${port}, username: ${JSON.stringify(username)}`,
            "`host@$": `\`${service}@$`,
            '"AAAAC3Nz..."': JSON.stringify(hostKey),
            "createClient()": `createClient(${JSON.stringify({ credentials, kdc: bed().kdc })})`,
            "channel.pipe(process.stdout)": 'channel.on("data", (text) => globalThis.sshSaid(String(text)))',
            "console.error(error.code, error.message)": "globalThis.sshSaid(error)",
          },
        );
        const closed = new Promise<void>((resolve) => client.on("close", resolve));
        const outcome = await said;
        client.end();
        await closed;
        return outcome;
      }

      it("logs in and runs a command", async () => {
        expect(await run()).toContain("uid=65534");
        expect(sshd().logs()).toContain(`Authorized to alice, krb5 principal alice@${bed().realm}`);
        expect(sshd().logs()).toContain("Accepted gssapi-with-mic for alice");
      }, 240_000);

      it("is refused another's account", async () => {
        const error = await run({ username: "bob" });
        expect(error).toMatchObject({ level: "client-authentication" });
        expect(String(error)).toContain("refused the login by Kerberos");
      }, 240_000);

      it("does not believe a server that lets it in without a login", async () => {
        const { Server, utils } = requireDriver("ssh2");
        const { private: key, public: published } = utils.generateKeyPairSync("ed25519");
        const server = new Server({ hostKeys: [key] }, (stranger: Stranger) => {
          stranger.on("error", () => {});
          stranger._protocol._handlers.USERAUTH_REQUEST = (protocol) => protocol.authSuccess();
        });
        const port = await new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => resolve(server.address().port));
        });
        try {
          const hostKey = published.split(" ")[1];
          expect(String(await run({ port, hostKey }))).toContain("lets us in without a login");
        } finally {
          await new Promise((resolve) => server.close(resolve));
        }
      }, 240_000);

      it("does not log in where the key of the host is another", async () => {
        expect(String(await run({ hostKey: "AAAA" }))).toContain("Host denied");
      }, 240_000);

      it("fails with our error where there is no ticket, and where the KDC does not know the host", async () => {
        expect(await run({ password: "wrong" })).toMatchObject({ code: "WRONG_PASSWORD" });
        expect(await run({ service: "nosuch" })).toMatchObject({ code: "SERVICE_UNKNOWN" });
      }, 240_000);
    });
  });
});
