// What every bed needs: a folder, free ports, child processes that never outlive this one, and waiting until one serves.

import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

export { freePort } from "./ports.mjs";

/**
 * @typedef {object} Daemon
 * @property {number} pid
 * @property {() => string} output what it wrote to stdout and stderr so far
 * @property {boolean} isRunning
 * @property {(signal?: NodeJS.Signals) => Promise<void>} stop ends it, and what it started, and waits for its end
 */

/** Running daemons' process groups. @type {Set<number>} */
const groups = new Set();
/** Folders to remove at exit. @type {Set<string>} */
const folders = new Set();
let hooked = false;

function hookExit() {
  if (hooked) return;
  hooked = true;
  process.on("exit", stopEverything);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    const handler = () => {
      stopEverything();
      process.removeListener(signal, handler);
      // Whoever else listens decides how the process ends; otherwise it ends as the signal says.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, handler);
  }
}

function stopEverything() {
  for (const pid of groups) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
  groups.clear();
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** @param {string} kind @returns {string} a new folder, removed when this process ends */
export function makeFolder(kind) {
  hookExit();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `krb5-remctl-${kind}-`));
  folders.add(folder);
  return folder;
}

/** @param {string} folder */
export function removeFolder(folder) {
  // KRB5_REMCTL_KEEP_BEDS=1 leaves configuration and logs for looking at.
  folders.delete(folder);
  if (process.env.KRB5_REMCTL_KEEP_BEDS) return;
  fs.rmSync(folder, { recursive: true, force: true });
}

/**
 * Starts a program in a process group of its own. Ending the bed, or this process, ends the group: remctld leaves one
 * child for each connection and commands behind it, and those have no other parent to look after them.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ env: Record<string, string>, cwd: string }} options
 * @returns {Daemon}
 */
export function startDaemon(program, args, options) {
  hookExit();
  // A killed test worker runs no exit handler; the kernel then ends the daemon by itself.
  const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((file) => fs.existsSync(file));
  const [command, commandArgs] = setpriv ? [setpriv, ["--pdeathsig", "KILL", "--", program, ...args]] : [program, args];
  const child = spawn(command, commandArgs, {
    cwd: options.cwd,
    env: baseEnv(options.env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const collect = (/** @type {Buffer} */ chunk) => {
    if (output.length < 4_000_000) output += chunk;
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const pid = child.pid;
  let isRunning = pid !== undefined;
  if (pid !== undefined) groups.add(pid);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.on("error", (error) => {
      output += `\n${error.message}`;
      isRunning = false;
      resolve();
    });
    child.on("exit", (code, signal) => {
      output += `\n[ended: ${signal ?? code}]`;
      isRunning = false;
      resolve();
    });
  });
  // A daemon must not hold the event loop: a script that is done may end without closing its bed.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) /** @type {any} */ (stream).unref?.();
  return {
    pid: pid ?? 0,
    output: () => output,
    get isRunning() {
      return isRunning;
    },
    async stop(signal = "SIGTERM") {
      if (pid === undefined) return;
      const kill = (/** @type {NodeJS.Signals} */ how) => {
        try {
          process.kill(-pid, how);
        } catch {
          // Already gone.
        }
      };
      kill(signal);
      if (isRunning) {
        const timer = setTimeout(() => kill("SIGKILL"), 2000);
        child.ref();
        await ended;
        clearTimeout(timer);
      }
      // The leader is gone; its children may have ignored the signal.
      kill("SIGKILL");
      groups.delete(pid);
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string, input?: string | Uint8Array, timeoutMs?: number }} [options]
 * @returns {Promise<{ status: number, signal: string | null, stdout: Buffer, stderr: Buffer, text: string }>}
 *   `text` is stdout followed by stderr
 */
export function runProgram(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: baseEnv(options.env ?? {}),
      stdio: ["pipe", "pipe", "pipe"],
    });
    /** @type {Buffer[]} */
    const stdout = [];
    /** @type {Buffer[]} */
    const stderr = [];
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 120_000);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const out = Buffer.concat(stdout);
      const err = Buffer.concat(stderr);
      const text = `${out}${err}`;
      resolve({ status: code ?? -1, signal, stdout: out, stderr: err, text });
    });
    child.stdin.on("error", () => {
      // It ended without reading: its status tells.
    });
    child.stdin.end(options.input ?? "");
  });
}

/** Like runProgram, but throws when it fails. @type {typeof runProgram} */
export async function mustRun(program, args, options) {
  const result = await runProgram(program, args, options);
  if (result.status !== 0) {
    throw new Error(
      `${path.basename(program)} ${args.join(" ")} failed (${result.signal ?? result.status}): ${result.text}`,
    );
  }
  return result;
}

/**
 * The environment of a bed's programs: nothing of the user's Kerberos settings leaks in.
 * @param {Record<string, string>} env
 */
function baseEnv(env) {
  /** @type {Record<string, string>} */
  const base = { LC_ALL: "C", TZ: "UTC" };
  for (const name of ["PATH", "HOME", "TMPDIR", "USER"]) {
    const value = process.env[name];
    if (value !== undefined) base[name] = value;
  }
  base.PATH = `${base.PATH ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`;
  return { ...base, ...env };
}

/** Samba's KDC and LDAP server take a second to start, and took more than ten at a load of 60. */
const START_SECONDS = 60;

/**
 * Waits until `isReady` holds; throws with the daemon's output when it ends first or takes longer than a minute.
 * @param {Daemon} daemon @param {string} what @param {() => boolean | Promise<boolean>} isReady
 */
export async function waitUntil(daemon, what, isReady) {
  const limit = Date.now() + 1000 * START_SECONDS;
  for (;;) {
    if (await isReady()) return;
    if (!daemon.isRunning) throw new Error(`${what} ended at once: ${daemon.output()}`);
    if (Date.now() > limit) {
      await daemon.stop();
      throw new Error(`${what} did not start within ${START_SECONDS} s: ${daemon.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** @param {number} port @param {string} [host] @returns {Promise<boolean>} */
export function acceptsTcp(port, host = "127.0.0.1") {
  return accepts({ port, host });
}

/** Whether a process listens on a socket that is a file. @param {string} file @returns {Promise<boolean>} */
export function acceptsUnix(file) {
  return accepts({ path: file });
}

/** @param {net.NetConnectOpts} where @returns {Promise<boolean>} */
function accepts(where) {
  return new Promise((resolve) => {
    const socket = net.connect(where);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Whether a process of this machine has a UDP socket at a port. @param {number} port @returns {boolean} */
export function listensUdp(port) {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return ["/proc/net/udp", "/proc/net/udp6"].some((table) => readIfThere(table).includes(wanted));
}

/** @param {string} file @returns {string} */
export function readIfThere(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The file of libfaketime. @param {import("../peers/index.mjs").Peer} faketime @returns {string} */
export function fakeClockLibrary(faketime) {
  if (!faketime.available) throw new Error(`a clock offset needs libfaketime: ${faketime.reason}`);
  const library = faketime.find("lib/*/faketime/libfaketime.so.1");
  if (!library) throw new Error("libfaketime.so.1 not found");
  return library;
}

/**
 * Environment that moves a program's clock (libfaketime). Monotonic time stays true, or timeouts would jump.
 * @param {import("../peers/index.mjs").Peer} faketime @param {number} offsetSeconds
 * @returns {Record<string, string>}
 */
export function clockOffsetEnv(faketime, offsetSeconds) {
  return {
    LD_PRELOAD: fakeClockLibrary(faketime),
    FAKETIME: `${offsetSeconds < 0 ? "-" : "+"}${Math.abs(offsetSeconds)}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}
