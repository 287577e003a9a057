// What a bundle of each subpath weighs, minified and compressed, against tools/size/budget.json. Part of `npm test`;
// `node tools/size/index.mjs --write` sets the budgets to what is true now; `--rooms NAME` and `--modules NAME` show what a
// bundle is made of: octets, and what the compressed bundle would be shorter by without them. The table of docs/cold-starts.md
// that says so of the Workers is compared, or written, too.

import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { toolArguments } from "../arguments.mjs";
import { ROOT } from "../bootstrap.mjs";
import { libraryEntries } from "../pack/entries.mjs";
import { build } from "../pack/index.mjs";
import { ensurePacked, PROJECT } from "../pack/project.mjs";
import { attribute } from "./attribution.mjs";
import { bundleTable } from "./table.mjs";

/**
 * @typedef {{ kilobytes: number, goal?: number, first?: number, code?: string, beside?: string }} Budget kilobytes of 1,000
 *   octets, minified and gzipped, of one file with all that may be loaded later; `code` is the program of a bundle that is no
 *   subpath's; with `beside`, what the bundle of that is longer by when `code` is added. `first`: the same of a bundler that
 *   splits, and there of what is loaded before anything is asked for; the goal is not of that
 */

const budgetFile = path.join(import.meta.dirname, "budget.json");
/** @type {Record<string, Budget>} */
const budgets = JSON.parse(fs.readFileSync(budgetFile, "utf8"));

const { values, flags } = toolArguments({
  command: "node tools/size/index.mjs",
  about: "What a bundle of each subpath weighs, against its budget.",
  options: {
    write: { about: "sets the budgets to what is true now" },
    rooms: { value: "NAME", about: "what a bundle is made of, by rooms" },
    modules: { value: "NAME", about: "the same by modules" },
  },
});
const wanted = values.modules ?? values.rooms;

await ensurePacked();
const entries = libraryEntries();
const subpaths = entries.map(({ subpath }) => subpath);
const names = [...subpaths, ...Object.keys(budgets).filter((name) => !subpaths.includes(name))];
const TABLE = path.join(ROOT, "docs", "cold-starts.md");
/** The bundles of the table's columns. */
const COLUMNS = ["a lean Worker", "a lean/node Worker"];
/** @type {import("./table.mjs").Bundle[]} */
const tabled = [];
const problems = [];
/** What a Worker weighs, for the sentence of docs/edge.md. @type {Map<string, number>} */
const weights = new Map();
const isWriting = flags.has("write");
const isShowing = wanted !== undefined;
/** `src/krb5/principal.ts` or `src/krb5`; `@noble/hashes`. @param {string} module */
const partOf = (module) => (values.modules !== undefined ? module : module.split("/").slice(0, 2).join("/"));

for (const name of names) {
  if (isShowing && name !== wanted) continue;
  const budget = budgets[name];
  const code = budget?.code ?? `export * from ${JSON.stringify(path.posix.join("krb5-remctl", name))};`;
  if (!budget?.code && !subpaths.includes(name)) {
    if (isWriting) delete budgets[name];
    else problems.push(`${name} has a budget and is no subpath of the package`);
    continue;
  }
  const { size, gzip, text, map } = await added(code, budget?.beside);
  if (COLUMNS.includes(name)) tabled.push({ text, map, gzip });
  weights.set(name, Math.ceil(gzip / 1000));
  const kilobytes = Math.ceil(gzip / 100) / 10;
  const goal = budget?.goal === undefined ? "" : `, goal ${budget.goal}`;
  const row = `${name.padEnd(14)} ${(size / 1000).toFixed(1).padStart(7)} KB minified ${kilobytes.toFixed(1).padStart(6)} KB gzip`;
  console.log(`${row}  (budget ${budget?.kilobytes ?? "none"}${goal})`);
  if (budget?.first !== undefined && !isShowing) {
    const { first, all } = await addedInParts(code, budget.beside);
    console.log(
      `${" ".repeat(15)}split: ${first.toFixed(1)} KB gzip at first (budget ${budget.first}), ${all.toFixed(1)} in all`,
    );
    if (isWriting) budget.first = Math.ceil(2 * first) / 2;
    else if (first > budget.first) {
      problems.push(
        `${name} loads ${first} KB at first, above its budget of ${budget.first} KB (tools/size/budget.json)`,
      );
    }
  }
  for (const { part, octets, gzip: without } of isShowing ? attribute(text, map, partOf) : []) {
    console.log(`  ${String(octets).padStart(7)} ${String(without).padStart(6)} ${part}`);
  }
  // Up to the next half of a kilobyte: a comma in a message is no news.
  if (isWriting) budgets[name] = { ...budget, kilobytes: Math.ceil(2 * kilobytes) / 2 };
  else if (budget === undefined) problems.push(`${name} has no budget: give it one with --write`);
  else if (kilobytes > budget.kilobytes) {
    problems.push(
      `${name} weighs ${kilobytes} KB, above its budget of ${budget.kilobytes} KB (tools/size/budget.json)`,
    );
  }
}
if (!isShowing) {
  const [lean, leanNode, whole] = [...COLUMNS, "a Worker"].map((name) => weights.get(name));
  const file = path.join(ROOT, "docs", "edge.md");
  const edge = fs.readFileSync(file, "utf8");
  const said = edge
    .replace(/\d+ KB compressed as/, `${leanNode} KB compressed as`)
    .replace(/else \d+, in place of \d+\./, `else ${lean}, in place of ${whole}.`);
  if (isWriting) fs.writeFileSync(file, said);
  else if (said !== edge) problems.push("docs/edge.md has other sizes of Workers (tools/size/index.mjs --write)");
  const { page, problems: wrong } = bundleTable(fs.readFileSync(TABLE, "utf8"), tabled);
  if (isWriting) fs.writeFileSync(TABLE, page);
  else problems.push(...wrong.map((one) => `docs/cold-starts.md: ${one} (tools/size/index.mjs --write)`));
}
if (isWriting) fs.writeFileSync(budgetFile, `${JSON.stringify(budgets, undefined, 2)}\n`);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}

