// Vite's dev server and build: node vite.mjs vite8 dev|build PROJECT. As a project has it that configures nothing.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { consumer } from "./index.mjs";

const [tool = "", what, root = ""] = process.argv.slice(2);
const { build, createServer, version } = await import(pathToFileURL(consumer(tool, "dist", "node", "index.js")).href);
/** @type {string[]} */
const warnings = [];
const warn = (/** @type {string} */ message) => {
  warnings.push(message);
};
const customLogger = {
  info() {},
  warn,
  warnOnce: warn,
  error: warn,
  clearScreen() {},
  hasErrorLogged: () => false,
  hasWarned: false,
};
const common = { root, configFile: false, customLogger, cacheDir: path.join(root, `.${tool}`) };

if (what === "dev") {
  const server = await createServer({ ...common, server: { host: "127.0.0.1", port: 0, ws: false, watch: null } });
  await server.listen();
  const base = `http://127.0.0.1:${server.httpServer.address().port}`;
  const statuses = await graphOf(base, "/main.mjs");
  await server.close();
  console.log(JSON.stringify({ version, warnings, statuses }));
} else {
  const outDir = path.join(root, `out-${tool}`);
  const input = path.join(root, "main.mjs");
  const output = { entryFileNames: "main.mjs" };
  // The bundle of this page is run on Node, which has no document for Vite's preloading of what lazy parts import.
  const modulePreload = false;
  // The page uses both clients, a server and a realm at once: more than Vite's 500 KB for one file. tools/size holds what each weighs.
  const sizes = { chunkSizeWarningLimit: 650 };
  await build({
    ...common,
    build: { outDir, emptyOutDir: true, modulePreload, ...sizes, rollupOptions: { input, output } },
  });
  console.log(JSON.stringify({ version, warnings, file: path.join(outDir, "main.mjs") }));
}
process.exit(0);

/**
 * Asks for a module as a browser does, and for all that it imports.
 * @param {string} base @param {string} first
 */
async function graphOf(base, first) {
  /** @type {Record<string, number>} */
  const statuses = {};
  // A list grows while it is walked.
  const places = [first];
  for (const place of places) {
    const response = await fetch(base + place);
    statuses[place] = response.status;
    const code = await response.text();
    for (const [, specifier = ""] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([./][^"]*)"/g)) {
      const { pathname, search } = new URL(specifier, base + place);
      if (!places.includes(pathname + search)) places.push(pathname + search);
    }
  }
  return statuses;
}
