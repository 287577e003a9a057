// `mongodb`, unchanged, over the drop-in for the native module, at a small mongod of the tests.

import { readFileSync, renameSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ccache, keytab } from "../../src/entry/index.ts";
import * as kerberos from "../../src/entry/kerberos.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { startJava, startMitBed } from "../../tools/beds/index.mjs";
import { cyrusEnd } from "../support/cyrus-end.ts";
import { driversMissing, requireDriver, substituteKerberos } from "../support/drivers.ts";
import { jdkEnd } from "../support/jdk-end.ts";
import { describeLive, describeUnless, useBed, wholeTable } from "../support/live.ts";
import type { SaslEnd } from "../support/small-broker.ts";
import { ownEnd, startSmallMongod } from "../support/small-mongod.ts";

interface MongoClient {
  db(name: string): { command(command: object): Promise<object> };
  close(): Promise<void>;
}

const REALM = "TEST.EXAMPLE";

async function pingAt(port: number, user: string, properties = ""): Promise<object> {
  const { MongoClient } = requireDriver("mongodb") as {
    readonly MongoClient: new (url: string, options: object) => MongoClient;
  };
  const url = `mongodb://${encodeURIComponent(user)}@localhost:${port}/?authMechanism=GSSAPI${properties}`;
  const client = new MongoClient(url, { serverApi: "1", serverSelectionTimeoutMS: 5_000, directConnection: true });
  try {
    return await client.db("admin").command({ ping: 1 });
  } finally {
    await client.close();
  }
}

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

  const ping = (properties = ""): Promise<object> => pingAt(mongod.port, `alice@${REALM}`, properties);

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

  it("says what is wrong with a realm, a password and a KDC, with our cause and what to do", async () => {
    const heard = (properties = "") =>
      ping(properties).then(
        () => new Error("it logged in"),
        (reason: Error) => reason,
      );
    expect(await heard("&authMechanismProperties=SERVICE_REALM:ELSE.EXAMPLE")).toMatchObject({
      message: expect.stringMatching(/^Unspecified GSS failure\. .*no way from realm/),
      cause: { code: "REFERRAL", message: expect.stringContaining("check the service's realm") },
    });
    const settings = { kdc: realm.kdc, dial: realm.dial, config: false } as const;
    const principal = `alice@${REALM}`;
    try {
      kerberos.configure({ ...settings, credentials: { principal, password: "wrong" } });
      expect(await heard()).toMatchObject({
        message: expect.stringMatching(/: Preauthentication failed$/),
        cause: { code: "WRONG_PASSWORD", message: expect.stringContaining("check it, and the realm") },
      });
      const refused = () => Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
      kerberos.configure({ ...settings, dial: refused, credentials: { principal, password: "secret" } });
      expect(await heard()).toMatchObject({
        message: expect.stringContaining(`Cannot contact any KDC for realm '${REALM}'`),
        cause: { code: "KDC_UNREACHABLE", message: expect.stringContaining("check that one runs") },
      });
    } finally {
      kerberos.configure({ ...settings, credentials: { principal, password: "secret" } });
    }
  });
});

