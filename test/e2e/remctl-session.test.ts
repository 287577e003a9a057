// Sessions of this client with this server over sockets: what both ends do with octets that go ahead of their packet.

import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createClient, type RemctlClient } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { useBed } from "../support/live.ts";
import { failureOf, settle } from "../support/remctl-harness.ts";

const sha256 = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

async function start(): Promise<{ client: RemctlClient; port: number; close(): Promise<void> }> {
  const realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" }, "host/localhost": {} },
  });
  await realm.listen();
  const server = createRemctlServer({
    keytab: realm.keytab("host/localhost"),
    commands: [
      {
        command: "burst",
        subcommand: "ALL",
        acl: ["ANYUSER"],
        handler: async ({ stdout, signal }) => {
          for (let index = 0; index < 6 && !signal.aborted; index++) {
            await stdout.write(String(index));
            await settle(8);
          }
          return 3;
        },
      },
      {
        command: "cat",
        subcommand: "ALL",
        acl: ["ANYUSER"],
        handler: async ({ args, stdout }) => {
          for (const arg of args) await stdout.write(arg);
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
    port: server.port as number,
  });
  return {
    client,
    port: server.port as number,
    close: async () => {
      await server.close();
      await realm.close();
    },
  };
}

describe("a session with this server", () => {
  const bed = useBed(start);

  it("bursts of output, long and short commands and NOOP, in any order", async () => {
    const session = await bed().client.connect("127.0.0.1");
    for (const size of [1, 150, 300, 65_500, 65_536, 300_000]) {
      const data = randomBytes(size);
      const burst = await session.run(["burst", "x"]);
      expect([burst.text(), burst.status]).toEqual(["012345", 3]);
      expect(sha256((await session.run(["cat", "x", data])).stdout), `${size}`).toBe(sha256(data));
      await session.run(["burst", "x"]);
      await session.noop();
    }
    await session.close();
  });

  it("errors leave it usable, whatever went ahead", async () => {
    const session = await bed().client.connect("127.0.0.1");
    for (let index = 0; index < 3; index++) {
      await session.run(["burst", "x"]);
      expect((await failureOf(session.run(["nope"]))).code).toBe("REMCTL_UNKNOWN_COMMAND");
    }
    expect((await session.run(["cat", "x", "still here"])).text()).toBe("still here");
    await session.close();
  });

  it("a streamed command is seen as it comes; an abort in its middle closes", async () => {
    const controller = new AbortController();
    const session = await bed().client.connect("127.0.0.1");
    const run = session.stream(["burst", "x"], { signal: controller.signal });
    const error = await failureOf(
      (async () => {
        for await (const { data } of run) if (data.length > 0) controller.abort();
      })(),
    );
    expect([error.code, error.commandState, session.isOpen]).toEqual(["ABORTED", "maybe-executed", false]);
  });

  it("pipelines bursts, and a file behind them, with our own server", async () => {
    const session = await bed().client.connect("127.0.0.1", { pipelineDepth: 8 });
    const data = randomBytes(300_000);
    const [first, second, third, fourth] = await Promise.all([
      session.run(["burst", "x"]),
      session.run(["burst", "x".repeat(2_000)]),
      session.run(["cat", "x", new Blob([data])]),
      session.run(["cat", "x", "last"], { isLast: true }),
    ]);
    expect([first.text(), second.text(), sha256(third.stdout), fourth.text(), session.isOpen]).toEqual([
      "012345",
      "012345",
      sha256(data),
      "last",
      false,
    ]);
  });

  it("a local address is not for a `dial` of the caller's: nothing is dialled", async () => {
    let dialled = 0;
    const client = createClient({
      credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
      kdc: [],
      dial: () => {
        dialled++;
        throw new Error("dialled");
      },
    });
    await expect(client.connect("localhost", { localAddress: "127.0.0.1" })).rejects.toThrow(TypeError);
    expect(dialled).toBe(0);
  });
});
