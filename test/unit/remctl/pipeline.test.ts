// Several commands on their way at once, where the session was asked for that.

import { describe, expect, it } from "vitest";
import { RemctlError } from "../../../src/errors.ts";
import type { RemctlSession } from "../../../src/remctl/index.ts";
import type { FakeRemctlServer } from "../../support/fake-remctl-server.ts";
import { outputMessage } from "../../support/fake-remctl-server.ts";
import { CONTEXT_KINDS, failureOf, open, settle, text } from "../../support/remctl-harness.ts";

/** Answers every command with its arguments. */
async function echo(server: FakeRemctlServer): Promise<void> {
  for (let command = await server.readCommand(); command !== undefined; command = await server.readCommand()) {
    await server.raw(
      server.sealed(...outputMessage(1, command.args.map((arg) => text(arg)).join(" "))),
      server.sealed(2, 4, 0),
    );
  }
}

/** Reads commands without an answer, and notes them. */
function collecting(seen: string[], answer: (server: FakeRemctlServer, index: number) => Promise<unknown> | undefined) {
  return async (server: FakeRemctlServer): Promise<void> => {
    for (let index = 0; ; index++) {
      const command = await server.readCommand();
      if (command === undefined) return;
      seen.push(command.args.map((arg) => text(arg)).join(" "));
      await answer(server, index);
    }
  };
}

const outcome = (promise: Promise<{ text(): string }>): Promise<string> =>
  promise.then(
    (result) => result.text(),
    (error: RemctlError) => `${error.code} ${error.commandState}`,
  );
const start = (session: RemctlSession, ...words: string[]): Promise<string>[] =>
  words.map((word) => outcome(session.run([word])));

for (const kind of CONTEXT_KINDS) {
  describe(`a session that pipelines (${kind})`, () => {
    it("gives 200 commands, 16 deep, their own answers", async () => {
      const { session } = await open(echo, { pipelineDepth: 16 }, { kind });
      const words = Array.from({ length: 200 }, (_, index) => `n${index}`);
      expect(await Promise.all(start(session, ...words))).toEqual(words);
      expect([session.isOpen, session.isBusy]).toEqual([true, false]);
    });

    it("sends as many as it was asked to, and no more, before an answer comes", async () => {
      const seen: string[] = [];
      const { session, server } = await open(
        collecting(seen, () => undefined),
        { pipelineDepth: 3 },
        { kind },
      );
      const running = start(session, "a", "b", "c", "d", "e");
      await settle(20);
      expect(seen).toEqual(["a", "b", "c"]);
      await server.status(0);
      await settle(20);
      expect(seen).toEqual(["a", "b", "c", "d"]);
      for (let index = 0; index < 4; index++) await server.status(0);
      expect(await Promise.all(running)).toEqual(["", "", "", "", ""]);
    });

    it("answers in one read, and answers cut anywhere, reach their commands", async () => {
      const { session } = await open(
        async (server) => {
          for (let index = 0; index < 4; index++) await server.readCommand();
          const packets = [..."abcd"].flatMap((word) => [
            server.sealed(...outputMessage(1, word)),
            server.sealed(2, 4, 0),
          ]);
          await server.raw(...packets);
          for (let index = 0; index < 2; index++) await server.readCommand();
          const more = [..."ef"].flatMap((word) => [server.sealed(...outputMessage(1, word)), server.sealed(2, 4, 0)]);
          for (const packet of more) for (const octet of packet) await server.raw(octet);
        },
        { pipelineDepth: 8 },
        { kind },
      );
      expect(await Promise.all(start(session, "1", "2", "3", "4"))).toEqual(["a", "b", "c", "d"]);
      expect(await Promise.all(start(session, "5", "6"))).toEqual(["e", "f"]);
      expect(session.isOpen).toBe(true);
    });
  });
}

