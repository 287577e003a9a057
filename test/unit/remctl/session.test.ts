import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { concat, encodeHex } from "../../../src/bytes/index.ts";
import { type RemctlError, type RemctlServerError, TransportError } from "../../../src/errors.ts";
import type { FakeContext } from "../../support/fake-context.ts";
import type { FakeRemctlServer, ReceivedCommand } from "../../support/fake-remctl-server.ts";
import { outputMessage } from "../../support/fake-remctl-server.ts";
import { CONTEXT_KINDS, failureOf, open, type Script, settle, text } from "../../support/remctl-harness.ts";

/** Answers every command with its arguments, joined by spaces. */
async function echo(server: FakeRemctlServer): Promise<void> {
  for (let command = await server.readCommand(); command !== undefined; command = await server.readCommand()) {
    await server.raw(
      server.sealed(...outputMessage(1, command.args.map((arg) => text(arg)).join(" "))),
      server.sealed(2, 4, 0),
    );
  }
  await server.close();
}

describe("a command", () => {
  it("5.1: gives its output and its status", async () => {
    const { session, script } = await open(async (server) => {
      const command = await server.readCommand();
      await server.output(1, "hello ");
      await server.output(2, "warning");
      await server.output(1, "world\n");
      await server.status(7);
      return command;
    });
    const result = await session.run(["account", "show"]);
    expect([result.status, result.text(), result.text("stderr"), result.isSuccess]).toEqual([
      7,
      "hello world\n",
      "warning",
      false,
    ]);
    const command = (await script) as ReceivedCommand;
    expect(command.keepAlive).toBe(1);
    expect(command.args.map((arg) => text(arg))).toEqual(["account", "show"]);
  });

  it("sends strings as UTF-8 and octets as they are; an empty argument is one too", async () => {
    const { session, script } = await open(async (server) => {
      const commands: string[][] = [];
      for (let index = 0; index < 2; index++) {
        const command = await server.readCommand();
        commands.push((command?.args ?? []).map(encodeHex));
        await server.status(0);
      }
      return commands;
    });
    await session.run(["\u00fc", Uint8Array.of(0, 255), ""]);
    await session.run([""]);
    expect(await script).toEqual([["c3bc", "00ff", ""], [""]]);
    // No server knows a command without a name: a caller's mistake, of which the session hears nothing.
    for (const args of [[], "text"]) await expect(session.run(args as never)).rejects.toThrow(/^the command is /);
    expect(() => session.stream([])).toThrow(TypeError);
    expect(session.isOpen).toBe(true);
  });

  it("5.2: statuses 0 to 255 are results, not errors", async () => {
    const { session } = await open(async (server) => {
      for (const status of [0, 1, 127, 200, 255]) {
        await server.readCommand();
        await server.status(status);
      }
    });
    for (const status of [0, 1, 127, 200, 255]) expect((await session.run(["x"])).status).toBe(status);
  });

  it("2.8: goes in packets with flags 0x44, sealed", async () => {
    const { session, script } = await open(async (server) => {
      const packet = await server.readPacket();
      const message = server.context.unwrap(packet?.payload ?? new Uint8Array(0), { requireConf: true });
      await server.status(0);
      return [packet?.flags, message[0], message[1]];
    });
    await session.run(["x"]);
    expect(await script).toEqual([0x44, 2, 1]);
  });

  it("2.10: a session sends COMMAND, NOOP and QUIT and nothing else", async () => {
    const types: number[] = [];
    const { session, script } = await open(async (server) => {
      for (;;) {
        const message = await server.readMessage();
        if (message === undefined) return;
        types.push(message[1] as number);
        if (message[1] === 1) await server.status(0);
        if (message[1] === 7) await server.message(3, 7);
      }
    });
    await session.run(["x"]);
    await session.noop();
    await session.close();
    await script;
    expect(types).toEqual([1, 7, 2]);
  });

  it("20 commands on one session get their own answers", async () => {
    const { session } = await open(echo);
    for (let index = 0; index < 20; index++) {
      expect((await session.run(["n", String(index)])).text()).toBe(`n ${index}`);
    }
  });

  it("4.2: a command of 300,000 octets arrives whole, and its session goes on", async () => {
    const big = new Uint8Array(300_000).map((_, index) => index);
    const { session, script } = await open(async (server) => {
      const command = await server.readCommand();
      await server.error(6, "Access denied");
      await server.readCommand();
      await server.status(0);
      return command;
    });
    const error = await failureOf<RemctlServerError>(session.run(["put", big]));
    expect([error.code, error.commandState]).toEqual(["REMCTL_ACCESS_DENIED", "completed"]);
    expect((await session.run(["x"])).status).toBe(0);
    const command = (await script) as ReceivedCommand;
    expect(command.statuses).toEqual([1, 2, 2, 2, 3]);
    expect(encodeHex(command.args[1] as Uint8Array)).toBe(encodeHex(big));
  });

  it("takes any number of packets from one read, and one packet from any number of reads", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      const packets = [..."abcdefgh"].map((letter) => server.sealed(...outputMessage(1, letter)));
      await server.raw(...packets, server.sealed(2, 4, 3));
      await server.readCommand();
      const octets = concat(server.sealed(...outputMessage(2, "slow")), server.sealed(2, 4, 4));
      for (const octet of octets) await server.raw(octet);
    });
    const burst = await session.run(["x"]);
    expect([burst.text(), burst.status]).toEqual(["abcdefgh", 3]);
    const dribble = await session.run(["x"]);
    expect([dribble.text("stderr"), dribble.status]).toEqual(["slow", 4]);
  });

  it("OUTPUT of no octets is let pass", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "");
      await server.output(2, "");
      await server.status(0);
    });
    expect((await session.run(["x"])).stdout.length).toBe(0);
  });
});

