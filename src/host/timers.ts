/** The longest delay that a timer of every host takes: 31 bits of milliseconds. With a longer one it fires at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** Whether a timer can keep a limit. A longer one, above 24 days, does not limit anything. */
export function fitsTimer(limitMs: number | undefined): limitMs is number {
  return limitMs !== undefined && limitMs <= LONGEST_TIMER_MS;
}
