// A page in Debian's Chromium, without a window: served over TLS, with what else its origin has. What the page posts to
// /report is its result.

import { createHash, X509Certificate } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { ensurePeers } from "../peers/index.mjs";
import { makeFolder, removeFolder, startDaemon } from "./process.mjs";

/**
 * @typedef {object} PageOptions
 * @property {string} program text of a JavaScript module
 * @property {{ certificate: string, key: string }} tls PEM files: the page's origin, and what else the browser trusts
 * @property {Record<string, unknown>} config the page gets it as JSON at /config
 * @property {{ url: string, caPem: string } | { port: number }} [kdcproxy] what /KdcProxy leads to: a page may ask its
 *   own origin only
 * @property {number} [site] the port of an HTTP server that has all other paths
 * @property {string[]} [switches] more of the browser's command line
 * @property {Record<string, string>} [env] more of its environment
 * @property {number} timeoutMs
 */

/**
 * Opens a page and gives what it reports.
 * @param {PageOptions} options @returns {Promise<any>}
 */
export async function runPage({ program, tls, config, kdcproxy, site, switches = [], env = {}, timeoutMs }) {
  const { chromium } = await ensurePeers(["chromium"]);
  if (!chromium.available) throw new Error(`a page needs Chromium: ${chromium.reason}`);
  const folder = makeFolder("chromium");
  const certificate = fs.readFileSync(tls.certificate);
  /** @type {string | undefined} */
  let report;
  const server = https.createServer({ cert: certificate, key: fs.readFileSync(tls.key) }, async (request, response) => {
    const body = await bodyOf(request);
    const send = (/** @type {string} */ type, /** @type {string | Buffer} */ content) =>
      response.setHeader("Content-Type", type).end(content);
    switch (request.url) {
      case "/":
        return send("text/html", '<!doctype html><script type="module" src="/program.js"></script>');
      case "/program.js":
        return send("text/javascript", program);
      case "/config":
        return send("application/json", JSON.stringify(config));
      case "/KdcProxy": {
        if (kdcproxy === undefined) return response.writeHead(404).end();
        const to = "caPem" in kdcproxy ? kdcproxy : { url: `http://localhost:${kdcproxy.port}/KdcProxy` };
        return relay({ ...to, headers: { "content-type": request.headers["content-type"] } }, request, body, response);
      }
      case "/report":
        report = body.toString();
        return send("text/plain", "");
      default:
        if (site === undefined) return response.writeHead(404).end();
        // With the host of the page's origin, as a reverse proxy keeps it.
        return relay(
          { url: `http://localhost:${site}${request.url}`, headers: request.headers },
          request,
          body,
          response,
        );
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  const browser = startDaemon(
    chromium.bin("chromium-headless-shell"),
    [
      // Root has no sandbox; no name but localhost is looked up; the certificate of the beds is the only one trusted more.
      ...[
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
      ],
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
      `--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`,
      ...["--enable-logging=stderr", "--remote-debugging-port=0", `--user-data-dir=${folder}`],
      ...switches,
      `https://localhost:${port}/`,
    ],
    { env: { ...env, ...chromium.env, ...librariesOf(chromium.env, env), HOME: folder }, cwd: folder },
  );
  try {
    const limit = Date.now() + timeoutMs;
    while (report === undefined) {
      if (!browser.isRunning) throw new Error(`Chromium ended: ${browser.output()}`);
      if (Date.now() > limit) throw new Error(`the page reported nothing in ${timeoutMs} ms: ${browser.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return JSON.parse(report);
  } finally {
    await browser.stop("SIGKILL");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    removeFolder(folder);
  }
}

/** Libraries of the browser, and then those of what it loads. @param {Record<string, string>[]} envs */
function librariesOf(...envs) {
  return { LD_LIBRARY_PATH: envs.flatMap(({ LD_LIBRARY_PATH }) => LD_LIBRARY_PATH ?? []).join(":") };
}

/** @param {import("node:http").IncomingMessage} message @returns {Promise<Buffer>} */
async function bodyOf(message) {
  const chunks = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * @param {{ url: string, caPem?: string, headers: import("node:http").OutgoingHttpHeaders }} to
 * @param {import("node:http").IncomingMessage} request
 * @param {Buffer} body
 * @param {import("node:http").ServerResponse} response
 */
function relay({ url, caPem, headers }, request, body, response) {
  const { request: send } = url.startsWith("https:") ? https : http;
  const fields = { ...headers, "content-length": body.length };
  send(url, { method: request.method, ca: caPem, headers: fields }, async (answer) => {
    const content = await bodyOf(answer);
    const { "transfer-encoding": _, connection: __, ...fields } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, { ...fields, "content-length": content.length }).end(content);
  })
    .on("error", (error) => response.writeHead(502).end(error.message))
    .end(body);
}