describe("errors of the server", () => {
  const cases = [
    [1, "REMCTL_SERVER", "maybe-executed", true],
    [2, "REMCTL_SERVER", "completed", false],
    [3, "REMCTL_SERVER", "completed", true],
    [4, "REMCTL_SERVER", "completed", true],
    [5, "REMCTL_UNKNOWN_COMMAND", "completed", true],
    [6, "REMCTL_ACCESS_DENIED", "completed", true],
    [7, "REMCTL_SERVER", "completed", true],
    [8, "REMCTL_SERVER", "completed", true],
    [9, "REMCTL_SERVER", "completed", false],
    [10, "REMCTL_SERVER", "completed", true],
    [0, "REMCTL_SERVER", "maybe-executed", true],
    [99, "REMCTL_SERVER", "maybe-executed", true],
    [0xffff_fffe, "REMCTL_SERVER", "maybe-executed", true],
  ] as const;
  for (const [remoteCode, code, commandState, isOpen] of cases) {
    it(`6.2, 6.3: error ${remoteCode} is ${code}, ${commandState}; the session ${isOpen ? "goes on" : "ends"}`, async () => {
      const { session } = await open(async (server) => {
        await server.readCommand();
        await server.error(remoteCode, "No\u001b[2J\0");
        await server.readCommand();
        await server.status(0);
      });
      const error = await failureOf<RemctlServerError>(session.run(["x"]));
      expect([error.name, error.code, error.remoteCode, error.commandState]).toEqual([
        "RemctlServerError",
        code,
        remoteCode,
        commandState,
      ]);
      expect([error.remoteMessage, text(error.remoteOctets)]).toEqual(["No?[2J?", "No\u001b[2J\0"]);
      expect(error.message).not.toMatch(/\u001b/);
      expect(session.isOpen).toBe(isOpen);
      if (isOpen) expect((await session.run(["y"])).status).toBe(0);
      else expect(((await failureOf(session.run(["y"]))) as RemctlError).cause).toBe(error);
    });
  }

  it("6.1: an error after output is maybe-executed, whatever its code, and carries the output", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "some");
      await server.output(2, "trouble");
      await server.error(5, "Internal");
    });
    const error = await failureOf<RemctlServerError>(session.run(["x"]));
    expect([error.commandState, text(error.stdout), text(error.stderr)]).toEqual(["maybe-executed", "some", "trouble"]);
    for (const shown of [JSON.stringify(error), JSON.stringify({ ...error }), inspect(error), inspect({ error })]) {
      expect(shown).not.toMatch(/trouble|std(?:out|err)|116, ?114/);
    }
  });

  it("four errors in a row leave a session that works", async () => {
    const { session } = await open(async (server) => {
      for (const code of [5, 6, 7, 4]) {
        await server.readCommand();
        await server.error(code, "no");
      }
      await echo(server);
    });
    for (let index = 0; index < 4; index++) await failureOf(session.run(["x"]));
    expect((await session.run(["still", "here"])).text()).toBe("still here");
  });

  it("after an error to help the session ends: remctld answers `help a b c` twice", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.error(7, "Too many arguments for help command");
      await settle();
      await server.output(1, "help text\n");
      await server.status(0);
    });
    const error = await failureOf<RemctlServerError>(session.run(["help", "a", "b", "c"]));
    expect(error.remoteCode).toBe(7);
    expect((await failureOf(session.run(["test"]))).code).toBe("REMCTL_SESSION_CLOSED");
  });

  it("after error 8 or 4 to a command of several messages the session ends", async () => {
    for (const code of [8, 4, 3, 1, 77]) {
      const { session } = await open(async (server) => {
        await server.readCommand();
        await server.error(code, "no");
      });
      await failureOf(session.run(["x", new Uint8Array(100_000)]));
      expect(session.isOpen).toBe(false);
    }
  });

  it.each([true, false])(
    "an error in the middle of a continued command stops the sending and ends the session (server reads: %s)",
    async (isReading) => {
      const { session, client } = await open(async (server) => {
        await server.readMessage();
        await server.error(8, "Too much data");
      });
      if (!isReading) client.holdWrites();
      const error = await failureOf<RemctlServerError>(session.run(["x", new Uint8Array(10_000_000)]));
      expect([error.remoteCode, error.commandState, session.isOpen]).toEqual([8, "completed", false]);
      expect(client.writtenBytes).toBeLessThan(isReading ? 1_000_000 : 70_000);
    },
  );
});

