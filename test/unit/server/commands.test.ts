import { describe, expect, it } from "vitest";
import type { AclRequest, CommandRequest, OutputWriter, RemctlCommand } from "../../../src/entry/server.ts";
import { compileAcl, isPermitted } from "../../../src/server/acl.ts";
import { command, commandBody, commandMessage, continued } from "../../support/raw-remctl-client.ts";
import { settle } from "../../support/remctl-harness.ts";
import { ALICE_TEXT, createBench, open } from "../../support/server-bench.ts";

describe("handlers", () => {
  it("get the arguments after the subcommand, and who asks", async () => {
    let seen: CommandRequest | undefined;
    const here = createBench([
      open("show", (request) => {
        seen = request;
        return 0;
      }),
    ]);
    const client = await here.open();
    await client.send(command("show", "it", "a\0b", "", Uint8Array.of(0xff, 0xfe)));
    expect(await client.answer()).toEqual(["STATUS 0"]);
    expect(seen).toMatchObject({ command: "show", subcommand: "it", user: ALICE_TEXT, address: "192.0.2.7" });
    expect(seen?.principal).toMatchObject({ realm: "EXAMPLE.TEST", components: ["alice"] });
    expect(seen?.args.map((arg) => [...arg])).toEqual([[97, 0, 98], [], [255, 254]]);
    expect(seen?.expires).toEqual(here.world.ticket.endTime);
    expect(seen?.signal.aborted).toBe(false);
  });

  it("a name that is not UTF-8 keeps its octets apart from every other name", async () => {
    const here = createBench([{ command: "a", subcommand: "\ufffd", acl: ["ANYUSER"], handler: () => 0 }]);
    const client = await here.open();
    await client.send(command("a", Uint8Array.of(0xff)), command("a", "\ufffd"));
    expect(await client.answer()).toEqual(["ERROR 5 Unknown command"]);
    expect(await client.answer()).toEqual(["STATUS 0"]);
  });

  it("6.2: what they throw is ERROR_INTERNAL, with not a word of it", async () => {
    const secret = "the password is swordfish";
    const throwing = [
      open("sync", () => {
        throw new Error(secret);
      }),
      open("async", async ({ stdout }) => {
        await stdout.write("so far");
        throw new Error(secret);
      }),
      open("odd", async () => {
        throw undefined;
      }),
    ];
    const here = createBench(throwing);
    const client = await here.open();
    await client.send(command("sync"), command("async"), command("odd"));
    expect(await client.answer()).toEqual(["ERROR 1 Internal failure"]);
    expect(await client.answer()).toEqual(["OUTPUT 1 so far", "ERROR 1 Internal failure"]);
    expect(await client.answer()).toEqual(["ERROR 1 Internal failure"]);
    expect(JSON.stringify(here.events)).not.toContain("swordfish");
    expect(here.errors.map(({ error }) => (error as Error | undefined)?.message)).toEqual([secret, secret, undefined]);
    expect(here.errors[0]?.source).toMatchObject({ user: ALICE_TEXT, line: `COMMAND from ${ALICE_TEXT}: sync` });
  });

  it.each([256, -1, 1.5, Number.NaN, undefined, "0", null, 0n])(
    "5.2: a status of %s is ERROR_INTERNAL",
    async (status) => {
      const here = createBench([open("x", () => status as number)]);
      const client = await here.open();
      await client.send(command("x"));
      expect(await client.answer()).toEqual(["ERROR 1 Internal failure"]);
      expect(here.errors[0]?.error).toBeInstanceOf(RangeError);
    },
  );

  it("commands of one connection run one after another", async () => {
    const order: string[] = [];
    const slow: RemctlCommand["handler"] = async ({ subcommand }) => {
      order.push(`${subcommand} begins`);
      await settle(10);
      order.push(`${subcommand} ends`);
      return 0;
    };
    const client = await createBench([open("x", slow)]).open();
    await client.send(command("x", "1"), command("x", "2"));
    await client.answer();
    await client.answer();
    expect(order).toEqual(["1 begins", "1 ends", "2 begins", "2 ends"]);
  });

  it("those of two connections run at once", async () => {
    let release = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    const here = createBench([
      open("wait", async () => {
        await waiting;
        return 0;
      }),
      open("go", () => {
        release();
        return 0;
      }),
    ]);
    const [first, second] = [await here.open(), await here.open()];
    await first.send(command("wait"));
    await second.send(command("go"));
    expect(await second.answer()).toEqual(["STATUS 0"]);
    expect(await first.answer()).toEqual(["STATUS 0"]);
  });

  it("onError and onTrace that throw change nothing", async () => {
    const fail = (): never => {
      throw new Error("listener");
    };
    const here = createBench([open("x", fail)], { onTrace: fail, onError: fail });
    const client = await here.open();
    await client.send(command("x"));
    expect(await client.answer()).toEqual(["ERROR 1 Internal failure"]);
  });
});

