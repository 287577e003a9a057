// An application with `mongodb`, `pg` and `postgres` from npm, and krb5-remctl-kerberos in place of the native module: what `npm install`
// of it needs, and that it logs in on each runtime, on musl too.

import { copyFileSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMitBed, startPostgres } from "../../tools/beds/index.mjs";
import { makeFolder, mustRun, removeFolder, runProgram } from "../../tools/beds/process.mjs";
import { bunForMusl, muslMissing, runUnderMusl } from "../../tools/musl/index.mjs";
import { aliasFolder, buildAlias } from "../../tools/pack/alias.mjs";
import { ensurePacked, tarball } from "../../tools/pack/project.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { driversFolder, driversMissing } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { startSmallMongod } from "../support/small-mongod.ts";

/** The version that tools/drivers has: npm has it at hand. */
function versionOf(name: string): string {
  return JSON.parse(readFileSync(path.join(driversFolder, "node_modules", name, "package.json"), "utf8")).version;
}

const missing = [driversMissing, await muslMissing()].filter(Boolean).join("; ");

const PING = `import { MongoClient } from "mongodb";
const client = new MongoClient(process.env.MONGO, { serverApi: "1", serverSelectionTimeoutMS: 10_000, directConnection: true });
try {
  console.log(JSON.stringify(await client.db("admin").command({ ping: 1 })));
} finally {
  await client.close();
}
`;

const SELECT = `import pg from "pg";
import postgres from "postgres";
import { createClient } from "krb5-remctl";
import { gssStream, postgresSocket } from "krb5-remctl/postgres";

const credential = createClient();
const where = { host: "localhost", port: Number(process.env.PORT), user: "alice", database: "alice" };
const how = "select encrypted as e, length($1::text) as n from pg_stat_gssapi where pid = pg_backend_pid()";
const pool = new pg.Pool({ ...where, stream: gssStream({ credential }), max: 2 });
const { rows } = await pool.query(how, ["x".repeat(300_000)]);
await pool.end();
const sql = postgres({ ...where, socket: postgresSocket({ credential }), max: 2 });
const more = await sql.unsafe(how, ["y".repeat(300_000)]);
await sql.end();
console.log(JSON.stringify([...rows, ...more]));
process.exit(0);
`;

/** The programs that an installation may have: no compiler, no Python. */
function pathWithoutCompiler(): string {
  const folder = makeFolder("bin");
  const names = ["sh", "env", "uname", "sed", "dirname", "basename", "tar", "gzip", "git"];
  const folders = (process.env.PATH ?? "").split(":");
  for (const name of [...names, "node", "npm"]) {
    const found = folders.map((one) => path.join(one, name)).find((file) => existsSync(file));
    if (found !== undefined) symlinkSync(found, path.join(folder, name));
  }
  return folder;
}

interface Application {
  readonly folder: string;
  /** What npm said. */
  readonly said: string;
  close(): Promise<void>;
}

async function install(line: 7 | 2, dependencies: Readonly<Record<string, string>>): Promise<Application> {
  const folder = makeFolder("application");
  const [packed = ""] = (await mustRun("npm", ["pack", aliasFolder(line), "--silent"], { cwd: folder })).text
    .trim()
    .split("\n");
  const library = "krb5-remctl.tgz";
  copyFileSync(tarball(), path.join(folder, library));
  const own = { kerberos: `file:${packed}`, "krb5-remctl": `file:${library}` };
  const manifest = { private: true, type: "module", dependencies: { ...dependencies, ...own } };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(folder, "ping.mjs"), PING);
  writeFileSync(path.join(folder, "select.mjs"), SELECT);
  const bin = pathWithoutCompiler();
  const { text } = await mustRun("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: folder,
    env: { PATH: bin },
    timeoutMs: 240_000,
  });
  removeFolder(bin);
  return { folder, said: text, close: async () => removeFolder(folder) };
}

async function looksClean({ folder, said }: Application): Promise<void> {
  expect(said).not.toMatch(/ERESOLVE|npm warn deprecated kerberos|gyp|prebuild/);
  const list = await runProgram("npm", ["ls", "--all"], { cwd: folder, timeoutMs: 60_000 });
  expect(list.text).not.toMatch(/invalid|UNMET (?!OPTIONAL)|extraneous|npm error/);
  expect(list.status).toBe(0);
  const native = readdirSync(path.join(folder, "node_modules"), { recursive: true }).filter((file) =>
    String(file).endsWith(".node"),
  );
  expect(native).toEqual([]);
}

