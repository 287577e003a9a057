// On each runtime: a login at MIT's KDC over TCP, UDP where there is some, and over Debian's kdcproxy; then a command on Debian's remctld.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runProgram, startKdcproxy, startMitBed, startRemctld, startWebsockify } from "../../tools/beds/index.mjs";
import { runtimeModule, runtimePath } from "../../tools/runtimes/index.mjs";
import type { LiveConfig, LiveReport } from "../portable/live.ts";
import { useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { type Bundle, bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

// Runtimes that compile what they run, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 });

const main = path.join(import.meta.dirname, "../portable/live-main.ts");

async function startAll() {
  const bed = await startMitBed();
  const [remctld, proxy] = await Promise.all([startRemctld({ bed }), startKdcproxy({ beds: [bed] })]);
  const websockify = await startWebsockify({ target: remctld.port });
  const close = async (): Promise<void> => {
    await Promise.all([websockify.close(), remctld.close(), proxy.close()]);
    await bed.close();
  };
  return { bed, remctld, proxy, websockify, close };
}

describeRuntimes("live", () => {
  describe("on each runtime", () => {
    const all = useBed(startAll);
    let directory: string;
    let program: Bundle;
    let worker: Bundle;
    let script: Bundle;

    beforeAll(async () => {
      directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-live-"));
      fs.writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
      program = await bundleProgram("portable/live-main.ts", directory);
      worker = await bundleProgram("portable/live-worker.ts", directory);
      script = await bundleProgram("portable/live-edge.ts", directory, "iife");
    });

    afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

    const tcp = (): string => `tcp://localhost:${all().bed.port}`;
    const udp = (): string => `udp://localhost:${all().bed.port}`;

    const config = (kdcs: readonly string[], more: Partial<LiveConfig> = {}): LiveConfig => ({
      principal: `alice@${all().bed.realm}`,
      password: all().bed.passwords.alice as string,
      kdcs: kdcs.map((kdc) => [kdc]),
      host: "localhost",
      port: all().remctld.port,
      service: all().remctld.service,
      ...more,
    });

    const run = async (command: string, args: string[], env: Record<string, string> = {}): Promise<LiveReport> => {
      const { status, stdout, text } = await runProgram(command, args, { env, timeoutMs: 60_000 });
      if (status !== 0) throw new Error(`it ended with ${status}: ${text.slice(0, 4_000)}`);
      return JSON.parse(stdout.toString());
    };

    /** Every run has run the command, each by the KDC endpoint that it was given. */
    const succeeded = (report: LiveReport, adapter: string, kdcs: readonly string[]): void => {
      expect(report.runs.map(({ error }) => error)).toEqual(kdcs.map(() => undefined));
      expect(report.runs.map(({ status, text, answered }) => [status, text, answered])).toEqual(
        kdcs.map((kdc) => [0, "hello world\n", [kdc]]),
      );
      expect([report.adapter, report.wrongPassword]).toEqual([adapter, "WRONG_PASSWORD"]);
    };

    it.each(wholeTable ? (["this", "node22", "node24"] as const) : (["node24"] as const))(
      "Node (%s): TCP, UDP, kdcproxy; remctld",
      async (name) => {
        const command = name === "this" ? process.execPath : runtimePath(name);
        const kdcs = [tcp(), udp(), all().proxy.url];
        const env = { NODE_EXTRA_CA_CERTS: all().proxy.ca };
        succeeded(await run(command, [program.file, JSON.stringify(config(kdcs))], env), "node", kdcs);
      },
    );

    it("Bun: TCP, UDP, kdcproxy; remctld", async () => {
      const kdcs = [tcp(), udp(), all().proxy.url];
      const env = { NODE_EXTRA_CA_CERTS: all().proxy.ca };
      succeeded(await run(runtimePath("bun"), [main, JSON.stringify(config(kdcs))], env), "bun", kdcs);
    });

    const runOnDeno = (flags: readonly string[], settings: LiveConfig): Promise<LiveReport> =>
      run(
        runtimePath("deno"),
        ["run", "--no-prompt", "--no-check", "--cached-only", ...flags, main, JSON.stringify(settings)],
        { DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1", DENO_CERT: all().proxy.ca },
      );

    it("Deno: TCP, remctld, with --allow-net=KDC:PORT,SERVER:PORT and no more", async () => {
      const { bed, remctld } = all();
      const flags = [`--allow-net=localhost:${bed.port},localhost:${remctld.port}`];
      succeeded(await runOnDeno(flags, config([tcp()])), "deno", [tcp()]);
    });

    it("Deno: kdcproxy, remctld, with --allow-net=PROXY:PORT,SERVER:PORT and no more", async () => {
      const { proxy, remctld } = all();
      const flags = [`--allow-net=localhost:${proxy.port},localhost:${remctld.port}`];
      succeeded(await runOnDeno(flags, config([proxy.url])), "deno", [proxy.url]);
    });

    /** Deno's flag with what datagrams to the KDC need, and the server. */
    const netWithUdp = (): string =>
      `--allow-net=localhost,127.0.0.1:${all().bed.port},0.0.0.0:0,localhost:${all().remctld.port}`;

    it("Deno: UDP, with the KDC's name, its address and 0.0.0.0:0", async () => {
      succeeded(await runOnDeno([netWithUdp()], config([udp()])), "deno", [udp()]);
    });

    it("Deno: a permission that is denied counts as absent, and the error names the flag", async () => {
      const { bed, remctld } = all();
      const server = `localhost:${remctld.port}`;
      const noKdc = await runOnDeno([`--allow-net=${server}`], config([tcp()]));
      expect(noKdc.runs[0]?.error).toContain(`--allow-net=localhost:${bed.port}`);
      const noUdp = await runOnDeno([`--allow-net=${server},localhost:${bed.port}`], config([udp()]));
      expect(noUdp.runs[0]?.error).toContain('the "deno" runtime has no UDP: write tcp://host:port');
      const noName = await runOnDeno([`--allow-net=${server},localhost:${bed.port},0.0.0.0:0`], config([udp()]));
      expect(noName.runs[0]?.error).toContain("--allow-net=localhost");
      const noAddress = await runOnDeno(["--allow-net=localhost,0.0.0.0:0"], config([udp()]));
      expect(noAddress.runs[0]?.error).toContain(`--allow-net=0.0.0.0:0,127.0.0.1:${bed.port}`);
      const noServer = await runOnDeno([`--allow-net=localhost:${bed.port}`], config([tcp()]));
      expect(noServer.runs[0]?.error).toContain(`--allow-net=localhost:${remctld.port}`);
      const noProxy = await runOnDeno([`--allow-net=${server}`], config([all().proxy.url]));
      expect(noProxy.runs[0]?.error).toContain(`--allow-net=localhost:${all().proxy.port}`);
    });

    it("Deno: an endpoint that leaves the choice is asked over TCP first, since a refusal by UDP is never heard of", async () => {
      const report = await runOnDeno([netWithUdp()], config([`localhost:${all().bed.port}`]));
      succeeded(report, "deno", [tcp()]);
    });

    it.each([
      ["with", true],
      ["without", false],
    ] as const)("workerd %s nodejs_compat: TCP, kdcproxy; remctld", async (_, isNodeCompatible) => {
      const kdcs = [tcp(), all().proxy.url];
      const workerd = await startWorkerd({ module: worker.file, isNodeCompatible, caPem: all().proxy.caPem });
      try {
        const response = await fetch(workerd.url, { method: "POST", body: JSON.stringify(config(kdcs)) });
        const body = await response.text();
        if (!response.ok) throw new Error(`${body}\n${workerd.logs()}`);
        succeeded(JSON.parse(body), "workerd", kdcs);
      } finally {
        await workerd.close();
      }
    });

    it.each([
      ["lean", true],
      ["lean", false],
      ["lean/node", true],
    ] as const)(
      "workerd, %s, nodejs_compat %s: TCP, kdcproxy; remctld over TCP and websockify",
      async (entry, isNodeCompatible) => {
        const kdcs = [tcp(), all().proxy.url];
        const workerd = await startWorkerd({ module: worker.file, isNodeCompatible, caPem: all().proxy.caPem });
        try {
          for (const [more, from] of [
            [{ entry }, kdcs],
            [{ entry, webSocket: all().websockify.url }, [all().proxy.url]],
          ] as const) {
            const response = await fetch(workerd.url, { method: "POST", body: JSON.stringify(config(from, more)) });
            const body = await response.text();
            if (!response.ok) throw new Error(`${body}\n${workerd.logs()}`);
            succeeded(JSON.parse(body), "workerd", from);
          }
        } finally {
          await workerd.close();
        }
      },
    );

    it.each(["node24", "deno", "bun"] as const)("%s, lean/node: TCP, kdcproxy; remctld", async (name) => {
      const { bed, proxy, remctld } = all();
      const kdcs = [tcp(), proxy.url];
      const settings = config(kdcs, { entry: "lean/node" });
      if (name === "deno") {
        const flags = [`--allow-net=localhost:${bed.port},localhost:${proxy.port},localhost:${remctld.port}`];
        succeeded(await runOnDeno(flags, settings), "deno", kdcs);
        return;
      }
      const args = [name === "bun" ? main : program.file, JSON.stringify(settings)];
      const report = await run(runtimePath(name), args, { NODE_EXTRA_CA_CERTS: proxy.ca });
      succeeded(report, name === "bun" ? "bun" : "node", kdcs);
    });

    it("workerd without permission to connect says so", async () => {
      const workerd = await startWorkerd({ module: worker.file, isNodeCompatible: false, hasNetwork: false });
      try {
        const response = await fetch(workerd.url, { method: "POST", body: JSON.stringify(config([tcp()])) });
        const { runs } = (await response.json()) as LiveReport;
        expect(runs[0]?.error).toMatch(
          /this Worker may not connect to it; a private network needs a binding, given as `dial`/,
        );
      } finally {
        await workerd.close();
      }
    });

    it.each(["node24", "deno", "bun"] as const)(
      "%s: KDC through kdcproxy, remctld through websockify",
      async (name) => {
        const { proxy, websockify } = all();
        const settings = config([proxy.url], { webSocket: websockify.url });
        if (name === "deno") {
          const flags = [`--allow-net=localhost:${proxy.port},localhost:${websockify.port}`];
          succeeded(await runOnDeno(flags, settings), "deno", [proxy.url]);
          return;
        }
        const args = [name === "bun" ? main : program.file, JSON.stringify(settings)];
        const report = await run(runtimePath(name), args, { NODE_EXTRA_CA_CERTS: proxy.ca });
        succeeded(report, name === "bun" ? "bun" : "node", [proxy.url]);
      },
    );

    it("workerd: KDC through kdcproxy, remctld through websockify", async () => {
      const { proxy, websockify } = all();
      const workerd = await startWorkerd({ module: worker.file, isNodeCompatible: false, caPem: proxy.caPem });
      try {
        const body = JSON.stringify(config([proxy.url], { webSocket: websockify.url }));
        const response = await fetch(workerd.url, { method: "POST", body });
        succeeded((await response.json()) as LiveReport, "workerd", [proxy.url]);
      } finally {
        await workerd.close();
      }
    });

    it.each(wholeTable ? (["main", "lean"] as const) : (["lean"] as const))(
      "the edge VM, %s: KDC through kdcproxy, remctld through websockify",
      async (entry) => {
        const { proxy, websockify } = all();
        const settings = config([proxy.url], { webSocket: websockify.url, entry });
        const host = path.join(import.meta.dirname, "edge-main.mjs");
        // The VM of a Node that has a WebSocket, as Vercel's has.
        const report = await run(
          runtimePath("node24"),
          [host, runtimeModule("@edge-runtime/vm"), script.file, JSON.stringify(settings)],
          { NODE_EXTRA_CA_CERTS: proxy.ca },
        );
        succeeded(report, "web", [proxy.url]);
      },
    );
  });
}, ["mit", "kdcproxy", "websockify"]);
