// The rooms that meet strangers, the most exposed first, and the suites that are to notice a guard that is gone.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));

export const ROOMS = [
  "asn1",
  "gssapi",
  "krb5",
  "preauth",
  "client",
  "server",
  "remctl",
  "transport",
  "discovery",
  "credentials",
  "crypto",
  "websocket",
];

/** Never interop: a guard that only a live peer notices has no test. */
export const SUITES = ["unit", "contract", "vectors", "hostile", "regression"];

/** The sources of a room, by name. @param {string} room @returns {string[]} paths from the root, sorted */
export function filesOf(room) {
  return list(path.join("src", room), ".ts");
}

/** The test files that count. @returns {string[]} */
export function testFiles() {
  return SUITES.flatMap((suite) => list(path.join("test", suite), ".test.ts"));
}

/** Whether a test file is a room's: it has the room's name. @param {string} room @param {string} file */
export function isOwn(room, file) {
  return file.split(/[/.-]/).some((word) => word.length > 2 && room.startsWith(word));
}

/** @param {string} dir @param {string} ending @returns {string[]} */
function list(dir, ending) {
  return fs
    .readdirSync(path.join(ROOT, dir), { recursive: true })
    .map((name) => path.join(dir, String(name)))
    .filter((name) => name.endsWith(ending))
    .sort();
}
