import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import type { ServerEvent } from "../../../src/entry/server.ts";
import { RemctlServer } from "../../../src/server/server.ts";
import { FakeContext } from "../../support/fake-context.ts";
import { framed, word } from "../../support/fake-remctl-server.ts";
import { createConnectionPair } from "../../support/memory-connection.ts";
import { command, commandBody, type RawRemctlClient } from "../../support/raw-remctl-client.ts";
import { settle } from "../../support/remctl-harness.ts";
import { type Bench, type BenchClient, createBench, open } from "../../support/server-bench.ts";
import { bedCommands, largeOutput } from "../../support/server-commands.ts";
import { ALICE } from "../gssapi/exchange.ts";

const noOctets = new Uint8Array(0);

function bench(options: Parameters<typeof createBench>[1] = {}): Bench {
  return createBench(bedCommands("EXAMPLE.TEST"), options);
}

async function firstToken(client: RawRemctlClient): Promise<Uint8Array> {
  return (await client.context.step()) as Uint8Array;
}

/** Nothing was said, and the connection is over. */
async function expectSilence(client: BenchClient, { server }: Bench): Promise<void> {
  expect(await client.readPacket()).toBeUndefined();
  await client.served;
  expect(client.far.writes).toEqual([]);
  expect(server.connections).toBe(0);
}