/** @param {string} code @param {string} [beside] */
async function added(code, beside) {
  if (beside === undefined) return await bundle(code);
  const both = await bundle(`${beside} ${code}`);
  const { size, gzip } = await bundle(beside);
  return { ...both, size: both.size - size, gzip: both.gzip - gzip };
}

/** What a bundle in parts has at first and in all, in kilobytes. @param {string} code @param {string} [beside] */
async function addedInParts(code, beside) {
  const both = await inParts(beside === undefined ? code : `${beside} ${code}`);
  const without = beside === undefined ? { first: 0, all: 0 } : await inParts(beside);
  return {
    first: Math.ceil((both.first - without.first) / 100) / 10,
    all: Math.ceil((both.all - without.all) / 100) / 10,
  };
}

/** As a bundler does it that loads parts when they are asked for. @param {string} code */
async function inParts(code) {
  const { outputFiles, metafile } = await build({ ...options(code), splitting: true, metafile: true });
  const sizes = new Map(outputFiles.map(({ path: file, contents }) => [file, gzipSync(contents, { level: 9 }).length]));
  /** What is reached from the program: esbuild writes parts that nothing loads, too. @param {(kind: string) => boolean} counts */
  const sum = (counts) => {
    const reached = new Set(
      Object.keys(metafile.outputs).filter((file) => metafile.outputs[file]?.entryPoint === "<stdin>"),
    );
    for (const file of reached) {
      for (const { path: next, kind, external } of metafile.outputs[file]?.imports ?? []) {
        if (!external && counts(kind)) reached.add(next);
      }
    }
    return [...reached].reduce((total, file) => total + (sizes.get(path.resolve(file)) ?? 0), 0);
  };
  return { first: sum((kind) => kind === "import-statement"), all: sum(() => true) };
}

/** As wrangler bundles for a Worker. @param {string} code */
async function bundle(code) {
  // The map is beside the bundle, which stays as it is.
  const { outputFiles } = await build({ ...options(code), sourcemap: "external", sourcesContent: false });
  const fileOf = (/** @type {string} */ ending) => outputFiles.find((file) => file.path.endsWith(ending));
  const contents = fileOf(".js")?.contents ?? new Uint8Array();
  const gzip = gzipSync(contents, { level: 9 }).length;
  return { size: contents.length, gzip, text: fileOf(".js")?.text ?? "", map: fileOf(".map")?.text ?? "" };
}

/** What bundles of both kinds have in common. @param {string} contents */
function options(contents) {
  return {
    stdin: { contents, resolveDir: PROJECT, loader: /** @type {const} */ ("js") },
    bundle: true,
    minify: true,
    format: /** @type {const} */ ("esm"),
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    write: /** @type {const} */ (false),
    outdir: PROJECT,
    logLevel: /** @type {const} */ ("error"),
  };
}
