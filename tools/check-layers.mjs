// The import rule of the design, checked: a folder imports lower layers and itself, types included. Also: host APIs
// stay in src/runtime and src/cli, dependencies are those of package.json, and no file grows past 500 lines.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const SRC = path.join(ROOT, "src");

// A room of src, or a file at its top, and its layer. A new room gets its line here.
/** @type {Record<string, number>} */
const LAYERS = {
  "errors.ts": 0,
  "trace.ts": 0,
  bytes: 0,
  iana: 0,
  host: 1,
  asn1: 1,
  crypto: 1,
  krb5: 2,
  websocket: 2,
  config: 3,
  credentials: 3,
  transport: 3,
  discovery: 4,
  preauth: 4,
  client: 5,
  gssapi: 5,
  remctl: 6,
  server: 7,
  runtime: 7,
  testing: 7,
  cli: 9,
};
// The files at the top of src, other than those above: the front door and what it is made of.
const ENTRY = "the entry files";
LAYERS[ENTRY] = 8;

// Entry files of published rooms choose the runtime, though it is of their own layer.
const MAY_IMPORT_RUNTIME = new Set(["testing/index.ts", "server/index.ts"]);

// What the layers alone would allow. [importer's path starts with, forbidden room, why]
/** @type {[string, string, string][]} */
const FORBIDDEN = [
  ["testing/kdc", "client", "one misreading must not hide in both ends of a test"],
  ["testing/kdc", "preauth", "one misreading must not hide in both ends of a test"],
  ["remctl/", "krb5", "remctl speaks through gssapi"],
];

const HOST_ROOMS = new Set(["runtime", "cli"]);
const HOST_MODULE = /^(node:|bun$|bun:|cloudflare:|deno:)/;
const HOST_GLOBAL =
  /(?<![.\w$])(?:globalThis\s*\.\s*)?(?<name>process|Buffer|Deno|Bun|require|setImmediate|__dirname|__filename)\s*(?:\?\.|[.[(])/g;
const MAX_LINES = 500;

/** @type {string[]} */
const problems = [];
const dependencies = Object.keys(
  JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")).dependencies ?? {},
);
const files = fs
  .readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => path.relative(SRC, path.join(entry.parentPath, entry.name)))
  .sort();

for (const file of files) {
  const text = fs.readFileSync(path.join(SRC, file), "utf8");
  checkFile(file, text);
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} problem(s) with the layers of src; the design says which room may import which`);
  process.exit(1);
}
console.log(`layers: ${files.length} files keep the import rule`);

/** @param {string} file @param {string} text */
function checkFile(file, text) {
  const room = roomOf(file);
  const layer = LAYERS[room];
  const complain = (/** @type {number} */ index, /** @type {string} */ message) =>
    problems.push(`src/${file}:${text.slice(0, index).split("\n").length}: ${message}`);
  if (layer === undefined) {
    complain(0, `${room} has no layer: give it one in tools/check-layers.mjs`);
    return;
  }
  const lines = text.split("\n").length - 1;
  if (room !== "iana" && lines > MAX_LINES) complain(0, `${lines} lines; more than ${MAX_LINES}: split it`);

  const { code, bare } = strip(text);
  for (const { specifier, index } of importsOf(code)) {
    if (specifier.startsWith(".")) {
      const target = path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier));
      if (target.startsWith("..")) complain(index, `${specifier} is outside src`);
      else checkImport(file, room, layer, target, (message) => complain(index, message));
    } else if (HOST_MODULE.test(specifier)) {
      if (!HOST_ROOMS.has(room)) complain(index, `${specifier}: host APIs belong in src/runtime, behind src/host`);
    } else if (!dependencies.some((name) => specifier === name || specifier.startsWith(`${name}/`))) {
      complain(index, `${specifier} is not among the dependencies of package.json`);
    }
  }
  if (!HOST_ROOMS.has(room)) {
    for (const match of bare.matchAll(HOST_GLOBAL)) {
      complain(match.index, `${match.groups?.name}: host APIs belong in src/runtime, behind src/host`);
    }
  }
}

/** @param {string} file @param {string} room @param {number} layer @param {string} target @param {(message: string) => void} complain */
function checkImport(file, room, layer, target, complain) {
  const other = roomOf(target);
  const otherLayer = LAYERS[other];
  if (otherLayer === undefined) {
    complain(`${other} has no layer: give it one in tools/check-layers.mjs`);
    return;
  }
  for (const [from, to, why] of FORBIDDEN) {
    if (file.startsWith(from) && other === to) complain(`${from} must not import ${to}: ${why}`);
  }
  if (other === room || otherLayer < layer || (layer === 0 && otherLayer === 0)) return;
  if (other === "runtime" && MAY_IMPORT_RUNTIME.has(file)) return;
  const what = otherLayer === layer ? "of the same layer" : "a higher layer";
  complain(`${room} (layer ${layer}) must not import ${other} (layer ${otherLayer}), ${what}`);
}

/** @param {string} file */
function roomOf(file) {
  const [first = file, ...rest] = file.split(path.sep);
  return rest.length === 0 && !(first in LAYERS) ? ENTRY : first;
}

/** @param {string} code */
function importsOf(code) {
  const found = [];
  const patterns = [
    /\b(?:import|export)\s[^"';]*?\bfrom\s*["']([^"'\n]+)["']/g,
    /\bimport\s*["']([^"'\n]+)["']/g,
    /\bimport\s*\(\s*["'`]([^"'`\n]+)["'`]/g,
  ];
  for (const pattern of patterns) {
    for (const match of code.matchAll(pattern)) found.push({ specifier: match[1] ?? "", index: match.index });
  }
  return found;
}

/**
 * The text with its comments blanked (`code`), and with its strings blanked as well (`bare`). Positions stay.
 * Text inside a template's ${} counts as string: an import does not hide there.
 * @param {string} text
 */
function strip(text) {
  let code = "";
  let bare = "";
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const between = text.slice(end, match.index);
    const blank = match[0].replace(/[^\n]/g, " ");
    const isComment = /^\/[/*]/.test(match[0]);
    code += between + (isComment ? blank : match[0]);
    bare += between + blank;
    end = match.index + match[0].length;
  }
  return { code: code + text.slice(end), bare: bare + text.slice(end) };
}
