// For suites that need programs from outside: they run where those are, and are named at the end of `npm test` where
// they are not. With CI=true a suite that cannot run fails.
//
// Start a bed once per test file, in `useBed`, not in each test: a realm takes one to four seconds, a further KDC process
// (`bed.startKdc`) or a remctld some 20 ms.

import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensurePeers, TEST_PEERS } from "../../tools/peers/index.mjs";

export type PeerName = (typeof TEST_PEERS)[number];

/** Which peers are there. Looked up, never downloaded, when the run was started through the global set-up. */
export const peers = await ensurePeers(TEST_PEERS);

/**
 * A `describe` that runs only where all the peers it needs are there. It starts nothing itself.
 *
 *     describeLive("mit", "password login", () => {
 *       const bed = useBed(() => startMitBed());
 *       it("gets a ticket", async () => { await login(bed().kdc) });
 *     });
 */
export function describeLive(needs: PeerName | PeerName[], name: string, body: () => void): void {
  const missing = [needs].flat().filter((peer) => !peers[peer].available);
  describeUnless(missing.map((peer) => `${peer}: ${peers[peer].reason}`).join("; "), name, body);
}

/**
 * Whether the whole table of a peer is wanted: where CI=true. A plain `npm test` has one good and one refused exchange of
 * each, so that it stays within its 15 minutes: `describe.runIf(wholeTable)("all of it", ...)`.
 */
export const wholeTable: boolean = process.env.CI === "true";

/** A `describe` that is skipped, and reported, when `reason` says why it cannot run; an empty reason runs it. */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  if (!reason) {
    describe(name, body);
    return;
  }
  const file = expect.getState().testPath ?? "";
  const report = process.env.KRB5_REMCTL_SKIPS;
  if (report) appendFileSync(report, `${JSON.stringify({ suite: name, file, reason })}\n`);
  if (wholeTable) {
    describe(name, () => {
      it("can run", () => {
        throw new Error(`with CI=true every suite must run; this one cannot: ${reason}`);
      });
    });
  } else {
    describe.skip(name, body);
  }
}

/**
 * Starts something once for the surrounding `describe` and closes it at the end.
 * The function it gives returns the running thing; call it inside tests and hooks. `startMs` is for one that may take
 * longer to start than others.
 */
export function useBed<T extends { close(): Promise<void> }>(start: () => Promise<T>, startMs?: number): () => T {
  let running: T | undefined;
  beforeAll(async () => {
    running = await start();
  }, startMs);
  afterAll(async () => {
    await running?.close();
    running = undefined;
  });
  return () => {
    if (!running) throw new Error("the bed is not running: call this inside a test or a hook");
    return running;
  };
}
