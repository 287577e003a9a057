// The recipe for tedious, as docs/drivers.md has it, at a small server of TDS whose SPNEGO end is MIT's libgssapi.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, startGssAcceptor, startMitBed } from "../../tools/beds/index.mjs";
import { driversMissing } from "../support/drivers.ts";
import { GssPeer } from "../support/gss-peer.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import { useRecipes } from "../support/recipes.ts";
import { startSmallTds, type TdsLogin } from "../support/small-tds.ts";

type Column = Record<string, { readonly value: unknown }>;
interface Connection {
  on(name: string, listener: (error?: Error) => void): void;
  connect(done: (error?: Error) => void): void;
  execSql(request: object): void;
  close(): void;
}
interface Recipe {
  readonly KerberosConnection: new (settings: object) => Connection;
  readonly Request: new (sql: string, done: (error?: Error) => void) => { on(name: string, row: unknown): void };
  readonly connection: Connection;
}

const runRecipe = useRecipes();
/** NegTokenResp: accept-incomplete, NTLM, and a challenge of NTLM that is long enough to be read so. */
const CHALLENGE = Buffer.concat([Buffer.from("NTLMSSP\0\x02\0\0\0"), Buffer.alloc(48)]);
const NTLM = Buffer.from("2b06010401823702020a", "hex");

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag, ...(body.length < 128 ? [] : [0x81]), body.length), body]);
}
const answerOfNtlm = der(
  0xa1,
  der(0x30, der(0xa0, der(0x0a, Buffer.of(1))), der(0xa1, der(0x06, NTLM)), der(0xa2, der(0x04, CHALLENGE))),
);

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "with the drivers of tools/drivers", () => {
    describeLive(["mit", "python-gssapi"], "tedious by Kerberos", () => {
      const bed = useBed(() => startMitBed());
      const acceptor = useBed(() => startGssAcceptor({ bed: bed() }));
      let port = 0;
      let login: (token: Buffer) => Promise<TdsLogin>;
      let tds: Awaited<ReturnType<typeof startSmallTds>>;

      beforeAll(async () => {
        port = await freePort();
        await bed().kadmin(
          `addprinc -randkey MSSQLSvc/localhost:${port}\nktadd -k ${bed().keytab.service} MSSQLSvc/localhost:${port}`,
        );
        tds = await startSmallTds((token) => login(token), port);
      });
      afterAll(() => tds?.close());

      /** libgssapi's word on the token. */
      const libgssapi = async (token: Buffer): Promise<TdsLogin & { name: string; token: Uint8Array }> => {
        const peer = await GssPeer.connect(acceptor().port);
        try {
          peer.sendToken(token);
          const answer = await peer.receiveToken();
          const { initiator, mech } = await peer.askForFacts("I");
          expect(mech).toBe("1.2.840.113554.1.2.2");
          return { token: answer, name: String(initiator) };
        } finally {
          peer.close();
        }
      };

      async function connect(password: string): Promise<{ error?: Error; recipe: Recipe }> {
        const credentials = { principal: `alice@${bed().realm}`, password };
        const outcome = new Promise((resolve) => {
          Object.assign(globalThis, { tediousSaid: resolve });
        });
        const recipe = await runRecipe<Recipe>("KerberosConnection", "KerberosConnection, Request, connection", {
          '"sql.example.org"': '"localhost"',
          "port: 1433": `port: ${port}, encrypt: false`,
          "import { Connection }": "import { Connection, Request }",
          "createClient()": `createClient(${JSON.stringify({ credentials, kdc: bed().kdc })})`,
          "console.log(error ??": "globalThis.tediousSaid(error ??",
        });
        const said = await outcome;
        return said instanceof Error ? { error: said, recipe } : { recipe };
      }

      it("logs in, and selects who it is", async () => {
        login = libgssapi;
        const { error, recipe } = await connect(bed().passwords.alice as string);
        expect(error).toBeUndefined();
        const { connection, Request } = recipe;
        const rows = await new Promise<Column[]>((resolve, reject) => {
          const found: Column[] = [];
          const request = new Request("select suser_sname() as name", (failure) =>
            failure ? reject(failure) : resolve(found),
          );
          request.on("row", (columns: Column[]) => found.push(...columns));
          (connection as unknown as { execSqlBatch(one: object): void }).execSqlBatch(request);
        });
        expect(rows.map((row) => row.value)).toEqual([`alice@${bed().realm}`]);
        connection.close();
      }, 240_000);

      it.each<[string, (token: Buffer) => Promise<TdsLogin>, object]>([
        [
          "a server that lets it in without a proof",
          async () => ({ name: "stranger" }),
          { message: expect.stringContaining("without a proof") },
        ],
        [
          "a server with a proof that was changed",
          async (token) => {
            const { token: octets, name } = await libgssapi(token);
            octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
            return { token: octets, name };
          },
          { code: "INTEGRITY" },
        ],
        [
          "a server that asks for NTLM",
          async () => ({ token: answerOfNtlm }),
          { message: expect.stringContaining("the acceptor chose a mechanism") },
        ],
        [
          "a server that knows no such login",
          async (token) => ({ token: (await libgssapi(token)).token, refusal: "Login failed for user 'alice'." }),
          { code: "ELOGIN", message: "Login failed for user 'alice'." },
        ],
      ])(
        "fails at %s",
        async (_, answer, expected) => {
          login = answer;
          expect((await connect(bed().passwords.alice as string)).error).toMatchObject(expected);
        },
        240_000,
      );

      it("fails with our error, before a login, where there is no ticket", async () => {
        login = async () => ({ name: "never" });
        expect((await connect("wrong")).error).toMatchObject({ code: "WRONG_PASSWORD" });
      }, 240_000);
    });
  });
});
