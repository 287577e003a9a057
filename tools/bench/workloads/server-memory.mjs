// What this package's server keeps for a session that is open, and after a load.

import { megabytes } from "../bench.mjs";
import { askPeer } from "../side.mjs";

const MOST_PER_SESSION = 60_000;
const MOST_AFTER = 100 * 2 ** 20;
/** An engine gives memory back when it is idle, not at once. */
const REST_MS = 5000;

/** @type {import("../bench.mjs").Workload} */
export const serverMemory = {
  name: "server-memory",
  async measure(bench) {
    const { host, port, service, side } = await bench.realm.freshServer();
    const { env } = await bench.realm.pinned();
    const clients = bench.peer("remctl", env);
    const target = [host, port, service, "bench", "quiet"];
    const sessions = bench.isQuick ? 50 : 200;
    // What the first clients load and compile is no session's.
    await askPeer(clients, "one-shot", 200, target);
    const before = side.residentBytes();
    await askPeer(clients, "hold", sessions, target);
    const held = side.residentBytes();
    await askPeer(clients, "release", 1, target);
    side.resetPeak();
    await askPeer(clients, "forked", sessions, target);
    const peak = side.peakBytes();
    await new Promise((resolve) => setTimeout(resolve, bench.isQuick ? 500 : REST_MS));
    const after = side.residentBytes();
    const each = Math.max(0, held - before) / sessions;
    const row = (/** @type {string} */ title, /** @type {number} */ bytes, /** @type {number} */ most) => ({
      title: `server: memory ${title}`,
      goal: `at most ${size(most)}`,
      isMet: bytes <= most,
      ours: size(bytes),
      figures: { bytes, before, held, peak, after, sessions },
    });
    return [
      row(`of a session, ${sessions} open`, each, MOST_PER_SESSION),
      { ...row(`after ${sessions} clients at once`, after, MOST_AFTER), notes: [`at the peak ${megabytes(peak)}`] },
    ];
  },
};

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(0)} KB` : megabytes(bytes);
}
