// `node --import krb5-remctl/kerberos/register`: programs that load the native module `kerberos` get the drop-in, with nothing
// installed in its place. `mongodb`, unchanged, logs in so with a ticket of MIT's kinit.

import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startMitBed } from "../../tools/beds/index.mjs";
import { removeFolder } from "../../tools/beds/process.mjs";
import { run } from "../../tools/bootstrap.mjs";
import { oldestNode } from "../../tools/consumers/index.mjs";
import { ensurePacked } from "../../tools/pack/project.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { driversFolder, driversMissing } from "../support/drivers.ts";
import { describeLive, describeUnless, useBed } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { startSmallMongod } from "../support/small-mongod.ts";
import { makeProject } from "./project.ts";

const REGISTER = ["--import", "krb5-remctl/kerberos/register"];
let folder: string;

beforeAll(async () => {
  await ensurePacked();
  folder = makeProject({
    "imported.mjs":
      'import kerberos, { GSS_MECH_OID_SPNEGO, initializeClient } from "kerberos";\n' +
      'const again = await import("kerberos");\n' +
      "console.log(kerberos.initializeClient === initializeClient, GSS_MECH_OID_SPNEGO, again.default === kerberos);",
    "required.cjs":
      'const kerberos = require("kerberos");\n' +
      "console.log(typeof kerberos.initializeClient, typeof kerberos.Kerberos, kerberos.version);",
    "ping.mjs":
      'import { createRequire } from "node:module";\n' +
      'const { MongoClient } = createRequire(process.argv[2])("mongodb");\n' +
      'const client = new MongoClient(process.argv[3], { serverApi: "1", serverSelectionTimeoutMS: 5000, directConnection: true });\n' +
      "try {\n" +
      '  console.log(JSON.stringify(await client.db("admin").command({ ping: 1 })));\n' +
      "} finally {\n" +
      "  await client.close();\n" +
      "}",
  });
}, 180_000);
afterAll(() => removeFolder(folder));

describeRuntimes("krb5-remctl/kerberos/register", () => {
  it.each([
    ["Node 20.19.0", oldestNode, REGISTER],
    ["this Node", () => process.execPath, REGISTER],
    ["Node 22", () => runtimePath("node22"), REGISTER],
    ["Node 24", () => runtimePath("node24"), REGISTER],
    ["Bun", () => runtimePath("bun"), ["--preload", "krb5-remctl/kerberos/register"]],
  ])("serves require() and import on %s", async (_, program, flags) => {
    const file = program();
    if (file === undefined) return;
    const imported = await run(file, [...flags, "imported.mjs"], { cwd: folder });
    expect(imported.trim()).toBe("true 6 true");
    const required = await run(file, [...flags, "required.cjs"], { cwd: folder });
    expect(required.trim()).toBe("function function 7.0.0");
  });
});

describeUnless(driversMissing, "mongodb with krb5-remctl/kerberos/register", () => {
  describeLive("mit", "at a small mongod", () => {
    const bed = useBed(() => startMitBed({ services: ["mongodb/localhost"] }));
    const mongod = useBed(() => startSmallMongod(readFileSync(bed().keytab.service)));

    it("logs in with the ticket of kinit", async () => {
      const { env } = await bed().kinit("alice", { password: bed().passwords.alice as string });
      const user = encodeURIComponent(`alice@${bed().realm}`);
      const url = `mongodb://${user}@localhost:${mongod().port}/?authMechanism=GSSAPI`;
      const drivers = pathToFileURL(path.join(driversFolder, "package.json")).href;
      const said = await run(process.execPath, [...REGISTER, "ping.mjs", drivers, url], { cwd: folder, env });
      expect(JSON.parse(said)).toMatchObject({ ok: 1 });
      expect(mongod().names).toEqual(["alice"]);
    });
  });
});
