// An executable made with Bun's musl build, run under Debian's musl on a machine with glibc.

import fs from "node:fs";
import path from "node:path";
import { makeFolder, mustRun, removeFolder } from "../beds/process.mjs";
import { ensurePeers } from "../peers/index.mjs";

const INTERPRETER = "/lib/ld-musl-x86_64.so.1";

/** Why this cannot be done here; undefined if it can. @returns {Promise<string | undefined>} */
export async function muslMissing() {
  if (process.platform !== "linux" || process.arch !== "x64") return "Bun's musl build is taken for Linux on x64";
  const { musl } = await ensurePeers(["musl"]);
  if (!musl.available) return `musl: ${musl.reason}`;
  if (!fs.existsSync(bunForMusl)) return 'Bun for musl is not in tools/musl: run "npm ci" there, or "npm test"';
  if (!["/usr/bin/gcc", "/usr/bin/cc"].some((file) => fs.existsSync(file))) return "there is no C compiler";
  return undefined;
}

/** Bun's musl build: it does not start here by itself. */
export const bunForMusl = path.join(import.meta.dirname, "node_modules/@oven/bun-linux-x64-musl/bin/bun");

/**
 * Makes an executable that was built on {@link bunForMusl} start here: its interpreter becomes Debian's musl, unpacked.
 * @param {string} file changed in place
 * @returns {Promise<{ env: Record<string, string>, loader: string, close: () => void }>} what it needs in its environment
 */
export async function runUnderMusl(file) {
  const { musl } = await ensurePeers(["musl"]);
  // A short path: it takes the place of the interpreter's name in the file.
  const folder = fs.mkdtempSync("/tmp/m");
  const loader = path.join(folder, "ld");
  const libc = "lib/x86_64-linux-musl/libc.so";
  const unpacked = path.join(musl.root, libc);
  fs.symlinkSync(fs.existsSync(unpacked) ? unpacked : `/${libc}`, loader);
  const octets = fs.readFileSync(file);
  const at = octets.indexOf(`${INTERPRETER}\0`);
  if (at < 0) throw new Error(`${file} does not ask for ${INTERPRETER}`);
  octets.fill(0, at, at + INTERPRETER.length);
  octets.write(loader, at);
  fs.writeFileSync(file, octets);
  const libraries = makeFolder("musl");
  const names = path.join(libraries, "ld-linux-x86-64.so.2");
  const source = path.join(import.meta.dirname, "glibc-names.c");
  const flags = ["-shared", "-fPIC", "-nostdlib", "-O1", "-w", "-Wl,-soname,ld-linux-x86-64.so.2"];
  await mustRun("cc", [...flags, "-o", names, source]);
  return {
    env: { LD_LIBRARY_PATH: `${libraries}:/usr/lib/x86_64-linux-gnu` },
    loader,
    close() {
      fs.rmSync(folder, { recursive: true, force: true });
      removeFolder(libraries);
    },
  };
}
