// The Worker and the Durable Object, bundled as wrangler does it, in workerd and in miniflare, with the bindings of a private network.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startKdcproxy } from "../../tools/beds/index.mjs";
import { acceptsTcp, freePort, makeFolder, removeFolder, startDaemon, waitUntil } from "../../tools/beds/process.mjs";
import { build } from "../../tools/pack/index.mjs";
import { runtimeModule, runtimePath } from "../../tools/runtimes/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { programOf } from "../support/pages.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { exampleFolder, startWorld } from "./world.ts";

// From 2026-08-04 on with nodejs_compat, unless it is switched off.
const compatibility = { compatibilityDate: "2026-10-01" };

async function bundle(example: string, directory: string): Promise<string> {
  const outfile = path.join(directory, "worker.js");
  await build({
    absWorkingDir: exampleFolder(example),
    entryPoints: ["worker.js"],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  return outfile;
}

/** Cap'n Proto's text of a Worker's bindings, services and network. */
interface Setup {
  readonly texts: Readonly<Record<string, string>>;
  /** More of `(name = ..., ...)` in bindings, in services, and of the Worker itself. */
  readonly bindings?: readonly string[];
  readonly services?: readonly string[];
  readonly worker?: readonly string[];
  /** What `connect()` of `cloudflare:sockets` may reach. */
  readonly allow: readonly string[];
}

async function startWorkerd(example: string, setup: Setup): Promise<string> {
  const dir = makeFolder("example");
  await bundle(example, dir);
  const port = await freePort();
  const quote = (text: string): string => JSON.stringify(text);
  const texts = Object.entries(setup.texts).map(([name, text]) => `(name = ${quote(name)}, text = ${quote(text)})`);
  const services = [
    '(name = "main", worker = .worker)',
    `(name = "internet", network = (allow = [${setup.allow.map(quote).join(", ")}]))`,
    ...(setup.services ?? []),
  ];
  const worker = [
    'modules = [(name = "worker", esModule = embed "worker.js")]',
    `compatibilityDate = ${quote(compatibility.compatibilityDate)}`,
    `bindings = [${[...texts, ...(setup.bindings ?? [])].join(", ")}]`,
    ...(setup.worker ?? []),
  ];
  writeFileSync(
    path.join(dir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(", ")}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (${worker.join(", ")});
`,
  );
  const daemon = startDaemon(runtimePath("workerd"), ["serve", "config.capnp"], { env: {}, cwd: dir });
  onTestFinished(async () => {
    await daemon.stop();
    removeFolder(dir);
  });
  await waitUntil(daemon, "workerd", () => acceptsTcp(port));
  return `http://127.0.0.1:${port}`;
}

interface Miniflare {
  readonly ready: Promise<URL>;
  dispose(): Promise<void>;
}

async function startMiniflare(example: string, options: Record<string, unknown>): Promise<string> {
  const { Miniflare } = (await import(runtimeModule("miniflare"))) as {
    Miniflare: new (options: Record<string, unknown>) => Miniflare;
  };
  const dir = makeFolder("example");
  // The bundle as it is, as wrangler hands it over: by itself Miniflare looks for the modules of every import(), and refuses
  // one whose specifier is not a literal.
  const modules = [{ type: "ESModule", path: await bundle(example, dir) }];
  const miniflare = new Miniflare({ modules, modulesRoot: dir, ...compatibility, ...options });
  onTestFinished(async () => {
    await miniflare.dispose();
    removeFolder(dir);
  });
  return (await miniflare.ready).origin;
}

const get = async (url: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};

describeRuntimes("examples", () =>
  describeLive(["mit", "kdcproxy"], "of Workers", () => {
    const world = useBed(async () => {
      const base = await startWorld();
      const proxy = await startKdcproxy({ beds: [{ ...base.bed, kdc: [`tcp://127.0.0.1:${base.kdc.port}`] }] });
      return { ...base, proxy, close: async () => void (await Promise.all([proxy.close(), base.close()])) };
    }, 120_000);
    const texts = (kdcUrl: string) => {
      const { KEYTAB_FILE: _file, ...settings } = world().settings;
      return { ...settings, KDC_URL: kdcUrl };
    };
    const tcp = () => `tcp://localhost:${world().kdc.port}`;

    it("the Worker in workerd: TCP to both; the tickets of one request serve the next", async () => {
      const { kdc } = world();
      const url = await startWorkerd("worker", { texts: texts(tcp()), allow: ["private", "public"] });
      expect(await get(`${url}/?user=alice`)).toEqual({ status: 200, text: "account: alice\n" });
      const asked = kdc.connections();
      expect(await get(`${url}/?user=bob`)).toEqual({ status: 200, text: "account: bob\n" });
      expect(await get(`${url}/?user=nobody`)).toEqual({ status: 404, text: "account: nobody\n" });
      expect(await get(url)).toMatchObject({ status: 400 });
      expect(kdc.connections()).toBe(asked);
    });

    it("the Worker in workerd on a private network: dial by the VPC binding, fetch by the KDC's", async () => {
      const { proxy, kdc, server } = world();
      const tls = `tlsOptions = (trustedCertificates = [${JSON.stringify(proxy.caPem)}], trustBrowserCas = false)`;
      const before = [proxy.requests(), server.connections()] as const;
      const url = await startWorkerd("worker", {
        // Not a name that anything else would find.
        texts: texts("https://localhost/KdcProxy"),
        bindings: ['(name = "VPC", service = "vpc")', '(name = "KDC", service = "kdc")'],
        services: [
          '(name = "vpc", network = (allow = ["private"]))',
          `(name = "kdc", external = (address = "localhost:${proxy.port}", https = (options = (), ${tls})))`,
        ],
        // Nothing but the bindings reaches anything.
        allow: [],
      });
      expect(await get(`${url}/?user=alice`)).toEqual({ status: 200, text: "account: alice\n" });
      expect(proxy.requests()).toBeGreaterThan(before[0]);
      expect(server.connections()).toBe(before[1] + 1);
      expect(kdc.connections()).toBeGreaterThan(0);
    });

    it.runIf(wholeTable)("the Worker of docs/edge.md, on the same network", async () => {
      const { proxy, server } = world();
      const code = programOf("docs/edge.md", "env.VPC.connect");
      mkdirSync(exampleFolder("readme"), { recursive: true });
      writeFileSync(
        path.join(exampleFolder("readme"), "worker.js"),
        // Only the names of the example's world are another's.
        code
          .replace(
            '"server.example.org", ["account", "list"]',
            `"localhost", ["account", "show", "alice"], { port: ${server.port} }`,
          )
          .replace("kdc-proxy.internal", "localhost"),
      );
      const tls = `tlsOptions = (trustedCertificates = [${JSON.stringify(proxy.caPem)}], trustBrowserCas = false)`;
      const url = await startWorkerd("readme", {
        texts: texts(""),
        bindings: ['(name = "VPC", service = "vpc")', '(name = "KDC", service = "kdc")'],
        services: [
          '(name = "vpc", network = (allow = ["private"]))',
          `(name = "kdc", external = (address = "localhost:${proxy.port}", https = (options = (), ${tls})))`,
        ],
        allow: [],
      });
      expect(await get(url)).toEqual({ status: 200, text: "account: alice\n" });
    });

    it.runIf(wholeTable)("the Worker of docs/getting-started.md, over TCP", async () => {
      const { kdc, server, bed } = world();
      mkdirSync(exampleFolder("started"), { recursive: true });
      writeFileSync(
        path.join(exampleFolder("started"), "worker.js"),
        programOf("docs/getting-started.md", "krb5-remctl/lean/node")
          .replace(
            '"server.example.org", ["account", "list"]',
            `"localhost", ["account", "show", "alice"], { port: ${server.port} }`,
          )
          .replace("tcp://kdc.example.org:88", `tcp://localhost:${kdc.port}`)
          .replace("EXAMPLE.ORG", bed.realm),
      );
      const url = await startWorkerd("started", { texts: texts(""), allow: ["private", "public"] });
      expect(await get(url)).toEqual({ status: 200, text: "account: alice\n" });
    });

    it("the Worker without permission to connect says that nothing was sent", async () => {
      const url = await startWorkerd("worker", { texts: texts(tcp()), allow: [] });
      expect(await get(`${url}/?user=alice`)).toEqual({
        status: 503,
        text: expect.stringMatching(/^(KDC_UNREACHABLE|CONNECT)\n$/),
      });
    });

    it("the Worker in miniflare", async () => {
      const url = await startMiniflare("worker", { bindings: texts(tcp()) });
      expect(await get(`${url}/?user=alice`)).toEqual({ status: 200, text: "account: alice\n" });
      expect(await get(`${url}/?user=nobody`)).toMatchObject({ status: 404 });
    });

    it("access headers reach the tunnel in front of the KDC proxy", async () => {
      const seen: (string | null)[] = [];
      const { Response } = (await import(runtimeModule("miniflare"))) as { Response: typeof globalThis.Response };
      const url = await startMiniflare("worker", {
        bindings: { ...texts("https://kdc-proxy.internal/KdcProxy"), ACCESS_ID: "the id", ACCESS_SECRET: "the secret" },
        serviceBindings: {
          KDC: (request: Request) => {
            seen.push(request.headers.get("cf-access-client-id"), request.headers.get("cf-access-client-secret"));
            return new Response("no", { status: 403 });
          },
        },
      });
      expect(await get(`${url}/?user=alice`)).toEqual({ status: 503, text: "KDC_UNREACHABLE\n" });
      expect(seen.slice(0, 2)).toEqual(["the id", "the secret"]);
    });

    const object = [
      'durableObjectNamespaces = [(className = "RemctlObject", uniqueKey = "remctl")]',
      "durableObjectStorage = (inMemory = void)",
    ];

    it("the Durable Object in workerd: one session, one round trip a command", async () => {
      const { kdc, server } = world();
      const url = await startWorkerd("durable-object", {
        texts: texts(tcp()),
        bindings: ['(name = "REMCTL", durableObjectNamespace = "RemctlObject")'],
        worker: object,
        allow: ["private", "public"],
      });
      const ask = async (user: string) => JSON.parse((await get(`${url}/?user=${user}`)).text);
      expect(await ask("alice")).toEqual({ status: 0, text: "account: alice\n" });
      const before = { kdc: kdc.connections(), connections: server.connections(), flights: server.flights() };
      for (const user of ["bob", "carol", "dave"]) {
        expect(await ask(user)).toEqual({ status: 0, text: `account: ${user}\n` });
      }
      expect(server.flights() - before.flights).toBe(3);
      const answers = await Promise.all(["eve", "fay", "gil", "hal"].map(ask));
      expect(answers.map(({ text }) => text)).toEqual(["eve", "fay", "gil", "hal"].map((user) => `account: ${user}\n`));
      expect(server.connections()).toBe(before.connections);
      expect(kdc.connections()).toBe(before.kdc);
      // A session that was lost is made anew.
      server.cut();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const after = await ask("ida");
      if (after.error === undefined) expect(after).toEqual({ status: 0, text: "account: ida\n" });
      else expect(await ask("ida")).toEqual({ status: 0, text: "account: ida\n" });
      expect(kdc.connections()).toBe(before.kdc);
    });

    it.runIf(wholeTable)("the Durable Object in miniflare", async () => {
      const url = await startMiniflare("durable-object", {
        bindings: texts(tcp()),
        durableObjects: { REMCTL: "RemctlObject" },
      });
      for (const user of ["alice", "bob"]) {
        expect(JSON.parse((await get(`${url}/?user=${user}`)).text)).toEqual({ status: 0, text: `account: ${user}\n` });
      }
    });
  }),
);