describe("output", () => {
  it("5.1: the last output and STATUS are one write", async () => {
    const here = createBench([
      open("x", async ({ stdout }) => {
        await stdout.write("one ");
        await stdout.write("line\n");
        return 3;
      }),
    ]);
    const client = await here.open();
    const before = client.far.writes.length;
    await client.send(command("x"));
    expect(await client.answer()).toEqual(["OUTPUT 1 one line\n", "STATUS 3"]);
    expect(client.far.writes.length - before).toBe(1);
  });

  it("5.1: output and ERROR are one write too", async () => {
    const here = createBench([
      open("x", async ({ stderr }) => {
        await stderr.write("oh\n");
        throw new Error();
      }),
    ]);
    const client = await here.open();
    const before = client.far.writes.length;
    await client.send(command("x"));
    expect(await client.answer()).toEqual(["OUTPUT 2 oh\n", "ERROR 1 Internal failure"]);
    expect(client.far.writes.length - before).toBe(1);
  });

  it("5.1: what is written goes out although the handler waits", async () => {
    const here = createBench([
      open("x", async ({ stdout, signal }) => {
        await stdout.write("now");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return 0;
      }),
    ]);
    const client = await here.open();
    await client.send(command("x"));
    expect(await client.reply()).toBe("OUTPUT 1 now");
    client.connection.abort();
    await client.served;
  });

  it("5.2: the streams keep the order in which they were written", async () => {
    const here = createBench([
      open("x", async ({ stdout, stderr }) => {
        // Not awaited: writes queue.
        void stdout.write("1");
        void stderr.write("2");
        void stdout.write(new Uint8Array(200_000).fill(51));
        void stderr.write("4");
        void stdout.write("");
        void stdout.write("5");
        return 0;
      }),
    ]);
    const client = await here.open();
    await client.send(command("x"));
    expect(await client.answer()).toEqual([
      "OUTPUT 1 1",
      "OUTPUT 2 2",
      `OUTPUT 1 ${"3".repeat(200_000)}`,
      "OUTPUT 2 4",
      "OUTPUT 1 5",
      "STATUS 0",
    ]);
  });

  it("1.5: no message is longer than 65,536 octets", async () => {
    const sizes = [65_528, 65_529, 65_530, 131_058, 300_000];
    for (const size of sizes) {
      const here = createBench([
        open("x", async ({ stdout }) => {
          await stdout.write("abc");
          await stdout.write(new Uint8Array(size));
          return 0;
        }),
      ]);
      const client = await here.open();
      await client.send(command("x"));
      let octets = 0;
      for (;;) {
        const packet = await client.readPacket();
        const message = client.context.unwrap(packet?.octets as Uint8Array);
        expect(message.length).toBeLessThanOrEqual(65_536);
        if (message[1] === 4) break;
        octets += message.length - 7;
      }
      expect(octets).toBe(size + 3);
    }
  });

  it("octets may be changed once a write is done", async () => {
    const here = createBench([
      open("x", async ({ stdout }) => {
        const octets = new TextEncoder().encode("before");
        await stdout.write(octets);
        octets.fill(120);
        const large = new Uint8Array(400_000).fill(97);
        await stdout.write(large);
        large.fill(98);
        return 0;
      }),
    ]);
    const client = await here.open();
    await client.send(command("x"));
    expect(await client.answer()).toEqual([`OUTPUT 1 before${"a".repeat(400_000)}`, "STATUS 0"]);
  });

  it("a client that does not read makes write wait, and costs less than 8 MB", async () => {
    let written = 0;
    const here = createBench([
      open("flood", async ({ stdout, signal }) => {
        const octets = new Uint8Array(100_000);
        while (!signal.aborted) {
          await stdout.write(octets);
          written += octets.length;
        }
        return 0;
      }),
    ]);
    const client = await here.open();
    client.far.holdWrites();
    await client.send(command("flood"));
    await settle(30);
    const held = written;
    expect(held).toBeLessThan(2 ** 20);
    await settle(20);
    expect(written).toBe(held);
    client.connection.abort();
    client.far.failWrites();
    await client.served;
    expect(here.server.connections).toBe(0);
    // The handler's write failed because the client went: that is nobody's error.
    expect(here.errors).toEqual([]);
  });

  it("writes after the handler has returned are refused", async () => {
    let kept: OutputWriter | undefined;
    const here = createBench([
      open("x", ({ stdout }) => {
        kept = stdout;
        return 0;
      }),
    ]);
    const client = await here.open();
    await client.send(command("x"));
    await client.answer();
    await expect(kept?.write("late")).rejects.toThrow(TypeError);
  });

  it("what is neither text nor octets is refused", async () => {
    const here = createBench([
      open("x", async ({ stdout }) => {
        await stdout.write(7 as never);
        return 0;
      }),
    ]);
    const client = await here.open();
    await client.send(command("x"));
    expect(await client.answer()).toEqual(["ERROR 1 Internal failure"]);
    expect(here.errors[0]?.error).toBeInstanceOf(TypeError);
  });

  it("a write that fails and is not awaited does not end the process", async () => {
    const here = createBench([
      open("x", async ({ stdout }) => {
        for (let i = 0; i < 50; i++) void stdout.write(new Uint8Array(65_536));
        await settle(20);
        return 0;
      }),
    ]);
    const client = await here.open();
    client.far.failWrites();
    await client.send(command("x"));
    await client.served;
  });
});

