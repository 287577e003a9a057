// The import rule of the design, checked: a room imports lower layers and itself, types included; another room is entered
// through its index.ts, which begins with what the room is; no import leads back to where it came from. Also: host APIs stay
// in src/runtime and src/cli, what a host can do is asked and not its name, dependencies are those of package.json, and no
// file grows past 500 lines. Errors are told apart by code and fields (tools/layers/error-rules.mjs). Usage: node tools/check-layers.mjs [FOLDER]: another src, for the tests of this rule.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { circlesOf, wayFrom } from "./layers/circles.mjs";
import { errorBreaches } from "./layers/error-rules.mjs";
import { importsOf, strip } from "./layers/imports.mjs";
import { repeatedLists } from "./layers/lists.mjs";
import {
  ENTRY,
  FORBIDDEN,
  HOST_ROOMS,
  LAYERS,
  LOOSE,
  MAX_LINES,
  MAX_WIDTH,
  ON_HOST,
  OWNED_PACKAGES,
  SECOND_DOORS,
} from "./layers/rules.mjs";

const ROOT = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const SRC = path.resolve(process.argv[2] ?? path.join(ROOT, "src"));

const SOURCE = /(?<!\.d)\.ts$/;
const HOST_MODULE = /^(node:|bun$|bun:|cloudflare:|deno:)/;
// A global of one host, however it is come by: called, taken apart, or looked for in globalThis.
const GLOBALS = "process|Buffer|Deno|Bun|require|setImmediate|navigator|__dirname|__filename";
const HOST_GLOBAL = new RegExp(String.raw`(?<![.\w$#])(?:${GLOBALS})\b(?!\s*\??\s*:)|\bimport\.meta\b`, "g");
const LOOKED_FOR = new RegExp(
  String.raw`["'](?:${GLOBALS}|WebSocketPair|EdgeRuntime)["']\s+in\b|\bglobalThis\b[^;=\n]*?(?:\??\.|\[\s*["'])(?:${GLOBALS}|WebSocketPair|EdgeRuntime)\b`,
  "g",
);
// An import that this check cannot follow.
const COMPUTED_IMPORT = /(?<![#.\w])import\s*\(\s*(?!["'`\s])/g;
// In a template's ${} the name goes into a message; anywhere else something hangs on it.
const HOST_NAME =
  /\bruntime\s*\??\.\s*name\b|\{[^{}]*\bname\b[^{}]*\}\s*=\s*(?:\w+\??\.)*(?:runtime|detectRuntime\(\))/g;

// However the name was come by: these words stand beside a comparison, in a list, in a table or in a pattern for no other
// reason. tools/types/host-names.mjs asks the types for the rest.
const HOST_WORD = new RegExp(
  [
    String.raw`(?:[=!]==?|\bcase|\bin)\s*["'](?:node|deno|bun|workerd|web)["']`,
    String.raw`["'](?:node|deno|bun|workerd|web)["']\s*[=!]==?`,
    String.raw`\.(?:startsWith|endsWith|includes|indexOf|has|get|match|at)\(\s*["'](?:node|deno|bun|workerd|web)["']`,
    String.raw`[[(,]\s*["'](?:deno|bun|workerd)["']`,
    String.raw`(?<=[{,\s])(?:deno|bun|workerd)\s*:`,
    String.raw`\/[^/\n]*\b(?:deno|bun|workerd)\b[^/\n]*\/[a-z]*\s*\.(?:test|exec)\(`,
    String.raw`["'](?:Deno|Bun)["']\s+in\b`,
    String.raw`\btypeof\s+(?:Deno|Bun|process|WebSocketPair)\b`,
  ].join("|"),
  "g",
);

/** A file of entry/lists, as an entry and another list name it. */
const LIST = /^(?:\.\.?\/lists|\.)\/[a-z-]+\.ts$/;

/** @type {string[]} */
const problems = [];
const dependencies = Object.keys(
  JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")).dependencies ?? {},
);
const all = fs
  .readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(SRC, path.join(entry.parentPath, entry.name)))
  .sort();
const files = all.filter((file) => SOURCE.test(file));
for (const file of all) {
  if (!SOURCE.test(file))
    problems.push(`src/${file}: src holds TypeScript modules (.ts) alone: move it, or write it so`);
}
/** Which file imports which. @type {Map<string, string[]>} */
const arrows = new Map();

const texts = new Map(files.map((file) => [file, fs.readFileSync(path.join(SRC, file), "utf8")]));
for (const [file, text] of texts) checkFile(file, text);
problems.push(...repeatedLists(texts));
for (const { file, way, room, why } of forbiddenWays(arrows)) {
  problems.push(`src/${file}: reaches ${room}, which it must not: ${way.join(" -> ")}: ${why}`);
}
for (const circle of circlesOf(arrows)) problems.push(`src/${circle[0]}: a circle of imports: ${circle.join(" -> ")}`);

if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(
    `${problems.length} problem(s) with the layers of src; tools/layers/rules.mjs says which room may import which`,
  );
  process.exit(1);
}
console.log(`layers: ${files.length} files keep the import rule, 0 circles`);

