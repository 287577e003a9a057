// One run of the bench: the processes that it measures, and how it measures a row.

import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { askOurs, askPeer, Side } from "./side.mjs";
import { quantile, spreadOf, summarize } from "./stats.mjs";

/**
 * @typedef {object} Row what is measured of our side, and of its peer where there is one
 * @property {string} title
 * @property {string} peer who the peer is, in words
 * @property {number} [goal] the least ratio of peer's time to ours
 * @property {number} [mostMs] the most milliseconds of one operation, where a ratio says little
 * @property {number} [mostCpuTimes] the most processor time, as a multiple of the peer's
 * @property {object} args of our side
 * @property {{ program: string, operation: string, args: (string | number)[], env?: Record<string, string> }} [mine] where our side
 *   is a server: the program that asks it, as the one that asks the peer
 * @property {{ program: string, operation: string, args: (string | number)[], env?: Record<string, string> }} [against]
 * @property {{ args: object, env: Record<string, string> }} [library] instead of a program: the same workload on Node with these
 * @property {string} [cannot] why there is no peer here
 * @property {object} [warmArgs] of a small run before, after which memory is counted
 * @property {number} [count] operations a round; without it as many as fill the time of a round
 * @property {number} [maxCount]
 * @property {number} [rounds]
 * @property {number} [bytes] of one operation, for a rate
 * @property {number} [maxGrowthBytes] how much memory may grow while our side works
 * @property {number} [memoryPart] our memory as the greatest part of the peer's: of as many clients as commands, all at once
 * @property {string[]} [notes]
 *
 * @typedef {object} Result
 * @property {string} workload
 * @property {string} title
 * @property {string} peer
 * @property {string} goal
 * @property {boolean | undefined} isMet undefined: it could not be measured
 * @property {string} ours
 * @property {string} theirs
 * @property {string} ratio
 * @property {number} [spread]
 * @property {boolean} [isNoisy]
 * @property {import("./limits.mjs").Limit} [limit] what it would take to be faster
 * @property {object} [figures]
 * @property {string[]} notes
 *
 * @typedef {object} Workload
 * @property {string} name
 * @property {(bench: Bench) => Promise<Row[]> | Row[]} [rows]
 * @property {(bench: Bench) => Promise<Partial<Result>[]>} [measure] instead of rows, where a row is more than a ratio of times
 * @property {(args: any, count: number, meter: any) => Promise<object>} [ours] runs in the runtime that is measured
 */

const oursFile = fileURLToPath(new URL("./ours.mjs", import.meta.url));

/** A ratio whose p10 and p90 are further apart than this part of its median is not to be trusted. */
const NOISY = 0.4;

export class Bench {
  /** @type {Map<string, Side>} */
  #sides = new Map();

  /**
   * @param {{
   *   realm: import("./realm.mjs").Realm, peers: import("./peers.mjs").Peers, runtime: import("./runtimes.mjs").Runtime,
   *   node: import("./runtimes.mjs").Runtime, isQuick: boolean, baseline?: string | undefined, log: (line: string) => void,
   * }} options
   */
  constructor(options) {
    this.realm = options.realm;
    this.peers = options.peers;
    this.runtime = options.runtime;
    this.node = options.node;
    this.isQuick = options.isQuick;
    this.baseline = options.baseline;
    this.log = options.log;
  }

  /** How long a round should take, and how many there are. */
  get roundMs() {
    // A profile wants many samples, and compares nothing.
    if (process.env.KRB5_REMCTL_BENCH_PROFILE_MS !== undefined) return Number(process.env.KRB5_REMCTL_BENCH_PROFILE_MS);
    return this.isQuick ? 40 : 300;
  }
  get rounds() {
    return this.isQuick ? 3 : 9;
  }

