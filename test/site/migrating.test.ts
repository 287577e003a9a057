// The tables of docs/migrating: each function stands in the entry that the row names (the main one if it names none), and each
// method is one of what the page says that the object is.

import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createInitiator } from "../../src/entry/gssapi.ts";
import { createNegotiateServer } from "../../src/entry/http.ts";
import { createClient, createKerberos, type Dial } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { textOf } from "../support/pages.ts";

const ROOT = path.resolve(import.meta.dirname, "..", "..");
const pages = readdirSync(path.join(ROOT, "docs", "migrating")).map((name) => `docs/migrating/${name}`);

interface Row {
  readonly page: string;
  readonly cell: string;
}
const rows = pages.flatMap((page): Row[] =>
  [...textOf(page).matchAll(/^\|.*\| ([^|]*) \|$/gm)].map(([, cell = ""]) => ({ page, cell })),
);

interface Name {
  readonly page: string;
  readonly entry: string;
  readonly name: string;
}
/** Functions of a cell, with the entry that stands after them, or else before them. */
const functions = rows.flatMap(({ page, cell }): Name[] =>
  [...cell.matchAll(/(?<![.\w])([a-zA-Z]\w*)\(/g)].map(({ 1: name = "", index }) => {
    const entries = [...cell.matchAll(/`krb5-remctl\/([\w/-]+)`/g)];
    const [, entry = "index"] = entries.find((one) => one.index > index) ?? entries.at(-1) ?? [];
    return { page, entry, name };
  }),
);

const OBJECTS = ["client", "kerberos", "session", "context", "negotiate"] as const;
const methods = rows.flatMap(({ page, cell }) =>
  [...cell.matchAll(new RegExp(`(?<![.\\w])(${OBJECTS.join("|")})\\.(\\w+)`, "g"))].map(
    ([, object = "", name = ""]) => [page, object, name] as const,
  ),
);

describe("docs/migrating", () => {
  const found = new Map<string, object>();
  let close = async () => {};
  beforeAll(async () => {
    const realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      principals: { alice: { password: "secret" }, "host/localhost": {}, "HTTP/localhost": {} },
    });
    const server = createRemctlServer({ keytab: realm.keytab("host/localhost"), commands: [] });
    close = async () => void (await Promise.all([server.close(), realm.close()]));
    const { kdc } = realm;
    const dial: Dial = (host, port, options) => (port === 4373 ? server : realm).dial(host, port, options);
    const client = createClient({ credentials: { principal: `alice@${realm.realm}`, password: "secret" }, kdc, dial });
    found.set("client", client);
    found.set("kerberos", createKerberos({ kdc, dial }));
    found.set("session", await client.connect("localhost"));
    found.set("context", createInitiator({ target: "host@localhost", credential: client }));
    found.set("negotiate", createNegotiateServer({ keytab: realm.keytab("HTTP/localhost") }));
  });
  afterAll(() => close());

  it("has tables of functions and methods", () => {
    expect(functions.length).toBeGreaterThan(40);
    expect(methods.length).toBeGreaterThan(15);
  });

  it.each(functions)("$page: $name is of $entry", async ({ entry, name }) => {
    const module: Record<string, unknown> = await import(`../../src/entry/${entry}.ts`);
    expect(module[name]).toBeTypeOf("function");
  });

  it.each(methods)("%s: %s has %s", (_page, object, name) => {
    expect(found.get(object)).toHaveProperty(name);
  });
});
