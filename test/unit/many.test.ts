// The pool and the run on many hosts as the client makes them: what they ask of it, and a host that allows few connections.

import { describe, expect, it } from "vitest";
import { createPool } from "../../src/entry/index.ts";
import type { Runtime } from "../../src/host/index.ts";
import { type RemctlArgument, RemctlResult } from "../../src/remctl/index.ts";
import { poolOf, runOnHostsOf } from "../../src/remctl-client/many.ts";
import type { RemctlOptions } from "../../src/remctl-client/options.ts";
import { Farm } from "../support/pool-harness.ts";
import { settle } from "../support/remctl-harness.ts";

const node: Runtime = { name: "node" };
const strict: Runtime = { name: "workerd", maxConnections: 4 };

/** A client whose servers are in memory. */
function clientOf(farm: Farm) {
  const asked: [host: string, options: RemctlOptions][] = [];
  let running = 0;
  let most = 0;
  return {
    asked,
    most: () => most,
    connect: (host: string, options: RemctlOptions) => {
      asked.push([host, options]);
      return farm.connect({ host }, { signal: options.signal as AbortSignal });
    },
    remctl: async (host: string, _: readonly RemctlArgument[], options: RemctlOptions) => {
      asked.push([host, options]);
      most = Math.max(most, ++running);
      await settle(2);
      running--;
      return new RemctlResult(0, new Uint8Array(0), new Uint8Array(0));
    },
  };
}

describe("client.pool", () => {
  it("asks the client for a session with the target's port and service", async () => {
    const client = clientOf(new Farm());
    await using pool = poolOf(client, node, {});
    await pool.run({ host: "one", port: 1, service: "host/one@A" }, ["echo"]);
    await pool.run("two", ["echo"]);
    // A pool has stream(), whatever the client's own parts are.
    const outputKinds = [expect.objectContaining({ output: "streamed" })];
    expect(client.asked).toEqual([
      ["one", { port: 1, service: "host/one@A", signal: expect.any(AbortSignal), outputKinds }],
      ["two", { port: undefined, signal: expect.any(AbortSignal), outputKinds }],
    ]);
    await expect(pool.run({ host: "one", principal: "bob@A" }, ["echo"])).rejects.toThrow("createPool");
  });

  it("createPool: each principal's sessions are its own client's", async () => {
    const clients = new Map(["alice@A", "bob@A"].map((name) => [name, clientOf(new Farm())]));
    await using pool = createPool((principal) => clients.get(principal ?? ""), {});
    for (const principal of ["alice@A", "bob@A", "alice@A"]) await pool.run({ host: "one", principal }, ["echo"]);
    expect([...clients.values()].map(({ asked }) => asked.length)).toEqual([1, 1]);
    await expect(pool.run({ host: "one", principal: "eve@A" }, ["echo"])).rejects.toThrow("eve@A");
  });

  it("PO16: where a host allows few connections: fewer sessions than that, and one opened at a time", async () => {
    let opening = 0;
    let most = 0;
    const farm = new Farm({
      onConnect: async () => {
        most = Math.max(most, ++opening);
        await settle(2);
        opening--;
      },
    });
    await using pool = poolOf(clientOf(farm), strict, { maxSessions: 50, maxOpening: 9 });
    let open = 0;
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await pool.run(`host${index % 10}`, ["echo", `${index}`]);
        open = Math.max(open, farm.open);
      }),
    );
    expect([most, open]).toEqual([1, 3]);
  });

  it("PO18: there, a session must answer NOOP before it is used again, unless the caller says when", async () => {
    for (const [options, noops] of [
      [{}, 1],
      [{ noopAfterMs: 5_000 }, 0],
    ] as const) {
      const farm = new Farm();
      await using pool = poolOf(clientOf(farm), strict, options);
      for (const word of ["1", "2"]) await pool.run("one", ["echo", word]);
      expect(farm.connections.map((connection) => connection.noops)).toEqual([noops]);
    }
  });
});

describe("client.runOnHosts", () => {
  it("asks the client for each host, with the options of the call", async () => {
    const client = clientOf(new Farm());
    const hosts = ["one", { host: "two", port: 2, service: "host/two@A" }];
    const options = { idleTimeoutMs: 5, port: 9, onResult: () => {}, concurrency: 3 };
    await runOnHostsOf(client, node, hosts, ["x"], options);
    expect(client.asked).toEqual([
      ["one", { idleTimeoutMs: 5, port: 9, signal: undefined }],
      ["two", { idleTimeoutMs: 5, port: 2, service: "host/two@A", signal: undefined }],
    ]);
  });

  it("PH3: where a host allows few connections: fewer hosts at once than that", async () => {
    const client = clientOf(new Farm());
    const hosts = Array.from({ length: 20 }, (_, index) => `host${index}`);
    await runOnHostsOf(client, strict, hosts, ["x"], { concurrency: 50 });
    expect(client.most()).toBe(3);
    await runOnHostsOf(client, node, hosts, ["x"], { concurrency: 15 });
    expect(client.most()).toBe(15);
  });
});
