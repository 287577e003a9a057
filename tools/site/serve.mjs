// `node tools/site/serve.mjs [FOLDER]`: shows the site that `npm run docs` made, on this machine alone. Opened from a disk its
// pages have no search and no menus: a browser runs no module from there.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { toolArguments } from "../arguments.mjs";
import { ROOT } from "../bootstrap.mjs";

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/**
 * Serves the files of a folder at a loopback port.
 *
 * @param {string} folder
 * @param {number} port 0: one that is free
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serveFolder(folder, port) {
  const server = http.createServer((request, response) => {
    const file = fileOf(folder, request.url ?? "/");
    if (file === undefined) return void response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    const type = TYPES[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" });
    if (request.method === "HEAD") return void response.end();
    fs.createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(() => resolve(undefined)));
    },
  };
}

/** The file that an address names; undefined: none of the folder. @param {string} folder @param {string} address */
function fileOf(folder, address) {
  let name;
  try {
    name = decodeURIComponent(address.split(/[?#]/, 1)[0] ?? "");
  } catch {
    return undefined;
  }
  const root = path.resolve(folder);
  const file = path.join(root, name.endsWith("/") ? `${name}index.html` : name);
  if (name.includes("\0") || !file.startsWith(root + path.sep)) return undefined;
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}

if (process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === import.meta.filename) {
  const { names, values } = toolArguments({
    command: "node tools/site/serve.mjs",
    about: "Shows the site that `npm run docs` made, on this machine alone.",
    names: "[FOLDER]",
    options: { port: { value: "PORT", about: "the port", isNumber: true, default: "4173" } },
  });
  const folder = path.resolve(names[0] ?? path.join(ROOT, ".cache", "site"));
  if (!fs.existsSync(path.join(folder, "index.html"))) {
    console.error(`${folder} holds no site: make it with npm run docs`);
    process.exit(1);
  }
  try {
    const { url } = await serveFolder(folder, Number(values.port));
    console.log(`${url} shows ${folder}; end it with Ctrl-C`);
  } catch (error) {
    console.error(
      `cannot listen at port ${values.port}: ${error instanceof Error ? error.message : error}; name another with --port`,
    );
    process.exit(1);
  }
}