describe("what a session refuses to do", () => {
  it("runs one command at a time", async () => {
    const { session } = await open(async (server) => {
      await settle(20);
      await echo(server);
    });
    const first = session.run(["first"]);
    expect(session.isBusy).toBe(true);
    for (const second of [session.run(["second"]), session.noop()]) {
      const error = await failureOf(second);
      expect([error.name, error.code, error.commandState]).toEqual(["RemctlError", "REMCTL_SESSION_BUSY", "not-sent"]);
    }
    expect(() => session.stream(["third"])).toThrow(/another/);
    expect((await first).text()).toBe("first");
    expect((await session.run(["fourth"])).text()).toBe("fourth");
  });

  it("sends nothing on a mistake of the caller, and goes on", async () => {
    const { session, client } = await open(echo);
    const before = client.writes.length;
    await expect(session.run("text" as never)).rejects.toThrow(TypeError);
    await expect(session.run([1 as never])).rejects.toThrow(TypeError);
    await expect(session.run(["\ud800"])).rejects.toThrow(TypeError);
    await expect(session.run(new Array(4097).fill("x"))).rejects.toThrow(RangeError);
    await expect(session.run([new Uint8Array(100 * 2 ** 20 - 7)])).rejects.toThrow(RangeError);
    await expect(session.run(["x"], { idleTimeoutMs: 0 })).rejects.toThrow(RangeError);
    await expect(session.run(["x"], { signal: 5 as never })).rejects.toThrow(TypeError);
    expect(client.writes.length).toBe(before);
    expect((await session.run(new Array(4096).fill("x"))).text().length).toBe(2 * 4096 - 1);
  });

  it("takes the limits of its options for arguments", async () => {
    const { session } = await open(echo, { maxArguments: 2, maxCommandBytes: 20 });
    await expect(session.run(["a", "b", "c"])).rejects.toThrow(/limit is 2 \(maxArguments/);
    await expect(session.run(["a", "0123456789"])).rejects.toThrow(/limit is 20 \(maxCommandBytes/);
    expect((await session.run(["a", "012345"])).text()).toBe("a 012345");
  });

  it("does nothing under a signal that is aborted already, and goes on", async () => {
    const { session, client } = await open(echo);
    const before = client.writes.length;
    const error = await failureOf(session.run(["x"], { signal: AbortSignal.abort() }));
    expect([error.code, error.commandState]).toEqual(["ABORTED", "not-sent"]);
    expect((await failureOf(session.noop({ signal: AbortSignal.abort() }))).code).toBe("ABORTED");
    expect(client.writes.length).toBe(before);
    expect((await session.run(["y"])).text()).toBe("y");
  });
});

describe("limits", () => {
  it("ends the session when the collected output is over maxOutputBytes, and keeps what fits", async () => {
    const { session, client } = await open(
      async (server) => {
        await server.readCommand();
        await server.output(1, "12345");
        await server.output(2, "67890");
        await server.status(0);
      },
      { maxOutputBytes: 8 },
    );
    const error = await failureOf<RemctlError>(session.run(["x"]));
    expect([error.code, error.commandState, text(error.stdout), text(error.stderr)]).toEqual([
      "REMCTL_OUTPUT_LIMIT",
      "maybe-executed",
      "12345",
      "678",
    ]);
    expect([session.isOpen, client.isAborted]).toEqual([false, true]);
  });

  it("lets output of exactly maxOutputBytes pass, and a call's own limit over the session's", async () => {
    const { session } = await open(echo, { maxOutputBytes: 1 });
    expect((await session.run(["12345678"], { maxOutputBytes: 8 })).text()).toBe("12345678");
    expect((await failureOf(session.run(["12"]))).code).toBe("REMCTL_OUTPUT_LIMIT");
  });

  it("idleTimeoutMs bounds the wait for each octet, not the command", async () => {
    const slow = async (server: FakeRemctlServer): Promise<void> => {
      await server.readCommand();
      const packet = server.sealed(...outputMessage(1, "x"));
      for (const octet of packet) {
        await settle(8);
        await server.raw(octet);
      }
      await server.status(0);
    };
    const { session } = await open(slow, { idleTimeoutMs: 60 });
    expect((await session.run(["x"])).text()).toBe("x");
    const hasty = await open(slow, { idleTimeoutMs: 60 });
    const error = await failureOf(hasty.session.run(["x"], { totalTimeoutMs: 40 }));
    expect([error.code, error.commandState]).toEqual(["TIMEOUT", "maybe-executed"]);
    expect(error.message).toMatch(/within the total of 40 ms/);
  });

  it("a silent server is a TIMEOUT, with the output so far", async () => {
    const { session, client } = await open(
      async (server) => {
        await server.readCommand();
        await server.output(1, "begun");
      },
      { idleTimeoutMs: 30 },
    );
    const started = performance.now();
    const error = await failureOf<TransportError>(session.run(["x"]));
    expect(performance.now() - started).toBeLessThan(500);
    expect(error).toBeInstanceOf(TransportError);
    expect([error.code, error.commandState, text(error.stdout)]).toEqual(["TIMEOUT", "maybe-executed", "begun"]);
    expect(client.isAborted).toBe(true);
  });

  it("a server that does not read is a TIMEOUT: not-sent while the last message is not out", async () => {
    const { session, client } = await open(async () => {}, { idleTimeoutMs: 30 });
    client.holdWrites();
    const error = await failureOf(session.run(["x", new Uint8Array(200_000)]));
    expect([error.code, error.commandState]).toEqual(["TIMEOUT", "not-sent"]);
    const single = await open(async () => {}, { idleTimeoutMs: 30 });
    single.client.holdWrites();
    expect((await failureOf(single.session.run(["x"]))).commandState).toBe("maybe-executed");
  });

  it("a call's signal ends the command and the session", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "begun");
    });
    const controller = new AbortController();
    const running = session.run(["x"], { signal: controller.signal });
    await settle();
    controller.abort("no more");
    const error = await failureOf<TransportError>(running);
    expect([error.code, error.commandState, error.cause, text(error.stdout)]).toEqual([
      "ABORTED",
      "maybe-executed",
      "no more",
      "begun",
    ]);
    expect((await failureOf(session.run(["y"]))).cause).toBe(error);
  });

  it("the session's signal ends a command, and an idle session", async () => {
    for (const isRunning of [true, false]) {
      const controller = new AbortController();
      const { session, client } = await open(async () => {}, { signal: controller.signal });
      const running = isRunning ? failureOf(session.run(["x"])) : undefined;
      await settle();
      controller.abort();
      if (running !== undefined) expect((await running).code).toBe("ABORTED");
      expect([session.isOpen, client.isAborted]).toEqual([false, true]);
      expect((await failureOf(session.run(["y"]))).code).toBe("REMCTL_SESSION_CLOSED");
    }
  });
});

