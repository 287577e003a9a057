// Ten thousand malformed packets in each state of a connection: the server goes on serving, and keeps nothing of them.

import { afterEach, describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/index.ts";
import { framed, word } from "../support/fake-remctl-server.ts";
import { wholeTable } from "../support/live.ts";
import { command, commandBody, commandMessage } from "../support/raw-remctl-client.ts";
import { type BenchClient, createBench } from "../support/server-bench.ts";
import { bedCommands } from "../support/server-commands.ts";

const PACKETS = wholeTable ? 10_000 : 2_000;
const limits = { idleTimeoutMs: 2_000, handshakeTimeoutMs: 2_000, maxCommandBytes: 100_000, maxErrors: 200 };
const here = createBench(bedCommands("EXAMPLE.TEST"), { version1: "allow", ...limits });

/** The same numbers at each run (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const octetsOf = (next: (below: number) => number, most: number): Uint8Array =>
  Uint8Array.from({ length: next(most + 1) }, () => next(256));

/** A packet that breaks a rule of section 1 more often than not. */
function malformedPacket(next: (below: number) => number): Uint8Array {
  const payload = octetsOf(next, 64);
  switch (next(5)) {
    case 0:
      return payload;
    case 1:
      return concat(Uint8Array.of(next(256)), word(next(0x1_0000_0000)), payload);
    case 2:
      return framed(next(256), payload);
    case 3:
      return framed([0x42, 0x44, 0x51, 0x02][next(4)] as number, payload);
    default:
      return framed(0x44, payload).subarray(0, next(12));
  }
}

const whole = commandMessage(1, 0, commandBody("test", "test", "and", "more"));

/** A message that breaks a rule of section 2 more often than not: changed, cut, or made up. */
function malformedMessage(next: (below: number) => number): Uint8Array {
  const message = whole.slice();
  switch (next(6)) {
    case 0:
      return octetsOf(next, 40);
    case 1:
      return message.subarray(0, next(message.length));
    case 2:
      return concat(Uint8Array.of(2, 1, next(3), next(6)), octetsOf(next, 40));
    case 3:
      return concat(Uint8Array.of(next(5), next(10)), octetsOf(next, 8));
    default:
      for (let i = 0; i <= next(3); i++) message[next(message.length)] = next(256);
      return message;
  }
}

/** Makes one octet another. */
function change(octets: Uint8Array, next: (below: number) => number): void {
  if (octets.length > 0) {
    const at = next(octets.length);
    octets[at] = (octets[at] as number) ^ (1 + next(255));
  }
}

/** Takes whatever comes, until the end. */
async function drain(client: BenchClient): Promise<void> {
  while ((await client.connection.read().catch(() => undefined)) !== undefined);
}

/** Sends `count` packets, over as many connections as it takes. */
async function flood(
  count: number,
  begin: () => Promise<BenchClient>,
  packet: (client: BenchClient) => Uint8Array,
): Promise<number> {
  let connections = 0;
  for (let sent = 0; sent < count; ) {
    const client = await begin();
    connections++;
    void drain(client);
    let isOver = false;
    void client.served.then(() => {
      isOver = true;
    });
    while (!isOver && sent < count) {
      const failed = await client.raw(packet(client)).then(
        () => false,
        () => true,
      );
      if (failed) break;
      sent++;
      // The server has its turn: in memory nothing waits for a network.
      for (let turn = 0; turn < 12 && !isOver; turn++) await Promise.resolve();
    }
    await client.close();
    await client.served;
  }
  return connections;
}

describe("malformed packets", () => {
  afterEach(async () => {
    const client = await here.open();
    await client.send(command("test", "test"));
    expect(await client.answer()).toEqual(["OUTPUT 1 hello world\n", "STATUS 0"]);
    await client.close();
    await client.served;
    expect(here.server.connections).toBe(0);
    expect(here.errors).toEqual([]);
    here.events.length = 0;
  });

  it("before anything else", async () => {
    const next = random(1);
    await flood(
      PACKETS,
      async () => here.connect(),
      () => malformedPacket(next),
    );
  }, 60_000);

  it("in place of a context token", async () => {
    const next = random(2);
    const opened = async (): Promise<BenchClient> => {
      const client = here.connect();
      await client.packet([0x51, 0x11][next(2)] as number);
      return client;
    };
    const source = here.connect();
    const token = (await source.context.step()) as Uint8Array;
    // cipher [2] OCTET STRING of the ticket's EncryptedData (RFC 4120 section 5.2.9), longer than 127 octets.
    const before = /^(?:..)*?a2(81..|82....)04(81..|82....)/.exec(Buffer.from(token).toString("hex"))?.[0] ?? "";
    const sealedFrom = before.length / 2;
    expect(sealedFrom).toBeGreaterThan(100);
    await source.close();
    await source.served;
    await flood(PACKETS, opened, () => {
      if (next(2) === 0) return malformedPacket(next);
      const changed = token.slice(0, next(4) === 0 ? next(token.length) : token.length);
      // What stands before the ticket's ciphertext (options, names, kvno) is under no MAC: another value is still a ticket.
      change(changed.subarray(sealedFrom), next);
      return framed([0x42, 0x02][next(2)] as number, changed);
    });
    expect(here.of("authenticated")).toEqual([]);
  }, 60_000);

  it("as messages, in the security context", async () => {
    const next = random(3);
    await flood(PACKETS, here.open, (client) => client.sealed(malformedMessage(next)));
  }, 60_000);

  it("as packets, in the security context", async () => {
    const next = random(4);
    await flood(PACKETS / 10, here.open, (client) => {
      const sealed = client.sealed(whole);
      if (next(2) === 0) return malformedPacket(next);
      change(sealed, next);
      return sealed;
    });
  }, 60_000);

  it("within a continued command", async () => {
    const next = random(5);
    await flood(PACKETS, here.open, (client) => {
      const first = client.sealed(commandMessage(1, 1, commandBody("test", "test").subarray(0, next(20))));
      return concat(first, client.sealed(malformedMessage(next)));
    });
  }, 60_000);

  it("while a command runs", async () => {
    const next = random(6);
    const slow = command("test", "sleep-for", "0.001", "x");
    await flood(PACKETS, here.open, (client) =>
      next(100) === 0 ? client.sealed(slow) : client.sealed(malformedMessage(next)),
    );
  }, 60_000);

  it("as the command of protocol version 1", async () => {
    const next = random(7);
    const opened = async (): Promise<BenchClient> => {
      const client = here.connect();
      await client.establish(0x11, 0x02);
      return client;
    };
    await flood(PACKETS / 10, opened, (client) => {
      if (next(3) === 0) return malformedPacket(next);
      return client.sealed(malformedMessage(next).subarray(4), 0x24);
    });
  }, 60_000);
});
