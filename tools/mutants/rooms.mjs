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
  "client/s4u",
  "server",
  "remctl",
  "transport",
  "discovery",
  "credentials",
  "crypto",
  "websocket",
  "spnego",
  "http",
  "sasl",
  "pac",
  "legacy-enctypes",
  "legacy-tokens",
  "x509",
  "remctl-wire",
  "bytes",
  "drivers",
  "kerberos",
  "config",
  "inspect",
  "curves",
];

/** Never interop: a guard that only a live peer notices has no test. */
export const SUITES = ["unit", "contract", "vectors", "hostile", "regression"];

/**
 * The sources of a room, by name. A folder of it that is a room by itself is counted there alone.
 * @param {string} room @returns {string[]} paths from the root, sorted
 */
export function filesOf(room) {
  const within = ROOMS.filter((other) => other.startsWith(`${room}/`)).map((other) => path.join("src", other, "/"));
  return list(path.join("src", room), ".ts").filter((file) => !within.some((folder) => file.startsWith(folder)));
}

/** The test files that count. @returns {string[]} */
export function testFiles() {
  return SUITES.flatMap((suite) => list(path.join("test", suite), ".test.ts"));
}

/** Rooms whose checks are tested through the rooms above them too. @type {Record<string, string[]>} */
const TESTED_BY = {
  asn1: ["fuzz-found"],
  bytes: ["asn1", "discovery"],
  krb5: ["gssapi", "as-reply", "tgs"],
  client: [
    "exchanges",
    "cve-2017-11103",
    "cve-2019-12098",
    "cve-2021-37750",
    "cve-2017-6594",
    "kdc-that-knows-the-password",
    "contract/clients",
    "contract/kept-logins",
    "contract/preauth",
    "unit/library/",
    "unit/kerberos/",
    "unit/testing/armor",
    "unit/testing/as-exchange",
    "unit/testing/expired",
    "unit/testing/tgs-exchange",
    "every-tag",
    "unit/testing/pkinit",
    "unit/credentials/planted",
    "unit/credentials/failure-words",
  ],
  "client/s4u": [
    "/s4u",
    "client/choices",
    "ticket-guards",
    "cve-2020-17049",
    "unit/testing/directory",
    "unit/pac/pac.",
  ],
  preauth: [
    "-exchanges",
    "vectors/spake",
    "vectors/pkinit",
    "as-reply",
    "armored-login",
    "weak-login",
    "login-strength",
    "client/negotiation",
    "certificate-refusal",
    "timestamp-first",
    "testing/pkinit",
  ],
  crypto: ["rfc4121", "enctypes", "contract/providers", "vectors/crypto"],
  transport: ["connections"],
  credentials: ["ccaches", "stores", "ccache", "keytab"],
  "remctl-wire": ["remctl"],
  pac: ["acl", "testing/directory", "cve-2020-17049", "cve-2022-37967", "cve-2021-42287"],
  "legacy-enctypes": [
    "crypto/guards",
    "krb5/enctypes",
    "own-enctypes",
    "contract/enctypes",
    "contract/providers",
    "vectors/crypto",
    "rfc4757",
    "arcfour",
    "cve-2022-33679",
    "cve-2025-3576",
  ],
  "legacy-tokens": ["arcfour", "rfc4757", "cve-2025-3576", "context-enctype"],
  x509: ["pkinit"],
  drivers: ["octet-reader"],
  inspect: ["cli/decode", "cli/hex-dumps", "fuzz-found", "strangers-text"],
  curves: ["vectors/spake"],
};

/** Whether a test file is a room's: it has the room's name, or one of those that test it. @param {string} room @param {string} file */
export function isOwn(room, file) {
  const above = (TESTED_BY[room] ?? []).some((part) => file.includes(part));
  // What every published function refuses.
  if (file.includes("unit/options/")) return true;
  // A folder of a room has tests of its own: those of the whole room would be hours.
  if (above || room.includes("/")) return above;
  return file.split(/[/.-]/).some((word) => word.length > 2 && word !== "cli" && room.startsWith(word));
}

/**
 * A room's test files in the order in which they are run: those of its own folder first, since what a mutant may cost
 * is bounded; those of what every published function refuses last, since each of them reaches almost everything.
 * @param {string} room @param {readonly string[]} files
 */
export function inOrder(room, files) {
  const rank = (/** @type {string} */ file) =>
    file.includes(`unit/${room}/`) ? 0 : file.includes("unit/options/") ? 2 : 1;
  return [...files].sort((a, b) => rank(a) - rank(b));
}

/** @param {string} dir @param {string} ending @returns {string[]} */
function list(dir, ending) {
  return fs
    .readdirSync(path.join(ROOT, dir), { recursive: true })
    .map((name) => path.join(dir, String(name)))
    .filter((name) => name.endsWith(ending))
    .sort();
}
