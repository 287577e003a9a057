// A measured process: one request a line, one answer a line. The C peers and our own side are the same to the harness.

import { spawn } from "node:child_process";
import fs from "node:fs";
import readline from "node:readline";

/**
 * @typedef {object} Sample what one run took
 * @property {number} wallNs
 * @property {number} cpuNs of the process and, for C clients that were forked, of its children
 * @property {Record<string, number>} [counts] what a workload counted itself
 */

/** A child process that answers one line to each line. */
export class Side {
  /** @type {import("node:child_process").ChildProcessWithoutNullStreams} */
  #child;
  /** @type {AsyncIterator<string>} */
  #lines;
  #stderr = "";
  /** @type {Promise<void>} */
  #ended;

  /** @param {string} program @param {string[]} args @param {{ env?: Record<string, string>, cwd?: string }} [options] */
  constructor(program, args, options = {}) {
    this.#child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: "C", ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stderr.on("data", (chunk) => {
      if (this.#stderr.length < 10_000) this.#stderr += chunk;
    });
    this.#child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.#stderr += error.message;
        resolve();
      });
      this.#child.on("exit", () => resolve());
    });
    this.#lines = readline.createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /** @param {string} request @param {number} [timeoutMs] @returns {Promise<string>} */
  async ask(request, timeoutMs = 300_000) {
    this.#child.stdin.write(`${request}\n`);
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    });
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late]);
      if (done) {
        await this.#ended;
        throw new Error(`it ended: ${this.#stderr.trim().slice(-600)}`);
      }
      return value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Forgets the highest memory so far; what {@link peakBytes} gives counts from here. */
  resetPeak() {
    try {
      fs.writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
    } catch {
      // Not Linux: the peak is of the whole life then.
    }
    return this.residentBytes();
  }

  /** The most memory resident since {@link resetPeak}, in octets. */
  peakBytes() {
    return this.#status("VmHWM");
  }

  /** The memory resident now, in octets. */
  residentBytes() {
    return this.#status("VmRSS");
  }

  /** Memory of this process and its children, pages that they share counted once, in octets. */
  familyBytes() {
    let total = 0;
    for (const name of fs.readdirSync("/proc")) {
      if (!/^[0-9]+$/.test(name)) continue;
      try {
        // After the name in parentheses: state, parent.
        const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        if (Number(name) !== this.pid && parent !== this.pid) continue;
        const text = fs.readFileSync(`/proc/${name}/smaps_rollup`, "utf8");
        total += 1024 * Number(/^Pss:\s*(\d+)/m.exec(text)?.[1] ?? 0);
      } catch {
        // It ended meanwhile.
      }
    }
    return total;
  }

  /** @param {string} key */
  #status(key) {
    try {
      const text = fs.readFileSync(`/proc/${this.pid}/status`, "utf8");
      return 1024 * Number(new RegExp(`^${key}:\\s*(\\d+)`, "m").exec(text)?.[1] ?? Number.NaN);
    } catch {
      return Number.NaN;
    }
  }

  async close() {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** @param {Side} side @param {string} operation @param {number} count @param {(string | number)[]} args @returns {Promise<Sample>} */
export async function askPeer(side, operation, count, args) {
  const answer = await side.ask([operation, count, ...args].join(" "));
  const [wallNs, cpuNs] = answer.split(" ").map(Number);
  if (!Number.isFinite(wallNs)) throw new Error(answer);
  return { wallNs: /** @type {number} */ (wallNs), cpuNs: /** @type {number} */ (cpuNs) };
}

/** @param {Side} side @param {string} workload @param {number} count @param {object} args @returns {Promise<Sample>} */
export async function askOurs(side, workload, count, args) {
  const answer = JSON.parse(await side.ask(JSON.stringify({ workload, count, args })));
  if (answer.error) throw new Error(answer.error);
  return answer;
}
