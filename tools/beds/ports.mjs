// Ports for daemons. Suites run in processes of their own, several at a time: a port that was free a moment ago may be
// another suite's by the time its daemon binds it. So a port is claimed by a file, created exclusively, before it is
// given, and stays claimed until the process that asked for it has ended.

import dgram from "node:dgram";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

// Below the range from which the kernel takes the ports of outgoing connections.
const FIRST = 12_000;
const COUNT = 18_000;
// A claim whose process was killed is left behind: its number says whether that process is still there. Another may have
// got the number since: no run of the tests takes this long.
const STALE_MS = 6 * 3_600_000;

/** @type {Set<string>} */
const claimed = new Set();

/** One folder for each user: claims are shared by all checkouts on this machine, as its ports are. */
const folder = () => path.join(os.tmpdir(), `krb5-remctl-ports-${process.getuid?.() ?? "user"}`);

/**
 * A port of 127.0.0.1 that is free for TCP and for UDP, and that no other process of these tools is given.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let attempt = 0; attempt < 500; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (claim(port) && (await isTcpFree(port)) && (await isUdpFree(port))) return port;
  }
  throw new Error("no free port found on 127.0.0.1: end the servers of earlier runs");
}

/** @param {number} port */
function claim(port) {
  fs.mkdirSync(folder(), { recursive: true, mode: 0o700 });
  const file = path.join(folder(), String(port));
  try {
    fs.writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    forgetStale(file);
    return false;
  }
  if (claimed.size === 0) process.once("exit", release);
  claimed.add(file);
  return true;
}

/** @param {string} file */
function forgetStale(file) {
  const made = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  const pid = numberIn(file);
  // A claim that is being written has no number yet.
  if (Date.now() - made > STALE_MS || (pid > 0 && !isRunning(pid))) fs.rmSync(file, { force: true });
}

/** @param {string} file @returns {number} */
function numberIn(file) {
  try {
    return Number(fs.readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

/** @param {number} pid @returns {boolean} */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

function release() {
  for (const file of claimed) fs.rmSync(file, { force: true });
}

/** @param {number} port @returns {Promise<boolean>} */
function isTcpFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
  });
}

/** @param {number} port @returns {Promise<boolean>} */
function isUdpFree(port) {
  return new Promise((resolve) => {
    const socket = dgram.createSocket("udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}
