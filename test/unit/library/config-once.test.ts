// A client's configuration is read once, though several parts of a first call ask for it at the same time.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createClient, parsePrincipal } from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";

const ODD = "[libdefaults]\n forwardable = maybe\n";

it.each(["text", "file"])("what is odd in a configuration by %s is noted once", async (kind) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "config-once-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, "krb5.conf");
  fs.writeFileSync(file, ODD);
  const realm = await createTestRealm({
    realm: "R.TEST",
    principals: { alice: { password: "pw" }, "host/srv.test": { password: "host" } },
  });
  onTestFinished(() => realm.close());
  const notes: string[] = [];
  const client = createClient({
    config: kind === "text" ? ODD : { files: [file] },
    kdc: realm.kdc,
    dial: realm.dial,
    credentials: { principal: "alice@R.TEST", password: "pw" },
    onTrace: (event) => void (event.type === "note" && notes.push(event.text)),
  });
  const service = parsePrincipal("host/srv.test@R.TEST");
  await Promise.all([client.getTicket(service), client.getTicket(service)]);
  await client.getTicket(service);
  expect(notes.filter((text) => text.includes("forwardable = maybe"))).toHaveLength(1);
});

it("a configuration that cannot be read is read again by the next call", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "config-once-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, "krb5.conf");
  fs.writeFileSync(file, "[libdefaults\n");
  const realm = await createTestRealm({ realm: "R.TEST", principals: { alice: { password: "pw" } } });
  onTestFinished(() => realm.close());
  const client = createClient({
    config: { files: [file] },
    kdc: realm.kdc,
    dial: realm.dial,
    credentials: { principal: "alice@R.TEST", password: "pw" },
  });
  const tgt = parsePrincipal("krbtgt/R.TEST@R.TEST");
  await expect(client.getTicket(tgt)).rejects.toMatchObject({ code: "CONFIG" });
  fs.writeFileSync(file, ODD);
  expect((await client.getTicket(tgt)).client.components).toEqual(["alice"]);
});
