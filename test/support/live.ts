// For suites that need programs from outside: they run where those are, and are named at the end of `npm test` where
// they are not. With CI=true a suite that cannot run fails.
//
// Start a bed once per test file, in `useBed`, not in each test: a realm takes one to four seconds, a further KDC process
// (`bed.startKdc`) or a remctld some 20 ms.

import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensurePeers, TEST_PEERS, WHOLE_TABLE_PEERS } from "../../tools/peers/index.mjs";

type WholeTablePeer = (typeof WHOLE_TABLE_PEERS)[number];
export type PeerName = (typeof TEST_PEERS)[number] | WholeTablePeer;

/** Which peers are there. Looked up, never downloaded, when the run was started through the global set-up. */
export const peers = await ensurePeers([...TEST_PEERS, ...WHOLE_TABLE_PEERS]);

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
 * The same for a peer of another Debian than the machine's, where the whole table is wanted. Not every mirror has it: a
 * suite that cannot run is reported, and fails nowhere.
 */
export function describeLater(peer: WholeTablePeer, name: string, body: () => void): void {
  const { available, reason } = peers[peer];
  if (wholeTable && !available) report(name, `${peer}: ${reason}`);
  describe.runIf(wholeTable && available)(name, body);
}

/**
 * Whether the whole table of a peer is wanted: where CI=true. A plain `npm test` has one good and one refused exchange of
 * each, so that it stays within its 15 minutes: `describe.runIf(wholeTable)("all of it", ...)`.
 */
export const wholeTable: boolean = process.env.CI === "true";

/** All rows of a table where the whole of it is wanted; else the first. */
export const rowsOf = <Row>(...rows: readonly Row[]): readonly Row[] => (wholeTable ? rows : rows.slice(0, 1));

/** A `describe` that is skipped, and reported, when `reason` says why it cannot run; an empty reason runs it. */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  if (!reason) {
    describe(name, body);
    return;
  }
  report(name, reason);
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

function report(suite: string, reason: string): void {
  const file = expect.getState().testPath ?? "";
  const skips = process.env.KRB5_REMCTL_SKIPS;
  if (skips) appendFileSync(skips, `${JSON.stringify({ suite, file, reason })}\n`);
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