describe("the security context", () => {
  it("1.4, 2.1, 2.4: context tokens with flags 0x42, and nothing in answer to the opening", async () => {
    const here = bench();
    const client = here.connect();
    await client.packet(0x51);
    await settle();
    expect(client.far.writes).toEqual([]);
    await client.packet(0x42, await firstToken(client));
    const reply = await client.readPacket();
    expect(reply?.flags).toBe(0x42);
    await client.context.step(reply?.octets as Uint8Array);
    expect(client.context.isEstablished).toBe(true);
    await client.send(command("test", "test"));
    expect(await client.answer()).toEqual(["OUTPUT 1 hello world\n", "STATUS 0"]);
    expect(here.of("authenticated")).toMatchObject([{ user: "alice@EXAMPLE.TEST", protocol: 2, address: "192.0.2.7" }]);
  });

  it("1.2, 2.1: everything in one write, or one octet a write", async () => {
    const here = bench();
    for (const size of [1, 1_000_000]) {
      const client = here.connect();
      const octets = concat(framed(0x51, noOctets), framed(0x42, await firstToken(client)));
      for (let at = 0; at < octets.length; at += size) await client.raw(octets.subarray(at, at + size));
      await client.context.step((await client.readPacket())?.octets as Uint8Array);
      expect(client.context.isEstablished).toBe(true);
      await client.close();
    }
  });

  it("2.2: an opening of version 1 is closed at once", async () => {
    const here = bench();
    const client = here.connect();
    await client.packet(0x11);
    await expectSilence(client, here);
  });

  it.each([0x01, 0x41, 0x50, 0x10, 0x53, 0xff])("9.2: an opening with flags %i is closed at once", async (flags) => {
    for (const version1 of ["refuse", "allow", "only"] as const) {
      const here = bench({ version1 });
      const client = here.connect();
      await client.packet(flags);
      await expectSilence(client, here);
    }
  });

  it("9.2: an opening that is not empty", async () => {
    const here = bench();
    const client = here.connect();
    await client.raw(concat(Uint8Array.of(0x51), word(1)));
    await expectSilence(client, here);
  });

  it.each([0x02, 0x43, 0x40, 0x44, 0x52])(
    "2.6, 9.2: a context token with flags %i is closed at once",
    async (flags) => {
      // Version 1 allowed: what begins as version 2 must stay so (a down-negotiation attack).
      const here = bench({ version1: "allow" });
      const client = here.connect();
      await client.packet(0x51);
      await client.packet(flags, await firstToken(client));
      await expectSilence(client, here);
    },
  );

  it("2.6: PROTOCOL in a context of version 1", async () => {
    const here = bench({ version1: "allow" });
    const client = here.connect();
    await client.packet(0x11);
    await client.packet(0x42, await firstToken(client));
    await expectSilence(client, here);
  });

  const flags = { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true };
  it.each(["confidentiality", "integrity", "mutual"] as const)(
    "2.7: a context without %s is closed at once",
    async (missing) => {
      for (const flag of [missing, undefined]) {
        // A context with no cryptography, of which each protection can be taken out by itself.
        const context = Object.assign(new FakeContext(true, { flags: flag === undefined ? {} : { [flag]: false } }), {
          peer: ALICE,
        });
        const events: ServerEvent[] = [];
        const onTrace = (event: ServerEvent): void => void events.push(event);
        const options = { keytab: { keysOf: () => [] }, commands: bedCommands("EXAMPLE.TEST"), onTrace };
        const server = new RemctlServer(options, { runtime: { name: "web" }, createContext: () => context });
        const { client, server: far } = createConnectionPair();
        const served = server.accept(far);
        await client.write(concat(framed(0x51, noOctets), framed(0x42, new TextEncoder().encode("REQ 1"))));
        await settle();
        expect(far.isClosed).toBe(flag === missing);
        expect(far.writes.length).toBe(flag === missing ? 0 : 1);
        if (flag === undefined) await server.close();
        await served;
        const closed = events.find((event) => event.type === "closed");
        expect(closed?.reason).toBe(
          flag === missing ? `the security context lacks ${missing}` : "the server is closing",
        );
      }
    },
  );

  it.each(["replay", "sequence"] as const)(
    "9.1: a context without %s is closed, unless the server is told otherwise",
    async (missing) => {
      const weak = { flags: { ...flags, [missing]: false } };
      const here = bench();
      const client = here.connect(weak);
      await client.packet(0x51);
      await client.packet(0x42, await firstToken(client));
      await expectSilence(client, here);
      const lenient = bench({ requireReplayProtection: false }).connect(weak);
      await lenient.establish();
      await lenient.send(command("test", "test"));
      expect(await lenient.answer()).toEqual(["OUTPUT 1 hello world\n", "STATUS 0"]);
    },
  );

  it("2.5, 7.3: an initiator that is refused gets the KRB-ERROR in a context packet, then the end", async () => {
    const here = bench({ now: () => Date.now() + 3_600_000 });
    const client = here.connect();
    await client.packet(0x51);
    await client.packet(0x42, await firstToken(client));
    const reply = await client.readPacket();
    expect(reply?.flags).toBe(0x42);
    await expect(client.context.step(reply?.octets as Uint8Array)).rejects.toMatchObject({ code: "SERVER_CLOCK_SKEW" });
    expect(await client.readPacket()).toBeUndefined();
    await client.served;
  });

  it("a context token twice is a replay", async () => {
    const here = bench();
    const [first, second] = [here.connect(), here.connect()];
    const token = await firstToken(first);
    for (const client of [first, second]) await client.raw(concat(framed(0x51, noOctets), framed(0x42, token)));
    expect((await first.readPacket())?.octets).toBeDefined();
    await second.readPacket();
    expect(await second.readPacket()).toBeUndefined();
    expect(here.of("authenticated")).toHaveLength(1);
  });

  it("1.3: a context token is refused by its length, before memory is taken for it", async () => {
    const here = bench();
    for (const length of [1_048_572, 0xffff_ffff]) {
      const client = here.connect();
      await client.raw(concat(framed(0x51, noOctets), Uint8Array.of(0x42), word(length)));
      await expectSilence(client, here);
    }
  });

  it("garbage and an empty context token end the connection", async () => {
    const here = bench();
    for (const token of [noOctets, Uint8Array.of(1, 2, 3), new Uint8Array(1000)]) {
      const client = here.connect();
      await client.raw(concat(framed(0x51, noOctets), framed(0x42, token)));
      while ((await client.readPacket()) !== undefined);
      await client.served;
    }
    expect(here.of("authenticated")).toEqual([]);
    expect(here.errors).toEqual([]);
  });

  it("ends a client that does not come to a context in time", async () => {
    const here = bench({ handshakeTimeoutMs: 30 });
    const silent = here.connect();
    const half = here.connect();
    await half.raw(Uint8Array.of(0x51, 0, 0));
    await Promise.all([silent.served, half.served]);
    expect(here.of("closed").map(({ reason }) => reason)).toEqual(Array(2).fill("no security context within 30 ms"));
  });

  it("one that is in time is not ended later", async () => {
    const here = bench({ handshakeTimeoutMs: 40 });
    const client = await here.open();
    await settle(80);
    await client.send(command("test", "test"));
    expect(await client.answer()).toEqual(["OUTPUT 1 hello world\n", "STATUS 0"]);
  });
});

