// Runs in the process of the tests, one file at a time: each test as it is, then again and again, each time with
// another of the mutants that it reached.

import fs from "node:fs";
import { getFn } from "../../test/node_modules/@vitest/runner/dist/index.js";
import { VitestTestRunner } from "../../test/node_modules/vitest/dist/runners.js";
import { atMost, costSince } from "./cost.mjs";
import { packBits, places, readLines } from "./files.mjs";
import { mutants, NONE } from "./switch.mjs";

const work = places(String(process.env.KRB5_REMCTL_MUTANTS));
const COUNT = Number(process.env.KRB5_REMCTL_MUTANTS_COUNT);
/** @type {import("./files.mjs").Plan} */
const plan = JSON.parse(fs.readFileSync(work.plan, "utf8"));
const beat = fs.openSync(work.beat, "a");

/** A test with a mutant may cost this much, or ten times what it costs as it is; as it is, it may take its time. */
const MIN_LIMIT_MS = 1000;
const PLAIN_LIMIT_MS = 60_000;
const WHOLE_LIMIT_MS = 10_000;

/** @param {object} line */
const write = (line) => fs.appendFileSync(work.lines, `${JSON.stringify(line)}\n`);

/** The tests of a file, deep. @param {any} suite @returns {any[]} */
const testsOf = (suite) => suite.tasks.flatMap((/** @type {any} */ t) => (t.type === "suite" ? testsOf(t) : [t]));

class MutantsRunner extends VitestTestRunner {
  /** Those that nothing killed yet, by this process's knowledge. @type {Set<number>} */
  alive = new Set();
  /** What this test reached and what is still to be run on it. @type {number[]} */
  queue = [];
  /** What modules and hooks reached, and what any test did. @type {Set<number>} */
  load = new Set();
  /** @type {Set<number>} */
  reached = new Set();
  /** How often the test passed as it is since a mutant was on: twice at first, since some tests pass only once. */
  green = 0;
  /** The test failed as it is: it runs once more as it is before a mutant is blamed, since some go by the clock. */
  isAgain = false;
  /** The mutant that the last run failed with; it counts when the test passes again as it is. */
  failedWith = NONE;
  /** Whether a mutant was on in this process before and which was the last, and whether one left something behind. */
  used = false;
  last = NONE;
  dirty = false;
  /** A mutant that is to be tried alone in this process. @type {{ id: number, test: string } | undefined} */
  suspect;
  /** Tests that are left for the second phase, since they cost much. @type {string[]} */
  slow = [];
  cost = costSince();
  usualMs = 0;
  /** What the mutants cost that are alive, in milliseconds. @type {Map<number, number>} */
  spent = new Map();

  /** @param {any} config */
  constructor(config) {
    super(config);
    mutants.reached = new Set();
    if (plan.mode === "whole") mutants.active = plan.id;
    if (plan.mode === "whole") mutants.maxTicks = 1e8;
  }

  /** @param {any[]} files */
  onCollected(files) {
    for (const file of files) {
      for (const test of testsOf(file)) test.concurrent = false;
      if (plan.mode === "whole") continue;
      this.suspect = plan.suspects[file.name];
      this.alive = new Set(plan.alive);
      for (const { killed } of readLines(work.lines)) this.alive.delete(killed);
    }
  }