describe.runIf(wholeTable)("all of it", () => {
  describeUnless(driversMissing, "mongodb with krb5-remctl/kerberos", () => {
    describeLive(["mit", "slapd", "java"], "where Cyrus's or the JDK's SASL server is behind the mongod", () => {
      const names: string[] = [];
      const bed = useBed(() => startMitBed({ services: ["mongodb/localhost"] }));
      const java = useBed(() => startJava({ bed: bed() }), 240_000);

      it.each<[string, (user: string) => string, () => Promise<SaslEnd>]>([
        // mongod has its own rule for who a user is; Cyrus's sample program knows the name alone.
        ["Cyrus's, which knows no realm", () => "alice", () => cyrusEnd({ bed: bed(), service: "mongodb" }, names)],
        ["the JDK's", (user) => user, () => jdkEnd(java(), "mongodb", names)],
      ])(
        "logs in at %s",
        async (_, nameOf, makeEnd) => {
          substituteKerberos((kerberos as unknown as Record<string, unknown>)["module.exports"]);
          const { realm, kdc, passwords } = bed();
          const user = `alice@${realm}`;
          kerberos.configure({
            credentials: { principal: user, password: passwords.alice as string },
            kdc,
            config: false,
          });
          const mongod = await startSmallMongod(makeEnd);
          try {
            names.length = 0;
            expect(await pingAt(mongod.port, nameOf(user))).toMatchObject({ ok: 1 });
            expect(new Set(names)).toEqual(new Set([nameOf(user)]));
          } finally {
            await mongod.close();
          }
        },
        120_000,
      );
    });

    describeLive("mit", "where tickets live for 10 s", () => {
      const bed = useBed(() => startMitBed({ services: ["mongodb/localhost"], maxLife: "10s" }));
      let keys: () => Uint8Array = () => readFileSync(bed().keytab.service);
      const names: string[] = [];
      const mongod = useBed(() => startSmallMongod(() => ownEnd(keys(), names)));

      /** Pings for so long, each time over a connection that was opened for it. */
      async function pingFor(user: string, ms: number): Promise<number> {
        const { MongoClient } = requireDriver("mongodb") as {
          readonly MongoClient: new (url: string, options: object) => MongoClient;
        };
        const url = `mongodb://${encodeURIComponent(user)}@localhost:${mongod().port}/?authMechanism=GSSAPI`;
        const client = new MongoClient(url, {
          serverSelectionTimeoutMS: 5_000,
          directConnection: true,
          maxIdleTimeMS: 1,
        });
        names.length = 0;
        try {
          for (const end = Date.now() + ms; Date.now() < end; ) {
            expect(await client.db("admin").command({ ping: 1 })).toMatchObject({ ok: 1 });
            await new Promise((resolve) => setTimeout(resolve, 700));
          }
          return names.length;
        } finally {
          await client.close();
        }
      }

      beforeAll(() => substituteKerberos((kerberos as unknown as Record<string, unknown>)["module.exports"]));

      it("a pool outlives its ticket, and takes up a keytab that was rotated", async () => {
        const { realm, kdc, keytab: files, kadmin, dir } = bed();
        kerberos.configure({ credentials: keytab(`robot@${realm}`, files.robot), kdc, config: false });
        expect(await pingFor(`robot@${realm}`, 1_000)).toBeGreaterThan(0);
        await kadmin(`ktadd -k ${dir}/rotated.keytab robot`);
        renameSync(`${dir}/rotated.keytab`, files.robot);
        expect(await pingFor(`robot@${realm}`, 12_000)).toBeGreaterThan(10);
        expect(new Set(names)).toEqual(new Set(["robot"]));
      }, 60_000);

      it("a pool outlives a key of the service that was made anew, while the old one is kept", async () => {
        const { realm, kdc, passwords, kadmin, dir } = bed();
        const user = `alice@${realm}`;
        kerberos.configure({
          credentials: { principal: user, password: passwords.alice as string },
          kdc,
          config: false,
        });
        await pingFor(user, 1_000);
        await kadmin(`ktadd -k ${dir}/anew.keytab mongodb/localhost`);
        const anew = readFileSync(`${dir}/anew.keytab`);
        // Entries follow the two octets of the file's version.
        const both = Buffer.concat([readFileSync(bed().keytab.service), anew.subarray(2)]);
        keys = () => both;
        expect(await pingFor(user, 12_000)).toBeGreaterThan(10);
        keys = () => anew;
        expect(await pingFor(user, 1_000)).toBeGreaterThan(0);
      }, 60_000);

      it("tickets of a cache that have ended are the driver's error, with what to do", async () => {
        const { realm, kdc, passwords } = bed();
        const { env } = await bed().kinit("alice", { password: passwords.alice as string });
        const endsAt = Date.now() + 10_000;
        kerberos.configure({ credentials: ccache(String(env.KRB5CCNAME)), kdc, config: false });
        await pingFor(`alice@${realm}`, 500);
        await new Promise((resolve) => setTimeout(resolve, endsAt + 1_000 - Date.now()));
        const error = await pingFor(`alice@${realm}`, 500).then(
          () => new Error("it logged in"),
          (reason: Error) => reason,
        );
        expect(error).toMatchObject({
          code: "TICKET_EXPIRED",
          message: expect.stringMatching(/: Ticket expired$/),
          cause: {
            message: expect.stringMatching(/the tickets of alice@\S+ in FILE:\S+ ended at .*: log in with kinit/),
          },
        });
      }, 60_000);
    });
  });
});
