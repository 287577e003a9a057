// The programs of docs/http.md as they stand, only the names of their world are another's: axios, got, undici and ws with
// kinit's ticket, through squid too; Fastify and Hono with a keytab. README's test runs the first two.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReplayCache } from "../../src/entry/gssapi.ts";
import { createNegotiateServer, type NegotiateServer } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { freePort, PASSWORDS, runProgram, startMitBed, startSquid } from "../../tools/beds/index.mjs";
import { ensureBuild, ensureFrameworkDependencies } from "../../tools/bootstrap.mjs";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";
import { programOf } from "../support/pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const START_MS = 300_000;

describeLive(["mit", "squid", "curl"], "docs/http.md", () => {
  describe.runIf(wholeTable)("its programs", () => {
    const bed = useBed(() => startMitBed());
    const squid = useBed(() => startSquid({ bed: bed() }));
    const site = useBed(async () => startSite(bed().keytab.service));
    const liar = useBed(async () => startSite(bed().keytab.service, true));
    let project: string;
    beforeAll(async () => {
      await Promise.all([ensureBuild(), ensureFrameworkDependencies()]);
      project = mkdtempSync(path.join(tmpdir(), "krb5-remctl-http-page-"));
      mkdirSync(path.join(project, "node_modules", "@hono"), { recursive: true });
      symlinkSync(root, path.join(project, "node_modules", "krb5-remctl"));
      for (const name of [
        "axios",
        "got",
        "undici",
        "ws",
        "express",
        "passport",
        "fastify",
        "hono",
        "@hono/node-server",
      ]) {
        symlinkSync(path.join(root, "tools/frameworks/node_modules", name), path.join(project, "node_modules", name));
      }
      writeFileSync(path.join(project, "package.json"), JSON.stringify({ type: "module" }));
    }, START_MS);
    afterAll(() => rmSync(project, { recursive: true, force: true }));

    const write = (marker: string, { url } = site()): string => {
      const code = programOf("docs/http.md", marker)
        .replaceAll("https://intranet.example.org", url)
        .replaceAll("wss://intranet.example.org", url.replace("http", "ws"))
        .replaceAll("http://proxy.example.org:3128", squid().url)
        .replaceAll("https://www.example.com", `${site().url}/open`)
        .replace("/etc/http.keytab", bed().keytab.service);
      const file = path.join(mkdtempSync(path.join(project, "run-")), "program.js");
      writeFileSync(file, code);
      return file;
    };

    it.each([
      ["axios", "axios.create({ adapter", /POST \/report \{"year":2026\} by alice@/],
      ["undici", "negotiateInterceptor", /^200 GET \/report {2}by alice@/],
      ["got", "got.extend", /GET \/report {2}by alice@/],
      ["ws", "new WebSocket", /^hello alice@/],
      ["negotiateFetch through squid", "nodeConnections({ proxy", /by nobody/],
      ["axios and undici through squid", "proxyConnector(proxy)", /^200\n200\n$/],
    ])("%s", { timeout: 60_000 }, async (name, marker, expected) => {
      const { env } = await bed().kinit("alice", { password: PASSWORDS.alice as string });
      const { LD_LIBRARY_PATH: _, ...login } = env;
      const options = { cwd: project, env: { ...process.env, ...login }, timeout: 60_000 };
      expect((await run(process.execPath, [write(marker)], options)).stdout).toMatch(expected);
      if (!name.includes("squid")) return;
      // squid writes the line when the tunnel ends.
      const line = `CONNECT localhost:${new URL(site().url).port} alice@${bed().realm}`;
      await expect.poll(() => squid().requests(), { timeout: 5_000 }).toContain(line);
    });

    it("ws reads nothing of a server whose proof is wrong", { timeout: 60_000 }, async () => {
      const { env } = await bed().kinit("alice", { password: PASSWORDS.alice as string });
      const { LD_LIBRARY_PATH: _, ...login } = env;
      const options = { cwd: project, env: { ...process.env, ...login }, timeout: 60_000 };
      const { stdout, stderr } = await run(process.execPath, [write("new WebSocket", liar())], options);
      expect([stdout, stderr]).toEqual(["", "GSS_DEFECTIVE_TOKEN\n"]);
    });

    it("createKdcProxy on Hono's server lets a login through, and pages of the listed origin", async () => {
      const port = await freePort();
      const file = write("createKdcProxy({");
      const tcp = bed().kdc.find((one) => one.startsWith("tcp:")) as string;
      const code = readFileSync(file, "utf8")
        .replace("EXAMPLE.ORG", bed().realm)
        .replace("tcp://192.0.2.88", tcp)
        .replace("8080", String(port));
      writeFileSync(file, code);
      const server = spawn(process.execPath, [file], { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
      const url = `http://127.0.0.1:${port}/KdcProxy`;
      const preflight = (origin: string) =>
        fetch(url, { method: "OPTIONS", headers: { origin } }).then(
          ({ status }) => status,
          () => 0,
        );
      try {
        await expect.poll(() => preflight("https://app.example.org"), { timeout: 30_000 }).toBe(204);
        expect(await preflight("https://other.example.org")).toBe(403);
        const client = createClient({
          credentials: { principal: `alice@${bed().realm}`, password: PASSWORDS.alice as string },
          kdc: ["https://proxy.example.org/KdcProxy"],
          // In place of the web server that has the certificate.
          fetch: (_url, init) => fetch(url, init),
        });
        expect((await client.getTicket("host/localhost")).service.components).toEqual(["host", "localhost"]);
      } finally {
        server.kill();
        await once(server, "exit");
      }
    }, 60_000);

    it("the log hears why somebody was refused", { timeout: 60_000 }, async () => {
      const file = write("onRefused:");
      const request = '{ method: "GET", url: "/who", headers: { authorization: "Negotiate YWJj" }, socket: {} }';
      writeFileSync(file, `${readFileSync(file, "utf8")}\nawait negotiate.authenticate(${request});\n`);
      const { stdout, stderr } = await run(process.execPath, [file], { cwd: project, timeout: 60_000 });
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^GET \/who: 40[01] \w+ \(.+\)\n$/);
    });

    it.each([
      'app.get("/who", expressNegotiate(negotiate)',
      "fastifyNegotiate(negotiate)",
      "honoNegotiate(negotiate)",
      "new NegotiateStrategy(",
      "await negotiate.authenticate(request)",
    ])("%s is served to curl", { timeout: 60_000 }, async (marker) => {
      const port = await freePort();
      const file = write(marker);
      writeFileSync(file, readFileSync(file, "utf8").replace("8080", String(port)));
      const server = spawn(process.execPath, [file], { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
      try {
        await expect
          .poll(
            () =>
              fetch(`http://localhost:${port}/who`).then(
                ({ status }) => status,
                () => 0,
              ),
            { timeout: 30_000 },
          )
          .toBe(401);
        const { env } = await bed().kinit("alice", { password: PASSWORDS.alice as string });
        const args = ["-s", "--negotiate", "-u", ":", `http://localhost:${port}/who`];
        const { text } = await runProgram(peers.curl.bin("curl"), args, { env: { ...peers.curl.env, ...env } });
        expect(text).toContain(`hello alice@${bed().realm}`);
      } finally {
        server.kill();
        await once(server, "exit");
      }
    });
  });
});

/**
 * A site that says what came and who sent it, and greets over a WebSocket; a proof is with each answer. A liar's is a
 * wrong one, and its greeting comes in the same packet.
 */
async function startSite(keytab: string, isLiar = false): Promise<{ readonly url: string; close(): Promise<void> }> {
  await ensureFrameworkDependencies();
  const require = createRequire(new URL("../../tools/frameworks/package.json", import.meta.url));
  const { WebSocketServer } = await import(pathToFileURL(require.resolve("ws")).href);
  const negotiate: NegotiateServer = createNegotiateServer({
    keytab: new Uint8Array(readFileSync(keytab)),
    replayCache: createReplayCache(),
  });
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const found = await negotiate.authenticate(request as never);
    for (const [name, value] of found.headers) response.appendHeader(name, value);
    response.statusCode = found.isAuthenticated || request.url?.startsWith("/open") ? 200 : 401;
    response.end(`${request.method} ${request.url} ${body} by ${found.isAuthenticated ? found.principal : "nobody"}\n`);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", async (request: IncomingMessage, socket, head) => {
    const found = await negotiate.authenticate(request as never);
    if (!found.isAuthenticated) {
      socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      return;
    }
    sockets.once("headers", (fields: string[]) =>
      fields.push(
        ...(isLiar ? [["www-authenticate", "Negotiate AAAA"]] : found.headers).map(
          ([name, value]) => `${name}: ${value}`,
        ),
      ),
    );
    socket.cork();
    sockets.handleUpgrade(request, socket, head, (webSocket: { send(text: string): void; close(): void }) => {
      webSocket.send(`hello ${found.principal}`);
      webSocket.close();
      socket.uncork();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
