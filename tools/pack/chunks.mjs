// Which file of dist a module goes into. Few files, since each costs an import a third of a millisecond or more; and no
// file that drags much of what its importer does not use.

import path from "node:path";
import { ROOT } from "../bootstrap.mjs";

const SRC = path.join(ROOT, "src");

/**
 * The rules, in order: a module that several entries share goes into the first chunk whose rule holds. Each rule that holds
 * for a set of entries holds for every larger set, and what a module imports is shared by no fewer entries than the module.
 * So a chunk imports only chunks before it, and no circle can arise.
 *
 * @type {[chunk: string, rule: (shared: Shared) => boolean][]}
 */
const RULES = [
  // A bundle that is one file makes all of a chunk lazy that a lazy part imports: so what the lazy part of the small
  // clients imports, the provider in JavaScript, is in a small chunk.
  ["base", ({ has, isOf }) => has("websocket") || isOf("crypto/providers/noble")],
  ["core", ({ has, families }) => has("lean") && families > 1],
  ["client", ({ has }) => has("lean")],
  // The curves, which `spake` has at once and a client when it needs them, are not small.
  ["curves", ({ has, isOf }) => has("spake") && isOf("curves/groups")],
  ["spake", ({ has }) => has("spake")],
  ["host", ({ has, families }) => families > 2 || (has("server") && has("testing"))],
  [
    "credentials",
    ({ has, families }) => has("pkinit") || (families > 1 && ["index", "credentials", "testing"].some(has)),
  ],
  // What makes contexts and carries their tokens, and no client needs.
  ["acceptor", ({ has }) => has("gssapi")],
  ["negotiation", ({ has }) => has("spnego") || has("server") || (has("http") && has("kerberos"))],
  // A login with a one-time password, which `otp` has at once and the main client when it needs it.
  ["codes", ({ has, isOf }) => has("otp") && isOf("preauth/otp/exchange")],
  // What an entry that a small client takes a part from shares with the main one.
  ["logins", ({ has }) => has("fast") || has("otp")],
  // Words of ASN.1 for the embedded KDC: what it shares with parts that bring a package.
  ["words", ({ has }) => has("testing")],
  // SASL, and what logs drivers in with it.
  ["drivers", ({ has }) => has("drivers")],
  ["library", ({ has }) => has("index")],
  // What an entry shares with the program alone.
  ["enctypes", ({ has }) => has("legacy-enctypes")],
  // What the library shares with the program alone: the program's own chunk needs a host with files.
  ["parts", ({ isLibrary }) => isLibrary],
  ["cli", () => true],
];

/** The chunks, each of which imports only those before it. */
export const CHUNKS = RULES.map(([chunk]) => chunk);

/**
 * @typedef {object} Shared
 * @property {(name: string) => boolean} has whether the entry of that name uses it
 * @property {number} families how many kinds of entries do: the clients are one
 * @property {boolean} isLibrary whether an entry does, or a module of the library that is imported dynamically
 * @property {(name: string) => boolean} isOf whether the module of that name does, which is imported dynamically
 */

/**
 * @param {ReadonlySet<string>} roots the entries and the dynamically imported modules that use a module, for example `entry/index`
 * @returns {string | null} the chunk's name; null for the root's own file
 */
export function chunkOf(roots) {
  if (roots.size < 2) return null;
  const entries = [...roots].filter((name) => name.startsWith("entry/"));
  const families = new Set(entries.map(familyOf)).size;
  const shared = {
    has: (/** @type {string} */ name) => roots.has(`entry/${name}`),
    families,
    isLibrary: [...roots].some((name) => !name.startsWith("cli/")),
    isOf: (/** @type {string} */ name) => roots.has(`${name}.ts`),
  };
  return RULES.find(([, rule]) => rule(shared))?.[0] ?? null;
}

/**
 * Which roots use which module: by the chunks that a bundler makes by itself, one for each set of roots.
 * @param {readonly import("rolldown").OutputChunk[]} chunks
 * @returns {Map<string, Set<string>>} by module
 */
export function rootsOf(chunks) {
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  /** @type {Map<string, Set<string>>} */
  const roots = new Map();
  for (const root of chunks) {
    if (!root.isEntry && !root.isDynamicEntry) continue;
    // A set grows while it is walked.
    const files = new Set([root.fileName]);
    for (const file of files) {
      const chunk = byFile.get(file);
      for (const imported of chunk?.imports ?? []) files.add(imported);
      for (const id of chunk?.moduleIds ?? []) {
        const names = roots.get(id) ?? new Set();
        roots.set(id, names.add(root.isEntry ? root.name : path.relative(SRC, root.facadeModuleId ?? "")));
      }
    }
  }
  return roots;
}

/** Clients and what is a part of one are one kind, and so is what makes a context or carries its tokens. @param {string} name */
function familyOf(name) {
  if (/^entry\/(?:index|lean|pkinit|fast|otp|kerberos)/.test(name)) return "clients";
  return /^entry\/(?:spnego|sasl|http|postgres|drivers)$/.test(name) ? "entry/gssapi" : name;
}
