// What `npm run demo` and `npm test` need before they can do anything: dependencies from the lockfiles, and the build.
// No dependency of its own: on a fresh clone nothing is there yet.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(fileURLToPath(new URL("..", import.meta.url)));

/** Ends the program, saying what to do, when this Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(
      `krb5-remctl needs Node 20.19 or newer; this is ${process.version}. Install a newer one and try again.`,
    );
    process.exit(1);
  }
}

/**
 * Runs one step and prints one line with its time.
 * @template T
 * @param {string} name
 * @param {() => Promise<T | string>} body may return a word for the line, such as "up to date"
 * @returns {Promise<T | string>}
 */
export async function step(name, body) {
  const started = Date.now();
  try {
    const result = await body();
    console.log(`  ${name}: ${typeof result === "string" ? result : "done"} (${Date.now() - started} ms)`);
    return result;
  } catch (error) {
    console.log(`  ${name}: FAILED (${Date.now() - started} ms)`);
    throw error;
  }
}

/** What the library needs, and its compiler. */
export function ensureRootDependencies() {
  return step("dependencies", () => ensureDependencies(ROOT));
}

/** What only the tests need. */
export function ensureTestDependencies() {
  return step("test dependencies", () => ensureDependencies(path.join(ROOT, "test")));
}

/** The runtimes that tests start (tools/runtimes). */
export function ensureRuntimeDependencies() {
  return step("runtimes", () => ensureDependencies(path.join(ROOT, "tools", "runtimes")));
}

/** What looks at the packed library (tools/pack). */
export function ensurePackDependencies() {
  return step("pack tools", () => ensureDependencies(path.join(ROOT, "tools", "pack")));
}

/** What users put between this package and their programs (tools/consumers). */
export function ensureConsumerDependencies() {
  return step("consumers", () => ensureDependencies(path.join(ROOT, "tools", "consumers")));
}

/** What makes the site and looks at its pages (tools/site). */
export function ensureSiteDependencies() {
  return step("site", () => ensureDependencies(path.join(ROOT, "tools", "site")));
}

/** What makes the API reference; it has a compiler that is older than the project's (tools/api). */
export function ensureApiDependencies() {
  return step("API reference", () => ensureDependencies(path.join(ROOT, "tools", "api")));
}

/** The compiler whose API the checks of types use (tools/types). */
export function ensureTypesDependencies() {
  return step("compiler with an API", () => ensureDependencies(path.join(ROOT, "tools", "types")));
}

/** A second opinion on DNS messages (tools/dns). */
export function ensureDnsDependencies() {
  return step("DNS messages", () => ensureDependencies(path.join(ROOT, "tools", "dns")));
}

/** Web frameworks with an adapter in krb5-remctl/http (tools/frameworks). */
export function ensureFrameworkDependencies() {
  return step("web frameworks", () => ensureDependencies(path.join(ROOT, "tools", "frameworks")));
}

/** Drivers of other protocols (tools/drivers). */
export function ensureDriverDependencies() {
  return step("drivers", () => ensureDependencies(path.join(ROOT, "tools", "drivers")));
}

/** What finds regular expressions that are not linear (tools/regexps). */
export function ensureRegexpDependencies() {
  return step("regular expressions", () => ensureDependencies(path.join(ROOT, "tools", "regexps")));
}

/** What the example for OpenTelemetry imports (examples/opentelemetry). */
export function ensureExampleDependencies() {
  return step("packages of examples", () => ensureDependencies(path.join(ROOT, "examples", "opentelemetry")));
}

/** Bun's musl build, for the test of the single executable (tools/musl). Nothing for other machines. */
export function ensureMuslDependencies() {
  return step("Bun for musl", async () =>
    process.platform === "linux" && process.arch === "x64"
      ? ensureDependencies(path.join(ROOT, "tools", "musl"))
      : "not for this machine",
  );
}

/** @param {string} folder */
async function ensureDependencies(folder) {
  if (isInstalled(folder)) return "up to date";
  await run("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
  return "installed";
}

/**
 * Whether what is installed is what the lockfile says. By version and not by file time: a checkout sets file times anew.
 * @param {string} folder
 */
function isInstalled(folder) {
  const wanted = lockedPackages(path.join(folder, "package-lock.json"));
  const present = lockedPackages(path.join(folder, "node_modules", ".package-lock.json"));
  if (!wanted || !present) return false;
  for (const [name, { version, optional }] of Object.entries(wanted)) {
    // An optional package is another platform's binary, as a rule.
    if (name !== "" && !optional && present[name]?.version !== version) return false;
  }
  return true;
}

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }> | undefined} */
function lockedPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** Builds dist, as it is published, when any source has changed since the last time. */
export function ensureBuild() {
  return step("build", async () => {
    const stampFile = path.join(ROOT, ".cache", "build.json");
    const stamp = JSON.stringify(sourceState());
    if (fs.existsSync(path.join(ROOT, "dist", "entry", "index.js")) && readText(stampFile) === stamp)
      return "up to date";
    const { buildPackage } = await import("./pack/build.mjs");
    await replaceFolder(path.join(ROOT, "dist"), buildPackage);
    fs.writeFileSync(stampFile, stamp);
    return "built";
  });
}

/**
 * Makes a folder anew beside the old one and then swaps them, so that it is whole at every moment and keeps no old file.
 * @param {string} folder
 * @param {(fresh: string) => Promise<void>} fill
 */
export async function replaceFolder(folder, fill) {
  const cache = path.join(ROOT, ".cache");
  fs.mkdirSync(cache, { recursive: true });
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  // On the same file system: elsewhere a folder cannot be renamed from here.
  const isHere = !path.relative(ROOT, folder).startsWith("..");
  const fresh = fs.mkdtempSync(isHere ? path.join(cache, "build-") : `${folder}-`);
  const old = `${fresh}-old`;
  try {
    await fill(fresh);
    fs.chmodSync(fresh, 0o755);
    if (fs.existsSync(folder)) fs.renameSync(folder, old);
    fs.renameSync(fresh, folder);
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true });
    fs.rmSync(old, { recursive: true, force: true });
  }
}

/** Each source with size and time, and what the build is made with. */
function sourceState() {
  const names = ["tsconfig.json", "tsconfig.build.json", "package.json", "node_modules/.package-lock.json"];
  const files = names.map((name) => path.join(ROOT, name));
  files.push(
    ...["build", "bundle", "chunks", "declarations", "entries", "pure"].map((name) =>
      path.join(ROOT, "tools/pack", `${name}.mjs`),
    ),
  );
  for (const entry of fs.readdirSync(path.join(ROOT, "src"), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.push(path.join(entry.parentPath, entry.name));
  }
  return files.sort().map((file) => {
    const { mtimeMs, size } = fs.statSync(file);
    return [path.relative(ROOT, file), mtimeMs, size];
  });
}

/** @param {string} file */
function readText(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Runs a program; its output is shown only when it fails. Standard input is closed.
 * @param {string} command @param {string[]} args @param {{ cwd: string, env?: Record<string, string> }} options
 * @returns {Promise<string>} what it printed
 */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else {
        const name = `${path.basename(command)} ${args.map((arg) => path.basename(arg)).join(" ")}`;
        reject(new Error(`${name} failed (${signal ?? code}):\n${output.trimEnd()}`));
      }
    });
  });
}
