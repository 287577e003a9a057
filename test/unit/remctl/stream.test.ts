import { describe, expect, it } from "vitest";
import type { RemctlServerError } from "../../../src/errors.ts";
import type { OutputChunk, RemctlRun } from "../../../src/remctl/index.ts";
import { outputMessage } from "../../support/fake-remctl-server.ts";
import { failureOf, open, settle, text } from "../../support/remctl-harness.ts";

async function all(run: RemctlRun): Promise<string[]> {
  const pieces: string[] = [];
  for await (const { stream, data } of run) pieces.push(`${stream}:${text(data)}`);
  return pieces;
}

describe("a streamed command", () => {
  it("gives its output in order, as it comes, and then its status", async () => {
    let proceed = (): void => {};
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "first");
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
      await server.output(2, "second");
      await server.output(1, "third");
      await server.status(3);
    });
    const run = session.stream(["x"]);
    const iterator = run[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect([first.value?.stream, text(first.value?.data)]).toEqual(["stdout", "first"]);
    proceed();
    expect(await all(run)).toEqual(["stderr:second", "stdout:third"]);
    expect(await run.status).toBe(3);
  });

  it("gives the status of a command with little output that nobody reads", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "x".repeat(1000));
      await server.status(4);
    });
    expect(await session.stream(["x"]).status).toBe(4);
  });

  it("has no limit of its output, and holds the server back while the consumer is behind", async () => {
    const piece = new Uint8Array(60_000);
    let sent = 0;
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      for (let index = 0; index < 400; index++) {
        await server.raw(server.sealed(...outputMessage(1, piece)));
        sent++;
      }
      await server.status(0);
    });
    const run = session.stream(["x"]);
    await settle(20);
    expect(sent).toBe(400);
    // What the session has not read is still in the connection.
    expect(client.hasUnread()).toBe(true);
    let bytes = 0;
    for await (const { data } of run) bytes += data.length;
    expect([bytes, await run.status]).toEqual([400 * 60_000, 0]);
  });

  it("the consumer's pauses do not count as the server's", async () => {
    const { session } = await open(
      async (server) => {
        await server.readCommand();
        for (let index = 0; index < 20; index++) await server.output(1, new Uint8Array(60_000));
        await server.status(0);
      },
      { idleTimeoutMs: 40 },
    );
    const run = session.stream(["x"]);
    await settle(150);
    let bytes = 0;
    for await (const { data } of run) bytes += data.length;
    expect(bytes).toBe(20 * 60_000);
  });

  it("a total timeout ends it even while the consumer pauses", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      for (let index = 0; index < 20; index++) await server.output(1, new Uint8Array(60_000));
    });
    const run = session.stream(["x"], { totalTimeoutMs: 30 });
    const error = await failureOf(run.status);
    expect([error.code, error.commandState, session.isOpen]).toEqual(["TIMEOUT", "maybe-executed", false]);
  });

  it("OUTPUT without octets is no piece", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      for (const part of ["", "a", "", "b", ""]) await server.output(1, part);
      await server.status(0);
    });
    const lengths: number[] = [];
    for await (const { data } of session.stream(["x"])) lengths.push(data.length);
    expect(lengths).toEqual([1, 1]);
  });

  it("leaving the loop discards the rest; the session is free when the command ends", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      for (let index = 0; index < 100; index++) await server.output(1, new Uint8Array(60_000));
      await server.status(5);
      await server.readCommand();
      await server.status(6);
    });
    const run = session.stream(["x"]);
    for await (const { data } of run) if (data.length > 0) break;
    expect(await run.status).toBe(5);
    expect((await session.run(["y"])).status).toBe(6);
  });

  it("discard() lets a command with much output end unread", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      for (let index = 0; index < 100; index++) await server.output(1, new Uint8Array(60_000));
      await server.status(5);
    });
    const run = session.stream(["x"]);
    run.discard();
    expect([await run.status, await all(run)]).toEqual([5, []]);
  });

  it("gives what came before a failure, then throws it, from the loop and from status", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "before");
      await server.error(1, "Internal failure");
    });
    const run = session.stream(["x"]);
    const seen: OutputChunk[] = [];
    const error = await failureOf<RemctlServerError>(
      (async () => {
        for await (const chunk of run) seen.push(chunk);
      })(),
    );
    expect(seen.map(({ data }) => text(data))).toEqual(["before"]);
    expect([error.code, error.commandState]).toEqual(["REMCTL_SERVER", "maybe-executed"]);
    expect(await failureOf(run.status)).toBe(error);
    expect(await all(run)).toEqual([]);
  });

  it("status need not be awaited: no rejection is left unhandled", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on("unhandledRejection", listener);
    try {
      const { session } = await open(async (server) => {
        await server.readCommand();
        await server.close();
      });
      session.stream(["x"]);
      await settle(20);
      expect([session.isOpen, unhandled]).toEqual([false, []]);
    } finally {
      process.off("unhandledRejection", listener);
    }
  });

  it("two that wait for output get a piece each", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await settle();
      await server.output(1, "a");
      await server.output(1, "b");
      await server.status(0);
    });
    const run = session.stream(["x"]);
    const iterator = run[Symbol.asyncIterator]();
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    expect(results.map(({ done, value }) => (done ? "end" : text(value?.data)))).toEqual(["a", "b", "end"]);
  });

  it("throws a mistake of the caller at once", async () => {
    const { session } = await open(async () => {});
    expect(() => session.stream(7 as never)).toThrow(TypeError);
    expect(() => session.stream(["x"], { totalTimeoutMs: Number.NaN })).toThrow(RangeError);
    expect(session.isBusy).toBe(false);
  });
});