describe("protocol version 1", () => {
  const inVersion1 = (client: RawRemctlClient, ...args: (string | Uint8Array)[]): Promise<void> =>
    sealed(client, commandBody(...args));
  const sealed = (client: RawRemctlClient, body: Uint8Array): Promise<void> => {
    client.signed = body;
    return client.raw(client.sealed(body, 0x24));
  };
  const answers = async (client: RawRemctlClient): Promise<string[]> => [
    await client.reply(),
    await client.reply(),
    await client.reply(),
  ];

  it("8.1, 8.3, 8.4, 8.6, 8.7: one command, its MIC, its result, and the end", async () => {
    const here = bench({ version1: "allow" });
    const client = here.connect();
    await client.establish(0x11, 0x02);
    await inVersion1(client, "test", "mixed");
    const mic = await client.readPacket();
    expect(mic?.flags).toBe(0x08);
    client.context.verifyMic(commandBody("test", "mixed"), mic?.octets as Uint8Array);
    expect(await client.reply()).toBe("RESULT 7 out1\nerr1\nout2\n");
    expect(await client.reply()).toBe("EOF");
    expect(here.of("authenticated")).toMatchObject([{ protocol: 1 }]);
  });

  it("8.1: tokens of a version 1 context have flags 0x02", async () => {
    const client = bench({ version1: "allow" }).connect();
    await client.packet(0x11);
    await client.packet(0x02, await firstToken(client));
    expect((await client.readPacket())?.flags).toBe(0x02);
  });

  it("both versions at once, where version 1 is allowed", async () => {
    const here = bench({ version1: "allow" });
    const client = await here.open();
    await client.send(command("test", "test"));
    expect(await client.answer()).toEqual(["OUTPUT 1 hello world\n", "STATUS 0"]);
  });

  it("only: a client of version 2 is answered without PROTOCOL, and may go on so", async () => {
    const here = bench({ version1: "only" });
    const client = here.connect();
    await client.packet(0x51);
    await client.packet(0x42, await firstToken(client));
    const reply = await client.readPacket();
    expect(reply?.flags).toBe(0x02);
    await client.context.step(reply?.octets as Uint8Array);
    await inVersion1(client, "test", "test");
    expect(await answers(client)).toEqual(["MIC", "RESULT 0 hello world\n", "EOF"]);
  });

  it("only: this package's client refuses such a server", async () => {
    await expect(bench({ version1: "only" }).session()).rejects.toMatchObject({ code: "REMCTL_DOWNGRADE" });
  });

  it("6.2: an error is status -1 and a line", async () => {
    for (const [args, text] of [
      [["nope"], "Unknown command"],
      [["test", "noauth"], "Access denied"],
      [[], "Unknown command"],
    ] as const) {
      const client = bench({ version1: "allow" }).connect();
      await client.establish(0x11, 0x02);
      await inVersion1(client, ...args);
      expect(await answers(client)).toEqual(["MIC", `RESULT -1 ${text}\n`, "EOF"]);
    }
  });

  it("6.2: an error is in the log, with whom it was for, and a status is not taken for one", async () => {
    const here = bench({ version1: "allow" });
    for (const args of [["nope"], ["test", "test"]]) {
      const client = here.connect();
      await client.establish(0x11, 0x02);
      await inVersion1(client, ...args);
      await answers(client);
    }
    expect(here.of("error")).toMatchObject([{ code: 5, text: "Unknown command", user: "alice@EXAMPLE.TEST" }]);
  });

  it("8.3: a command has 65,536 octets at most", async () => {
    for (const [octets, wanted] of [
      [65_536, "RESULT 0 "],
      [65_537, "RESULT -1 Too much data\n"],
    ] as const) {
      const here = createBench([open("size", () => 0)], { version1: "allow" });
      const client = here.connect();
      await client.establish(0x11, 0x02);
      const body = commandBody("size", "x", new Uint8Array(octets - commandBody("size", "x", noOctets).length));
      expect(body.length).toBe(octets);
      await sealed(client, body);
      expect((await answers(client))[1]).toBe(wanted);
    }
  });

  it("a handler whose client has gone is told so by its next write", async () => {
    let failed: unknown;
    let go: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    const here = createBench(
      [
        open("wait", async ({ stdout, signal }) => {
          go();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          failed = await Promise.resolve()
            .then(() => stdout.write("late"))
            .catch((error: unknown) => error);
          return 0;
        }),
      ],
      { version1: "allow" },
    );
    const client = here.connect();
    await client.establish(0x11, 0x02);
    await inVersion1(client, "wait");
    await gone;
    client.connection.abort();
    await client.served;
    await settle();
    expect(failed).toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  it("8.6: output is cut at 65,528 octets", async () => {
    const client = bench({ version1: "allow" }).connect();
    await client.establish(0x11, 0x02);
    await inVersion1(client, "test", "large-output", "3000000");
    const [, result] = await answers(client);
    expect(result).toBe(`RESULT 0 ${Buffer.from(largeOutput(65_528))}`);
  });

  it("an endless writer leaves the event loop to others", async () => {
    let stop = false;
    const here = createBench(
      [
        open("flood", async ({ stdout }) => {
          while (!stop) await stdout.write(new Uint8Array(65_536));
          return 0;
        }),
      ],
      { version1: "allow" },
    );
    const client = here.connect();
    await client.establish(0x11, 0x02);
    await inVersion1(client, "flood");
    await settle(20);
    stop = true;
    expect((await answers(client))[1]).toMatch(/^RESULT 0 \0/);
  });

  it.each([0x04, 0x44, 0x64, 0x20])("8.3, 9.2: a command with flags %i is closed at once", async (flags) => {
    const client = bench({ version1: "allow" }).connect();
    await client.establish(0x11, 0x02);
    await client.raw(client.sealed(commandBody("test", "test"), flags));
    expect(await client.reply()).toBe("EOF");
  });

  it("8.3: a command that is not sealed, or cannot be read", async () => {
    const unsealed = bench({ version1: "allow" }).connect();
    await unsealed.establish(0x11, 0x02);
    await unsealed.raw(framed(0x24, unsealed.context.wrap(commandBody("test", "test"), { conf: false })));
    expect(await unsealed.reply()).toBe("RESULT -1 Invalid token\n");
    expect(await unsealed.reply()).toBe("EOF");
    const short = bench({ version1: "allow" }).connect();
    await short.establish(0x11, 0x02);
    await sealed(short, commandBody("test", "test").subarray(0, 9));
    expect(await answers(short)).toEqual(["MIC", "RESULT -1 Invalid command token\n", "EOF"]);
    const empty = bench({ version1: "allow" }).connect();
    await empty.establish(0x11, 0x02);
    await sealed(empty, noOctets);
    expect(await answers(empty)).toEqual(["MIC", "RESULT -1 Invalid command token\n", "EOF"]);
  });
});
