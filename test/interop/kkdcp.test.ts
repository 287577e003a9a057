// KDCs through Debian's kdcproxy over HTTPS with a private CA, and through proxies that misbehave.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, KerberosError, remctl, type TransportError } from "../../src/entry/index.ts";
import { webSocketDial } from "../../src/entry/websocket.ts";
import { makeCertificates } from "../../tools/beds/certificates.mjs";
import { PASSWORDS, startKdcproxy, startMitBed, startRemctld, startWebsockify } from "../../tools/beds/index.mjs";
import { makeFolder, removeFolder } from "../../tools/beds/process.mjs";
import { WebSocket } from "../../tools/pack/index.mjs";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { runCli } from "../support/cli.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";
import { runtimesMissing } from "../support/runtimes.ts";

const run = promisify(execFile);
const failure = (promise: Promise<unknown>): Promise<KerberosError> =>
  promise.then(
    () => expect.unreachable("it succeeded"),
    (error: KerberosError) => {
      expect(error).toBeInstanceOf(KerberosError);
      return error;
    },
  );

describeLive(["mit", "kdcproxy", "websockify"], "a KDC through kdcproxy", () => {
  const world = useBed(async () => {
    await ensurePacked();
    const bed = await startMitBed();
    const remctld = await startRemctld({ bed });
    const proxy = await startKdcproxy({
      beds: [bed],
      realms: { "DEAD.TEST": "kerberos = kerberos+tcp://127.0.0.1:1" },
    });
    const websockify = await startWebsockify({ target: remctld.port });
    const close = async () => void (await Promise.all([proxy, websockify, remctld, bed].map((one) => one.close())));
    return { bed, remctld, proxy, websockify, close };
  });
  const credentials = () => ({ principal: `alice@${world().bed.realm}`, password: PASSWORDS.alice });

  it("login by an authority of one's own (trustAnchors), then a command", async () => {
    const { proxy, remctld } = world();
    const before = proxy.requests();
    const options = { credentials: credentials(), kdc: [proxy.url], trustAnchors: proxy.caPem, port: remctld.port };
    expect((await remctl("localhost", ["test", "test"], options)).text()).toBe("hello world\n");
    expect(proxy.requests() - before).toBeGreaterThanOrEqual(2);
  });

  it("the doctor trusts what http_anchors say, as the login does", async () => {
    const { proxy, bed } = world();
    const folder = makeFolder("doctor");
    const file = path.join(folder, "krb5.conf");
    const block = (anchors: string) => `[realms]\n ${bed.realm} = {\n  kdc = ${proxy.url}\n${anchors} }\n`;
    const examine = async (anchors: string) => {
      writeFileSync(file, block(anchors));
      const args = ["doctor", "-t", bed.keytab.alice, `alice@${bed.realm}`];
      return await runCli(args, { env: { KRB5_CONFIG: file, KRB5CCNAME: path.join(folder, "none") } });
    };
    try {
      const trusting = await examine(`  http_anchors = FILE:${proxy.ca}\n`);
      expect([trusting.status, trusting.stdout]).toEqual([0, expect.stringMatching(/^ok +login /m)]);
      expect((await examine("")).stdout).toMatch(/^FAIL +KDC port /m);
    } finally {
      removeFolder(folder);
    }
  });

  it("with no TCP at all: the KDC by fetch, remctld by a WebSocket", async () => {
    const { proxy, websockify } = world();
    const result = await remctl("localhost", ["test", "status", "3"], {
      credentials: credentials(),
      kdc: [proxy.url],
      trustAnchors: [proxy.caPem],
      dial: webSocketDial(websockify.url, { WebSocket }),
    });
    expect(result.status).toBe(3);
  });

  it.runIf(wholeTable && runtimesMissing === "").each([
    ["node22", []],
    ["bun", []],
    ["deno", ["run", "--no-prompt"]],
  ] as const)("trustAnchors on %s, and the certificate's fault without it", async (runtime, flags) => {
    const { proxy, remctld } = world();
    const options = { credentials: credentials(), kdc: [proxy.url], port: remctld.port };
    const file = path.join(PROJECT, `anchors-${runtime}.mjs`);
    writeFileSync(
      file,
      `import { remctl } from "krb5-remctl";
      for (const trustAnchors of [${JSON.stringify(proxy.caPem)}, undefined]) {
        const options = { ...${JSON.stringify(options)}, trustAnchors };
        console.log(await remctl("localhost", ["test", "test"], options).then((r) => r.text().trim(), (e) => e.message));
      }`,
    );
    const net = runtime === "deno" ? [`--allow-net=localhost:${proxy.port},localhost:${remctld.port}`] : [];
    const { stdout } = await run(runtimePath(runtime), [...flags, ...net, file], { cwd: PROJECT });
    expect(stdout).toMatch(/^hello world\n.*the proxy failed: its certificate is not accepted \(/);
  });

  it.runIf(wholeTable)("NODE_EXTRA_CA_CERTS serves as well", async () => {
    const { proxy, remctld } = world();
    const options = { credentials: credentials(), kdc: [proxy.url], port: remctld.port };
    const code = `import { remctl } from "krb5-remctl";
      const result = await remctl("localhost", ["test", "test"], ${JSON.stringify(options)});
      process.stdout.write(result.text());`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], {
      cwd: PROJECT,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: proxy.ca },
    });
    expect(stdout).toBe("hello world\n");
  });

  it("what the KDC refuses is the KDC's error, through the proxy as without it", async () => {
    const { proxy, bed } = world();
    const kdc = [proxy.url];
    const login = (principal: string, password: string) =>
      createClient({ credentials: { principal, password }, kdc, trustAnchors: proxy.caPem }).getTicket(
        "host/localhost",
      );
    expect(await failure(login(`alice@${bed.realm}`, "wrong"))).toMatchObject({ code: "WRONG_PASSWORD" });
    expect(await failure(login(`nobody-here@${bed.realm}`, "x"))).toMatchObject({ code: "CLIENT_UNKNOWN" });
  });

  it("a certificate that nobody vouches for is the proxy's, and says what to do", async () => {
    const { proxy } = world();
    const error = await failure(
      createClient({ credentials: credentials(), kdc: [proxy.url] }).getTicket("host/localhost"),
    );
    expect(error).toMatchObject({ code: "KDC_UNREACHABLE", attempts: [{ endpoint: proxy.url }] });
    expect((error as TransportError).attempts[0]?.reason).toMatch(
      /^the proxy failed: its certificate is not accepted \(.*certificate.*\): .*`trustAnchors`/,
    );
  });

  it("a realm that the proxy does not serve, and one whose KDC it looks for in vain", async () => {
    const { proxy } = world();
    const login = (realm: string) =>
      createClient({
        credentials: { principal: `alice@${realm}`, password: "x" },
        kdc: [proxy.url],
        trustAnchors: proxy.caPem,
        connectTimeoutMs: 1000,
      }).getTicket("host/localhost");
    const unknown = await failure(login("UNKNOWN.TEST"));
    expect(unknown).toMatchObject({ code: "KDC_UNREACHABLE" });
    expect(unknown.message).toContain("the proxy failed: HTTP 503: it cannot reach a KDC of this realm");
    // kdcproxy gives up after 15 s; we before that.
    const dead = await failure(login("DEAD.TEST"));
    expect(dead).toMatchObject({ code: "KDC_UNREACHABLE" });
    expect(dead.message).toContain("no answer within 1000 ms");
  });
});

