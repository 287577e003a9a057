/** The longest delay that a timer of every host takes: 31 bits of milliseconds. With a longer one it fires at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** Whether a timer can keep a limit. A longer one, above 24 days, does not limit anything. */
export function fitsTimer(limitMs: number | undefined): limitMs is number {
  return limitMs !== undefined && limitMs <= LONGEST_TIMER_MS;
}

/**
 * Calls `run` after `ms` of silence. A process that stood still, for example a function that was frozen, finds its
 * timers due before it looks at its sockets; so what came meanwhile is read first. Gives the function that takes it
 * back.
 */
export function afterSilence(ms: number, run: () => void): () => void {
  let timer = setTimeout(
    () => {
      timer = setTimeout(run, 1);
    },
    Math.max(ms - 1, 0),
  );
  return () => clearTimeout(timer);
}
