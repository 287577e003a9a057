// The soak: a pool, random commands, random faults on the way, tickets that last a few seconds. Every command has a nonce, the
// server counts them, and every answer must be its own command's.

import { createHash } from "node:crypto";
import { createClient, KerberosError, type RemctlPool, type RemctlResult } from "../../src/entry/index.ts";
import { createRemctlServer, type RemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { type FaultProxy, type ProxyPlan, startFaultProxy } from "./fault-proxy.ts";

export interface SoakOptions {
  readonly seconds: number;
  /** 32 bits: the same seed makes the same choices, though not the same timing. */
  readonly seed: number;
  readonly log?: (line: string) => void;
}

/** What came of it. */
export interface SoakReport {
  readonly seed: number;
  readonly commands: number;
  readonly hostRuns: number;
  /** By code and state; `ok` for a result. */
  readonly outcomes: Record<string, number>;
  /** By kind. */
  readonly faults: Record<string, number>;
  readonly connections: number;
  readonly logins: number;
  readonly serviceTickets: number;
  readonly executed: number;
  /** What must not be: empty. */
  readonly wrong: readonly string[];
  readonly growthMB: number;
}

const REALM = "SOAK.EXAMPLE";
const HOSTS = 4;
const WORKERS = 24;
/** Seconds that a ticket lasts. */
const LIFETIME = 4;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the server prints: no two nonces give the same. */
function answerTo(nonce: string, size: number): Buffer {
  const digest = createHash("sha256").update(nonce).digest("hex");
  return Buffer.from(`${nonce} ${digest} `.padEnd(size, digest));
}

export async function soak({ seconds, seed, log = () => {} }: SoakOptions): Promise<SoakReport> {
  const random = randomOf(seed);
  const chance = (part: number): boolean => random() < part;
  const upTo = (most: number): number => Math.floor(random() * most);
  const pick = <T>(values: readonly T[]): T => values[upTo(values.length)] as T;
  const count = (counts: Record<string, number>, key: string): void => {
    counts[key] = (counts[key] ?? 0) + 1;
  };

  const names = Array.from({ length: HOSTS }, (_, index) => `host/h${index}.soak.example`);
  const principals = { alice: { password: "secret" }, ...Object.fromEntries(names.map((name) => [name, {}])) };
  const realm = await createTestRealm({ realm: REALM, principals });
  await realm.listen();
  const wrong: string[] = [];
  const outcomes: Record<string, number> = {};
  const faults: Record<string, number> = {};
  const executed = new Map<string, number>();
  const tickets = { AS: 0, TGS: 0 };

  const servers: RemctlServer[] = [];
  const proxies: FaultProxy[] = [];
  for (const name of names) {
    const server = createRemctlServer({
      keytab: realm.keytab(name),
      closeGraceMs: 500,
      commands: [
        {
          command: "do",
          subcommand: "ALL",
          acl: ["ANYUSER"],
          // do NONCE SIZE STATUS STREAM PAUSE [DATA]
          handler: async ({ subcommand: nonce = "", args, stdout, stderr, signal }) => {
            executed.set(nonce, (executed.get(nonce) ?? 0) + 1);
            const [size, status, stream, pauseMs] = args.map((arg) => new TextDecoder().decode(arg));
            const answer = answerTo(nonce, Number(size));
            const out = stream === "stderr" ? stderr : stdout;
            const half = Math.floor(answer.length / 2);
            await out.write(answer.subarray(0, half));
            if (pauseMs !== "0" && !signal.aborted)
              await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
            await out.write(answer.subarray(half));
            return Number(status);
          },
        },
        { command: "denied", subcommand: "ALL", acl: [], handler: () => 0 },
      ],
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    servers.push(server);
    const plan = (): ProxyPlan => {
      if (chance(0.6)) return {};
      const kind = pick(["closed", "reset", "stalled", "garbled", "dribbled"] as const);
      count(faults, kind);
      const direction = pick(["up", "down"] as const);
      // A short session has about a thousand octets, a long one some hundred thousand.
      const at = upTo(chance(0.5) ? 1_000 : 60_000);
      return kind === "dribbled"
        ? { dribble: { direction, gapMs: 0, octets: 5_000 } }
        : { cut: { direction, kind, at } };
    };
    proxies.push(await startFaultProxy({ port: server.port as number }, plan));
  }

  const client = createClient({
    credentials: { principal: `alice@${REALM}`, password: "secret" },
    kdc: realm.kdc,
    lifetimeSeconds: LIFETIME,
    idleTimeoutMs: 700,
    connectTimeoutMs: 3_000,
    onTrace: (event) => {
      if (event.type === "ticket" && !event.cached) tickets[event.exchange]++;
    },
  });
  const pool: RemctlPool = client.pool({
    maxSessions: 10,
    maxSessionsPerHost: 4,
    waitTimeoutMs: 10_000,
    idleCloseMs: 400,
    noopAfterMs: 30,
    noopTimeoutMs: 500,
    expiryMarginMs: 500,
  });

  const targetOf = (index: number) => ({
    host: "127.0.0.1",
    port: (proxies[index] as FaultProxy).port,
    service: `${names[index]}@${REALM}`,
  });
  interface Order {
    readonly nonce: string;
    readonly size: number;
    readonly status: number;
    readonly stream: "stdout" | "stderr";
    readonly args: readonly (string | Uint8Array)[];
  }
  let orders = 0;
  const order = (): Order => {
    const nonce = `${seed.toString(16)}-${orders++}`;
    const size = chance(0.1) ? upTo(200_000) : upTo(600);
    const status = chance(0.7) ? 0 : upTo(256);
    const stream = chance(0.8) ? "stdout" : "stderr";
    const data = chance(0.1) ? [new Uint8Array(upTo(150_000))] : [];
    const pauseMs = chance(0.2) ? upTo(60) : 0;
    return { nonce, size, status, stream, args: ["do", nonce, `${size}`, `${status}`, stream, `${pauseMs}`, ...data] };
  };
  const checkResult = (
    { nonce, size, status, stream }: Order,
    result: Pick<RemctlResult, "status" | "stdout" | "stderr">,
  ): void => {
    count(outcomes, "ok");
    if (result.status !== status) wrong.push(`${nonce}: status ${result.status}, ${status} expected`);
    if (!answerTo(nonce, size).equals(result[stream])) wrong.push(`${nonce}: another answer than its own`);
    if (executed.get(nonce) !== 1) wrong.push(`${nonce}: a result, and ${executed.get(nonce) ?? 0} executions`);
  };
  const unsent: string[] = [];
  const checkError = ({ nonce, size, stream }: Order, error: unknown): void => {
    if (!(error instanceof KerberosError) || error.commandState === undefined) {
      wrong.push(`${nonce}: ${error}`);
      return;
    }
    count(outcomes, `${error.code} ${error.commandState}`);
    if (error.commandState === "not-sent") unsent.push(nonce);
    const partial = error[stream];
    if (partial === undefined || partial.length === 0) return;
    if (!answerTo(nonce, size).subarray(0, partial.length).equals(partial))
      wrong.push(`${nonce}: another's output with its error`);
  };

  const byRun = async (one: Order, signal: AbortSignal | undefined): Promise<void> => {
    const options = signal === undefined ? {} : { signal };
    checkResult(one, await pool.run(targetOf(upTo(HOSTS)), one.args, options));
  };
  const byStream = async (one: Order, signal: AbortSignal | undefined): Promise<void> => {
    const run = await pool.stream(targetOf(upTo(HOSTS)), one.args, signal === undefined ? {} : { signal });
    const got: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
    for await (const { stream, data } of run) got[stream].push(data.slice());
    const [stdout, stderr] = [Buffer.concat(got.stdout), Buffer.concat(got.stderr)];
    checkResult(one, { status: await run.status, stdout, stderr });
  };
  const byLoan = (one: Order): Promise<void> =>
    pool.withSession(targetOf(upTo(HOSTS)), async (session) => checkResult(one, await session.run(one.args)));
  const refused = async (): Promise<void> => {
    try {
      await pool.run(targetOf(upTo(HOSTS)), ["denied", "x"]);
      wrong.push("a command that is denied to all was run");
    } catch (error) {
      const { code, commandState } = error as KerberosError;
      count(outcomes, `${code} ${commandState}`);
    }
  };

  const endsAt = performance.now() + seconds * 1000;
  let hostRuns = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < endsAt && wrong.length < 20) {
      if (chance(0.03)) await refused();
      if (chance(0.1)) await new Promise((resolve) => setTimeout(resolve, upTo(500)));
      const one = order();
      const abort = chance(0.05) ? AbortSignal.timeout(1 + upTo(40)) : undefined;
      const way = pick(["run", "run", "stream", "loan"] as const);
      try {
        if (way === "run") await byRun(one, abort);
        else if (way === "stream") await byStream(one, abort);
        else await byLoan(one);
      } catch (error) {
        checkError(one, error);
      }
    }
  };
  const workOnHosts = async (): Promise<void> => {
    while (performance.now() < endsAt && wrong.length < 20) {
      const ordered = new Map<object, Order>();
      await client.runOnHosts(
        Array.from({ length: 8 }, () => targetOf(upTo(HOSTS))),
        (target) => {
          const one = order();
          ordered.set(target, one);
          return one.args;
        },
        {
          concurrency: 1 + upTo(4),
          onResult: ({ target, result, error }) => {
            hostRuns++;
            const one = ordered.get(target) as Order;
            if (result === undefined) checkError(one, error);
            else checkResult(one, result);
          },
        },
      );
      await new Promise((resolve) => setTimeout(resolve, upTo(400)));
    }
  };
  const watch = async (): Promise<void> => {
    while (performance.now() < endsAt && wrong.length < 20) {
      const { sessions, waiting } = pool.counts;
      if (sessions > 10) wrong.push(`${sessions} sessions, 10 is the limit`);
      if (waiting > WORKERS) wrong.push(`${waiting} calls wait, of ${WORKERS}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const baseBytes = process.memoryUsage().rss;
  let peakBytes = baseBytes;
  const meter = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
  }, 100);
  const reports = setInterval(() => log(`${orders} commands, ${JSON.stringify(outcomes)}`), 10_000);
  await Promise.all([...Array.from({ length: WORKERS }, work), workOnHosts(), watch()]);
  clearInterval(meter);
  clearInterval(reports);
  await pool.close();
  if (pool.counts.sessions !== 0) wrong.push(`${pool.counts.sessions} sessions after the pool was closed`);
  // A command that was on its way when its client gave it up may run now.
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const nonce of unsent) if (executed.has(nonce)) wrong.push(`${nonce}: "not-sent", and it was executed`);
  for (const [nonce, times] of executed) if (times > 1) wrong.push(`${nonce}: executed ${times} times`);

  client.close();
  for (const proxy of proxies) await proxy.close();
  for (const server of servers) await server.close();
  await realm.close();
  return {
    seed,
    commands: orders,
    hostRuns,
    outcomes,
    faults,
    connections: proxies.reduce((sum, { connections }) => sum + connections.length, 0),
    logins: tickets.AS,
    serviceTickets: tickets.TGS,
    executed: executed.size,
    wrong,
    growthMB: (peakBytes - baseBytes) / 2 ** 20,
  };
}