describe("the state of a session", () => {
  it("ends when octets come that no command asked for, before the next command is sent", async () => {
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      await server.status(0);
      await settle(2);
      await server.output(1, "STALE");
    });
    await session.run(["x"]);
    await settle(10);
    const before = client.writes.length;
    const error = await failureOf(session.run(["y"]));
    expect([error.code, error.commandState, (error.cause as RemctlError).code]).toEqual([
      "REMCTL_SESSION_CLOSED",
      "not-sent",
      "REMCTL_PROTOCOL",
    ]);
    expect(client.writes.length).toBe(before);
  });

  it("ends when octets come in the same read as the status; the command's own result stands", async () => {
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      await server.raw(server.sealed(2, 4, 9), server.sealed(2, 4, 0).subarray(0, 3));
    });
    expect((await session.run(["x"])).status).toBe(9);
    expect([session.isOpen, client.isAborted]).toEqual([false, true]);
  });

  it("looks at the connection for octets that nobody has read", async () => {
    const { session, client } = await open(echo);
    const watched = session.run(["x"]);
    await watched;
    client.hasUnread = () => true;
    expect((await failureOf(session.run(["y"]))).code).toBe("REMCTL_SESSION_CLOSED");
  });

  it("ends when the server closes between commands", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.status(0);
      await server.close();
    });
    await session.run(["x"]);
    await settle();
    expect(session.isOpen).toBe(false);
    const error = await failureOf(session.run(["y"]));
    expect([error.code, error.commandState, (error.cause as RemctlError).code]).toEqual([
      "REMCTL_SESSION_CLOSED",
      "not-sent",
      "CONNECTION_CLOSED",
    ]);
  });

  it("throws the first error as the cause of every later one", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.message(2, 4, 0, 0);
    });
    const first = await failureOf(session.run(["x"]));
    expect([first.code, first.commandState]).toEqual(["REMCTL_PROTOCOL", "maybe-executed"]);
    for (const later of [session.run(["y"]), session.noop()]) {
      const error = await failureOf(later);
      expect([error.code, error.cause, error.commandState]).toEqual(["REMCTL_SESSION_CLOSED", first, "not-sent"]);
    }
    expect(() => session.stream(["z"])).toThrow(/is closed/);
  });

  it("3.2: VERSION after output does not say that nothing was done", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "half");
      await server.message(2, 6, 1);
    });
    const error = await failureOf(session.run(["x"]));
    expect([error.code, error.commandState]).toEqual(["REMCTL_UNSUPPORTED_VERSION", "maybe-executed"]);
  });

  it("3.2: VERSION to a command is REMCTL_UNSUPPORTED_VERSION; QUIT and close follow", async () => {
    const { session, script, client } = await open(async (server) => {
      await server.readCommand();
      await server.message(2, 6, 1);
      return server.readMessage();
    });
    const error = await failureOf(session.run(["x"]));
    expect([error.name, error.code, error.commandState]).toEqual([
      "RemctlError",
      "REMCTL_UNSUPPORTED_VERSION",
      "completed",
    ]);
    expect(await script).toEqual(Uint8Array.of(2, 2));
    await settle();
    expect([session.isOpen, client.isClosed]).toEqual([false, true]);
  });
});

