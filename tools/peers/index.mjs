// The live peers the beds and the tests talk to: MIT Kerberos with remctl, Heimdal and its
// cache daemon, Samba, python-gssapi, libfaketime, Redis and more.
//
// Debian's MIT and Heimdal packages conflict: installing one removes the other. So nothing is installed. The packages
// that the system lacks are downloaded and unpacked into trees of their own under .cache/peers/, and their programs run
// from there. This works without root too. It needs apt-get and dpkg, so Debian or Ubuntu.
//
// No dependency, plain JavaScript: this runs before anything has been installed.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { lock } from "../lock.mjs";
import { overlayObstacle, tryOverlay } from "./overlay.mjs";
import { plainPath } from "./plain-path.mjs";
import { isLoaded, loaderOf, suiteOptions, writeRunners } from "./suite.mjs";
import { NOT_NEEDED, PEERS, TEST_PEERS, WHOLE_TABLE_PEERS } from "./table.mjs";

export { TEST_PEERS, WHOLE_TABLE_PEERS };

/**
 * @typedef {import("./table.mjs").PeerName} PeerName
 *
 * @typedef {object} Peer
 * @property {PeerName} name
 * @property {boolean} available
 * @property {string} [reason] why it is not available, and what to do
 * @property {string} root the unpacked tree; may hold little or nothing when the system has the packages installed
 * @property {string} libDir the tree's library folder of this machine's architecture
 * @property {(program: string) => string} bin the path of a program: the tree's own first, then the system's
 * @property {(relative: string) => string | undefined} find a file below /usr, in the tree first, then on the system
 * @property {Record<string, string>} env what a program from this tree needs in its environment
 */

/** Downloads at once. */
const AT_ONCE = 4;
const CACHE = path.resolve(fileURLToPath(new URL("../../.cache/peers/", import.meta.url)));
// Debian's /usr/bin/chromium-headless-shell is a script that leads to /usr/lib.
const SUBFOLDERS = ["usr/lib/chromium", "usr/bin", "usr/sbin", "usr/lib/heimdal-servers", "bin", "sbin"];

/**
 * Makes the named peers available, downloading what is missing, and says for each whether it can be used.
 * Never throws for a peer that cannot be had: look at `available` and `reason`. A second call costs a few milliseconds.
 *
 * With KRB5_REMCTL_PEERS=present in the environment nothing is downloaded: what is there counts. `npm test` sets this
 * for its workers, so that a machine without a network asks for each package once and not once a test file.
 *
 * @template {PeerName} N
 * @param {readonly N[]} names
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<Record<N, Peer>>}
 */
