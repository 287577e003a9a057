// What a command costs in round trips, writes and octets: counted, never timed.

import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRemctlServer, type RemctlServer } from "../../../src/entry/server.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import type { Connection, Runtime } from "../../../src/host/index.ts";
import { encTimestamp } from "../../../src/preauth/index.ts";
import type { ClientOptions, RemctlClient } from "../../../src/remctl-client/index.ts";
import { createClient } from "../../../src/remctl-client/on-host.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";
import { CountingRuntime } from "../../support/flights.ts";

const HOST = "server.test.example";
const SALT = "of alice";
let realm: TestRealm;
let server: RemctlServer;
let count: CountingRuntime;

beforeAll(async () => {
  const principals = { alice: { password: "secret", salt: SALT }, robot: {}, [`host/${HOST}`]: {} };
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  server = createRemctlServer({
    keytab: realm.keytab(`host/${HOST}`),
    commands: [
      { command: "a", subcommand: "quiet", acl: ["ANYUSER"], handler: () => 0 },
      {
        command: "a",
        subcommand: "echo",
        acl: ["ANYUSER"],
        handler: async ({ stdout }) => {
          await stdout.write("hello\n");
          return 0;
        },
      },
    ],
  });
  count = new CountingRuntime(nodeRuntime(), realm, server);
});
afterAll(() => Promise.all([server.close(), realm.close()]));
beforeEach(() => count.reset());

function newClient(options: Partial<ClientOptions> = {}): RemctlClient {
  return createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: ["udp://kdc.test.example"],
    runtime: count.runtime,
    ...options,
  });
}

describe("round trips", () => {
  it("cold: five, with a login in two; the connection is opened meanwhile", async () => {
    const result = await newClient().remctl(HOST, ["a", "echo"]);
    expect(result.text()).toBe("hello\n");
    expect({ flights: count.flights, datagrams: count.datagrams }).toEqual({ flights: 5, datagrams: 3 });
  });

  const cold = { directTicket: true, preauth: "timestamp-first", service: `host/${HOST}@TEST.EXAMPLE` } as const;
  const robot = () => ({ principal: "robot@TEST.EXAMPLE", keytab: realm.keytab("robot") });
  const alice = { principal: "alice@TEST.EXAMPLE", password: "secret" };

  it.each([
    ["a keytab", 3, 1, robot, cold],
    ["a password with its salt", 3, 1, () => ({ ...alice, salt: SALT }), cold],
    ["a password", 4, 2, () => alice, cold],
    ["a keytab that is asked for first", 4, 2, robot, { ...cold, preauth: [encTimestamp] }],
    ["a keytab and a ticket-granting ticket", 4, 2, robot, { preauth: cold.preauth }],
  ] as const)("cold, with both options or one: %s %i", async (_, flights, datagrams, credentials, options) => {
    const result = await newClient({ credentials: credentials(), ...options }).remctl(HOST, ["a", "echo"]);
    expect(result.text()).toBe("hello\n");
    expect({ flights: count.flights, datagrams: count.datagrams }).toEqual({ flights, datagrams });
  });

  it("warm: three, the connection, the context and the command, and nothing to the KDC", async () => {
    const client = newClient();
    await client.getTicket(`host/${HOST}`);
    count.reset();
    await client.remctl(HOST, ["a", "echo"]);
    expect({ flights: count.flights, datagrams: count.datagrams }).toEqual({ flights: 3, datagrams: 0 });
    // NOOP and CONTEXT in one write, the command in another, and no third.
    expect(count.writes.length).toBe(2);
  });

  it.each(["quiet", "echo"])("on an open session: one, in one write (%s)", async (subcommand) => {
    const session = await newClient().connect(HOST);
    for (let i = 0; i < 3; i++) {
      count.reset();
      await session.run(["a", subcommand]);
      expect(count.flights).toBe(1);
      // An octet of the next packet may go ahead as the acknowledgement of output; never two writes before the answer.
      expect(count.writes.length).toBeLessThanOrEqual(subcommand === "quiet" ? 1 : 2);
      expect(count.writes[0]).toBeGreaterThan(60);
    }
    await session.close();
  });

  it("octets: the opening and the command of a warm one-shot are as short as their tokens", async () => {
    const client = newClient();
    const { ticket } = await client.getTicket(`host/${HOST}`);
    count.reset();
    await client.remctl(HOST, ["a", "quiet"]);
    const [opening, command] = count.writes as [number, number];
    // Two packet headers, the token's framing, the AP-REQ around the ticket and its sealed authenticator with a sub-key.
    expect(opening - ticket.length).toBeGreaterThan(150);
    expect(opening - ticket.length).toBeLessThan(420);
    // Packet header, token header, confounder, message (flags, count, 2 lengths, 2 words), header copy, MAC.
    expect(command).toBe(5 + 16 + 16 + (4 + 4 + 4 + 1 + 4 + 5) + 16 + 12);
    // Context token and status: 200 octets and some.
    expect(count.received).toBeLessThan(320);
  });
});

describe("the result of one command", () => {
  /** Connections to servers close when the test lets them. */
  function slowToClose(more: Partial<Runtime> = {}) {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let closing = 0;
    let aborted = 0;
    const connectTcp: Runtime["connectTcp"] = async (...to) => {
      const inner = (await count.runtime.connectTcp?.(...to)) as Connection;
      return {
        ...inner,
        close: async () => {
          closing++;
          await released;
          await inner.close();
        },
        abort: () => {
          aborted++;
          inner.abort();
        },
      };
    };
    const runtime: Runtime = { ...count.runtime, ...more, connectTcp };
    return { runtime, release: () => release(), closing: () => closing, aborted: () => aborted };
  }

  it("is out as soon as the status came, with all of the output: nobody waits for this side's shutdown", async () => {
    const host = slowToClose();
    const result = await newClient({ runtime: host.runtime }).remctl(HOST, ["a", "echo"]);
    expect([result.status, result.text()]).toEqual([0, "hello\n"]);
    // A close that is waited for is given up after a second, with an abort.
    expect([host.closing(), host.aborted()]).toEqual([1, 0]);
    host.release();
  });

  it("waits for the shutdown where a host counts connections: the next call may need the place", async () => {
    const host = slowToClose({ maxConnections: 4 });
    let isOut = false;
    const result = newClient({ runtime: host.runtime })
      .remctl(HOST, ["a", "echo"])
      .finally(() => {
        isOut = true;
      });
    await vi.waitFor(() => expect(host.closing()).toBe(1));
    await setImmediate();
    expect(isOut).toBe(false);
    host.release();
    expect((await result).text()).toBe("hello\n");
  });
});
