// A server and its clients in one program, with no socket.

import { describe, expect, it, onTestFinished } from "vitest";
import { createClient, type Dial } from "../../../src/entry/index.ts";
import { createRemctlServer, type RemctlCommand } from "../../../src/entry/server.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { settle } from "../../support/remctl-harness.ts";
import { open } from "../../support/server-bench.ts";
import { bedCommands, largeOutput } from "../../support/server-commands.ts";

/** A realm, a server and a client that reaches both by `dial`; `dial` of the server may be another. */
async function world(commands: readonly RemctlCommand[] = bedCommands("TEST.EXAMPLE"), dial?: (server: Dial) => Dial) {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  const server = createRemctlServer({ keytab: realm.keytab("host/localhost"), commands });
  onTestFinished(async () => void (await Promise.all([server.close(), realm.close()])));
  const toServer = dial?.(server.dial) ?? server.dial;
  const client = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial: (host, port, options) => (port === 88 ? realm.dial : toServer)(host, port, options),
  });
  return { realm, server, client };
}

/** As {@link Dial} gives it, with room for so many pieces on the way: a write resolves long before its octets are read. */
const roomy =
  (dial: Dial): Dial =>
  async (host, port, options) => {
    const { readable, writable } = await dial(host, port, options);
    const room = new CountQueuingStrategy({ highWaterMark: 16 });
    return { readable: readable.pipeThrough(new TransformStream({}, undefined, room)), writable };
  };

describe("server.dial", () => {
  it("a one-shot, a session and a pool", async () => {
    const { client, server } = await world();
    expect((await client.remctl("localhost", ["test", "test"])).text()).toBe("hello world\n");
    const session = await client.connect("localhost");
    expect((await session.run(["test", "status", "7"])).status).toBe(7);
    await session.noop();
    expect(server.connections).toBe(1);
    await session.close();
    {
      await using pool = client.pool();
      expect((await pool.run("localhost", ["test", "test"])).status).toBe(0);
    }
    await expect.poll(() => server.connections).toBe(0);
  });

  it("large output and input are what was sent", async () => {
    const { client } = await world();
    const octets = largeOutput(3_000_000);
    const sent = await client.remctl("localhost", ["test", "large-output", String(octets.length)]);
    expect(Buffer.compare(sent.stdout, octets)).toBe(0);
    const echoed = await client.remctl("localhost", ["test", "cat", octets]);
    expect(Buffer.compare(echoed.stdout, octets)).toBe(0);
  });

  it("what waits on the way to a slow client stays what it was", async () => {
    const { client } = await world(undefined, roomy);
    const octets = largeOutput(3_000_000);
    const session = await client.connect("localhost");
    const run = session.stream(["test", "large-output", String(octets.length)]);
    await settle(100);
    expect(Buffer.compare(new Uint8Array(await new Response(run.stdout).arrayBuffer()), octets)).toBe(0);
  });

  it("a client that goes aborts the command's signal, and a closed server ends what is dialled", async () => {
    const aborted: unknown[] = [];
    const wait = open("wait", async ({ signal, stdout }) => {
      await stdout.write("begun");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted.push(signal.reason);
      return 0;
    });
    const { client, server } = await world([wait]);
    const session = await client.connect("localhost");
    {
      await using run = session.stream(["wait"]);
      for await (const _ of run) break;
    }
    await expect.poll(() => aborted).toMatchObject([{ code: "CONNECTION_CLOSED" }]);
    await expect.poll(() => server.connections).toBe(0);
    await server.close();
    await expect(client.connect("localhost")).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
      commandState: "not-sent",
    });
  });

  it("heeds its signal", async () => {
    const { server } = await world([]);
    const reason = new Error("not now");
    expect(() => server.dial("localhost", 4373, { signal: AbortSignal.abort(reason) })).toThrow(reason);
    expect(server.connections).toBe(0);
  });
});
