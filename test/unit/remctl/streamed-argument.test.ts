// An argument given as a stream of known length.

import { describe, expect, it } from "vitest";
import { encodeHex } from "../../../src/bytes/index.ts";
import type { RemctlError } from "../../../src/errors.ts";
import type { StreamedArgument } from "../../../src/remctl/index.ts";
import type { FakeRemctlServer, ReceivedCommand } from "../../support/fake-remctl-server.ts";
import { CONTEXT_KINDS, failureOf, open, settle, text } from "../../support/remctl-harness.ts";

async function* pieces(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? new TextEncoder().encode(part) : part;
}

const streamed = (size: number, ...parts: readonly (string | Uint8Array)[]): StreamedArgument => ({
  size,
  stream: () => pieces(...parts),
});

/** A server that answers one command with status 0, and a session with it. */
const openOne = (choices = {}) =>
  open(
    async (server) => {
      const command = await server.readCommand();
      if (command !== undefined) await server.status(0);
      return command;
    },
    { idleTimeoutMs: 200 },
    choices,
  );

describe("an argument from a stream", () => {
  for (const kind of CONTEXT_KINDS) {
    it(`arrives as any other, in messages as large (${kind})`, async () => {
      const big = new Uint8Array(300_000).map((_, index) => index * 7);
      const cuts = [0, 1, 5, 70_000, 70_000, 200_000, 300_000];
      const parts = cuts.slice(1).map((end, index) => big.subarray(cuts[index], end));
      const { session, script } = await openOne({ kind });
      expect((await session.run(["put", streamed(big.length, ...parts), "last"])).status).toBe(0);
      const command = (await script) as ReceivedCommand;
      expect(command.statuses).toEqual([1, 2, 2, 2, 3]);
      expect(command.args.map((arg) => arg.length)).toEqual([3, 300_000, 4]);
      expect(encodeHex(command.args[1] as Uint8Array)).toBe(encodeHex(big));
      expect(session.isOpen).toBe(true);
    });
  }

  it("may be a Blob, a ReadableStream, empty, and any of several", async () => {
    const { session, script } = await openOne();
    const stream = () => new Response("a body").body as ReadableStream<Uint8Array>;
    await session.run([new Blob(["cat"]), { size: 6, stream }, streamed(0), streamed(2, "", "x", "", "y", "")]);
    expect(((await script) as ReceivedCommand).args.map((arg) => text(arg))).toEqual(["cat", "a body", "", "xy"]);
  });

  const wrong: Readonly<Record<string, readonly [StreamedArgument, RegExp]>> = {
    "is shorter than its size": [streamed(5, "four"), /ended 1 octets before the 5/],
    "is longer than its size": [streamed(3, "four"), /more than the 3 octets/],
    "is longer than its size by a last piece": [streamed(4, "four", "", "!"), /more than the 4 octets/],
    fails: [
      {
        size: 4,
        async *stream() {
          yield new Uint8Array(2);
          throw new Error("disk on fire");
        },
      },
      /disk on fire/,
    ],
    "gives text": [
      {
        size: 4,
        async *stream() {
          yield "four" as never;
        },
      },
      /a value that is not a Uint8Array/,
    ],
    "cannot be opened": [
      {
        size: 4,
        stream: () => {
          throw new Error("no such file");
        },
      },
      /no such file/,
    ],
  };
  for (const [name, [argument, message]] of Object.entries(wrong)) {
    it(`${name}: REMCTL_ARGUMENT, nothing was sent, and the session goes on`, async () => {
      const { session, client } = await openOne();
      const sent = client.writes.length;
      const error = await failureOf<RemctlError>(session.run(["put", argument]));
      expect([error.code, error.commandState, client.writes.length]).toEqual(["REMCTL_ARGUMENT", "not-sent", sent]);
      expect(error.message).toMatch(message);
      expect((await session.run(["x"])).status).toBe(0);
    });

    it(`${name} when a part has gone out: QUIT, so that the server forgets it, and the session ends`, async () => {
      const types: number[][] = [];
      const { session } = await open(async (server) => {
        for (let message = await server.readMessage(); message; message = await server.readMessage()) {
          types.push([...message.subarray(0, 4)]);
        }
      });
      const error = await failureOf<RemctlError>(session.run(["put", new Uint8Array(70_000), argument]));
      expect([error.code, error.commandState, session.isOpen]).toEqual(["REMCTL_ARGUMENT", "not-sent", false]);
      await session.close();
      await settle();
      expect(types).toEqual([
        [2, 1, 1, 1],
        [2, 2],
      ]);
      expect((await failureOf(session.run(["x"]))).code).toBe("REMCTL_SESSION_CLOSED");
    });
  }

  const early: Readonly<Record<string, readonly [(server: FakeRemctlServer) => Promise<void>, string, string]>> = {
    "VERSION, of a server that does not know the command's": [
      (server) => server.message(2, 6, 1),
      "REMCTL_UNSUPPORTED_VERSION",
      "completed",
    ],
    "a refusal": [(server) => server.error(8, "Too much data"), "REMCTL_SERVER", "completed"],
    "an internal failure: what the server has in part does not run": [
      (server) => server.error(1, "Internal failure"),
      "REMCTL_SERVER",
      "not-sent",
    ],
    "OUTPUT, which breaks the protocol": [(server) => server.output(1, "x"), "REMCTL_PROTOCOL", "not-sent"],
  };
  for (const [name, [answer, code, state]] of Object.entries(early)) {
    it(`answered before the command is whole by ${name}: ${code}, ${state}, and the session ends`, async () => {
      const { session } = await open(async (server) => {
        await server.readMessage();
        await answer(server);
        await server.readMessage();
      });
      const endless = { size: 200_000, stream: () => ({ [Symbol.asyncIterator]: () => ({ next: stall }) }) };
      const stall = () => new Promise<never>(() => {});
      const error = await failureOf<RemctlError>(session.run(["put", new Uint8Array(70_000), endless as never]));
      expect([error.code, error.commandState, session.isOpen]).toEqual([code, state, false]);
    });
  }

  it("has a size within the limits, before anything is sent", async () => {
    const { session, client } = await openOne();
    const sent = client.writes.length;
    for (const size of [-1, 1.5, Number.NaN, 2 ** 60, 200_000_000]) {
      await expect(session.run(["put", streamed(size)])).rejects.toThrow(RangeError);
    }
    for (const arg of [{}, { size: 3 }, { size: "3", stream: () => pieces() }, null, undefined, 7]) {
      await expect(session.run(["put", arg as never])).rejects.toThrow(TypeError);
    }
    expect([client.writes.length, session.isOpen]).toEqual([sent, true]);
  });

  it("that stalls is waited for: the idle time is the server's; the total time and the signal end it, and the stream", async () => {
    let isReturned = false;
    const stuck = (): StreamedArgument => ({
      size: 9,
      stream: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<never>(() => {}),
          return: async () => {
            isReturned = true;
            return { done: true as const, value: undefined };
          },
        }),
      }),
    });
    const { session } = await openOne();
    const error = await failureOf(session.run(["put", stuck()], { idleTimeoutMs: 10, totalTimeoutMs: 80 }));
    expect([error.code, error.commandState, session.isOpen]).toEqual(["TIMEOUT", "not-sent", false]);
    expect(error.message).toMatch(/within the total of/);
    await settle();
    expect(isReturned).toBe(true);
  });

  it("that stalls does not hide that the server goes", async () => {
    const { session } = await open(async (server) => {
      await settle(10);
      await server.close();
    });
    const error = await failureOf(
      session.run([
        "put",
        { size: 1, stream: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }) },
      ]),
    );
    expect([error.code, error.commandState]).toEqual(["CONNECTION_CLOSED", "not-sent"]);
  });

  it("a server that refuses the command before it has it all is heard", async () => {
    const { session } = await open(async (server) => {
      await server.readMessage();
      await server.error(8, "Command too long");
    });
    const forever: StreamedArgument = {
      size: 50_000_000,
      async *stream() {
        for (;;) {
          await settle(1);
          yield new Uint8Array(65_536);
        }
      },
    };
    const error = await failureOf<RemctlError>(session.run(["put", forever]));
    expect([error.code, error.commandState, session.isOpen]).toEqual(["REMCTL_SERVER", "completed", false]);
  });

  it("an error ends the session when the command's name came from a stream: it may have been help", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.error(7, "Too many arguments for help command");
    });
    await failureOf(session.run([new Blob(["help"]), "a", "b", "c"]));
    expect(session.isOpen).toBe(false);
  });
});
