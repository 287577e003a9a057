// The import rule of the design, checked: a room imports lower layers and itself, types included; another room is entered
// through its index.ts, which begins with what the room is; no import leads back to where it came from. Also: host APIs stay
// in src/runtime and src/cli, what a host can do is asked and not its name, dependencies are those of package.json, and no
// file grows past 500 lines. Errors are told apart by code and fields (tools/layers/error-rules.mjs). Usage: node tools/check-layers.mjs [FOLDER]: another src, for the tests of this rule.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { circlesOf } from "./layers/circles.mjs";
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

const HOST_MODULE = /^(node:|bun$|bun:|cloudflare:|deno:)/;
const HOST_GLOBAL =
  /(?<![.\w$])(?:globalThis\s*\.\s*)?(?<name>process|Buffer|Deno|Bun|require|setImmediate|__dirname|__filename)\s*(?:\?\.|[.[(])/g;
// In a template's ${} the name goes into a message; anywhere else something hangs on it.
const HOST_NAME =
  /\bruntime\s*\??\.\s*name\b|\{[^{}]*\bname\b[^{}]*\}\s*=\s*(?:\w+\??\.)*(?:runtime|detectRuntime\(\))/g;

// However the name was come by: these words stand beside a comparison for no other reason.
const HOST_WORD =
  /(?:[=!]==?|\bcase|\bin)\s*["'](?:node|deno|bun|workerd|web)["']|["'](?:Deno|Bun)["']\s+in\b|\btypeof\s+(?:Deno|Bun|process)\b/g;

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
/** Which file imports which. @type {Map<string, string[]>} */
const arrows = new Map();

const texts = new Map(files.map((file) => [file, fs.readFileSync(path.join(SRC, file), "utf8")]));
for (const [file, text] of texts) checkFile(file, text);
problems.push(...repeatedLists(texts));
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
  for (const { specifier, index } of importsOf(code)) {
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
  for (const match of bare.matchAll(HOST_GLOBAL)) {
    complain(match.index, `${match.groups?.name}: host APIs belong in src/runtime, behind src/host`);
  }
  for (const match of [...bare.matchAll(HOST_NAME), ...code.matchAll(HOST_WORD)]) {
    complain(match.index, `${match[0]}: ask what the host can do (src/host/runtime.ts), not what it is called`);
  }
}

/** @param {string} code @param {(index: number, message: string) => void} complain */
function checkEntry(code, complain) {
  // A door has no room behind it: what stands in an entry is an export of something, from somewhere, by name.
  // A list of types that several entries publish stands once, in entry/types.
  const reExport = /\bexport\s+(?:(?:type\s+)?\{[^}]*\}|type\s+\*)\s*from\s*["'][^"']+["'];?/g;
  const rest = code.replace(reExport, (all) =>
    /\*/.test(all) && !all.includes("/types/") ? all : " ".repeat(all.length),
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