describe("pipelining", () => {
  it("is not there unless it is asked for", async () => {
    const { session } = await open(echo);
    const first = session.run(["x"]);
    const error = await failureOf(session.run(["y"]));
    expect([error.code, error.commandState]).toEqual(["REMCTL_SESSION_BUSY", "not-sent"]);
    expect(error.message).toContain("or ask for a `pipelineDepth`");
    await first;
  });

  it("errors that leave the session usable are one command's own", async () => {
    const { session } = await open(
      collecting([], (server, index) => (index === 1 ? server.error(6, "Access denied") : server.status(0))),
      { pipelineDepth: 4 },
    );
    expect(await Promise.all(start(session, "a", "b", "c"))).toEqual(["", "REMCTL_ACCESS_DENIED completed", ""]);
    expect(session.isOpen).toBe(true);
  });

  it("an error to `help` ends the session: the commands behind it get no answer, not one of help's", async () => {
    const { session, client } = await open(
      async (server) => {
        for (let index = 0; index < 3; index++) await server.readCommand();
        await server.error(7, "Too many arguments for help command");
        await server.raw(server.sealed(...outputMessage(1, "help text")), server.sealed(2, 4, 0));
      },
      { pipelineDepth: 3 },
    );
    const running = [outcome(session.run(["help", "a", "b", "c"])), ...start(session, "x", "y", "waits")];
    expect(await Promise.all(running)).toEqual([
      "REMCTL_SERVER completed",
      "REMCTL_SESSION_CLOSED maybe-executed",
      "REMCTL_SESSION_CLOSED maybe-executed",
      "REMCTL_SESSION_CLOSED not-sent",
    ]);
    expect(client.isAborted).toBe(true);
  });

  it("a connection that ends tells what was sent from what was not; each error carries its own output", async () => {
    const { session } = await open(
      async (server) => {
        for (let index = 0; index < 2; index++) await server.readCommand();
        await server.output(1, "partial");
        await server.close();
      },
      { pipelineDepth: 2 },
    );
    const running = ["a", "b", "c"].map((word) => failureOf(session.run([word])));
    const errors = await Promise.all(running);
    expect(errors.map((error) => [error.code, error.commandState, text(error.stdout as Uint8Array)])).toEqual([
      ["CONNECTION_CLOSED", "maybe-executed", "partial"],
      ["REMCTL_SESSION_CLOSED", "maybe-executed", ""],
      ["REMCTL_SESSION_CLOSED", "not-sent", ""],
    ]);
    expect(errors[1]?.cause).toBe(errors[0]);
  });

  it("a call that is aborted, or out of time, while it waits in line ends nothing else", async () => {
    const seen: string[] = [];
    const { session, server } = await open(
      collecting(seen, () => undefined),
      { pipelineDepth: 1 + 1 },
    );
    const controller = new AbortController();
    const running = start(session, "a", "b");
    const aborted = failureOf(session.run(["c"], { signal: controller.signal }));
    const late = failureOf(session.run(["d"], { totalTimeoutMs: 20 }));
    const last = outcome(session.run(["e"]));
    controller.abort();
    for (const [error, code] of [
      [await aborted, "ABORTED"],
      [await late, "TIMEOUT"],
    ] as const) {
      expect([error.code, error.commandState]).toEqual([code, "not-sent"]);
    }
    for (let index = 0; index < 3; index++) await server.status(0);
    expect(await Promise.all([...running, last])).toEqual(["", "", ""]);
    expect(seen).toEqual(["a", "b", "e"]);
    expect(session.isOpen).toBe(true);
  });

  it("one that is aborted after it was sent ends them all", async () => {
    const { session } = await open(async () => {}, { pipelineDepth: 3 });
    const controller = new AbortController();
    const first = outcome(session.run(["a"]));
    const aborted = outcome(session.run(["b"], { signal: controller.signal }));
    await settle();
    controller.abort();
    expect(await aborted).toBe("ABORTED maybe-executed");
    expect(await first).toBe("REMCTL_SESSION_CLOSED maybe-executed");
  });

  it("a command of several messages waits for the answers before it, and those behind wait until it is whole", async () => {
    const seen: string[] = [];
    const { session, server } = await open(
      collecting(seen, () => undefined),
      { pipelineDepth: 8 },
    );
    const big = "b".repeat(200_000);
    const running = start(session, "a", big, "c");
    await settle(20);
    expect(seen).toEqual(["a"]);
    await server.status(0);
    await settle(20);
    expect(seen).toEqual(["a", big, "c"]);
    await server.status(0);
    await server.status(0);
    expect(await Promise.all(running)).toEqual(["", "", ""]);
  });

  it("octets that went ahead never cut a command of one message in two, which could be taken for an answer of its own", async () => {
    const { session, server, client } = await open(async () => {}, { pipelineDepth: 4 });
    const first = outcome(session.run(["bursts"]));
    for (let index = 0; index < 6; index++) {
      await settle(8);
      await server.output(1, `${index}`);
    }
    await settle(8);
    expect(client.writes.filter((octets) => octets.length === 1).length).toBe(2);
    const second = outcome(session.run(["x".repeat(1_000)]));
    for (let index = 6; index < 9; index++) {
      await server.output(1, `${index}`);
      await settle(2);
    }
    await server.status(0);
    await server.output(1, "second");
    await server.status(0);
    expect(await Promise.all([first, second])).toEqual(["012345678", "second"]);
  });

  it("no octet goes ahead behind the last command: the server would close with it unread", async () => {
    const { session, server, client } = await open(async () => {}, { pipelineDepth: 4 });
    const first = outcome(session.run(["bursts"]));
    const last = outcome(session.run(["last"], { isLast: true }));
    await settle(8);
    const sent = client.writes.length;
    for (let index = 0; index < 3; index++) {
      await server.output(1, `${index}`);
      await settle(8);
    }
    await server.status(0);
    await server.status(0);
    expect(await Promise.all([first, last])).toEqual(["012", ""]);
    expect(client.writes.length).toBe(sent);
  });

  it("NOOP waits for its turn", async () => {
    const seen: string[] = [];
    const { session, server } = await open(
      async (server) => {
        await collecting(seen, () => undefined)(server).catch((error) => seen.push(String(error.message).slice(0, 13)));
      },
      { pipelineDepth: 8 },
    );
    const first = start(session, "a");
    const noop = session.noop();
    const behind = start(session, "b");
    await settle(20);
    expect(seen).toEqual(["a"]);
    await server.status(0);
    await settle(20);
    expect(seen).toEqual(["a", "not a COMMAND"]);
    await server.message(3, 7);
    await noop;
    await server.readCommand();
    await server.status(0);
    expect(await Promise.all([...first, ...behind])).toEqual(["", ""]);
  });

  it("an answer too many ends the session as soon as nothing is asked", async () => {
    const { session } = await open(
      async (server) => {
        for (let index = 0; index < 2; index++) await server.readCommand();
        await server.raw(...Array.from({ length: 3 }, () => server.sealed(2, 4, 0)));
      },
      { pipelineDepth: 2 },
    );
    expect(await Promise.all(start(session, "a", "b"))).toEqual(["", ""]);
    await settle();
    expect(await outcome(session.run(["c"]))).toBe("REMCTL_SESSION_CLOSED not-sent");
  });

  it("the last command goes behind the others, and none behind it", async () => {
    const { session, script } = await open(
      async (server) => {
        const keepAlive: unknown[] = [];
        for (let index = 0; index < 3; index++) keepAlive.push((await server.readCommand())?.keepAlive);
        for (let index = 0; index < 3; index++) await server.status(index);
        await server.close();
        return keepAlive;
      },
      { pipelineDepth: 4 },
    );
    const running = [session.run(["a"]), session.run(["b"]), session.run(["c"], { isLast: true })];
    expect(await outcome(session.run(["d"]))).toBe("REMCTL_SESSION_BUSY not-sent");
    expect((await failureOf(session.run(["d"]))).message).toContain("the session's last command is under way");
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([0, 1, 2]);
    expect(await script).toEqual([1, 1, 0]);
    expect(session.isOpen).toBe(false);
  });

  it("a last command that is aborted in the line is not the last", async () => {
    const { session, server } = await open(async () => {}, { pipelineDepth: 2 });
    const controller = new AbortController();
    const running = start(session, "a", "b");
    const last = outcome(session.run(["c"], { isLast: true, signal: controller.signal }));
    controller.abort();
    expect(await last).toBe("ABORTED not-sent");
    const next = outcome(session.run(["d"]));
    for (let index = 0; index < 3; index++) await server.status(0);
    expect(await Promise.all([...running, next])).toEqual(["", "", ""]);
  });

  it("close() ends what is under way, each with its own error", async () => {
    const { session } = await open(async () => {}, { pipelineDepth: 2 });
    const errors = ["a", "b", "c"].map((word) => failureOf(session.run([word])));
    await settle();
    await session.close();
    const [first, second, third] = await Promise.all(errors);
    expect([first, second, third].map((error) => `${error?.code} ${error?.commandState}`)).toEqual([
      "REMCTL_SESSION_CLOSED maybe-executed",
      "REMCTL_SESSION_CLOSED maybe-executed",
      "REMCTL_SESSION_CLOSED not-sent",
    ]);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(first).toBeInstanceOf(RemctlError);
  });

  it("a slow reader of one command holds back the output behind it, not its own time", async () => {
    const { session } = await open(
      async (server) => {
        await server.readCommand();
        await server.readCommand();
        for (let index = 0; index < 40; index++) await server.output(1, new Uint8Array(32_768));
        await server.status(0);
        await server.output(1, "second");
        await server.status(0);
      },
      { pipelineDepth: 2, idleTimeoutMs: 60 },
    );
    const first = session.stream(["a"]);
    const second = session.run(["b"]);
    await settle(150);
    let bytes = 0;
    for await (const { data } of first) bytes += data.length;
    expect([bytes, (await second).text()]).toEqual([40 * 32_768, "second"]);
  });
});
