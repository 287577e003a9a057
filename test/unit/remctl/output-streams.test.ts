import { describe, expect, it } from "vitest";
import type { FakeRemctlServer } from "../../support/fake-remctl-server.ts";
import { failureOf, open, settle, text } from "../../support/remctl-harness.ts";

const KB = 1024;

async function both(server: FakeRemctlServer): Promise<void> {
  await server.readCommand();
  for (let index = 0; index < 5; index++) {
    await server.output(1, `out ${index}\n`);
    await server.output(2, `err ${index}\n`);
  }
  await server.status(3);
}

/** Writes `kilobytes` to a stream in pieces of 32 KB, as far as the client takes them. */
async function fill(server: FakeRemctlServer, stream: number, kilobytes: number): Promise<void> {
  for (let done = 0; done < kilobytes; done += 32) await server.output(stream, new Uint8Array(32 * KB));
}

const all = (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream as never).text();
const lines = (word: string): string => Array.from({ length: 5 }, (_, index) => `${word} ${index}\n`).join("");

describe("output as web streams", () => {
  it("stdout and stderr apart, at once or one after the other", async () => {
    for (const isAtOnce of [true, false]) {
      const { session } = await open(both);
      const run = session.stream(["x"]);
      if (isAtOnce) {
        expect(await Promise.all([all(run.stdout), all(run.stderr)])).toEqual([lines("out"), lines("err")]);
      } else {
        expect(await all(run.stdout)).toBe(lines("out"));
        expect(await all(run.stderr)).toBe(lines("err"));
      }
      expect(await run.status).toBe(3);
    }
  });

  it("are the same at every look", async () => {
    const { session } = await open(both);
    const run = session.stream(["x"]);
    expect(run.stdout).toBe(run.stdout);
    expect(run.stderr).not.toBe(run.stdout);
    run.discard();
  });

  it("give each piece before the command ends", async () => {
    let finish = (): void => {};
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "early");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await server.status(0);
    });
    const run = session.stream(["x"]);
    const reader = run.stdout.getReader();
    expect(text((await reader.read()).value)).toBe("early");
    finish();
    expect((await reader.read()).done).toBe(true);
  });

  it("hold the server back while nobody reads: nothing is pulled ahead", async () => {
    const { session, client } = await open(async (server) => {
      await server.readCommand();
      await fill(server, 1, 2 * KB);
      await server.status(0);
    });
    const run = session.stream(["x"]);
    const { stdout } = run;
    let isDone = false;
    void run.status.then(() => {
      isDone = true;
    });
    await settle(50);
    expect([isDone, client.hasUnread()]).toEqual([false, true]);
    expect((await new Response(stdout as never).arrayBuffer()).byteLength).toBe(2 * KB * KB);
    expect(await run.status).toBe(0);
  });

  it("one that is taken and not read holds the other back, and no more than 256 KiB of it are kept", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await fill(server, 2, KB);
      await server.output(1, "end");
      await server.status(0);
    });
    const run = session.stream(["x"]);
    const { stderr, stdout } = run;
    const reading = all(stdout);
    let isRead = false;
    void reading.then(() => {
      isRead = true;
    });
    await settle(50);
    expect(isRead).toBe(false);
    expect((await new Response(stderr as never).arrayBuffer()).byteLength).toBe(KB * KB);
    expect(await reading).toBe("end");
  });

  it("one that was never asked for holds nothing back, and later says that it was too long to be kept", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await fill(server, 2, KB);
      await server.output(1, "end");
      await server.status(0);
    });
    const run = session.stream(["x"]);
    expect(await all(run.stdout)).toBe("end");
    expect(await run.status).toBe(0);
    expect((await failureOf(all(run.stderr))).code).toBe("REMCTL_OUTPUT_LIMIT");
  });

  it("one that is taken after the command has 256 KiB, and not an octet more", async () => {
    for (const more of [0, 1]) {
      const { session } = await open(async (server) => {
        await server.readCommand();
        await fill(server, 2, 256);
        if (more > 0) await server.output(2, new Uint8Array(more));
        await server.output(1, "end");
        await server.status(0);
      });
      const run = session.stream(["x"]);
      expect(await all(run.stdout)).toBe("end");
      const late = new Response(run.stderr as never).arrayBuffer().then(({ byteLength }) => byteLength);
      if (more === 0) expect(await late).toBe(256 * KB);
      else expect((await failureOf(late)).code).toBe("REMCTL_OUTPUT_LIMIT");
    }
  });

  it.each(["stdout", "stderr"] as const)("the other one ends well where %s was cancelled", async (cancelled) => {
    const { session } = await open(both);
    const run = session.stream(["x"]);
    const [stdout, stderr] = [run.stdout, run.stderr];
    await (cancelled === "stdout" ? stdout : stderr).cancel();
    expect(await all(cancelled === "stdout" ? stderr : stdout)).toBe(lines(cancelled === "stdout" ? "err" : "out"));
    expect(await run.status).toBe(3);
  });

  it("one that is cancelled holds nothing back; both: the command runs to its end", async () => {
    const { session } = await open(async (server) => {
      for (let index = 0; index < 2; index++) {
        await server.readCommand();
        await fill(server, 2, KB);
        await fill(server, 1, KB);
        await server.status(index);
      }
    });
    const run = session.stream(["x"]);
    await run.stderr.cancel();
    expect((await new Response(run.stdout as never).arrayBuffer()).byteLength).toBe(KB * KB);
    const other = session.stream(["x"]);
    await Promise.all([other.stderr.cancel(), other.stdout.cancel()]);
    expect(await other.status).toBe(1);
    expect(session.isOpen).toBe(true);
  });

  it("end with the error, after what came before it", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await server.output(1, "one");
      await server.output(1, "two");
      await server.output(2, "trouble");
      await server.error(1, "Internal failure");
    });
    const run = session.stream(["x"]);
    const out = run.stdout.getReader();
    const err = run.stderr.getReader();
    await settle();
    expect(text((await out.read()).value)).toBe("one");
    await failureOf(run.status);
    expect(text((await out.read()).value)).toBe("two");
    expect(text((await err.read()).value)).toBe("trouble");
    for (const reader of [out, err]) expect((await failureOf(reader.read())).code).toBe("REMCTL_SERVER");
  });

  it("a read that waits gets the error at once", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      await settle();
      await server.close();
    });
    const run = session.stream(["x"]);
    const reading = [run.stdout.getReader().read(), run.stderr.getReader().read()];
    for (const one of reading) expect((await failureOf(one)).code).toBe("CONNECTION_CLOSED");
  });

  it("are instead of the loop, not beside it", async () => {
    const { session } = await open(async (server) => {
      for (;;) await both(server);
    });
    const run = session.stream(["x"]);
    void run.stdout;
    expect(() => run[Symbol.asyncIterator]()).toThrow(TypeError);
    run.discard();
    await run.status;
    const other = session.stream(["x"]);
    other[Symbol.asyncIterator]();
    expect(() => other.stdout).toThrow(TypeError);
  });
});
