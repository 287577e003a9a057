// HTTP Negotiate on each runtime, with MIT's KDC: at Apache with mod_auth_gssapi, at a server of the runtime itself; a Worker
// without a network that has a site and a KDC as bindings; a page whose KDC is behind createKdcProxy.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createReplayCache } from "../../src/entry/gssapi.ts";
import { createKdcProxy, createNegotiateServer } from "../../src/entry/http.ts";
import { makeCertificates, runPage, runProgram, startApache, startMitBed } from "../../tools/beds/index.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import type { HttpConfig, HttpReport } from "../portable/http.ts";
import { peers, useBed, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { serveHandler } from "../support/serve-handler.ts";
import { type Bundle, bundleProgram } from "./build.ts";
import { startWorkerd } from "./workerd.ts";

// Runtimes that compile what they run, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const main = path.join(import.meta.dirname, "../portable/http-main.ts");

describeRuntimes("HTTP Negotiate", () => {
  describe.runIf(wholeTable)("on each runtime", () => {
    const bed = useBed(() => startMitBed());
    const apache = useBed(() => startApache({ bed: bed() }));
    let directory: string;
    let program: Bundle;
    let worker: Bundle;
    let page: Bundle;

    beforeAll(async () => {
      directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-http-"));
      fs.writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
      program = await bundleProgram("portable/http-main.ts", directory);
      worker = await bundleProgram("portable/http-worker.ts", directory);
      page = await bundleProgram("portable/http-page.ts", directory, "esm", {}, ["cloudflare:*"]);
    });

    afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

    const config = (more: Partial<HttpConfig> = {}): string => {
      const settings: HttpConfig = {
        principal: `alice@${bed().realm}`,
        password: bed().passwords.alice as string,
        kdc: [`tcp://localhost:${bed().port}`],
        site: apache().url,
        keytab: fs.readFileSync(bed().keytab.service).toString("base64"),
        ...more,
      };
      return JSON.stringify(settings);
    };

    /** Each was let in as alice, but who had no ticket. */
    const expected = (adapter: string, more: Readonly<Record<string, string>> = {}): HttpReport => {
      const alice = `alice@${bed().realm}`;
      const letIn = `200 ${alice} hello private`;
      return {
        adapter,
        answers: {
          asked: letIn,
          "asked again": letIn,
          "server's proof required": letIn,
          redirect: letIn,
          octets: letIn,
          "a Request with octets": letIn,
          "ended by its caller": "enough",
          "not listed": "401 nobody",
          "krb5 itself": letIn,
          "wrong password": "WRONG_PASSWORD",
          "own server": `200 ${alice} served`,
          "own server, the same token again": "401 nobody",
          ...more,
        },
      };
    };

    const run = async (command: string, args: string[], env: Record<string, string> = {}): Promise<HttpReport> => {
      const { status, stdout, text } = await runProgram(command, args, { env, timeoutMs: 60_000 });
      if (status !== 0) throw new Error(`it ended with ${status}: ${text.slice(0, 4_000)}`);
      return JSON.parse(stdout.toString());
    };

    it.each(["node22", "node24"] as const)("%s", async (name) => {
      expect(await run(runtimePath(name), [program.file, config()])).toEqual(expected("node"));
    });

    it("Bun", async () => {
      expect(await run(runtimePath("bun"), [main, config()])).toEqual(expected("bun"));
    });

    it("Deno", async () => {
      const flags = ["run", "--no-prompt", "--no-check", "--cached-only", "--allow-net=localhost"];
      const env = { DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1" };
      expect(await run(runtimePath("deno"), [...flags, main, config()], env)).toEqual(expected("deno"));
    });

    it.each(["deno", "bun"] as const)("a WebSocket behind protect: %s", async (name) => {
      const flags = ["run", "--no-prompt", "--no-check", "--cached-only", "--allow-net=127.0.0.1"];
      const env = { DENO_DIR: directory, DENO_NO_UPDATE_CHECK: "1" };
      const upgrade = path.join(import.meta.dirname, "../portable/http-upgrade.ts");
      const args = [...(name === "deno" ? flags : []), upgrade];
      const { stdout, text } = await runProgram(runtimePath(name), args, { env, timeoutMs: 60_000 });
      expect(JSON.parse(stdout.toString()), text).toEqual({
        stranger: expect.stringMatching(/^HTTP\/1.1 401 /),
        alice: expect.stringMatching(/^HTTP\/1.1 101 /),
      });
      // Bun says on its output, and to the program, what a handler threw.
      expect(text).not.toContain("Error");
    });

    const onWorkerd = async (
      options: Omit<Parameters<typeof startWorkerd>[0], "module">,
      settings: string,
    ): Promise<HttpReport> => {
      const workerd = await startWorkerd({ module: worker.file, ...options });
      try {
        const response = await fetch(workerd.url, { method: "POST", body: settings });
        const text = await response.text();
        if (!response.ok) throw new Error(`${text}\n${workerd.logs()}`);
        return JSON.parse(text);
      } finally {
        await workerd.close();
      }
    };

    it.each([true, false])("workerd, nodejs_compat %s", async (isNodeCompatible) => {
      expect(await onWorkerd({ isNodeCompatible }, config())).toEqual(expected("workerd"));
    });

    const kdcProxy = useBed(() => serveHandler(createKdcProxy({ realms: { [bed().realm]: { kdc: bed().kdc } } })));

    it("a Worker without a network: the site and createKdcProxy are bindings", async () => {
      const services = { SITE: Number(new URL(apache().url).port), KDC: kdcProxy().port };
      const settings = config({ kdc: ["https://kdc.example/KdcProxy"], site: "http://localhost" });
      const options = { isNodeCompatible: false, hasNetwork: false, services };
      expect(await onWorkerd(options, settings)).toEqual(expected("workerd"));
      const { answers } = await onWorkerd({ ...options, services: { SITE: services.SITE } }, settings);
      expect(answers.asked).toBe("KDC_UNREACHABLE");
    });

    it("a page in Chromium: createKdcProxy and a site of ours at its origin", async () => {
      const negotiate = createNegotiateServer({
        keytab: new Uint8Array(fs.readFileSync(bed().keytab.service)),
        replayCache: createReplayCache(),
      });
      const hello = negotiate.protect(
        (_, { principal }) => new Response("hello private\n", { headers: { "x-remote-user": principal } }),
      );
      const site = await serveHandler((request) =>
        new URL(request.url).pathname === "/moved/"
          ? new Response(null, { status: 302, headers: { location: "/private/" } })
          : hello(request),
      );
      try {
        const report = await runPage({
          program: fs.readFileSync(page.file, "utf8"),
          tls: await makeCertificates(peers.apache, directory),
          config: JSON.parse(config()),
          kdcproxy: kdcProxy(),
          site: site.port,
          timeoutMs: 50_000,
        });
        // A browser does not tell a script where a redirect leads.
        const redirect = expect.stringContaining("this host does not tell where the server redirects to");
        expect(report).toEqual(expected("web", { redirect }));
      } finally {
        await site.close();
      }
    });
  });
}, ["mit", "apache", "chromium"]);
