// Pools and runs on many hosts against Debian's remctld: several of them, and one that is not there.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createClient, type KerberosError, type TraceEvent } from "../../src/entry/index.ts";
import { freePort, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { failureOf, settle } from "../support/remctl-harness.ts";

describeLive("mit", "many commands with Debian's remctld", () => {
  const bed = useBed(() => startMitBed());
  const servers = useBed(async () => {
    const count = 'echo "$2" >> "$BED_DIR/runs"; echo "ran $2"';
    const all = await Promise.all(
      Array.from({ length: 4 }, () => startRemctld({ bed: bed(), commands: [["many", "count", count]] })),
    );
    return { all, close: async () => void (await Promise.all(all.map((server) => server.close()))) };
  });
  const runsOf = (index: number): string[] =>
    readFileSync(`${servers().all[index]?.dir}/runs`, "utf8").trim().split("\n").sort();

  const start = (onTrace?: (event: TraceEvent) => void) =>
    createClient({
      credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
      kdc: bed().kdc,
      service: servers().all[0]?.service as string,
      ...(onTrace === undefined ? {} : { onTrace }),
    });
  const targetOf = (index: number) => ({ host: "127.0.0.1", port: servers().all[index]?.port as number });

  it("a pool: 60 commands at once on four sessions, each run once", async () => {
    let contexts = 0;
    const client = start(({ type }) => {
      if (type === "context-established") contexts++;
    });
    const pool = client.pool({ maxSessionsPerHost: 4, noopAfterMs: 50 });
    const words = Array.from({ length: 60 }, (_, index) => `pool-${index}`);
    const results = await Promise.all(words.map((word) => pool.run(targetOf(0), ["many", "count", word])));
    expect(results.map((result) => result.text())).toEqual(words.map((word) => `ran ${word}\n`));
    expect(contexts).toBe(4);
    await settle(80);
    // After a rest, NOOP first; and errors leave a session as it is.
    expect((await pool.run(targetOf(0), ["test", "test"])).text()).toBe("hello world\n");
    for (const [args, code] of [
      [["test", "noauth"], "REMCTL_ACCESS_DENIED"],
      [["no", "such"], "REMCTL_UNKNOWN_COMMAND"],
    ] as const) {
      expect((await failureOf<KerberosError>(pool.run(targetOf(0), args))).code).toBe(code);
    }
    expect((await pool.run(targetOf(0), ["test", "status", "7"])).status).toBe(7);
    expect(contexts).toBe(4);
    await pool.close();
    expect(pool.counts.sessions).toBe(0);
    expect(runsOf(0)).toEqual([...words].sort());
  });

  it("a pool outlives a server that is started anew", async () => {
    const first = await startRemctld({ bed: bed() });
    const pool = start().pool();
    const target = { host: "127.0.0.1", port: first.port };
    expect((await pool.run(target, ["test", "test"])).text()).toBe("hello world\n");
    await first.close();
    await settle(50);
    const error = await failureOf<KerberosError>(pool.run(target, ["test", "test"]));
    expect(["CONNECT not-sent", "CONNECTION_CLOSED not-sent"]).toContain(`${error.code} ${error.commandState}`);
    expect(pool.counts.sessions).toBe(0);
    await pool.close();
  });

  it("hosts: three servers and a port where there is none", async () => {
    const tickets: string[] = [];
    const client = start((event) => {
      if (event.type === "ticket" && !event.cached) tickets.push(event.exchange);
    });
    const nobody = { host: "127.0.0.1", port: await freePort() };
    const hosts = [targetOf(1), nobody, targetOf(2), targetOf(3)];
    const { outcomes, succeeded, failed } = await client.runOnHosts(hosts, ["many", "count", "here"]);
    expect([succeeded, failed]).toEqual([3, 1]);
    expect(outcomes.map(({ result, error }) => result?.text() ?? (error as KerberosError).code)).toEqual([
      "ran here\n",
      "CONNECT",
      "ran here\n",
      "ran here\n",
    ]);
    for (const index of [1, 2, 3]) expect(runsOf(index)).toEqual(["here"]);
    // All have one principal here: one login, one ticket.
    expect(tickets).toEqual(["AS", "TGS"]);
  });
});
