// Runs under `deno test`, bundled: one Deno.test for each cut, so that Deno's sanitizers see whether a session that was cut leaves an
// operation, a socket or a timer behind. Arguments: a file with the settings.

import { createClient, type KerberosError } from "../../src/entry/index.ts";
import type { RemctlSession } from "../../src/remctl/index.ts";
import type { ProxyPlan } from "./fault-proxy.ts";

/** What the program is told. The proxy's connections have these plans, in this order. */
export interface DenoCuts {
  readonly kdc: readonly string[];
  readonly port: number;
  readonly plans: readonly ProxyPlan[];
}

interface DenoHost {
  readonly args: readonly string[];
  readTextFileSync(path: string): string;
  test(definition: {
    readonly name: string;
    readonly sanitizeOps: boolean;
    readonly sanitizeResources: boolean;
    readonly fn: () => Promise<void>;
  }): void;
}

const { Deno } = globalThis as unknown as { Deno: DenoHost };
const { kdc, port, plans } = JSON.parse(Deno.readTextFileSync(Deno.args[0] as string)) as DenoCuts;
const client = createClient({
  credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
  kdc,
  service: "host/localhost@TEST.EXAMPLE",
  port,
});
// The login is no part of any test, and neither is what the client keeps with its ticket: the first plan is this one's.
const first = await client.connect("127.0.0.1");
await first.close();
await new Promise((resolve) => setTimeout(resolve, 1_200));
// Keys of the login that nobody has any more give back what the host kept for them.
for (let round = 0; round < 3; round++) {
  (globalThis as unknown as { gc(): void }).gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Timers that are running, of the library's and of this program. */
const timers = new Set<unknown>();
const { setTimeout: start, clearTimeout: stop } = globalThis;
globalThis.setTimeout = ((run: () => void, delayMs: number) => {
  const timer: unknown = start(() => {
    timers.delete(timer);
    run();
  }, delayMs);
  timers.add(timer);
  return timer;
}) as typeof setTimeout;
globalThis.clearTimeout = ((timer: unknown) => {
  timers.delete(timer);
  stop(timer as number);
}) as typeof clearTimeout;

/**
 * The peer's end of a clean close comes from another process, which may be slow: a session waits for it a second and no longer.
 * What is there after that is a leak, and Deno says so.
 */
async function untilClosed(): Promise<void> {
  for (let waitedMs = 0; waitedMs < 1_200; waitedMs += 20) {
    await new Promise((resolve) => start(resolve, 20));
    if (timers.size === 0 && waitedMs >= 20) return;
  }
}

for (const [index, { cut }] of plans.entries()) {
  if (index === 0) continue;
  Deno.test({
    name: cut === undefined ? "no cut" : `${cut.kind} after ${cut.at} octets ${cut.direction}`,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: async () => {
      let stage = "opening";
      let session: RemctlSession | undefined;
      try {
        session = await client.connect("127.0.0.1", { idleTimeoutMs: cut?.kind === "stalled" ? 200 : 10_000 });
        stage = "command";
        const { stdout } = await session.run(["count", `deno-${index}`]);
        if (new TextDecoder().decode(stdout) !== `counted deno-${index}`) throw new Error("another's answer");
        stage = "noop";
        await session.noop();
        stage = "closing";
      } catch (caught) {
        const error = caught as KerberosError;
        const isRight =
          error.code === "REMCTL_SESSION_CLOSED" ||
          error.code === (cut?.kind === "stalled" ? "TIMEOUT" : "CONNECTION_CLOSED") ||
          (cut?.at === 0 && error.code === "CONNECT");
        if (!isRight) throw caught;
        const isSent = stage === "command" && error.code !== "REMCTL_SESSION_CLOSED";
        if (error.commandState !== (isSent ? "maybe-executed" : "not-sent"))
          throw new Error(`${error.commandState} at ${stage}`);
      } finally {
        await session?.close();
      }
      if (cut === undefined && stage !== "closing") throw new Error(`it came to ${stage}`);
      await untilClosed();
    },
  });
}