describe("NOOP", () => {
  it("10.1: is answered by NOOP", async () => {
    const { session } = await open(async (server) => {
      await server.readMessage();
      await server.message(3, 7);
      await echo(server);
    });
    expect(await session.noop()).toBeUndefined();
    expect((await session.run(["x"])).text()).toBe("x");
  });

  it("10.1: has version octet 3, no body, and may be answered under version octet 2", async () => {
    const { session, script } = await open(async (server) => {
      const message = await server.readMessage();
      await server.message(2, 7);
      return message;
    });
    await session.noop();
    expect(await script).toEqual(Uint8Array.of(3, 7));
  });

  it("10.1, 3.2: a server of version 2 says so: the session goes on, and NOOP is not sent again", async () => {
    const { session, client } = await open(async (server) => {
      await server.readMessage();
      await server.message(2, 6, 2);
      await echo(server);
    });
    const error = await failureOf(session.noop());
    expect([error.code, error.commandState]).toEqual(["REMCTL_UNSUPPORTED_VERSION", "not-sent"]);
    const before = client.writes.length;
    expect((await failureOf(session.noop())).code).toBe("REMCTL_UNSUPPORTED_VERSION");
    expect(client.writes.length).toBe(before);
    expect((await session.run(["x"])).text()).toBe("x");
  });

  it("VERSION 1 or 3 as an answer ends the session", async () => {
    for (const [highest, code] of [
      [1, "REMCTL_UNSUPPORTED_VERSION"],
      [3, "REMCTL_PROTOCOL"],
    ] as const) {
      const { session } = await open(async (server) => {
        await server.readMessage();
        await server.message(2, 6, highest);
      });
      expect((await failureOf(session.noop())).code).toBe(code);
      expect(session.isOpen).toBe(false);
    }
  });

  it("anything else as an answer, the end of the stream and silence are errors that end the session", async () => {
    const answers: readonly (readonly [(server: FakeRemctlServer) => unknown, string])[] = [
      [(server) => server.status(0), "REMCTL_PROTOCOL"],
      [(server) => server.output(1, "x"), "REMCTL_PROTOCOL"],
      [(server) => server.error(3, "Unknown message"), "REMCTL_PROTOCOL"],
      [(server) => server.close(), "CONNECTION_CLOSED"],
      [(server) => server.reset(), "CONNECTION_CLOSED"],
      [() => undefined, "TIMEOUT"],
    ];
    for (const [answer, code] of answers) {
      const { session } = await open(
        async (server) => {
          await server.readMessage();
          await answer(server);
        },
        { idleTimeoutMs: 30 },
      );
      const error = await failureOf(session.noop());
      expect([error.code, error.commandState, session.isOpen]).toEqual([code, "not-sent", false]);
    }
  });
});

