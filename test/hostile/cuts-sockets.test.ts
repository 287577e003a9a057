// A fault proxy between this client and a real server, over sockets: the connection is closed, reset, stalled or dribbled at
// every octet of a session, in both directions. What test/hostile/remctl-cuts.test.ts does in memory, with nothing faked.

import { describe, expect, it } from "vitest";
import { createClient } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { type CutWorld, checkCut, cutSession, inParallel, STAGES } from "../support/cut-sessions.ts";
import type { Cut } from "../support/fault-proxy.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { failureOf } from "../support/remctl-harness.ts";

interface RunningWorld extends CutWorld {
  executed(nonce: string): number;
  close(): Promise<void>;
}

async function startOwn(): Promise<RunningWorld> {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  await realm.listen();
  const counts = new Map<string, number>();
  const server = createRemctlServer({
    // As many as there are cuts may be open at once, all of one user.
    maxConnections: 10_000,
    keytab: realm.keytab("host/localhost"),
    commands: [
      {
        command: "count",
        subcommand: "ALL",
        acl: ["ANYUSER"],
        handler: async ({ subcommand = "", stdout }) => {
          counts.set(subcommand, (counts.get(subcommand) ?? 0) + 1);
          await stdout.write(`counted ${subcommand}`);
          return 0;
        },
      },
    ],
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const client = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    service: "host/localhost@TEST.EXAMPLE",
  });
  return {
    port: server.port as number,
    connect: (port, idleTimeoutMs) => client.connect("127.0.0.1", { port, idleTimeoutMs }),
    command: (nonce) => ["count", nonce],
    expected: (nonce) => `counted ${nonce}`,
    executed: (nonce) => counts.get(nonce) ?? 0,
    close: async () => {
      await server.close();
      await realm.close();
    },
  };
}

async function startReal(): Promise<RunningWorld> {
  const bed = await startMitBed();
  // Each execution is a line of a file of its own.
  const script = 'echo x >> "$BED_DIR/run-$2"; printf "counted %s" "$2"';
  const remctld = await startRemctld({ bed, commands: [["cuts", "count", script]] });
  const { readFileSync } = await import("node:fs");
  const client = createClient({
    credentials: { principal: `alice@${bed.realm}`, password: bed.passwords.alice as string },
    kdc: bed.kdc,
    service: remctld.service,
  });
  return {
    port: remctld.port,
    connect: (port, idleTimeoutMs) => client.connect("127.0.0.1", { port, idleTimeoutMs }),
    command: (nonce) => ["cuts", "count", nonce],
    expected: (nonce) => `counted ${nonce}`,
    executed: (nonce) => {
      try {
        return readFileSync(`${remctld.dir}/run-${nonce}`, "utf8").split("\n").length - 1;
      } catch {
        return 0;
      }
    },
    close: async () => {
      await remctld.close();
      await bed.close();
    },
  };
}

async function total(world: CutWorld): Promise<{ up: number; down: number }> {
  const { stage, error, passed } = await cutSession(world, {});
  expect([stage, error]).toEqual(["closing", undefined]);
  return passed;
}

/** Cuts a session at every octet (or every `step`th) of a direction and checks each. */
async function cutEverywhere(
  world: RunningWorld,
  direction: Cut["direction"],
  kind: Cut["kind"],
  { step = 1 } = {},
): Promise<void> {
  const length = (await total(world))[direction];
  const cuts = Array.from(
    { length: Math.ceil(length / step) },
    (_, index): Cut => ({ direction, kind, at: index * step }),
  );
  const outcomes = await inParallel(cuts, 8, (cut, onCut) => cutSession(world, { cut, onCut }));
  // A command that was under way on a connection that is gone may come to its end now.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stages = new Set(outcomes.map(({ stage }) => stage));
  for (const [index, outcome] of outcomes.entries()) {
    checkCut(world, cuts[index] as Cut, outcome, (nonce) => world.executed(nonce));
  }
  expect(STAGES.slice(0, 4).filter((stage) => !stages.has(stage))).toEqual([]);
}

const resources = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => name === "Timeout" || /TCP|Socket/.test(name));

/** A plain `npm test` cuts at some octets, a run with CI=true at all of them. */
const SPARSE = 8;

describe("a session with this server, over sockets, cut at its octets", () => {
  const world = useBed(startOwn);

  for (const direction of ["down", "up"] as const) {
    for (const kind of ["closed", "reset", "stalled", "garbled"] as const) {
      it(`${kind}, ${direction === "down" ? "what the server sends" : "what the client sends"}`, async () => {
        await cutEverywhere(world(), direction, kind, { step: wholeTable ? 1 : SPARSE });
      }, 120_000);
    }

    it(`dribbled, an octet at a time, ${direction}: a session like any other`, async () => {
      const { stage, error } = await cutSession(world(), { dribble: { direction, gapMs: 0 } });
      expect([stage, error]).toEqual(["closing", undefined]);
    });
  }

  it("dribbled slowly: each octet is a sign of life, and the total is the bound", async () => {
    const plan = { dribble: { direction: "down" as const, gapMs: 2 } };
    const slow = await cutSession(world(), plan);
    expect([slow.stage, slow.error]).toEqual(["closing", undefined]);
    const bounded: CutWorld = {
      ...world(),
      connect: async (port, idleTimeoutMs) => {
        const session = await world().connect(port, idleTimeoutMs);
        return Object.assign(session, {
          run: (args: readonly string[]) =>
            Object.getPrototypeOf(session).run.call(session, args, { totalTimeoutMs: 60 }),
        });
      },
    };
    const { stage, error, milliseconds } = await cutSession(bounded, plan);
    expect([stage, error?.code, error?.commandState]).toEqual(["first", "TIMEOUT", "maybe-executed"]);
    expect(milliseconds).toBeLessThan(3_000);
  });

  it("leaves no socket and no timer behind, however a session ends", async () => {
    const settled = async (): Promise<string[]> => {
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      return resources();
    };
    const before = await settled();
    const cuts = (["closed", "reset", "stalled", "garbled"] as const).flatMap((kind) =>
      [0, 3, 100, 170, 240, 300].flatMap((at) =>
        (["down", "up"] as const).map((direction): Cut => ({ direction, kind, at })),
      ),
    );
    await inParallel(cuts, 8, (cut, onCut) => cutSession(world(), { cut, onCut }));
    await cutSession(world(), {});
    expect(await settled()).toEqual(before);
  }, 60_000);

  it("a port where nobody listens", async () => {
    const error = await failureOf<Error & Record<string, unknown>>(world().connect(1, 1_000));
    expect([error.code, error.commandState]).toEqual(["CONNECT", "not-sent"]);
  });
});

describeLive("mit", "a session with Debian's remctld, cut at its octets", () => {
  const world = useBed(startReal);

  for (const direction of ["down", "up"] as const) {
    for (const kind of ["closed", "reset", "stalled", "garbled"] as const) {
      // A child of remctld for each: every octet of what the server sends is closed, of the rest every 7th.
      const step = (kind === "closed" && direction === "down" ? 1 : 7) * (wholeTable ? 1 : SPARSE);
      it(`${kind}, ${direction}`, async () => {
        await cutEverywhere(world(), direction, kind, { step });
      }, 120_000);
    }
  }
});