export async function ensurePeers(names, options = {}) {
  const log = options.log ?? (() => {});
  // The first alone: it finds out whether the package lists will do. Then several at once: most of a download is waiting.
  const [first, ...rest] = names;
  if (first !== undefined) await ensureWithUses(first, log);
  const queue = rest.values();
  const worker = async () => {
    for (const name of queue) await ensureWithUses(name, log);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  /** @type {Record<string, Peer>} */
  const result = {};
  for (const name of names) result[name] = await ensureWithUses(name, log);
  return /** @type {Record<N, Peer>} */ (result);
}

/** @type {Map<PeerName, Promise<Peer>>} */
const known = new Map();

/** @param {PeerName} name @param {(line: string) => void} log @returns {Promise<Peer>} */
async function ensureWithUses(name, log) {
  const spec = PEERS[name];
  if (!spec) throw new TypeError(`no such peer: ${name}; there are ${Object.keys(PEERS).join(", ")}`);
  for (const other of spec.uses) {
    const used = await ensureWithUses(other, log);
    if (!used.available) return unavailable(name, `it needs ${other}: ${used.reason}`);
  }
  let promise = known.get(name);
  if (!promise) {
    promise = ensureOne(name, log);
    known.set(name, promise);
  }
  return promise;
}

/** @param {PeerName} name @param {(line: string) => void} log @returns {Promise<Peer>} */
async function ensureOne(name, log) {
  const started = Date.now();
  const done = (/** @type {string} */ how) => log(`peer ${name}: ${how} (${Date.now() - started} ms)`);
  const failureFile = path.join(CACHE, `${name}.failed`);
  try {
    const obstacle = PEERS[name].overlay && overlayObstacle();
    if (obstacle) {
      done(`not available: ${obstacle}`);
      return unavailable(name, obstacle);
    }
    if (isComplete(name)) {
      done("there");
      return makePeer(name);
    }
    if (process.env.KRB5_REMCTL_PEERS === "present") {
      const reason = fs.existsSync(failureFile) ? fs.readFileSync(failureFile, "utf8") : "not downloaded";
      return unavailable(name, reason);
    }
    fs.mkdirSync(CACHE, { recursive: true });
    const release = await lock(path.join(CACHE, `${name}.lock`));
    try {
      // Another process may have finished while this one waited for the lock.
      if (!isComplete(name)) await fetchTree(name, log);
    } finally {
      release();
    }
    fs.rmSync(failureFile, { force: true });
    done("ready");
    return makePeer(name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    try {
      fs.writeFileSync(failureFile, reason);
    } catch {
      // The cache cannot be written: the reason is in the result all the same.
    }
    done(`not available: ${reason}`);
    return unavailable(name, reason);
  }
}

/** @param {PeerName} name @param {string} reason @returns {Peer} */
function unavailable(name, reason) {
  return { ...makePeer(name), available: false, reason };
}

/** @param {PeerName} name @returns {Peer} */
function makePeer(name) {
  const cache = plainPath(CACHE);
  const root = path.join(cache, name);
  const { uses, suite } = PEERS[name];
  const find = (/** @type {string} */ relative) => findFile(root, relative, suite !== undefined);
  const libDirs = libDirsOf(root);
  /** @type {Record<string, string>} */
  const env = {};
  const usedLibs = uses.flatMap((other) => libDirsOf(path.join(cache, other)));
  const all = [...libDirs, ...usedLibs];
  // The scripts of a suite's programs name their libraries: others of the machine's shell would not fit.
  if (all.length > 0 && suite === undefined) env.LD_LIBRARY_PATH = all.join(":");
  const pythonPackages = path.join(root, "usr/lib/python3/dist-packages");
  if (fs.existsSync(pythonPackages)) env.PYTHONPATH = pythonPackages;
  return {
    name,
    available: true,
    root,
    libDir: libDirs[0] ?? path.join(root, "usr/lib"),
    bin: (program) => {
      const found = findProgram(name, program, root);
      if (!found) throw new Error(`${program} is neither in ${root} nor on the system`);
      return found;
    },
    find,
    env,
  };
}

/** @param {string} root @returns {string[]} folders of libraries; some programs of Debian find them by an absolute path */
function libDirsOf(root) {
  const below = ["", "/krb5", "/pulseaudio", "/samba"].map((folder) => `usr/lib/*-linux-*${folder}`);
  const folders = ["lib/*-linux-*", "usr/lib/freeradius", "usr/lib/dovecot", ...below];
  return folders.flatMap((one) => expand(path.join(root, one)));
}

/** @param {PeerName} name */
function isComplete(name) {
  const root = path.join(CACHE, name);
  if (!fs.existsSync(path.join(root, ".complete"))) return false;
  // The system's part may have been removed since.
  return missingOf(name).length === 0;
}

/** @param {PeerName} name @param {string} [root] */
function missingOf(name, root = path.join(CACHE, name)) {
  const spec = PEERS[name];
  return [
    ...spec.programs.filter((program) => !findProgram(name, program, root)),
    ...spec.files.filter((file) => !findFile(root, file, spec.suite !== undefined)),
  ];
}

/** @param {PeerName} name @param {string} program @param {string} [root] @returns {string | undefined} */
function findProgram(name, program, root = path.join(CACHE, name)) {
  // Debian's alternatives give both suites suffixes; on the system the plain name may be the other suite's.
  const suffix = name === "heimdal" ? ".heimdal" : ".mit";
  const isOwn = PEERS[name].suite !== undefined;
  for (const base of isOwn ? [root] : [root, "/"]) {
    for (const folder of isOwn && !PEERS[name].overlay ? ["run"] : SUBFOLDERS) {
      for (const candidate of [`${program}${suffix}`, program]) {
        const file = path.join(base, folder, candidate);
        if (fs.existsSync(file)) return file;
      }
    }
  }
  return undefined;
}

/** @param {string} root @param {string} relative a path below /usr, with * for one path segment @param {boolean} isOwn */
function findFile(root, relative, isOwn) {
  return expand(path.join(root, "usr", relative))[0] ?? (isOwn ? undefined : expand(path.join("/usr", relative))[0]);
}

/** @param {string} pattern @returns {string[]} */
function expand(pattern) {
  /** @type {string[]} */
  let paths = ["/"];
  for (const segment of pattern.split("/").filter(Boolean)) {
    if (!segment.includes("*")) {
      paths = paths.map((base) => path.join(base, segment));
      continue;
    }
    const matcher = new RegExp(`^${segment.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);
    paths = paths.flatMap((base) => {
      try {
        return fs
          .readdirSync(base)
          .filter((entry) => matcher.test(entry))
          .sort()
          .map((entry) => path.join(base, entry));
      } catch {
        return [];
      }
    });
  }
  return paths.filter((file) => fs.existsSync(file));
}

// ---- downloading

/** Where the package lists are: the system's, until those did not do. @type {string[]} */
let listOptions = [];

/** @param {PeerName} name @param {(line: string) => void} log */
async function fetchTree(name, log) {
  const { packages, programs, suite } = PEERS[name];
  const root = path.join(CACHE, name);
  const work = fs.mkdtempSync(path.join(CACHE, `${name}.work-`));
  try {
    if (!commandExists("apt-get") || !commandExists("dpkg")) {
      throw new Error(`apt-get and dpkg are not here; install these programs by hand: ${missingOf(name).join(", ")}`);
    }
    if (PEERS[name].overlay) tryOverlay(work);
    log(`peer ${name}: downloading packages (once; nothing is installed)`);
    const downloads = path.join(work, "debs");
    fs.mkdirSync(downloads);
    // First with the lists that the system has. If it has none, or they are so old that the files are gone, fetch
    // lists into a folder of our own: that needs no root and leaves the system as it was.
    try {
      const options = suite === undefined ? listOptions : await suiteOptions(suite, work, apt);
      await download(packages, downloads, options, suite !== undefined);
    } catch (error) {
      if (suite !== undefined) throw error;
      if (listOptions.length > 0) throw error;
      log(`peer ${name}: fetching package lists first`);
      const options = privateListOptions();
      await apt(["update", "-qq", ...options], work);
      listOptions = options;
      await download(packages, downloads, options);
    }
    const tree = path.join(work, "tree");
    fs.mkdirSync(tree);
    const files = fs.readdirSync(downloads).filter((file) => file.endsWith(".deb"));
    for (const file of files) await run("dpkg", ["-x", path.join(downloads, file), tree], work);
    linkWithin(tree);
    if (suite !== undefined && !PEERS[name].overlay) writeRunners(tree, programs);
    const missing = missingOf(name, tree);
    if (missing.length > 0) throw new Error(`after unpacking ${files.length} packages these are missing: ${missing}`);
    await checkLibraries(name, tree);
    fs.writeFileSync(path.join(tree, ".complete"), `${files.sort().join("\n")}\n`);
    // A tree is never changed while a program may run from it: an old one is moved away as a whole.
    if (fs.existsSync(root)) fs.renameSync(root, path.join(work, "old"));
    fs.renameSync(tree, root);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(
      `could not get ${packages.join(" ")}: ${message}. Check the network and the apt sources ("apt-get update" should work)`,
    );
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Absolute links of a package lead to where it would be installed: to what the tree has, they lead within the tree.
 * The JDK's settings are in /etc, and its own folder has links to them.
 * @param {string} tree
 */
function linkWithin(tree) {
  for (const entry of fs.readdirSync(tree, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const folder = entry.parentPath;
    const file = path.join(folder, entry.name);
    const to = fs.readlinkSync(file);
    if (!path.isAbsolute(to) || !fs.existsSync(path.join(tree, to))) continue;
    fs.unlinkSync(file);
    fs.symlinkSync(path.relative(folder, path.join(tree, to)), file);
  }
}

/** @param {string[]} packages @param {string} folder @param {string[]} options @param {boolean} [isSuite] */
async function download(packages, folder, options, isSuite = false) {
  const isWanted = (/** @type {string} */ name) =>
    isSuite ? isLoaded(name, packages) : packages.includes(name) || !NOT_NEEDED.test(name);
  const plan = await apt(["-s", "--no-install-recommends", ...options, "install", ...packages], folder);
  const wanted = [];
  for (const line of plan.split("\n")) {
    // Inst libkrb5-3 [installed version] (new version Debian:12/stable [amd64])
    const match = /^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /.exec(line);
    if (match?.[1] && isWanted(match[1])) wanted.push(`${match[1]}=${match[2]}`);
  }
  if (wanted.length > 0) await apt(["download", "-qq", ...options, ...wanted], folder);
}

function privateListOptions() {
  const base = path.join(CACHE, "apt");
  for (const folder of ["lists/partial", "cache/archives/partial"]) {
    fs.mkdirSync(path.join(base, folder), { recursive: true });
  }
  return ["-o", `Dir::State::lists=${path.join(base, "lists")}/`, "-o", `Dir::Cache=${path.join(base, "cache")}/`];
}

/** @param {string[]} args @param {string} cwd */
function apt(args, cwd) {
  // Sandbox::User: root's apt-get drops to _apt, who may not write into our folders.
  return run("apt-get", ["-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2", ...args], cwd);
}

/** @param {PeerName} name @param {string} tree */
async function checkLibraries(name, tree) {
  if (PEERS[name].suite !== undefined) {
    const loader = path.join(tree, loaderOf(tree).loader);
    const files = PEERS[name].files.map((one) => findFile(tree, one, true) ?? "");
    const programs = PEERS[name].programs.map((program) => {
      const there = ["bin", "sbin"].flatMap((one) => expand(path.join(tree, "usr", one, `${program}*`)));
      return there.find((file) => [program, `${program}.mit`].includes(path.basename(file))) ?? there[0] ?? "";
    });
    for (const file of [...files, ...programs]) {
      if (!isElf(file)) continue;
      const output = await run(loader, ["--library-path", libDirsOf(tree).join(":"), "--list", file], tree);
      if (/not found/.test(output)) throw new Error(`${path.basename(file)} lacks libraries: ${output.trim()}`);
    }
    return;
  }
  const env = { LD_LIBRARY_PATH: libDirsOf(tree).join(":") };
  for (const program of PEERS[name].programs) {
    const file = findProgram(name, program, tree);
    if (!file?.startsWith(tree)) continue;
    const output = await run("ldd", [file], tree, env).catch(() => "");
    const lost = [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
    if (lost.length > 0) throw new Error(`${program} lacks the libraries ${lost.join(", ")}`);
  }
}

/** Whether a file is a program or a library, and not a script. @param {string} file */
function isElf(file) {
  const head = Buffer.alloc(4);
  const opened = fs.openSync(file, "r");
  try {
    fs.readSync(opened, head, 0, 4, 0);
  } finally {
    fs.closeSync(opened);
  }
  return head.toString("latin1") === "\x7fELF";
}

/** @param {string} command */
function commandExists(command) {
  return (process.env.PATH ?? "").split(":").some((folder) => folder && fs.existsSync(path.join(folder, command)));
}

/**
 * @param {string} command @param {string[]} args @param {string} cwd @param {Record<string, string>} [env]
 * @returns {Promise<string>} its standard output
 */
function run(command, args, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(stdout);
      else {
        const lines = `${stderr}\n${stdout}`.split("\n").filter((line) => /^[EW]:/.test(line));
        const text = lines.slice(0, 3).join(" ") || stderr.trim().slice(0, 300);
        reject(new Error(`${command} ${args.find((arg) => !arg.startsWith("-"))} failed (${code}): ${text}`));
      }
    });
  });
}
