// What a run cost: processor time and the time in which the process had nothing to do. The time in which other programs
// had the processor does not count, so that a busy machine kills no mutant.

import { performance } from "node:perf_hooks";

// A test may put a false clock in their place.
const every = setInterval;
const stop = clearInterval;

/** Begins to count; the function gives the milliseconds since then. */
export function costSince() {
  const cpu = process.cpuUsage();
  const { idle } = performance.eventLoopUtilization();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1000 + performance.eventLoopUtilization().idle - idle;
  };
}

/**
 * Waits for a promise until that has cost too much.
 * @template T @param {() => T | Promise<T>} run @param {number} maxMs @returns {Promise<T>}
 */
export async function atMost(run, maxMs) {
  const cost = costSince();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const tooMuch = new Promise((_, reject) => {
    timer = every(() => {
      if (cost() > maxMs) reject(new Error(`not done after ${Math.round(maxMs)} ms`));
    }, 50);
  });
  try {
    return await Promise.race([run(), tooMuch]);
  } finally {
    stop(timer);
  }
}

/** The processor time of another process in milliseconds, where the system says so. @param {string} stat /proc/PID/stat */
export function processorMs(stat) {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime and stime, in hundredths of a second.
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
