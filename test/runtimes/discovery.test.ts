// On each runtime: a KDC that only DNS names, asked by UDP or TCP at nsd and over HTTPS at dnsdist; then a login there.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startDnsBed, startDohBed } from "../../tools/beds/dns.mjs";
import { runProgram, startMitBed } from "../../tools/beds/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import type { FindConfig, FindReport } from "../portable/find-kdc.ts";
import { useBed } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { type Bundle, bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

// Runtimes that compile what they run, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const main = path.join(import.meta.dirname, "../portable/find-main.ts");

describeRuntimes("a KDC found in DNS", () => {
  const all = useBed(async () => {
    const bed = await startMitBed({ realm: "SRV.TEST" });
    const dns = await startDnsBed({ "srv.test": ["kdc A 127.0.0.1", `_kerberos._tcp SRV 0 0 ${bed.port} kdc`] });
    const doh = await startDohBed(dns);
    const close = async (): Promise<void> => void (await Promise.all([doh.close(), dns.close(), bed.close()]));
    return { bed, dns, doh, close };
  });
  let directory: string;
  let program: Bundle;
  let worker: Bundle;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-find-"));
    fs.writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
    program = await bundleProgram("portable/find-main.ts", directory);
    worker = await bundleProgram("portable/find-worker.ts", directory);
  });
  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

  const config = (): string => {
    const { bed, dns, doh } = all();
    const settings: FindConfig = {
      principal: "alice@SRV.TEST",
      password: bed.passwords.alice as string,
      service: "host/localhost@SRV.TEST",
      dns: [dns.address, doh.url],
    };
    return JSON.stringify(settings);
  };

  const run = async (command: string, args: string[], env: Record<string, string>): Promise<FindReport> => {
    const { status, stdout, text } = await runProgram(command, args, { env, timeoutMs: 60_000 });
    if (status !== 0) throw new Error(`it ended with ${status}: ${text.slice(0, 4000)}`);
    return JSON.parse(stdout.toString());
  };

  /** By both ways, from five questions each, the one KDC there is. */
  const found = (report: FindReport, adapter: string): void => {
    const endpoint = `tcp://kdc.srv.test:${all().bed.port}`;
    const questions = [
      "A kdc.srv.test",
      "AAAA kdc.srv.test",
      "SRV _kerberos._tcp.srv.test",
      "SRV _kerberos._udp.srv.test",
      "URI _kerberos.srv.test",
    ];
    expect(report).toEqual({ adapter, runs: [1, 2].map(() => ({ answered: [endpoint], questions })) });
  };

  it.each(["this", "node24", "bun"] as const)("%s: UDP, HTTPS", async (name) => {
    const command = name === "this" ? process.execPath : runtimePath(name);
    const file = name === "bun" ? main : program.file;
    const report = await run(command, [file, config()], { NODE_EXTRA_CA_CERTS: all().doh.ca });
    found(report, name === "bun" ? "bun" : "node");
  });

  it.each([
    ["TCP", []],
    ["UDP", ["0.0.0.0:0"]],
  ] as const)(
    "Deno: %s, HTTPS, with the addresses of the resolver, the URL and the KDC and no more",
    async (_, more) => {
      const { bed, dns, doh } = all();
      const net = [dns.address, new URL(doh.url).host, `127.0.0.1:${bed.port}`, ...more];
      const flags = ["run", "--no-prompt", "--no-check", "--cached-only", `--allow-net=${net.join()}`];
      const env = { DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1", DENO_CERT: doh.ca };
      found(await run(runtimePath("deno"), [...flags, main, config()], env), "deno");
    },
  );

  it.each([
    ["with", true],
    ["without", false],
  ] as const)("workerd %s nodejs_compat: TCP, HTTPS", async (_, isNodeCompatible) => {
    const workerd = await startWorkerd({ module: worker.file, isNodeCompatible, caPem: all().doh.caPem });
    try {
      const response = await fetch(workerd.url, { method: "POST", body: config() });
      const body = await response.text();
      if (!response.ok) throw new Error(`${body}\n${workerd.logs()}`);
      found(JSON.parse(body), "workerd");
    } finally {
      await workerd.close();
    }
  });
}, ["mit", "nsd", "dnsdist"]);