describe("closing", () => {
  it("7.1: sends QUIT, which has no body, and closes", async () => {
    const { session, client, script, initiator } = await open(async (server) => [
      await server.readMessage(),
      await server.readPacket(),
    ]);
    await session.close();
    expect(await script).toEqual([Uint8Array.of(2, 2), undefined]);
    expect([client.isClosed, client.isAborted, (initiator as FakeContext).isDisposed, session.isOpen]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    await session.close();
    expect(client.writes.length).toBe(2);
    const error = await failureOf(session.run(["x"]));
    expect([error.code, error.commandState, error.cause]).toEqual(["REMCTL_SESSION_CLOSED", "not-sent", undefined]);
  });

  it("`await using` closes", async () => {
    const { session, client } = await open(echo);
    {
      await using used = session;
      expect((await used.run(["x"])).text()).toBe("x");
    }
    expect(client.isClosed).toBe(true);
  });

  it("ends a command that is under way", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "begun");
    });
    const running = failureOf<RemctlError>(session.run(["x"]));
    await settle();
    await session.close();
    const error = await running;
    expect([error.code, error.commandState, text(error.stdout)]).toEqual([
      "REMCTL_SESSION_CLOSED",
      "maybe-executed",
      "begun",
    ]);
  });

  it("takes about a second at most when the server does not read, and never throws", async () => {
    const { session, client } = await open(async () => {});
    client.holdWrites();
    const started = performance.now();
    await session.close();
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(client.isAborted).toBe(true);
    const failing = await open(async () => {});
    failing.client.failWrites();
    await failing.session.close();
    expect(failing.client.isAborted).toBe(true);
  });
});