describe.runIf(peers.kdcproxy.available)("a proxy that misbehaves, over TLS", () => {
  let server: https.Server;
  let url: string;
  let ca: string;
  let folder: string;
  let seen: string[] = [];
  beforeAll(async () => {
    folder = makeFolder("proxy");
    const files = await makeCertificates(peers.kdcproxy, folder);
    ca = readFileSync(files.ca, "utf8");
    const [key, cert] = [readFileSync(files.key), readFileSync(files.certificate)];
    server = https.createServer({ key, cert }, (request, response) => {
      seen.push(request.url ?? "");
      request.resume();
      const type = { "content-type": "application/kerberos" };
      const status = /^\/status\/(\d+)/.exec(request.url ?? "")?.[1];
      if (status !== undefined) return void response.writeHead(Number(status), { location: "/elsewhere" }).end("no");
      switch (request.url) {
        case "/html":
          return void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
        case "/empty":
          return void response.writeHead(200, type).end();
        case "/oversize":
          return void response.writeHead(200, type).end(new Uint8Array(1_100_000));
        case "/announced":
          return void response.writeHead(200, { ...type, "content-length": "2000000000" }).write("x");
        case "/cut":
          response.writeHead(200, { ...type, "content-length": "100" }).write("x");
          return void setTimeout(() => response.destroy(), 20);
        default:
          // "/slow": no answer.
          return;
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    removeFolder(folder);
  });

  const askAt = (path: string) =>
    createClient({
      credentials: { principal: "alice@EXAMPLE.ORG", password: "x" },
      kdc: [`${url}${path}`],
      trustAnchors: ca,
      connectTimeoutMs: 1500,
    }).getTicket("host/localhost");

  it.each([
    ["/status/403", "HTTP 403: it does not let this client in"],
    ["/status/404", "HTTP 404: there is no proxy at this path"],
    ["/status/502", "HTTP 502: it cannot reach a KDC"],
    ["/status/503", "HTTP 503: it cannot reach a KDC"],
    ["/status/307", "HTTP 307: it redirects, which is not followed"],
    ["/html", "HTTP 200 with a web page instead of a reply (content type text/html)"],
    ["/empty", "KDC-PROXY-MESSAGE"],
    ["/oversize", "its answer is longer than 1048576 octets"],
    ["/announced", "its answer is longer than 1048576 octets"],
  ])("%s: its own fault and not the KDC's", async (path, words) => {
    seen = [];
    const error = await failure(askAt(path));
    expect(error).toMatchObject({ code: "KDC_UNREACHABLE", attempts: [{ endpoint: `${url}${path}` }] });
    expect((error as TransportError).attempts[0]?.reason).toContain(`the proxy failed: ${words}`.slice(0, 17));
    expect((error as TransportError).attempts[0]?.reason).toContain(words);
    expect(seen).toEqual([path]);
  });

  it("TR13: an authority that was not named vouches for nothing", async () => {
    const folder = makeFolder("other-ca");
    const other = await makeCertificates(peers.kdcproxy, folder);
    seen = [];
    const error = await failure(
      createClient({
        credentials: { principal: "alice@EXAMPLE.ORG", password: "x" },
        kdc: [`${url}/empty`],
        trustAnchors: readFileSync(other.ca, "utf8"),
      }).getTicket("host/localhost"),
    );
    expect((error as TransportError).attempts[0]?.reason).toMatch(/^the proxy failed: its certificate is not accepted/);
    expect(seen).toEqual([]);
    removeFolder(folder);
  });

  it("one that is slow, and one that cuts its answer off", async () => {
    expect((await failure(askAt("/slow"))).message).toContain("no answer within 1500 ms");
    expect(await failure(askAt("/cut"))).toMatchObject({ code: "KDC_UNREACHABLE" });
  });

  it("trust anchors that are none are the caller's mistake, before any traffic", () => {
    const options = { credentials: { principal: "alice@EXAMPLE.ORG", password: "x" }, kdc: [`${url}/`] };
    expect(() => createClient({ ...options, trustAnchors: "not PEM" })).toThrow(TypeError);
    const runtime = { name: "web" } as const;
    expect(() => createClient({ ...options, runtime, trustAnchors: ca })).toThrow(/the "web" runtime cannot choose/);
  });
});