/** @param {string} file @param {string} text */
function checkFile(file, text) {
  const room = roomOf(file);
  const layer = LAYERS[room];
  const complain = (/** @type {number} */ index, /** @type {string} */ message) =>
    problems.push(`src/${file}:${text.slice(0, index).split("\n").length}: ${message}`);
  if (layer === undefined) {
    const isLoose = !file.includes(path.sep);
    complain(
      0,
      isLoose ? "a file with no room: put it into one" : `${room} has no layer: give it one in tools/layers/rules.mjs`,
    );
    return;
  }
  const lines = text.split("\n").length - 1;
  if (room !== "iana" && lines > MAX_LINES) complain(0, `${lines} lines; more than ${MAX_LINES}: split it`);

  for (const [number, line] of text.split("\n").entries()) {
    if (line.length > MAX_WIDTH && /^\s*(?:\/\*\*|\*|\/\/)/.test(line)) {
      problems.push(`src/${file}:${number + 1}: a comment wider than ${MAX_WIDTH} characters: wrap it`);
    }
  }
  const { code, bare } = strip(text);
  /** @type {string[]} */
  const own = [];
  arrows.set(file, own);
  for (const { specifier, index } of importsOf({ code, bare })) {
    if (specifier.startsWith(".")) {
      const target = path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier));
      own.push(target);
      if (target.startsWith("..")) complain(index, `${specifier} is outside src`);
      else checkImport(file, room, layer, target, (message) => complain(index, message));
    } else if (HOST_MODULE.test(specifier)) {
      if (!HOST_ROOMS.has(room)) complain(index, `${specifier}: host APIs belong in src/runtime, behind src/host`);
    } else if (!dependencies.some((name) => specifier === name || specifier.startsWith(`${name}/`))) {
      complain(index, `${specifier} is not among the dependencies of package.json`);
    }
    for (const [name, owner, why] of OWNED_PACKAGES) {
      if (specifier.startsWith(`${name}/`) && room !== owner) {
        complain(index, `${specifier} is for ${owner} alone: ${why}`);
      }
    }
  }
  for (const { index, message } of errorBreaches(code, room === "cli")) complain(index, message);
  if (room === ENTRY) checkEntry(code, complain);
  else if (file === path.join(room, "index.ts")) checkRoomComment(text, complain);
  if (HOST_ROOMS.has(room)) return;
  const globals = [...bare.matchAll(HOST_GLOBAL)];
  if (path.basename(file) !== ON_HOST) globals.push(...code.matchAll(LOOKED_FOR));
  for (const { index, 0: word } of globals) {
    complain(index, `${word}: host APIs belong in src/runtime, behind src/host`);
  }
  for (const { index } of code.matchAll(COMPUTED_IMPORT)) {
    complain(index, "an import that names no module in so many words: the layers cannot be checked through it");
  }
  for (const match of [...bare.matchAll(HOST_NAME), ...code.matchAll(HOST_WORD)]) {
    complain(match.index, `${match[0]}: ask what the host can do (src/host/runtime.ts), not what it is called`);
  }
}

/**
 * Ways that lead where FORBIDDEN says, through files of any room: a helper beside must not be the way round.
 * @param {ReadonlyMap<string, readonly string[]>} graph
 */
function* forbiddenWays(graph) {
  for (const [from, room, why, through] of FORBIDDEN) {
    const open = new Map([...graph].filter(([file]) => roomOf(file) !== through));
    for (const file of graph.keys()) {
      if (!file.startsWith(from)) continue;
      const way = wayFrom(open, file, (target) => roomOf(target) === room);
      if (way !== undefined && way.length > 2) yield { file, way, room, why };
    }
  }
}

/** @param {string} code @param {(index: number, message: string) => void} complain */
function checkEntry(code, complain) {
  // A door has no room behind it: what stands in an entry is an export of something, from somewhere, by name.
  // A list that several entries publish stands once, in entry/lists.
  const reExport = /\bexport\s+(?:type\s+)?(?:\{[^}]*\}|\*)\s*from\s*["']([^"']+)["'];?/g;
  const rest = code.replace(reExport, (all, from) =>
    /\*/.test(all) && !LIST.test(from) ? all : " ".repeat(all.length),
  );
  const found = /\S/.exec(rest);
  if (found !== null) complain(found.index, "an entry re-exports by name, and nothing else");
}

/** @param {string} text @param {(index: number, message: string) => void} complain */
function checkRoomComment(text, complain) {
  const head = /^\/\*\*(?:[^*]|\*(?!\/))*\*\//.exec(text)?.[0] ?? "";
  if (!/\bmay\s(?:\s*\*\s)?import\b/.test(head)) {
    complain(0, "begin with a comment that says what the room is and what it may import");
  }
}

/** @param {string} file @param {string} room @param {number} layer @param {string} target @param {(message: string) => void} complain */
function checkImport(file, room, layer, target, complain) {
  const other = roomOf(target);
  const otherLayer = LAYERS[other];
  if (otherLayer === undefined) {
    complain(`${other} has no layer: give it one in tools/layers/rules.mjs`);
    return;
  }
  for (const [from, to, why] of FORBIDDEN) {
    if (file.startsWith(from) && other === to) complain(`${from} must not import ${to}: ${why}`);
  }
  if (other === room) return;
  if (other === ENTRY) return complain("an entry is imported by nobody");
  const door = target.split(path.sep).slice(1).join("/");
  const isDoor =
    door === "" || door === "index.ts" || (path.posix.basename(door) === ON_HOST && SECOND_DOORS.has(room));
  if (!isDoor) complain(`${target} is another room's: import ${other}/index.ts`);
  if (otherLayer < layer || (layer === 0 && otherLayer === 0)) return;
  if (other === "runtime" && path.basename(file) === ON_HOST) return;
  const what = otherLayer === layer ? "of the same layer" : "a higher layer";
  complain(`${room} (layer ${layer}) must not import ${other} (layer ${otherLayer}), ${what}`);
}

/** @param {string} file */
function roomOf(file) {
  const [first = file, ...rest] = file.split(path.sep);
  return rest.length === 0 && !LOOSE.has(first) ? file : first;
}