  /** @override @param {any} test */
  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    if (plan.mode === "whole" || (test.mode !== "run" && test.mode !== "queued")) return;
    const isDone = plan.tested[test.file.name]?.includes(test.id);
    if (this.dirty || (this.suspect ? this.suspect.test !== test.id : isDone)) test.mode = "skip";
    test.retry = 0;
    test.repeats = Number.POSITIVE_INFINITY;
    this.queue = [];
    this.failedWith = NONE;
    this.green = 0;
    this.isAgain = false;
  }

  /** @override @param {any} test */
  onBeforeTryTask(test) {
    super.onBeforeTryTask(test);
    if (plan.mode === "whole") return;
    for (const id of mutants.reached ?? []) this.load.add(id);
    mutants.reached = this.green === 0 ? new Set() : undefined;
    mutants.ticks = 0;
    if (this.green > 1 && this.failedWith === NONE && !this.isAgain) mutants.active = this.queue.shift() ?? NONE;
    this.cost = costSince();
    fs.ftruncateSync(beat);
    const { user, system } = process.cpuUsage();
    const processorMs = (user + system) / 1000;
    fs.writeSync(beat, JSON.stringify({ pid: process.pid, id: mutants.active, processorMs, at: Date.now() }));
  }

  /** @param {any} test */
  async runTask(test) {
    await atMost(async () => await getFn(test)(), this.#limitMs());
  }

  #limitMs() {
    if (plan.mode === "whole") return WHOLE_LIMIT_MS;
    if (this.green === 0) return PLAIN_LIMIT_MS;
    return Math.max(mutants.active === NONE ? 3 * MIN_LIMIT_MS : MIN_LIMIT_MS, 10 * this.usualMs);
  }

  /** @param {any} test */
  onAfterRetryTask(test) {
    if (plan.mode === "whole") return;
    const { state } = test.result;
    const red = state === "skip" || (state === "fail") !== Boolean(test.fails);
    const id = mutants.active;
    mutants.active = NONE;
    if (id !== NONE) {
      if (red) this.#red(test, id);
      else this.spent.set(id, (this.spent.get(id) ?? 0) + this.cost());
      this.used = true;
      this.last = id;
    } else if (red && state !== "skip" && this.failedWith === NONE && !this.isAgain) {
      this.isAgain = true;
      test.result.errors = undefined;
      test.result.state = "pass";
      return;
    } else if (red) {
      // What seemed to be killed by a test that does not pass any more is tried once more, alone in a process.
      if (this.failedWith !== NONE) write({ suspect: this.failedWith, file: test.file.name, test: test.id });
      // A mutant that no test noticed, and that changed what stays: the whole file has to run with it.
      else if (this.last !== NONE) write({ spoils: this.last, file: test.file.name });
      this.dirty = this.used;
      this.queue = [];
      this.failedWith = NONE;
    } else {
      this.#passed(test);
    }
    if (this.queue.length === 0 && this.failedWith === NONE) {
      test.result.pending = true;
      if (!this.dirty && !this.suspect) write({ tested: test.id, file: test.file.name });
    }
    test.result.errors = undefined;
    test.result.state = "pass";
  }

  /** The test passed as it is. @param {any} test */
  #passed(test) {
    if (plan.mode === "whole") return;
    this.isAgain = false;
    this.green += 1;
    if (this.green === 1) {
      const ms = this.cost();
      this.usualMs = ms;
      const here = [...(mutants.reached ?? [])].filter((id) => this.alive.has(id));
      mutants.reached = undefined;
      mutants.maxTicks = 20 * mutants.ticks + 1e6;
      for (const id of here) this.reached.add(id);
      // What a test costs differs from run to run: the second phase goes by what the first one left, not by the clock.
      const isNow = plan.only === undefined ? ms <= plan.maxMs : plan.only[test.file.name]?.includes(test.id) === true;
      if (!isNow && plan.only === undefined && here.length > 0) this.slow.push(test.id);
      if (isNow) {
        const { cleared, spoilers } = plan;
        const spoils = spoilers[test.file.name] ?? [];
        this.queue = here.filter(
          (id) =>
            !cleared.includes(`${test.id} ${id}`) && !spoils.includes(id) && (this.spent.get(id) ?? 0) < plan.budgetMs,
        );
      }
      if (this.suspect) this.queue = [this.suspect.id];
    }
    if (this.failedWith !== NONE) this.#kill(test, this.failedWith);
    this.failedWith = NONE;
  }

  /** The test failed with the mutant on. @param {any} test @param {number} id */
  #red(test, id) {
    // The first of a process: nothing else can be the reason. Whether it left something behind is seen next.
    if (this.used) this.failedWith = id;
    else this.#kill(test, id);
  }

  /** @param {any} test @param {number} id */
  #kill(test, id) {
    this.alive.delete(id);
    write({ killed: id, by: test.file.name, test: test.name });
  }

  /** @override @param {any} suite */
  async onAfterRunSuite(suite) {
    await super.onAfterRunSuite(suite);
    if (plan.mode === "whole" || !("filepath" in suite)) return;
    if (this.suspect) {
      write({ asked: this.suspect, file: suite.name });
      return;
    }
    const here = [...this.load].filter((id) => this.alive.has(id));
    const [load, reached] = [packBits(here, COUNT), packBits(this.reached, COUNT)];
    const spent = [...this.spent].filter(([id]) => this.alive.has(id)).map(([id, ms]) => [id, Math.round(ms)]);
    write({ done: suite.name, dirty: this.dirty, slow: this.slow, load, reached, spent });
  }
}

export default MutantsRunner;