describe("access", () => {
  const list = (acl: RemctlCommand["acl"], ticket: Parameters<typeof createBench>[2] = {}) =>
    createBench([{ command: "x", subcommand: "ALL", acl, handler: () => 0 }], {}, ticket);
  const ask = async (acl: RemctlCommand["acl"], ticket: Parameters<typeof createBench>[2] = {}): Promise<string> => {
    const client = await list(acl, ticket).open();
    await client.send(command("x"));
    return client.reply();
  };
  const denied = "ERROR 6 Access denied";
  const granted = "STATUS 0";

  it("6.2: nobody is in an empty list", async () => {
    expect(await ask([])).toBe(denied);
  });

  it("principals by their whole name, letter for letter", async () => {
    expect(await ask([ALICE_TEXT])).toBe(granted);
    expect(await ask(["bob@EXAMPLE.TEST", ALICE_TEXT])).toBe(granted);
    for (const other of ["Alice@EXAMPLE.TEST", "alice@EXAMPLE.ORG", "alice/admin@EXAMPLE.TEST", "alic@EXAMPLE.TEST"]) {
      expect(await ask([other])).toBe(denied);
    }
  });

  it("ANYUSER is whoever has authenticated, and not the anonymous principal", async () => {
    expect(await ask(["ANYUSER"])).toBe(granted);
    // RFC 6112 section 3: the names that a KDC gives to who has proved nothing.
    const acl = compileAcl(["ANYUSER"], "x");
    for (const realm of ["WELLKNOWN:ANONYMOUS", "EXAMPLE.TEST"]) {
      const principal = { realm, nameType: 11, components: ["WELLKNOWN", "ANONYMOUS"] };
      expect(await isPermitted(acl, { principal } as unknown as AclRequest, () => {})).toBe(false);
    }
  });

  it("a function decides, with everything about the request before it; only true grants", async () => {
    let seen: AclRequest | undefined;
    const acl = (request: AclRequest): boolean => {
      seen = request;
      return request.user === ALICE_TEXT;
    };
    expect(await ask(acl)).toBe(granted);
    expect(seen).toMatchObject({ command: "x", subcommand: undefined, address: "192.0.2.7" });
    expect(await ask(async () => true)).toBe(granted);
    for (const answer of [false, undefined, 1, "yes", {}]) expect(await ask(() => answer as boolean)).toBe(denied);
  });

  it("an ACL that fails denies, and is heard of", async () => {
    const here = list(async () => {
      throw new Error("no such file");
    });
    const client = await here.open();
    await client.send(command("x"));
    expect(await client.reply()).toBe(denied);
    expect(here.errors).toHaveLength(1);
  });

  it("the first command that matches counts, also if another would permit", async () => {
    const here = createBench([
      { command: "x", subcommand: "y", acl: [], handler: () => 1 },
      { command: "x", subcommand: "ALL", acl: ["ANYUSER"], handler: () => 2 },
    ]);
    const client = await here.open();
    await client.send(command("x", "y"), command("x", "z"));
    expect(await client.reply()).toBe(denied);
    expect(await client.reply()).toBe("STATUS 2");
  });

  it("help tells nobody of what they may not run", async () => {
    const here = createBench([
      { command: "a", subcommand: "ALL", acl: [], summary: "secret", help: "secret", handler: () => 0 },
      { command: "b", subcommand: "EMPTY", acl: ["ANYUSER"], summary: "b: does b", handler: () => 0 },
    ]);
    const client = await here.open();
    await client.send(command("help"), command("help", "a"));
    expect(await client.answer()).toEqual(["OUTPUT 1 b: does b\n", "STATUS 0"]);
    expect(await client.answer()).toEqual([denied]);
  });

  it("help with two words is that of the subcommand, with one that of the command alone", async () => {
    const here = createBench([
      { command: "a", subcommand: "b", acl: ["ANYUSER"], help: "of a b\n", handler: () => 0 },
      { command: "a", subcommand: "EMPTY", acl: ["ANYUSER"], help: "of a\n", handler: () => 0 },
      { command: "a", subcommand: "c", acl: ["ANYUSER"], handler: () => 0 },
      { command: "d", subcommand: "e", acl: ["ANYUSER"], help: "of d e\n", handler: () => 0 },
    ]);
    const client = await here.open();
    for (const [args, wanted] of [
      [
        ["a", "b"],
        ["OUTPUT 1 of a b\n", "STATUS 0"],
      ],
      [["a"], ["OUTPUT 1 of a\n", "STATUS 0"]],
      [
        ["d", "e"],
        ["OUTPUT 1 of d e\n", "STATUS 0"],
      ],
      [["d"], ["ERROR 5 Unknown command"]],
      [["a", "x"], ["ERROR 5 Unknown command"]],
      [["z"], ["ERROR 5 Unknown command"]],
      [["a", "c"], ["ERROR 10 No help defined for command"]],
      [["a", "b", "c"], ["ERROR 7 Too many arguments for help command"]],
    ] as const) {
      await client.send(command("help", ...args));
      expect([args, await client.answer()]).toEqual([args, wanted]);
    }
  });

  it("help where there is none is an unknown command, and a command called help is a command", async () => {
    const none = await list(["ANYUSER"]).open();
    await none.send(command("help"));
    expect(await none.answer()).toEqual(["ERROR 5 Unknown command"]);
    const own = await createBench([open("help", () => 9)]).open();
    await own.send(command("help"), command("help", "a", "b", "c"));
    expect(await own.answer()).toEqual(["STATUS 9"]);
    expect(await own.answer()).toEqual(["STATUS 9"]);
  });

  it("a help text that fails is ERROR_INTERNAL", async () => {
    const here = createBench([
      open("x", () => 0, {
        help: () => {
          throw new Error();
        },
        summary: () => 7 as never,
      }),
    ]);
    const client = await here.open();
    await client.send(command("help", "x"), command("help"));
    expect(await client.answer()).toEqual(["ERROR 1 Internal failure"]);
    expect(await client.answer()).toEqual(["ERROR 1 Internal failure"]);
  });
});

