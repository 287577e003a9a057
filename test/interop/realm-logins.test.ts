// MIT's kinit logs in at the embedded realm by PKINIT, without a name, and inside FAST; and refuses a KDC that is wrong.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestRealm, type FastFaultName, type PkinitFaultName, type TestRealm } from "../../src/entry/testing.ts";
import { describeLive, wholeTable } from "../support/live.ts";
import { Desk } from "../support/realm-desk.ts";

describeLive(["mit", "mit-logins"], "the embedded realm and MIT's kinit with certificates", () => {
  let realm: TestRealm;
  let desk: Desk;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "krb5-realm-logins-"));
    realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      preauth: ["encrypted-timestamp", "fast", "encrypted-challenge", "otp", "pkinit"],
      principals: {
        alice: { requires: ["pkinit"] },
        hidden: { password: "secret", requires: ["fast", "encrypted-challenge"] },
        "host/localhost": {},
      },
    });
    await realm.listen();
    const anchors = path.join(folder, "ca.pem");
    writeFileSync(anchors, realm.anchors);
    desk = new Desk(realm, "mit", undefined, [`pkinit_anchors = FILE:${anchors}`]);
  });
  afterAll(async () => {
    await desk.close();
    rmSync(folder, { recursive: true });
  });

  let count = 0;
  const identity = async (client: string, options?: Parameters<TestRealm["certificate"]>[1]): Promise<string> => {
    const { certificate, key } = await realm.certificate(client, options);
    const name = path.join(folder, `client-${++count}`);
    writeFileSync(`${name}.pem`, certificate);
    writeFileSync(`${name}.key`, key);
    return `X509_user_identity=FILE:${name}.pem,${name}.key`;
  };

  it.each(["EC", "RSA"] as const)("kinit -X (%s), and kvno with the ticket", async (algorithm) => {
    const own = await identity("alice", { algorithm });
    const { status, text } = await desk.newCache().run("kinit", ["-X", own, "alice"]);
    expect(status, text).toBe(0);
    expect(await desk.must("kvno", ["host/localhost"])).toContain("kvno = 1");
  });

  it("kinit -n, and kinit -T with that", async () => {
    const { status, text } = await desk.newCache().run("kinit", ["-n", "@TEST.EXAMPLE"]);
    expect(status, text).toBe(0);
    expect(await desk.must("klist", ["-f"])).toContain("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS");
    const armor = desk.cacheFile();
    const login = await desk.newCache().kinit("secret", ["-T", armor], "hidden");
    expect(login.status, login.text).toBe(0);
    const certified = await desk.newCache().run("kinit", ["-T", armor, "-X", await identity("alice"), "alice"]);
    expect(certified.status, certified.text).toBe(0);
  });

  it.runIf(wholeTable)("a fresh token, a larger group, paChecksum2 that MIT 1.20 has not", async () => {
    const own = await identity("alice");
    const log = async () => (await desk.newCache().run("kinit", ["-X", own, "alice"])).status;
    realm.setPolicy({ requireFreshness: true });
    expect(await log()).toBe(0);
    realm.setPolicy({ requireFreshness: false, pkinitDhMinBits: 4096 });
    expect(await log()).toBe(0);
    realm.setPolicy({ pkinitDhMinBits: 2048, requireChecksum2: true });
    expect(await log()).toBe(1);
    realm.setPolicy({ requireChecksum2: false });
  });

  it.runIf(wholeTable)("certificates that do not do", async () => {
    for (const options of [{ names: [] }, { isForClients: false }, { names: ["hidden"] }]) {
      const { status } = await desk.newCache().run("kinit", ["-X", await identity("alice", options), "alice"]);
      expect(status).toBe(1);
    }
  });

  // What MIT's client sees through too. The nonce it does not look at, since its KDF binds the request.
  it
    .runIf(wholeTable)
    .each<PkinitFaultName>([
      "pkinit-reply-missing",
      "pkinit-content-type",
      "pkinit-signature",
      "pkinit-other-kdc",
      "pkinit-nameless-kdc",
      "pkinit-expired-kdc",
      "pkinit-unknown-authority",
    ])("MIT's kinit refuses %s too", async (name) => {
    const fault = realm.fault({ name });
    const { status } = await desk.newCache().run("kinit", ["-X", await identity("alice"), "alice"]);
    expect(status).not.toBe(0);
    expect(fault.hits).toBeGreaterThan(0);
    realm.clearFaults();
  });

  it.runIf(wholeTable).each<FastFaultName>(["fast-stripped", "fast-nonce", "fast-finished-missing", "fast-key"])(
    "MIT's kinit -T refuses %s too",
    async (name) => {
      await desk.newCache().must("kinit", ["-n", "@TEST.EXAMPLE"]);
      const armor = desk.cacheFile();
      const fault = realm.fault({ name, on: "as-rep" });
      const login = await desk.newCache().kinit("secret", ["-T", armor], "hidden");
      expect(login.status).not.toBe(0);
      expect(fault.hits).toBeGreaterThan(0);
      realm.clearFaults();
    },
  );
});
