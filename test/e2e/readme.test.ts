// The programs of README and of docs run as they stand: the package's names are resolved to the built package, nothing else is changed.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, PASSWORDS, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { ensureBuild, ensureFrameworkDependencies } from "../../tools/bootstrap.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { programOf, textOf } from "../support/pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** An empty project with the package in it, as `npm install` leaves it. */
let project: string;
beforeAll(async () => {
  await ensureBuild();
  project = mkdtempSync(path.join(tmpdir(), "krb5-remctl-readme-"));
  mkdirSync(path.join(project, "node_modules"));
  symlinkSync(root, path.join(project, "node_modules", "krb5-remctl"));
  symlinkSync(path.join(root, "test", "node_modules", "vitest"), path.join(project, "node_modules", "vitest"));
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("README", () => {
  it("shows runnable code before line 15", () => {
    expect(textOf("README.md").split("\n").indexOf("```js") + 1).toBeLessThan(15);
  });

  it("has at most 150 lines", () => {
    expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("the example of a test with an embedded realm has under 20 lines and passes", async () => {
    const code = programOf("docs/testing.md", "createTestRealm");
    expect(code.trimEnd().split("\n").length).toBeLessThan(20);
    writeFileSync(path.join(project, "greets.test.js"), code);
    const vitest = path.join(root, "test", "node_modules", "vitest", "vitest.mjs");
    const { stdout } = await run(process.execPath, [vitest, "run", "--root", project], { cwd: project });
    expect(stdout).toContain("1 passed");
  });

  it("the package loads by require() too", async () => {
    const code = `const { remctl } = require("krb5-remctl"); console.log(typeof remctl, typeof require("krb5-remctl/gssapi").createInitiator)`;
    const { stdout } = await run(process.execPath, ["--input-type=commonjs", "-e", code], { cwd: project });
    expect(stdout.trim()).toBe("function function");
  });
});

describeLive("mit", "the programs of README and of docs, against a real KDC and remctld", () => {
  const world = useBed(async () => {
    const bed = await startMitBed();
    const commands: [string, string, string][] = [
      ["account", "show", 'echo "account: $2"'],
      ["photo", "list", `cat ${project}/photos`],
      ["package", "list", "echo some packages"],
    ];
    const put = path.join(project, "photo-put");
    writeFileSync(put, `#!/bin/sh\necho "$2 $(wc -c | tr -d ' ')" >>${project}/photos\n`, { mode: 0o755 });
    const remctld = await startRemctld({ bed, commands, conf: [`photo put ${put} stdin=last ANYUSER`] });
    return { bed, remctld, close: async () => void (await Promise.all([remctld.close(), bed.close()])) };
  });

  it("logs in and prints", async () => {
    const { bed, remctld } = world();
    // Only the names of the example's world are another's.
    const code = programOf("README.md", "process.env.ALICE_PASSWORD")
      .replace('"server.example.org"', '"localhost"')
      .replace("alice@EXAMPLE.ORG", `alice@${bed.realm}`)
      .replace('kdc: ["tcp://kdc.example.org:88"],', `kdc: ["${bed.kdc[0]}"], port: ${remctld.port},`);
    writeFileSync(path.join(project, "first.js"), code);
    const env = { ...process.env, ALICE_PASSWORD: PASSWORDS.alice };
    const { stdout } = await run(process.execPath, ["first.js"], { cwd: project, env });
    expect(stdout).toBe("0 account: alice\n\n");
  });

  it("logs in with a krb5.conf that is a value", async () => {
    const { bed } = world();
    const code = programOf("docs/configuration.md", "parseKrb5Conf")
      .replaceAll("EXAMPLE.ORG", bed.realm)
      .replace("kdc1.example.org", `127.0.0.1:${bed.port}`)
      .replace("host/server.example.org", "host/localhost");
    writeFileSync(path.join(project, "config.js"), code);
    const env = { ...process.env, ALICE_PASSWORD: PASSWORDS.alice };
    const { stdout } = await run(process.execPath, ["config.js"], { cwd: project, env });
    expect(stdout).toBe(`host/localhost@${bed.realm}\n`);
  });

  it("logs in as kinit does, renews and forwards, and kvno goes on with the cache", async () => {
    const { bed } = world();
    const cache = path.join(project, "krb5cc_alice");
    const code = programOf("docs/credentials.md", "contentsOfLogin(login)")
      .replaceAll("EXAMPLE.ORG", bed.realm)
      .replace("tcp://kdc.example.org:88", bed.kdc[0] as string)
      .replace("/tmp/krb5cc_alice", cache)
      .replace("host/server.example.org", "host/localhost");
    writeFileSync(path.join(project, "kerberos.js"), code);
    const env = { ...process.env, ALICE_PASSWORD: PASSWORDS.alice };
    const { stdout } = await run(process.execPath, ["kerberos.js"], { cwd: project, env });
    expect(stdout).toBe("true alice\n");
    const kvno = await run(bed.bin("kvno"), ["-c", `FILE:${cache}`, "host/localhost"], { env: bed.env });
    expect(kvno.stdout).toContain("kvno = ");
  });

  it("serves a page to known clients, and fetches it with kinit's ticket", async () => {
    const { bed } = world();
    await ensureFrameworkDependencies();
    const express = path.join(project, "node_modules", "express");
    if (!existsSync(express)) symlinkSync(path.join(root, "tools/frameworks/node_modules/express"), express);
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const page = programOf("docs/http.md", "expressNegotiate(negotiate)")
      .replace("/etc/http.keytab", bed.keytab.service)
      .replace("8080", `${port}, () => console.log("ready")`);
    writeFileSync(path.join(project, "page.js"), page);
    const server = spawn(process.execPath, ["page.js"], { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(server.stdout, "data");
      const code = programOf("docs/http.md", "negotiateFetch(")
        .replaceAll("https://intranet.example.org", origin)
        .replace("/report", "/who");
      writeFileSync(path.join(project, "fetch.js"), code);
      const { env } = await bed.kinit("alice", { password: PASSWORDS.alice as string });
      const { LD_LIBRARY_PATH: _, ...login } = env;
      const { stdout } = await run(process.execPath, ["fetch.js"], { cwd: project, env: { ...process.env, ...login } });
      expect(stdout).toBe(`hello alice@${bed.realm}\n\n`);
    } finally {
      server.kill();
    }
  });

  it("runs what it shows of pools and of many hosts, with kinit's tickets", async () => {
    const { bed, remctld } = world();
    const { env } = await bed.kinit("alice", { password: PASSWORDS.alice as string });
    const { LD_LIBRARY_PATH: _, ...login } = env;
    const options = { cwd: project, env: { ...process.env, ...login } };
    const pool = programOf("docs/sessions.md", "client.pool(").replace(
      '"server.example.org"',
      `{ host: "localhost", port: ${remctld.port} }`,
    );
    writeFileSync(path.join(project, "pool.js"), pool);
    expect((await run(process.execPath, ["pool.js"], options)).stdout).toBe(
      "account: alice\naccount: bob\naccount: carol\n\n",
    );
    const many = programOf("docs/sessions.md", "summary.failures")
      .replace('"server.example.org"', `{ host: "localhost", port: ${remctld.port} }`)
      .replace('{ host: "other.example.org", port: 4444 }', '{ host: "localhost", port: 1 }');
    writeFileSync(path.join(project, "many.js"), many);
    const { stdout } = await run(process.execPath, ["many.js"], options);
    expect(stdout.split("\n").sort()).toEqual([
      "",
      "",
      "1 0 1",
      "localhost CONNECT",
      expect.stringMatching(/^localhost cannot connect .* not-sent$/),
      "localhost some packages",
    ]);
  });

  it("runs what it shows of sessions, with kinit's tickets", async () => {
    const { bed, remctld } = world();
    const code = programOf("docs/sessions.md", "openAsBlob").replace(
      '"server.example.org", {',
      `"localhost", { port: ${remctld.port},`,
    );
    writeFileSync(path.join(project, "sessions.js"), code);
    writeFileSync(path.join(project, "alice.jpg"), new Uint8Array(300_000));
    const { env } = await bed.kinit("alice", { password: PASSWORDS.alice as string });
    const { LD_LIBRARY_PATH: _, ...login } = env;
    const { stdout } = await run(process.execPath, ["sessions.js"], {
      cwd: project,
      env: { ...process.env, ...login },
    });
    expect(stdout).toBe("alice 300000\nstatus 0\naccount: alice\naccount: bob\naccount: carol\n\n");
  });
});