describe("the log", () => {
  const lines = async (logmask: RemctlCommand["logmask"], ...args: (string | Uint8Array)[]): Promise<string[]> => {
    const here = createBench([open("pw", () => 0, { logmask })]);
    const client = await here.open();
    await client.send(command(...args));
    await client.answer();
    return here.of("command").map(({ line }) => line.replace(`COMMAND from ${ALICE_TEXT}: `, ""));
  };

  it("has each command, with its masks by number: the subcommand is 1, the command cannot be masked", async () => {
    expect(await lines([], "pw", "set", "alice", "s3cret")).toEqual(["pw set alice s3cret"]);
    expect(await lines([3], "pw", "set", "alice", "s3cret")).toEqual(["pw set alice **MASKED**"]);
    expect(await lines([1, 2], "pw", "set", "alice", "s3cret")).toEqual(["pw **MASKED** **MASKED** s3cret"]);
  });

  it("masks by the word before", async () => {
    const mask = ["--password"];
    expect(await lines(mask, "pw", "set", "--password", "s3cret", "x")).toEqual(["pw set --password **MASKED** x"]);
    expect(await lines(mask, "pw", "set", "--password=s3cret")).toEqual(["pw set --password=**MASKED**"]);
  });

  it("shows nothing but the first word of a command that is not configured", async () => {
    expect(await lines([], "wp", "s3cret", "x")).toEqual(["wp **MASKED** **MASKED**"]);
  });

  it("is one line, whatever the arguments are", async () => {
    const [line] = await lines(
      [],
      "pw",
      "a\nCOMMAND from root: b\x1b[2J\u2028",
      Uint8Array.of(0xff),
      "x".repeat(10_000),
    );
    expect(line).toBe(`pw a?COMMAND from root: b?[2J? \ufffd ${"x".repeat(256)}...`);
  });

  it("errors and statuses are in it", async () => {
    const here = createBench([open("x", () => 4)]);
    const client = await here.open();
    await client.send(command("x"), command("y"), Uint8Array.of(2, 2));
    await client.served;
    expect(here.events.map(({ type }) => type)).toEqual([
      "connection",
      "authenticated",
      "command",
      "status",
      "command",
      "error",
      "closed",
    ]);
    expect(here.of("status")).toMatchObject([{ status: 4, user: ALICE_TEXT }]);
    expect(here.of("error")).toMatchObject([{ code: 5, text: "Unknown command" }]);
    expect(here.of("closed")).toMatchObject([{ reason: "QUIT", user: ALICE_TEXT }]);
  });
});