  /** Our side, in the runtime that is measured. @param {string} [dist] another build */
  ours(dist = "") {
    return this.#side(`ours ${dist}`, () => {
      const { program, args, env } = this.runtime;
      const more = dist === "" ? {} : { KRB5_REMCTL_BENCH_DIST: path.resolve(dist) };
      return new Side(program, [...args, oursFile], { env: { ...env, ...more } });
    });
  }

  /** A C peer. @param {string} program @param {Record<string, string>} env */
  peer(program, env) {
    const file = this.peers.program(program);
    if (file === undefined) throw new Error(this.peers.reason(program));
    return this.#side(
      `${program} ${JSON.stringify(env)}`,
      () => new Side(file, [], { env: { ...this.peers.env, ...env } }),
    );
  }

  /** @param {string} key @param {() => Side} start */
  #side(key, start) {
    let side = this.#sides.get(key);
    if (side === undefined) {
      side = start();
      this.#sides.set(key, side);
    }
    return side;
  }

  /** Ends a process, as after an error: the next use starts another. @param {Side} side */
  async drop(side) {
    for (const [key, one] of this.#sides) if (one === side) this.#sides.delete(key);
    await side.close();
  }

  async close() {
    for (const side of this.#sides.values()) await side.close();
    this.#sides.clear();
  }

  /**
   * Measures one row: our side and its peer in turn, in the same minute on the same machine.
   * @param {string} workload @param {Row} row @returns {Promise<Result>}
   */
  async measure(workload, row) {
    const notes = [...(row.notes ?? [])];
    // Memory is measured in a process of its own: what rows before it took is not given back at once.
    if (row.maxGrowthBytes !== undefined || row.memoryPart !== undefined) await this.drop(this.ours());
    const ours = this.ours();
    const { mine: asker } = row;
    const askOur = (/** @type {number} */ count) =>
      asker === undefined
        ? askOurs(ours, workload, count, row.args)
        : askPeer(this.peer(asker.program, asker.env ?? {}), asker.operation, count, asker.args);
    const against = this.#against(workload, row);
    let failure = row.cannot;
    /** @type {Awaited<ReturnType<typeof askPeer>>[]} */
    const theirs = [];
    const mine = [];
    const ratios = [];
    const cpuRatios = [];
    const count = row.count ?? (await this.#calibrate(askOur, row.maxCount));
    let peerCount = row.count ?? 0;
    if (failure === undefined && against !== undefined) {
      try {
        if (row.count === undefined)
          peerCount = await this.#calibrate(against, row.maxCount, row.library === undefined ? 0 : undefined);
        else if (!this.isQuick) await against(1);
      } catch (error) {
        failure = /** @type {Error} */ (error).message;
      }
    }
    if (row.warmArgs !== undefined) await askOurs(ours, workload, 1, row.warmArgs);
    const baseBytes = ours.resetPeak();
    const rounds = row.rounds ?? this.rounds;
    for (let round = 0; round < rounds; round++) {
      let their;
      if (failure === undefined && against !== undefined) {
        try {
          their = await against(peerCount);
          theirs.push(their);
        } catch (error) {
          failure = /** @type {Error} */ (error).message;
          // It ends with what fails; the next row starts another.
          if (row.against !== undefined) await this.drop(this.peer(row.against.program, row.against.env ?? {}));
        }
      }
      const my = await askOur(count);
      mine.push(my);
      if (their === undefined) continue;
      ratios.push(their.wallNs / peerCount / (my.wallNs / count));
      // The asking program's own time says nothing of the servers.
      if (asker === undefined) cpuRatios.push(their.cpuNs / peerCount / (my.cpuNs / count));
    }
    const peakBytes = ours.peakBytes();
    const growthBytes = peakBytes - baseBytes;
    const my = summarize(mine.map(({ wallNs }) => wallNs / count));
    const myCpu = quantile(
      mine.map(({ cpuNs }) => cpuNs / count),
      0.5,
    );
    const their = theirs.length === 0 ? undefined : summarize(theirs.map(({ wallNs }) => wallNs / peerCount));
    const theirCpu =
      theirs.length === 0
        ? undefined
        : quantile(
            theirs.map(({ cpuNs }) => cpuNs / peerCount),
            0.5,
          );
    const ratio = ratios.length === 0 ? undefined : summarize(ratios);
    const cpuRatio = cpuRatios.length === 0 ? undefined : quantile(cpuRatios, 0.5);
    if (failure !== undefined) notes.push(`no peer: ${failure}`);
    const isGrown = row.maxGrowthBytes !== undefined && growthBytes > row.maxGrowthBytes;
    if (row.maxGrowthBytes !== undefined) notes.push(`memory grew by ${megabytes(growthBytes)}`);
    let isHeavy = false;
    if (row.memoryPart !== undefined && row.against !== undefined && failure === undefined) {
      const heldBytes = await this.#held(row.against, count);
      isHeavy = peakBytes > row.memoryPart * heldBytes;
      const part = (peakBytes / heldBytes).toFixed(2);
      notes.push(`memory ${megabytes(peakBytes)}, the peer's ${megabytes(heldBytes)}: a part of ${part}`);
    }
    // Goals are those beside the peers: another build has none.
    const { goal: least, mostMs, mostCpuTimes } = this.baseline === undefined ? row : {};
    if (mostCpuTimes !== undefined && cpuRatio !== undefined)
      notes.push(`CPU ${(1 / cpuRatio).toFixed(1)} times the peer's`);
    /** What there is a goal of, and whether it is met. */
    const judged = [
      ...(ratio === undefined || least === undefined ? [] : [ratio.median >= least]),
      ...(mostMs === undefined ? [] : [my.median <= mostMs * 1e6]),
      ...(mostCpuTimes === undefined || cpuRatio === undefined ? [] : [1 / cpuRatio <= mostCpuTimes]),
    ];
    const isFast = judged.length === 0 ? undefined : judged.every(Boolean);
    const goal = [
      ...(least === undefined ? [] : [`${least}x`]),
      ...(mostMs === undefined ? [] : [`at most ${mostMs} ms`]),
      ...(mostCpuTimes === undefined ? [] : [`CPU at most ${mostCpuTimes} times`]),
      ...(row.maxGrowthBytes === undefined ? [] : [`growth < ${megabytes(row.maxGrowthBytes)}`]),
      ...(row.memoryPart === undefined ? [] : [`${row.memoryPart} of the memory`]),
    ].join(", ");
    const spread = ratio === undefined ? spreadOf(my) : spreadOf(ratio);
    return {
      workload,
      title: row.title,
      peer: this.baseline ?? row.peer,
      goal,
      isMet: isFast === undefined ? undefined : isFast && !isGrown && !isHeavy,
      ours: formatRate(my.median, row.bytes),
      theirs: their === undefined ? "" : formatRate(their.median, row.bytes),
      ratio:
        ratio === undefined
          ? ""
          : `${formatRatio(ratio.median)} (${formatRatio(ratio.p10)} to ${formatRatio(ratio.p90)})`,
      spread,
      isNoisy: spread > NOISY,
      figures: {
        count,
        rounds,
        ns: my,
        cpuNs: myCpu,
        peerNs: their,
        peerCpuNs: theirCpu,
        ratio,
        cpuRatio,
        growthBytes,
      },
      notes,
    };
  }

  /** Memory of as many clients at once, each a process with its session open. @param {NonNullable<Row["against"]>} against @param {number} count */
  async #held({ program, args, env }, count) {
    const peer = this.peer(program, env ?? {});
    const idleBytes = peer.familyBytes();
    await askPeer(peer, "hold", count, args);
    const bytes = peer.familyBytes() - idleBytes;
    await askPeer(peer, "release", 1, args);
    return bytes;
  }

  /** What the row is compared with: its peer, or with `--baseline` another build of this package. @param {string} workload @param {Row} row */
  #against(workload, row) {
    if (this.baseline !== undefined) {
      if (row.mine !== undefined) throw new Error("its server is of this build: compare two runs with --compare");
      const side = this.ours(this.baseline);
      return (/** @type {number} */ count) => askOurs(side, workload, count, row.args);
    }
    const { against, library } = row;
    if (library !== undefined) {
      const side = this.#side(`node ${JSON.stringify(library.env)}`, () => {
        return new Side(this.node.program, [...this.node.args, oursFile], { env: library.env });
      });
      return (/** @type {number} */ count) => askOurs(side, workload, count, library.args);
    }
    if (against === undefined) return undefined;
    return (/** @type {number} */ count) =>
      askPeer(this.peer(against.program, against.env ?? {}), against.operation, count, against.args);
  }

  /**
   * How many operations fill a round. Warms up on the way: a runtime compiles what is hot only after it has run for a while.
   * @param {(count: number) => Promise<{ wallNs: number, cpuNs: number }>} ask
   * @param {number} [maxCount] @param {number} [warmMs] what a C program does not need
   */
  async #calibrate(ask, maxCount = 1_000_000, warmMs = this.isQuick ? 150 : 600) {
    // The first one loads modules and fetches tickets: it says nothing of how long one takes.
    await ask(1);
    let count = 1;
    for (let spentMs = 0; ; ) {
      const { wallNs, cpuNs } = await ask(count);
      const ms = wallNs / 1e6;
      spentMs += cpuNs / 1e6;
      if (ms > this.roundMs / 2 && ms < count && spentMs < (warmMs && Math.max(warmMs, 3 * this.roundMs))) continue;
      if (count >= maxCount) return maxCount;
      if (ms > this.roundMs / 2) return Math.min(maxCount, Math.max(1, Math.round((count * this.roundMs) / ms)));
      count = Math.min(
        maxCount,
        Math.max(count + 1, Math.ceil(Math.min(count * 8, (count * this.roundMs) / Math.max(ms, 0.01)))),
      );
    }
  }
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MB`;
}

/** @param {number} ratio */
export function formatRatio(ratio) {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}x`;
}

/** @param {number} ns @param {number} [bytes] */
export function formatRate(ns, bytes) {
  const time =
    ns < 1e3
      ? `${ns.toFixed(0)} ns`
      : ns < 1e6
        ? `${(ns / 1e3).toFixed(1)} µs`
        : ns < 1e9
          ? `${(ns / 1e6).toFixed(2)} ms`
          : `${(ns / 1e9).toFixed(2)} s`;
  return bytes === undefined ? time : `${time} (${((bytes / ns) * 1e3).toFixed(0)} MB/s)`;
}
