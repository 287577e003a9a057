// More guards of the server's parts, each by itself: its room, its commands' names, and the rounds of a context.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import type { ServerEvent } from "../../../src/entry/server.ts";
import { Budget, ByteStore } from "../../../src/server/byte-store.ts";
import type { RemctlCommand } from "../../../src/server/command.ts";
import { CommandTable } from "../../../src/server/command-table.ts";
import { RemctlServer } from "../../../src/server/server.ts";
import { FakeContext } from "../../support/fake-context.ts";
import { framed } from "../../support/fake-remctl-server.ts";
import { createConnectionPair } from "../../support/memory-connection.ts";
import { ALICE } from "../gssapi/exchange.ts";

describe("the octets of a command that is not whole", () => {
  it("take room by the block, and none while a block has room", () => {
    const taken: number[] = [];
    const store = new ByteStore({ take: (octets) => taken.push(octets) > 0, give: () => {} });
    for (const length of [1, 8190, 1, 0, 1]) store.append(new Uint8Array(length));
    expect(taken).toEqual([8192, 8192]);
  });

  it("are none where none are read, even behind the last one", () => {
    const store = new ByteStore(new Budget(100_000).of("alice"));
    expect(store.read(0)).toHaveLength(0);
    store.append(new Uint8Array(8192));
    expect(store.read(8192)).toHaveLength(8192);
    expect(store.read(0)).toHaveLength(0);
    expect(() => store.read(1)).toThrow(RangeError);
  });
});

it("ALL is any command, with any word after it or none", () => {
  const any: RemctlCommand = { command: "ALL", subcommand: "ALL", acl: [], handler: () => 0 };
  const table = new CommandTable([any], false);
  expect([table.find("a", "b"), table.find("c", undefined)]).toEqual([table.rules[0], table.rules[0]]);
});

describe("a context of the server's", () => {
  const serve = async (context: FakeContext, tokens: number, peer: typeof ALICE | undefined) => {
    const events: ServerEvent[] = [];
    const errors: unknown[] = [];
    const server = new RemctlServer(
      {
        keytab: { keysOf: () => [] },
        commands: [],
        onTrace: (event) => void events.push(event),
        onError: (error) => void errors.push(error),
      },
      { runtime: { name: "web" }, createContext: () => Object.assign(context, { peer }) },
    );
    const { client, server: far } = createConnectionPair();
    const served = server.accept(far);
    const round = (leg: number) => framed(0x42, new TextEncoder().encode(`REQ ${leg}`));
    await client.write(
      concat(framed(0x51, new Uint8Array(0)), ...Array.from({ length: tokens }, (_, at) => round(at + 1))),
    );
    await client.close();
    await served;
    expect(errors).toEqual([]);
    return events.find((event) => event.type === "closed")?.reason;
  };

  it("has ten rounds at most", async () => {
    expect(await serve(new FakeContext(true, { legs: 10 }), 10, ALICE)).toBe("the client closed the connection");
    expect(await serve(new FakeContext(true, { legs: 12 }), 12, ALICE)).toBe(
      "there is no security context after 10 tokens",
    );
  });

  it("that does not say whose it is serves nobody", async () => {
    expect(await serve(new FakeContext(true), 1, undefined)).toBe("the security context has no name of its initiator");
  });

  it("whose step never answers, as over a replay cache that hangs, holds its place until the handshake's time is over", async () => {
    const context = new FakeContext(true);
    context.step = () => new Promise(() => {});
    const events: ServerEvent[] = [];
    const server = new RemctlServer(
      {
        keytab: { keysOf: () => [] },
        commands: [],
        handshakeTimeoutMs: 50,
        onTrace: (event) => void events.push(event),
      },
      { runtime: { name: "web" }, createContext: () => context },
    );
    const { client, server: far } = createConnectionPair();
    const served = server.accept(far);
    await client.write(concat(framed(0x51, new Uint8Array(0)), framed(0x42, new TextEncoder().encode("REQ 1"))));
    await served;
    expect(server.connections).toBe(0);
    expect(events.find((event) => event.type === "closed")?.reason).toBe("no security context within 50 ms");
  });

  it("that is never made, as with a keytab that never comes, keeps nobody's place either", async () => {
    const errors: unknown[] = [];
    const events: ServerEvent[] = [];
    const server = new RemctlServer(
      {
        keytab: { keysOf: () => [] },
        commands: [],
        handshakeTimeoutMs: 50,
        maxConnections: 1,
        onTrace: (event) => void events.push(event),
        onError: (error) => void errors.push(error),
      },
      { runtime: { name: "web" }, createContext: () => new Promise(() => {}) },
    );
    for (const _ of [1, 2]) await server.accept(createConnectionPair().server);
    expect(errors).toMatchObject([{ code: "TIMEOUT" }, { code: "TIMEOUT" }]);
    expect(events.filter((event) => event.type === "closed").map(({ reason }) => reason)).toEqual(
      Array(2).fill("getting the keytab ready: nothing within 50 ms; raise the timeout"),
    );
  });
});
