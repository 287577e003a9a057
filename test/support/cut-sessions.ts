// One short session through a proxy that cuts it somewhere, and what must be true of it wherever that is.

import { expect } from "vitest";
import type { KerberosError } from "../../src/entry/index.ts";
import type { RemctlSession } from "../../src/remctl/index.ts";
import { type Cut, type ProxyPlan, startFaultProxy } from "./fault-proxy.ts";

export const STAGES = ["opening", "first", "second", "noop", "closing"] as const;

/** How a session went. */
export interface CutOutcome {
  /** How far it came. */
  readonly stage: (typeof STAGES)[number];
  readonly error: (KerberosError & { readonly stdout?: Uint8Array }) | undefined;
  readonly milliseconds: number;
  readonly passed: { readonly up: number; readonly down: number };
  /** The commands' nonces, in order. */
  readonly nonces: readonly [string, string];
}

export interface CutWorld {
  /** The real server. */
  readonly port: number;
  connect(port: number, idleTimeoutMs: number): Promise<RemctlSession>;
  /** A command that prints a nonce, which the server counts, and what it prints. */
  command(nonce: string): readonly string[];
  expected(nonce: string): string;
}

const SESSION_ERRORS = /^(TransportError|RemctlError|RemctlProtocolError|RemctlServerError|GssError)$/;
const CONTEXT_ERRORS = /^(Transport|Remctl|RemctlProtocol|RemctlServer|Gss|Crypto|Decode|Protocol|Service)Error$/;

let sessions = 0;

/** Two commands, a NOOP and a close through a proxy with a plan. */
export async function cutSession(world: CutWorld, plan: ProxyPlan): Promise<CutOutcome> {
  // Only what is to run into a timeout has a short one: the machine may be busy.
  const idleTimeoutMs = plan.cut?.kind === "stalled" || plan.cut?.kind === "garbled" ? 1_500 : 10_000;
  const proxy = await startFaultProxy({ port: world.port }, () => plan);
  const number = sessions++;
  const nonces = [`n${number}a`, `n${number}b`] as const;
  const started = performance.now();
  let stage: CutOutcome["stage"] = "opening";
  let error: CutOutcome["error"];
  let session: RemctlSession | undefined;
  try {
    session = await world.connect(proxy.port, idleTimeoutMs);
    stage = "first";
    expect((await session.run(world.command(nonces[0]))).text()).toBe(world.expected(nonces[0]));
    stage = "second";
    expect((await session.run(world.command(nonces[1]))).text()).toBe(world.expected(nonces[1]));
    stage = "noop";
    await session.noop();
    stage = "closing";
  } catch (caught) {
    error = caught as KerberosError;
  }
  const milliseconds = performance.now() - started;
  await session?.close();
  const passed = { up: 0, down: 0, ...proxy.connections[0]?.passed };
  await proxy.close();
  return { stage, error, milliseconds, passed, nonces };
}

/** Checks one outcome against the cut and against what the server executed. */
export function checkCut(world: CutWorld, cut: Cut, outcome: CutOutcome, executed: (nonce: string) => number): void {
  const { stage, error, milliseconds, nonces } = outcome;
  const place = `${cut.kind} after ${cut.at} octets ${cut.direction}, at ${stage}: ${error?.code} ${error?.message}`;
  expect(milliseconds, place).toBeLessThan(9_000);
  for (const nonce of nonces) expect(executed(nonce), place).toBeLessThanOrEqual(1);
  const running = stage === "first" ? 0 : stage === "second" ? 1 : undefined;
  if (running !== 1) expect(executed(nonces[1]), place).toBe(stage === "noop" || stage === "closing" ? 1 : 0);
  if (stage === "opening") expect(executed(nonces[0]), place).toBe(0);
  else if (running !== 0) expect(executed(nonces[0]), place).toBe(1);
  if (error === undefined) {
    expect(stage, place).toBe("closing");
    return;
  }

  // While the context is made, what came garbled can fail any of the checks of RFC 4120 section 3.2.
  const names = cut.kind === "garbled" && stage === "opening" ? CONTEXT_ERRORS : SESSION_ERRORS;
  expect(error.name, place).toMatch(names);
  if (cut.at === 0 && error.code === "CONNECT") return;
  // A session that ended between two calls is found closed by the next one, before it sends anything.
  const isFoundClosed = error.code === "REMCTL_SESSION_CLOSED";
  if (isFoundClosed) expect(stage, place).not.toBe("opening");
  else expect(error.code, place).toMatch(codes[cut.kind]);
  const isSent = running !== undefined && !isFoundClosed;
  // What came garbled the server refuses, and says so: it will not run.
  const isRefused = cut.kind === "garbled" && error.code === "REMCTL_SERVER";
  expect(error.commandState, place).toBe(isRefused ? "completed" : isSent ? "maybe-executed" : "not-sent");
  if (error.commandState !== "maybe-executed" && running !== undefined) {
    expect(executed(nonces[running]), place).toBe(0);
  }
  if (isSent) {
    const whole = world.expected(nonces[running as 0 | 1]);
    expect(["", whole], place).toContain(new TextDecoder().decode(error.stdout));
  }
}

const codes: Record<Cut["kind"], RegExp> = {
  closed: /^CONNECTION_CLOSED$/,
  reset: /^CONNECTION_CLOSED$/,
  stalled: /^TIMEOUT$/,
  // A length that grew waits for octets that never come; everything else is refused by its check.
  garbled:
    /^(REMCTL_PROTOCOL|REMCTL_DOWNGRADE|GSS_\w+|SERVER_\w+|DECODE|BAD_KEY|INTEGRITY|REPLAY|TIMEOUT|CONNECTION_CLOSED|REMCTL_SERVER)$/,
};

/**
 * Runs each item with so many at work at once, and gives the results in order. An item that says `rest()` only waits from then
 * on, and another begins.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  run: (item: T, rest: () => void) => Promise<R>,
): Promise<R[]> {
  let atWork = 0;
  let wake = (): void => {};
  const results: Promise<R>[] = [];
  for (const item of items) {
    while (atWork >= width) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    atWork++;
    let isAtWork = true;
    const rest = (): void => {
      if (isAtWork) atWork--;
      isAtWork = false;
      wake();
    };
    const result = run(item, rest).finally(rest);
    result.catch(() => {});
    results.push(result);
  }
  return Promise.all(results);
}
