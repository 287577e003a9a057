// A command that its caller ends: run.cancel() and `await using`.

import { describe, expect, it } from "vitest";
import type { KerberosError } from "../../../src/errors.ts";
import { RemctlPool, type RemctlRun } from "../../../src/remctl/index.ts";
import { outputMessage } from "../../support/fake-remctl-server.ts";
import { Farm } from "../../support/pool-harness.ts";
import { connect, failureOf, open, type Script, settle, text } from "../../support/remctl-harness.ts";

const about = (error: KerberosError) => [error.name, error.code, error.commandState];
const cancelled = ["TransportError", "ABORTED", "maybe-executed"];

/** Takes a command, prints `piece`, and says nothing more; gives whether the client has closed the connection since. */
const printing =
  (piece: string | Uint8Array = "first"): Script =>
  async (server) => {
    await server.readCommand();
    await server.output(1, piece);
    return (await server.readPacket().catch(() => undefined)) === undefined;
  };

/** The next output; the session is in the middle of the command. */
async function firstOf(run: RemctlRun): Promise<string> {
  const { value } = await run[Symbol.asyncIterator]().next();
  return text(value?.data);
}

describe("cancel", () => {
  it("ends a command in the middle of its output, and the session with it", async () => {
    const { session, script, client } = await open(printing());
    const run = session.stream(["x"]);
    expect(await firstOf(run)).toBe("first");
    const next = run[Symbol.asyncIterator]().next();
    await run.cancel();
    expect(about(await failureOf(next))).toEqual(cancelled);
    expect(about(await failureOf(run.status))).toEqual(cancelled);
    expect([session.isOpen, session.isBusy, client.isAborted]).toEqual([false, false, true]);
    expect(await script).toBe(true);
    expect((await failureOf<KerberosError>(session.run(["y"]))).code).toBe("REMCTL_SESSION_CLOSED");
  });

  it("needs nobody who looks at the status or the output", async () => {
    const { session } = await open(printing());
    await session.stream(["x"]).cancel();
    expect(session.isOpen).toBe(false);
    await settle();
  });

  it("what had come is given before the error; half an output never looks like a whole one", async () => {
    const { session } = await open(printing());
    const run = session.stream(["x"]);
    const reader = run.stdout.getReader();
    expect(text((await reader.read()).value)).toBe("first");
    const [stdout, stderr] = [reader.read(), run.stderr.getReader().read()];
    await run.cancel();
    expect(about(await failureOf(stdout))).toEqual(cancelled);
    expect(about(await failureOf(stderr))).toEqual(cancelled);
  });

  it("ends a command whose server is held back", async () => {
    const piece = new Uint8Array(60_000);
    const { session } = await open(async (server) => {
      await server.readCommand();
      for (let index = 0; index < 40; index++) await server.raw(server.sealed(...outputMessage(1, piece)));
    });
    const run = session.stream(["x"]);
    await settle(20);
    await run.cancel();
    expect(about(await failureOf(run.status))).toEqual(cancelled);
    expect(session.isOpen).toBe(false);
  });

  it("a command that was not sent whole is not-sent", async () => {
    const { session } = await open(async (server) => server.readPacket().catch(() => undefined));
    const size = 100_000;
    const argument = { size, stream: () => new ReadableStream<Uint8Array>() };
    const run = session.stream(["put", argument]);
    await settle();
    await run.cancel();
    expect(about(await failureOf(run.status))).toEqual(["TransportError", "ABORTED", "not-sent"]);
    expect(session.isOpen).toBe(false);
  });

  it("after the end of the command it does nothing", async () => {
    const { session } = await open(async (server) => {
      for (let index = 0; index < 2; index++) {
        await server.readCommand();
        await server.output(1, "all");
        await server.status(3);
      }
    });
    const run = session.stream(["x"]);
    expect(await run.status).toBe(3);
    await run.cancel();
    await run.cancel();
    expect(await firstOf(run)).toBe("all");
    expect(session.isOpen).toBe(true);
    expect((await session.run(["y"])).status).toBe(3);
  });

  it("after the command has failed it does nothing, and rejects with nothing", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.error(6, "no");
      await server.readCommand();
      await server.status(0);
    });
    const run = session.stream(["x"]);
    expect((await failureOf<KerberosError>(run.status)).code).toBe("REMCTL_ACCESS_DENIED");
    await run.cancel();
    expect((await session.run(["y"])).status).toBe(0);
  });

  it("in a pipeline: a command that waits leaves the session as it is; one that was sent takes it along", async () => {
    const seen: string[] = [];
    const { session, server } = await open(
      async (peer) => {
        for (let command = await peer.readCommand(); command !== undefined; command = await peer.readCommand()) {
          seen.push(text(command.args[0]));
        }
      },
      { pipelineDepth: 2 },
    );
    const runs = ["a", "b", "c", "d"].map((word) => session.stream([word]));
    await settle();
    await runs[2]?.cancel();
    expect(about(await failureOf(runs[2]?.status as Promise<number>))).toEqual([
      "TransportError",
      "ABORTED",
      "not-sent",
    ]);
    expect(session.isOpen).toBe(true);
    await server.status(0);
    expect(await runs[0]?.status).toBe(0);
    await settle();
    expect(seen).toEqual(["a", "b", "d"]);
    await runs[3]?.cancel();
    expect(session.isOpen).toBe(false);
    expect(about(await failureOf(runs[3]?.status as Promise<number>))).toEqual(cancelled);
    const other = await failureOf<KerberosError>(runs[1]?.status as Promise<number>);
    expect(about(other)).toEqual(["RemctlError", "REMCTL_SESSION_CLOSED", "maybe-executed"]);
  });

  it("in version 1 too", async () => {
    const { opening } = connect(
      async (server) => {
        await server.accept(0x02, 0x11);
        return server.readPacket();
      },
      { protocol: 1 },
    );
    const session = await opening;
    const run = session.stream(["x"]);
    await settle();
    await run.cancel();
    expect(about(await failureOf(run.status))).toEqual(cancelled);
    expect(session.isOpen).toBe(false);
  });
});

