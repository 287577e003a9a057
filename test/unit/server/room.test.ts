// What one principal can take from others: room for commands that are not whole, time, and places.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { type EncTicketPart, encodeAuthorizationData } from "../../../src/krb5/index.ts";
import { framed, word } from "../../support/fake-remctl-server.ts";
import { command, commandBody, continued } from "../../support/raw-remctl-client.ts";
import { settle } from "../../support/remctl-harness.ts";
import { type Bench, type BenchClient, createBench, open } from "../../support/server-bench.ts";
import { createWorld, type World } from "../gssapi/exchange.ts";

const size = open("size", async ({ args, stdout }) => {
  await stdout.write(String(args.reduce((sum, arg) => sum + arg.length, 0)));
  return 0;
});

/** A bench at which principals of many names connect. */
function createCrowd(options: Parameters<typeof createBench>[1], commands = [size]) {
  const worlds: World[] = [];
  const keytab = {
    // The newest key first: of a long ticket only one is tried.
    keysOf: (name: Parameters<World["keytab"]["keysOf"]>[0]) =>
      [...worlds].reverse().flatMap((w) => w.keytab.keysOf(name)),
  };
  const here: Bench = createBench(commands, { ...options, keytab: keytab as World["keytab"] });
  worlds.push(here.world);
  const times = { startTime: new Date(Date.now() - 60_000), endTime: new Date(Date.now() + 3_600_000) };
  const as = async (name: string, part: Partial<EncTicketPart> = {}): Promise<BenchClient> => {
    const world = createWorld({ ...times, part: { cname: { nameType: 1, nameString: [name] }, ...part } });
    worlds.push(world);
    const client = { ...world.ticket.client, components: [name] };
    const connected = here.connect({ credential: { getTicket: async () => ({ ...world.ticket, client }) } });
    await connected.establish();
    return connected;
  };
  return { here, as };
}

/** Messages of a command that never ends. */
const endless = (octets: number): Uint8Array[] => {
  const cuts = Array.from({ length: Math.floor(octets / 60_000) }, (_, i) => (i + 1) * 60_000);
  return continued(commandBody("size", "x", new Uint8Array(octets + 60_000)), cuts).slice(0, cuts.length);
};

const tooMuch = "ERROR 8 Too much data";

describe("room for commands that are not whole", () => {
  it("one principal has half of it, on however many connections, and others send long commands", async () => {
    const { here, as } = createCrowd({ maxBufferedBytes: 1_000_000 });
    const held: BenchClient[] = [];
    for (let i = 0; i < 4; i++) {
      const client = await as("mallory");
      await client.send(...endless(240_000));
      held.push(client);
    }
    await settle();
    expect(await held[2]?.answer()).toEqual([tooMuch]);
    expect(await held[3]?.answer()).toEqual([tooMuch]);
    const alice = await here.open();
    await alice.send(...continued(commandBody("size", "x", new Uint8Array(100_000)), [60_000]));
    expect(await alice.answer()).toEqual(["OUTPUT 1 100000", "STATUS 0"]);
    // What is given up is mallory's to use again.
    await held[0]?.close();
    await held[0]?.served;
    await held[2]?.send(...continued(commandBody("size", "x", new Uint8Array(100_000)), [60_000]));
  });

  it("twenty principals together leave something for one more", async () => {
    const { here, as } = createCrowd({ maxBufferedBytes: 1_000_000 });
    for (let i = 0; i < 20; i++) {
      const client = await as(`mallory${i}`);
      await client.send(
        ...continued(commandBody("size", "x", new Uint8Array(700_000)), cutsOf(700_000, 8_000)).slice(0, -1),
      );
      await settle();
    }
    expect(here.of("error").length).toBeGreaterThan(10);
    const alice = await here.open();
    await alice.send(...continued(commandBody("size", "x", new Uint8Array(4_000)), [2_000]));
    expect(await alice.answer()).toEqual(["OUTPUT 1 4000", "STATUS 0"]);
  });

  it("a packet that is not whole counts, once it is longer than any message", async () => {
    const { here, as } = createCrowd({ maxBufferedBytes: 300_000 });
    const mallory = await as("mallory");
    const header = Uint8Array.of(0x44, 0, 0x0f, 0xff, 0xf0);
    await mallory.raw(header, new Uint8Array(900_000));
    expect(await mallory.answer()).toEqual([tooMuch]);
    expect(await mallory.answer()).toEqual(["EOF"]);
    await mallory.served;
    expect(here.of("closed")).toMatchObject([{ reason: "there is no room for its packet" }]);
    // What it held was given back.
    const again = await as("mallory");
    await again.send(...continued(commandBody("size", "x", new Uint8Array(100_000)), [60_000]));
    expect(await again.answer()).toEqual(["OUTPUT 1 100000", "STATUS 0"]);
  });
});

const cutsOf = (octets: number, step: number): number[] =>
  Array.from({ length: Math.floor(octets / step) }, (_, i) => (i + 1) * step);

const tooSlow = "ERROR 4 Command took too long to arrive";