let musl: Awaited<ReturnType<typeof runUnderMusl>> | undefined;
let muslFolder: string | undefined;
afterAll(() => {
  musl?.close();
  if (muslFolder !== undefined) removeFolder(muslFolder);
});

/** Bun that is linked with musl, as on Alpine. */
async function muslBun(): Promise<string> {
  muslFolder ??= makeFolder("musl-bun");
  const file = path.join(muslFolder, "bun");
  if (musl === undefined) {
    copyFileSync(bunForMusl, file);
    musl = await runUnderMusl(file);
  }
  return file;
}

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(missing, "with drivers and musl", () => {
    beforeAll(async () => {
      await ensurePacked();
      buildAlias();
    }, 240_000);

    describeRuntimes("an application with mongodb 7, pg and postgres", () => {
      describeLive(["mit", "postgres"], "with krb5-remctl-kerberos", () => {
        const bed = useBed(() => startMitBed({ services: ["mongodb/localhost", "postgres/localhost"] }));
        const mongod = useBed(() => startSmallMongod(readFileSync(bed().keytab.service)));
        const database = useBed(() => startPostgres({ bed: bed() }));
        const names = ["mongodb", "pg", "postgres"];
        const application = useBed(
          () => install(7, Object.fromEntries(names.map((name) => [name, versionOf(name)]))),
          300_000,
        );

        it("is installed without a compiler, and npm has nothing to say", () => looksClean(application()), 60_000);

        it.each([
          ["this Node", () => process.execPath, []],
          ["Node 22", () => runtimePath("node22"), []],
          ["Node 24", () => runtimePath("node24"), []],
          ["Deno", () => runtimePath("deno"), ["run", "-A", "--no-lock", "--node-modules-dir=manual"]],
          ["Bun", () => runtimePath("bun"), []],
          ["Bun with musl", muslBun, []],
        ] as const)(
          "logs in on %s",
          async (name, program, flags) => {
            const file = await program();
            const { env: ticket } = await bed().kinit("alice", { password: bed().passwords.alice as string });
            const user = encodeURIComponent(`alice@${bed().realm}`);
            const { LD_LIBRARY_PATH: _, ...rest } = ticket as Record<string, string>;
            const env = {
              ...rest,
              ...(name === "Bun with musl" ? musl?.env : {}),
              DENO_NO_UPDATE_CHECK: "1",
              MONGO: `mongodb://${user}@localhost:${mongod().port}/?authMechanism=GSSAPI`,
              PORT: String(database().port),
            };
            const run = (script: string) =>
              mustRun(file, [...flags, script], { cwd: application().folder, env, timeoutMs: 60_000 });
            mongod().names.length = 0;
            expect(JSON.parse((await run("ping.mjs")).stdout.toString())).toMatchObject({ ok: 1 });
            expect(mongod().names).toEqual(["alice"]);
            const row = { e: true, n: 300_000 };
            expect(JSON.parse((await run("select.mjs")).stdout.toString())).toEqual([row, row]);
          },
          120_000,
        );
      });

      describeLive("mit", "an application with mongodb 6 and the line 2", () => {
        const bed = useBed(() => startMitBed({ services: ["mongodb/localhost"] }));
        const mongod = useBed(() => startSmallMongod(readFileSync(bed().keytab.service)));
        const application = useBed(() => install(2, { mongodb: "6.20.0" }), 300_000);

        it("is installed, and logs in", async () => {
          await looksClean(application());
          const { env } = await bed().kinit("alice", { password: bed().passwords.alice as string });
          const user = encodeURIComponent(`alice@${bed().realm}`);
          const MONGO = `mongodb://${user}@localhost:${mongod().port}/?authMechanism=GSSAPI`;
          const { stdout } = await mustRun(process.execPath, ["ping.mjs"], {
            cwd: application().folder,
            env: { ...env, MONGO },
          });
          expect(JSON.parse(stdout.toString())).toMatchObject({ ok: 1 });
          expect(mongod().names).toEqual(["alice"]);
        }, 60_000);
      });
    });
  });
});