describe("await using", () => {
  it("leaving the block ends the command", async () => {
    const { session, script } = await open(printing());
    const outputs: string[] = [];
    {
      await using run = session.stream(["x"]);
      for await (const { data } of run) {
        outputs.push(text(data));
        break;
      }
    }
    expect([outputs, session.isOpen]).toEqual([["first"], false]);
    expect(await script).toBe(true);
  });

  it("after the command's end the session serves on", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.status(0);
    });
    {
      await using run = session.stream(["x"]);
      expect(await run.status).toBe(0);
    }
    expect(session.isOpen).toBe(true);
  });
});

describe("in a pool", () => {
  const silent = () =>
    new Farm({
      onCommand: async ({ server }, [word]) => {
        await server.output(1, "first");
        if (word === "short") await server.status(0);
      },
    });

  it("cancel closes the session and frees its place", async () => {
    const farm = silent();
    await using pool = new RemctlPool(farm.connect, { maxSessions: 1 });
    const run = await pool.stream("one", ["long"]);
    expect(await firstOf(run)).toBe("first");
    const waiting = pool.run("one", ["short"]);
    await settle();
    expect(pool.counts).toMatchObject({ sessions: 1, waiting: 1 });
    await run.cancel();
    expect(about(await failureOf(run.status))).toEqual(cancelled);
    expect(farm.connections[0]?.session.isOpen).toBe(false);
    expect((await waiting).status).toBe(0);
    expect([farm.connects, pool.counts.sessions]).toEqual([2, 1]);
  });

  it("when cancel resolves, the place is free", async () => {
    const farm = silent();
    await using pool = new RemctlPool(farm.connect);
    {
      await using run = await pool.stream("one", ["long"]);
      for await (const _ of run) break;
    }
    expect(pool.counts).toEqual({ sessions: 0, idle: 0, opening: 0, waiting: 0 });
  });

  it("when the block of a command that has ended is left, its session is free for others", async () => {
    const farm = silent();
    await using pool = new RemctlPool(farm.connect);
    {
      await using run = await pool.stream("one", ["short"]);
      expect(await run.status).toBe(0);
    }
    expect(pool.counts).toEqual({ sessions: 1, idle: 1, opening: 0, waiting: 0 });
    expect((await pool.run("one", ["short"])).status).toBe(0);
    expect(farm.connects).toBe(1);
  });
});
