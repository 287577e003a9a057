// `mongodb`, unchanged, over the drop-in for the native module, at a small mongod of the tests.

import { afterAll, beforeAll, expect, it } from "vitest";
import * as kerberos from "../../src/entry/kerberos.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { driversMissing, requireDriver, substituteKerberos } from "../support/drivers.ts";
import { describeUnless } from "../support/live.ts";
import { startSmallMongod } from "../support/small-mongod.ts";

interface MongoClient {
  db(name: string): { command(command: object): Promise<object> };
  close(): Promise<void>;
}

const REALM = "TEST.EXAMPLE";

describeUnless(driversMissing, "mongodb with krb5-remctl/kerberos", () => {
  let realm: TestRealm;
  let mongod: Awaited<ReturnType<typeof startSmallMongod>>;

  beforeAll(async () => {
    const principals = { alice: { password: "secret" }, "mongodb/localhost": {} };
    realm = await createTestRealm({ realm: REALM, principals });
    mongod = await startSmallMongod(realm.keytab("mongodb/localhost"));
    substituteKerberos((kerberos as unknown as Record<string, unknown>)["module.exports"]);
    kerberos.configure({
      credentials: { principal: `alice@${REALM}`, password: "secret" },
      kdc: realm.kdc,
      dial: realm.dial,
      config: false,
    });
  });
  afterAll(() => mongod.close());

  async function ping(properties = ""): Promise<object> {
    const { MongoClient } = requireDriver("mongodb") as {
      readonly MongoClient: new (url: string, options: object) => MongoClient;
    };
    const url = `mongodb://${encodeURIComponent(`alice@${REALM}`)}@localhost:${mongod.port}/?authMechanism=GSSAPI${properties}`;
    const client = new MongoClient(url, { serverApi: "1", serverSelectionTimeoutMS: 5_000, directConnection: true });
    try {
      return await client.db("admin").command({ ping: 1 });
    } finally {
      await client.close();
    }
  }

  it("logs in", async () => {
    expect(await ping()).toMatchObject({ ok: 1 });
    expect(mongod.names).toEqual(["alice"]);
    // The native module fails with a realm on Linux.
    expect(await ping(`&authMechanismProperties=SERVICE_REALM:${REALM}`)).toMatchObject({ ok: 1 });
  });

  it("says what is wrong with the service, in the words that its own tests match", async () => {
    const error = await ping("&authMechanismProperties=SERVICE_NAME:nosuch").then(
      () => new Error("it logged in"),
      (reason: Error) => reason,
    );
    expect(error.message).toMatch(/GSS failure|UNKNOWN_SERVER|Server not found in Kerberos database/);
    expect(error.message).toContain(`Server nosuch/localhost@${REALM} not found in Kerberos database`);
  });
});