describe("the time of a command", () => {
  it.each([
    ["a command of many messages", async (client: BenchClient) => client.send(...endless(120_000))],
    ["half a packet", async (client: BenchClient) => client.raw(client.sealed(command("size", "x")).subarray(0, 20))],
    ["one octet", async (client: BenchClient) => client.raw(Uint8Array.of(0x44))],
  ])("%s: is refused when it is over, in words and with an event", async (_, begin) => {
    const { here, as } = createCrowd({ commandTimeoutMs: 60 });
    const client = await as("slow");
    await begin(client);
    expect(await client.answer()).toEqual([tooSlow]);
    expect(await client.answer()).toEqual(["EOF"]);
    await client.served;
    expect(here.of("error")).toMatchObject([
      { code: 4, text: "Command took too long to arrive", user: "slow@EXAMPLE.TEST" },
    ]);
    expect(here.of("closed")).toMatchObject([{ reason: "a command was not whole after 60 ms" }]);
  });

  it("an octet now and then does not make it longer", async () => {
    const { here, as } = createCrowd({ commandTimeoutMs: 120 });
    const client = await as("slow");
    const [first = new Uint8Array(0), ...rest] = continued(
      commandBody("size", "x", new Uint8Array(900)),
      cutsOf(900, 1),
    );
    await client.send(first);
    for (const message of rest.slice(0, 40)) {
      await settle(10);
      if (here.of("error").length > 0) break;
      await client.send(message).catch(() => {});
    }
    // While it still sends.
    expect(here.of("error")).toHaveLength(1);
    await client.served;
    expect(here.of("closed")).toMatchObject([{ reason: "a command was not whole after 120 ms" }]);
  });

  it("does not run while a command does, nor between commands", async () => {
    const slow = open("slow", async () => {
      await settle(150);
      return 0;
    });
    const { as } = createCrowd({ commandTimeoutMs: 60 }, [size, slow]);
    const client = await as("alice");
    await client.send(...continued(commandBody("slow", "x", new Uint8Array(500)), [200]));
    expect(await client.answer()).toEqual(["STATUS 0"]);
    await settle(100);
    await client.send(...continued(commandBody("size", "x", new Uint8Array(500)), [200]));
    expect(await client.answer()).toEqual(["OUTPUT 1 500", "STATUS 0"]);
    await client.send(...endless(60_000), Uint8Array.of(3, 7));
    expect(await client.answer()).toEqual(["ERROR 9 Unexpected message"]);
    await settle(100);
    await client.send(command("size", "x"));
    expect(await client.answer()).toEqual(["OUTPUT 1 0", "STATUS 0"]);
  });
});

describe("places", () => {
  it("the one that has been idle longest gives way, and none that is at work", async () => {
    const slow = open("slow", async () => {
      await settle(2_500);
      return 0;
    });
    const { here, as } = createCrowd({ maxConnections: 4, maxConnectionsPerUser: 4 }, [size, slow]);
    const busy = await as("busy");
    await busy.send(command("slow", "x"));
    const half = await as("half");
    await half.send(...endless(60_000));
    const older = await as("older");
    await settle(20);
    const newer = await as("newer");
    await settle(1_050);
    const alice = await here.open();
    await older.served;
    expect(await older.answer()).toEqual(["EOF"]);
    expect(here.of("closed")).toMatchObject([
      { user: "older@EXAMPLE.TEST", reason: "its place was needed, and it was idle for longer than any other" },
    ]);
    for (const client of [newer, alice]) {
      await client.send(command("size", "x"));
      expect(await client.answer()).toEqual(["OUTPUT 1 0", "STATUS 0"]);
    }
    expect(await busy.answer()).toEqual(["STATUS 0"]);
    expect(half.far.isAborted).toBe(false);
  });

  it("strangers take one place and no more", async () => {
    const { here, as } = createCrowd({ maxConnections: 3, maxConnectionsPerUser: 3 });
    for (const name of ["a", "b", "c"]) await as(name);
    await settle(1_050);
    // At once, and one after another.
    const strangers = [here.connect(), here.connect()];
    for (let i = 0; i < 3; i++) {
      await settle(10);
      strangers.push(here.connect());
    }
    await settle(20);
    expect(here.of("closed").filter(({ user }) => user !== undefined)).toHaveLength(1);
    expect(strangers.map(({ far }) => far.isAborted)).toEqual([true, true, true, true, false]);
  });
});

describe("a long context token", () => {
  it("of 900 KB is a ticket like any other", async () => {
    const { here, as } = createCrowd({});
    const adData = encodeAuthorizationData([{ adType: 128, adData: new Uint8Array(900_000) }]);
    const alice = await as("alice", { authorizationData: [{ adType: 1, adData }] });
    await alice.send(command("size", "x", "abc"));
    expect(await alice.answer()).toEqual(["OUTPUT 1 3", "STATUS 0"]);
    expect(here.of("authenticated")).toMatchObject([{ user: "alice@EXAMPLE.TEST" }]);
  });

  it("1.3: long context tokens of strangers have 32 MiB together, and give them back", async () => {
    const { here, as } = createCrowd({});
    const opening = concat(framed(0x51, new Uint8Array(0)), Uint8Array.of(0x42), word(1_000_000));
    const strangers: BenchClient[] = [];
    for (let i = 0; i < 40; i++) {
      const stranger = here.connect();
      await stranger.raw(opening);
      await stranger.raw(new Uint8Array(900_000));
      strangers.push(stranger);
    }
    await settle();
    const refused = here.of("closed").filter(({ reason }) => reason === "there is no room for so long a context token");
    // Each holds its octets but the first 128 KiB.
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeLessThanOrEqual(36);
    // A token of usual length needs none of it.
    const alice = await as("alice");
    await alice.send(command("size", "x", "abc"));
    expect(await alice.answer()).toEqual(["OUTPUT 1 3", "STATUS 0"]);
    for (const stranger of strangers) await stranger.close();
    await settle();
    const adData = encodeAuthorizationData([{ adType: 128, adData: new Uint8Array(900_000) }]);
    const bob = await as("bob", { authorizationData: [{ adType: 1, adData }] });
    await bob.send(command("size", "x", "abcd"));
    expect(await bob.answer()).toEqual(["OUTPUT 1 4", "STATUS 0"]);
  });
});