describe("limits of a command", () => {
  const sizes = open("size", async ({ args, stdout }) => {
    await stdout.write(`${args.length} ${args.map((arg) => arg.length)}`);
    return 0;
  });
  const inStep = ["OUTPUT 1 0 ", "STATUS 0"];

  it("4.5: maxArguments and maxCommandBytes", async () => {
    const here = createBench([sizes], { maxArguments: 3, maxCommandBytes: 100 });
    const client = await here.open();
    const overhead = 4 + 4 + 4 + 4 + 4 + 1; // count, three lengths, "size", "x"
    await client.send(
      command("size", "x", new Uint8Array(100 - overhead)),
      command("size", "x", new Uint8Array(101 - overhead)),
      command("size", "x", "", ""),
    );
    expect(await client.answer()).toEqual([`OUTPUT 1 1 ${100 - overhead}`, "STATUS 0"]);
    expect(await client.answer()).toEqual(["ERROR 8 Too much data"]);
    expect(await client.answer()).toEqual(["ERROR 7 Too many arguments"]);
  });

  it("4.5: a continued command over the limit has one error, at once, and the rest is passed over", async () => {
    const here = createBench([sizes], { maxCommandBytes: 1000 });
    const client = await here.open();
    const messages = continued(commandBody("size", "x", new Uint8Array(5000)), [900, 1100, 2000, 4000]);
    await client.send(...messages.slice(0, 2));
    expect(await client.answer()).toEqual(["ERROR 8 Too much data"]);
    await client.send(...messages.slice(2), command("size", "x"));
    expect(await client.answer()).toEqual(inStep);
  });

  it("4.5, 6.4: the keep-alive of its last message still counts", async () => {
    const here = createBench([sizes], { maxCommandBytes: 1000 });
    const client = await here.open();
    await client.send(...continued(commandBody("size", "x", new Uint8Array(5000)), [900, 1100, 2000], [1, 0, 0, 0]));
    expect(await client.answer()).toEqual(["ERROR 8 Too much data"]);
    expect(await client.answer()).toEqual(["EOF"]);
    expect(here.of("closed")).toMatchObject([{ reason: "keep-alive is 0" }]);
  });

  it("4.5, 6.4: a keep-alive of 0 in a message that is not its last one does not count", async () => {
    const here = createBench([sizes], { maxCommandBytes: 1000 });
    const client = await here.open();
    const messages = continued(commandBody("size", "x", new Uint8Array(5000)), [900, 1100, 2000], [0, 0, 0, 1]);
    await client.send(...messages, command("size", "x"));
    expect(await client.answer()).toEqual(["ERROR 8 Too much data"]);
    expect(await client.answer()).toEqual(inStep);
  });

  it("4.5, 4.6: a client that begins again after the error is heard", async () => {
    const here = createBench([sizes], { maxCommandBytes: 1000 });
    const client = await here.open();
    const messages = continued(commandBody("size", "x", new Uint8Array(5000)), [900, 1100]);
    await client.send(...messages.slice(0, 2), command("size", "x"));
    expect(await client.answer()).toEqual(["ERROR 8 Too much data"]);
    expect(await client.answer()).toEqual(inStep);
  });

  it("maxBufferedBytes: what all connections hold of commands that are not whole", async () => {
    const here = createBench([sizes], { maxBufferedBytes: 6 * 65_536 });
    const [first, second] = [await here.open(), await here.open()];
    await first.send(...continued(commandBody("size", "x", new Uint8Array(150_000)), [60_000, 120_000]).slice(0, 2));
    await settle();
    await second.send(...continued(commandBody("size", "x", new Uint8Array(150_000)), [60_000, 120_000]));
    expect(await second.answer()).toEqual(["ERROR 8 Too much data"]);
    await first.close();
    await first.served;
    await second.send(...continued(commandBody("size", "x", new Uint8Array(150_000)), [60_000, 120_000]));
    expect(await second.answer()).toEqual(["OUTPUT 1 1 150000", "STATUS 0"]);
    // And given back once the command has run.
    await second.send(...continued(commandBody("size", "x", new Uint8Array(190_000)), [60_000, 120_000, 180_000]));
    expect(await second.answer()).toEqual(["OUTPUT 1 1 190000", "STATUS 0"]);
  });

  it("names of more than 65,536 octets are refused before they are made into text", async () => {
    const here = createBench([sizes]);
    const client = await here.open();
    const name = new Uint8Array(70_000).fill(0xff);
    await client.send(...continued(commandBody("size", name), [60_000]), ...continued(commandBody(name), [60_000]));
    expect(await client.answer()).toEqual(["ERROR 8 Too much data"]);
    expect(await client.answer()).toEqual(["ERROR 8 Too much data"]);
    await client.send(command("size", "x"));
    expect(await client.answer()).toEqual(inStep);
  });

  it("6.4: maxErrors in a row end the connection; a command that runs begins a new count", async () => {
    const here = createBench([sizes], { maxErrors: 3 });
    const client = await here.open();
    const [bad, good] = [command("nope"), command("size", "x")];
    await client.send(bad, bad, good, bad, bad, Uint8Array.of(2, 47), good);
    const replies: string[] = [];
    while (replies.at(-1) !== "EOF") replies.push(...(await client.answer()));
    const unknown = "ERROR 5 Unknown command";
    expect(replies).toEqual([unknown, unknown, ...inStep, unknown, unknown, "ERROR 3 Unknown message", "EOF"]);
    expect(here.of("closed")).toMatchObject([{ reason: "3 errors in a row" }]);
  });

  it("4.1: keep-alive 0 with commands behind it: they are not run", async () => {
    const here = createBench([sizes]);
    const client = await here.open();
    await client.send(commandMessage(0, 0, commandBody("size", "x")), command("size", "x"));
    expect(await client.answer()).toEqual(inStep);
    expect(await client.answer()).toEqual(["EOF"]);
    await client.served;
    expect(here.of("command")).toHaveLength(1);
  });
});