describe("octets on the wire", () => {
  it("4.1: a last command has keep-alive 0, no QUIT, and closes: one write for the opening, one for the command", async () => {
    const { session, client, script } = await open(async (server) => {
      const command = await server.readCommand();
      await server.output(1, "x");
      await settle();
      await server.status(0);
      await server.close();
      return command;
    });
    expect((await session.run(["x"], { isLast: true })).text()).toBe("x");
    expect(((await script) as ReceivedCommand).keepAlive).toBe(0);
    await session.close();
    expect(client.writes.length).toBe(2);
    expect([client.isClosed, session.isOpen]).toEqual([true, false]);
    expect((await failureOf(session.run(["y"]))).code).toBe("REMCTL_SESSION_CLOSED");
  });

  it("a last command that the server refuses ends the session too", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.error(5, "Unknown command");
      await server.close();
    });
    expect((await failureOf(session.run(["x"], { isLast: true }))).code).toBe("REMCTL_UNKNOWN_COMMAND");
    expect(session.isOpen).toBe(false);
  });

  it("a command whose answer comes in one burst is one write", async () => {
    const { session, client } = await open(echo);
    await session.run(["x"]);
    await session.run(["y"]);
    expect(client.writes.length).toBe(3);
  });

  it.each(CONTEXT_KINDS)(
    "octets of the next packet go early when output comes alone, four at most (%s)",
    async (kind) => {
      const answer: Script = async (server) => {
        const commands: (ReceivedCommand | undefined)[] = [];
        for (let command = 0; command < 3; command++) {
          commands.push(await server.readCommand());
          for (let index = 0; index < 6; index++) {
            await server.output(1, String(index));
            await settle(10);
          }
          await server.status(0);
        }
        await server.readMessage();
        await server.message(3, 7);
        return [commands.map((command) => command?.statuses), await server.readMessage()];
      };
      const { session, client, script } = await open(answer, {}, { kind });
      const long = "x".repeat(300);
      for (let command = 0; command < 3; command++) {
        const before = client.writes.length;
        expect((await session.run(["x", long])).text()).toBe("012345");
        const early = client.writes.slice(before).filter(({ length }) => length === 1);
        expect(early.map(([octet]) => octet)).toEqual([0x44, 0, 0, 0]);
      }
      await session.noop();
      await session.close();
      // A length that begins with three zeros holds for a short message only: the command is cut.
      expect(await script).toEqual([[[0], [1, 3], [1, 3]], Uint8Array.of(2, 2)]);
    },
  );

  it("the first octet goes at once, the others when nothing more comes for a moment", async () => {
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "a");
      await settle(1);
      const atOnce = client.writes.length;
      for (let index = 0; index < 300; index++) await server.output(1, "b");
      await server.status(atOnce);
    });
    // The opening, the command, one octet.
    expect((await session.run(["x"])).status).toBe(3);
    expect(client.writes.length).toBe(3);
  });

  it("a packet of which a part came is waited for a moment, then an octet goes too", async () => {
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      const packet = server.sealed(...outputMessage(1, "ab"));
      await server.raw(packet.subarray(0, 9));
      await settle(20);
      await server.raw(packet.subarray(9), server.sealed(2, 4, client.writes.length));
    });
    expect((await session.run(["x"])).status).toBe(3);
  });

  it("no octet goes early in the last command of a session: the server would close with it unread", async () => {
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      for (let index = 0; index < 3; index++) {
        await server.output(1, "a");
        await settle(5);
      }
      await server.status(0);
    });
    await session.run(["x"], { isLast: true });
    expect(client.writes.length).toBe(2);
  });

  it("QUIT omits the octets that went early", async () => {
    const { session, client, script } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "x");
      await settle(2);
      await server.status(0);
      return [await server.readMessage(), await server.readPacket(), server.partial.length];
    });
    await session.run(["x"]);
    expect(client.writes.at(-1)).toEqual(Uint8Array.of(0x44));
    await session.close();
    expect(await script).toEqual([Uint8Array.of(2, 2), undefined, 0]);
    expect(client.writes.at(-1)?.[0]).toBe(0);
  });

  it("no octet goes early when more has come already", async () => {
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      const next = server.sealed(...outputMessage(1, "a"));
      const last = server.sealed(...outputMessage(1, "b"));
      await server.raw(next, last.subarray(0, 4));
      await settle(2);
      await server.raw(last.subarray(4), server.sealed(2, 4, 0));
    });
    expect((await session.run(["x"])).text()).toBe("ab");
    expect(client.writes.length).toBe(2);
  });
});
