// What a bundle of each subpath weighs, minified and compressed, against tools/size/budget.json. Part of `npm test`;
// `node tools/size/index.mjs --write` sets the budgets to what is true now, `--rooms NAME` shows what a bundle is made of.

import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT, replaceFolder } from "../bootstrap.mjs";
import { buildModules } from "../pack/build.mjs";
import { libraryEntries } from "../pack/entries.mjs";
import { build } from "../pack/index.mjs";
import { ensurePacked, PROJECT } from "../pack/project.mjs";

/**
 * @typedef {{ kilobytes: number, goal?: number, code?: string }} Budget kilobytes of 1,000 octets, minified and gzipped; `code`
 *   is the program of a bundle that is no subpath's
 */

const budgetFile = path.join(import.meta.dirname, "budget.json");
/** @type {Record<string, Budget>} */
const budgets = JSON.parse(fs.readFileSync(budgetFile, "utf8"));

await ensurePacked();
const entries = libraryEntries();
const subpaths = entries.map(({ subpath }) => subpath);
const names = [...subpaths, ...Object.keys(budgets).filter((name) => !subpaths.includes(name))];
const [flag, wanted] = process.argv.slice(2);
const problems = [];
const isWriting = flag === "--write";
// What is published lies in few files: which room an octet of it is from is seen in a build of a file a module.
const modules = path.join(ROOT, ".cache", "modules");
if (flag === "--rooms") await replaceFolder(modules, buildModules);

for (const name of names) {
  if (flag === "--rooms" && name !== wanted) continue;
  const budget = budgets[name];
  const code = budget?.code ?? `export * from ${JSON.stringify(path.posix.join("krb5-remctl", name))};`;
  if (!budget?.code && !subpaths.includes(name)) {
    if (isWriting) delete budgets[name];
    else problems.push(`${name} has a budget and is no subpath of the package`);
    continue;
  }
  const { size, gzip, rooms } = await bundle(code);
  const kilobytes = Math.ceil(gzip / 100) / 10;
  const goal = budget?.goal === undefined ? "" : `, goal ${budget.goal}`;
  const row = `${name.padEnd(14)} ${(size / 1000).toFixed(1).padStart(7)} KB minified ${kilobytes.toFixed(1).padStart(6)} KB gzip`;
  console.log(`${row}  (budget ${budget?.kilobytes ?? "none"}${goal})`);
  if (flag === "--rooms") for (const [room, octets] of rooms) console.log(`  ${String(octets).padStart(7)} ${room}`);
  // Up to the next kilobyte: a comma in a message is no news.
  if (isWriting) budgets[name] = { ...budget, kilobytes: Math.ceil(kilobytes) };
  else if (budget === undefined) problems.push(`${name} has no budget: give it one with --write`);
  else if (kilobytes > budget.kilobytes) {
    problems.push(
      `${name} weighs ${kilobytes} KB, above its budget of ${budget.kilobytes} KB (tools/size/budget.json)`,
    );
  }
}
if (isWriting) fs.writeFileSync(budgetFile, `${JSON.stringify(budgets, undefined, 2)}\n`);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}

/** @type {NonNullable<NonNullable<Parameters<typeof build>[0]>["plugins"]>[number]} */
const fromModules = {
  name: "modules",
  setup({ onResolve }) {
    onResolve({ filter: /^krb5-remctl(?:\/|$)/ }, ({ path: specifier }) => {
      const entry = entries.find(({ subpath }) => path.posix.join("krb5-remctl", subpath) === specifier);
      return { path: path.join(modules, `${entry?.name}.js`), sideEffects: false };
    });
  },
};

/** As wrangler bundles for a Worker. @param {string} code */
async function bundle(code) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: PROJECT, loader: "js" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    write: false,
    metafile: true,
    logLevel: "error",
    plugins: flag === "--rooms" ? [fromModules] : [],
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  /** @type {Map<string, number>} */
  const rooms = new Map();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const [, name = file] = /.*(?:node_modules|\.cache\/modules)\/(.*)/.exec(file) ?? [];
      const room = name.replace(/^((?:@[^/]+\/)?[^/]+).*/, "$1");
      rooms.set(room, (rooms.get(room) ?? 0) + bytesInOutput);
    }
  }
  const sorted = [...rooms].sort(([, a], [, b]) => b - a);
  return { size: contents.length, gzip: gzipSync(contents, { level: 9 }).length, rooms: sorted };
}
