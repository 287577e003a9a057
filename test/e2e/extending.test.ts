// The programs of docs/extending and of docs/testing.md, each as it stands but for the names of its world.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRemctlServer, type RemctlServer } from "../../src/entry/server.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { ensureBuild } from "../../tools/bootstrap.mjs";
import { wholeTable } from "../support/live.ts";
import { programOf } from "../support/pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let project: string;
let realm: TestRealm;
let server: RemctlServer;
beforeAll(async () => {
  await ensureBuild();
  project = mkdtempSync(path.join(tmpdir(), "krb5-remctl-extending-"));
  mkdirSync(path.join(project, "node_modules"));
  symlinkSync(root, path.join(project, "node_modules", "krb5-remctl"));
  realm = await createTestRealm({
    realm: "EXAMPLE.ORG",
    principals: { alice: { password: "secret" }, robot: {}, "host/localhost": {} },
  });
  await realm.listen();
  const handler = async ({ stdout }: { stdout: { write(text: string): Promise<void> } }) => {
    await stdout.write("hello world\n");
    return 0;
  };
  const commands = [{ command: "hello", subcommand: "world", acl: ["ANYUSER"], handler }];
  server = createRemctlServer({ keytab: realm.keytab("host/localhost"), commands });
  await server.listen({ host: "127.0.0.1", port: 0 });
}, 180_000);
afterAll(async () => {
  await Promise.all([server.close(), realm.close()]);
  rmSync(project, { recursive: true, force: true });
});

/** Runs a page's program. What it prints is compared; a failure shows its error. */
async function run(page: string, changes: readonly (readonly [string, string])[], env: NodeJS.ProcessEnv = {}) {
  const { host } = new URL(realm.kdc[0] as string);
  let code = programOf(`docs/extending/${page}.md`, "import ");
  for (const [theirs, ours] of [
    ...changes,
    ["tcp://kdc.example.org:88", `tcp://${host}`],
    ["host/server.example.org", "host/localhost"],
    ['"server.example.org", ["hello", "world"]', `"localhost", ["hello", "world"], { port: ${server.port} }`],
  ] as const) {
    code = code.replaceAll(theirs, ours);
  }
  const file = path.join(mkdtempSync(path.join(project, "run-")), "program.mjs");
  writeFileSync(file, code);
  const all = { ...process.env, ALICE_PASSWORD: "secret", ...env };
  return (await promisify(execFile)(process.execPath, [file], { env: all })).stdout;
}

it("a credential source: a vault gives the keytab to who has its token", async () => {
  const vault = createServer((request, response) => {
    const isKnown = request.headers.authorization === "Bearer sesame";
    response.writeHead(isKnown ? 200 : 403).end(isKnown ? realm.keytab("robot") : "");
  });
  await new Promise<void>((resolve) => vault.listen(0, "127.0.0.1", resolve));
  const { port } = vault.address() as AddressInfo;
  try {
    const changes = [["vault.example.org", `127.0.0.1:${port}`]] as const;
    expect(await run("credential", changes, { VAULT_TOKEN: "sesame" })).toBe("robot\n");
    await expect(run("credential", changes, { VAULT_TOKEN: "wrong" })).rejects.toThrow("the vault answers 403");
  } finally {
    vault.close();
  }
});

it("a store: a second process finds the ticket of the first", async () => {
  const store = mkdtempSync(path.join(project, "store-"));
  const env = { STORE: store, STORE_KEY: "00112233445566778899aabbccddeeff" };
  expect(await run("store", [], env)).toBe("true\n");
  // No login succeeds from here on.
  realm.fault({ on: "as-rep", name: "wrong-nonce" });
  try {
    expect(await run("store", [], env)).toBe("true\n");
    await expect(run("store", [], { ...env, STORE_KEY: "ffeeddccbbaa99887766554433221100" })).rejects.toThrow("nonce");
  } finally {
    realm.clearFaults();
  }
});

it.runIf(wholeTable)("a cache: says what is put into it", async () => {
  expect(await run("cache", [])).toBe("initialize 1\nstore 2\n");
});

it.runIf(wholeTable)("a transport: every connection goes through the proxy", async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, client) => {
    asked.push(request.url ?? "");
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const peer = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      peer.pipe(client).pipe(peer);
    });
    peer.on("error", () => client.destroy());
    client.on("error", () => peer.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  try {
    const changes = [['"proxy.example.org", 3128', `"127.0.0.1", ${port}`]] as const;
    expect(await run("transport", changes)).toBe("hello world\n\n");
    expect(asked).toContain(`localhost:${server.port}`);
    expect(new Set(asked).size).toBe(2);
  } finally {
    proxy.close();
  }
});

it.runIf(wholeTable)("a runtime: with nothing but values", async () => {
  expect(await run("runtime", [])).toBe("host/server.test.example\n");
});

it("a pre-authentication mechanism: logs in where it was confirmed, and else does not", async () => {
  expect(await run("pre-authentication", [], { CONFIRM: "yes" })).toBe("logging in as alice\nlogged in\n");
  expect(await run("pre-authentication", [], { CONFIRM: "no" })).toContain("the login was not confirmed\n");
});

it.runIf(wholeTable)("an enctype: a whole realm under it", async () => {
  expect(await run("enctype", [])).toBe("host/localhost private-aes256-ctr\n");
});

it("a command of a server", async () => {
  expect(await run("subcommand", [])).toBe("0 alice@TEST.EXAMPLE: HELLO THERE\n\n");
});

it("docs/testing.md: node:test with a realm in memory", async () => {
  const file = path.join(mkdtempSync(path.join(project, "run-")), "case.test.mjs");
  writeFileSync(file, programOf("docs/testing.md", 'from "node:test"'));
  const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", file]);
  expect(stdout).toMatch(/^# pass 3$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
