// Version 1 of the remctl protocol (section 3), client side: only where the caller asks for it.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import type { RemctlError } from "../../../src/errors.ts";
import type { SessionOptions } from "../../../src/remctl/index.ts";
import type { FakeContext } from "../../support/fake-context.ts";
import { type FakeRemctlServer, framed, word } from "../../support/fake-remctl-server.ts";
import { CONTEXT_KINDS, type ContextChoices, connect, failureOf, settle, text } from "../../support/remctl-harness.ts";

const token = new TextEncoder().encode("REQ 1");
const fast: SessionOptions = { idleTimeoutMs: 200, connectTimeoutMs: 200 };

type Script = (server: FakeRemctlServer) => unknown;

/** A session of version 1 from the start, or with a server that falls back. */
async function openVersion1(script: Script, way: "asked" | "allowed" = "asked", choices: ContextChoices = {}) {
  const asked = way === "asked";
  const harness = connect(
    async (server) => {
      await server.accept(0x02, asked ? 0x11 : 0x51);
      return script(server);
    },
    { ...fast, ...(asked ? { protocol: 1 } : { allowVersion1: true }) },
    choices,
  );
  return { ...harness, session: await harness.opening };
}

const answer =
  (status: number, data: string | Uint8Array): Script =>
  async (server) => {
    const command = await server.readVersion1Command();
    await server.mic(command.octets);
    await server.version1Answer(status, data);
    await server.close();
    return command.args.map((arg) => text(arg));
  };

describe("the opening of version 1", () => {
  it("8.2: protocol 1 says so from the first packet: 0x11, then context packets 0x02", async () => {
    const { client, session } = await openVersion1(() => {});
    expect(client.writes).toEqual([concat(Uint8Array.of(0x11, 0, 0, 0, 0), framed(0x02, token))]);
    expect(session.protocol).toBe(1);
  });

  it("8.1: allowVersion1 opens as version 2, and goes on in version 1 where the server answers so", async () => {
    const { client, session } = await openVersion1(() => {}, "allowed");
    expect(client.writes).toEqual([concat(Uint8Array.of(0x51, 0, 0, 0, 0), framed(0x42, token))]);
    expect(session.protocol).toBe(1);
  });

  it("allowVersion1 speaks version 2 with a server that does", async () => {
    const { opening } = connect((server) => server.accept(), { ...fast, allowVersion1: true });
    expect((await opening).protocol).toBe(2);
  });

  it("8.2: after the server's answer, the client's tokens have flags 0x02 too", async () => {
    const { client, opening } = connect(
      async (server) => {
        await server.readPacket();
        await server.readPacket();
        await server.packet(0x02, new TextEncoder().encode("REP 1"));
        await server.readPacket();
        await server.packet(0x02, new TextEncoder().encode("REP 2"));
      },
      { ...fast, allowVersion1: true },
      { legs: 2 },
    );
    expect((await opening).protocol).toBe(1);
    expect(client.writes.slice(1)).toEqual([framed(0x02, new TextEncoder().encode("REQ 2"))]);
  });

  it("2.5: without either option, an answer of version 1 is a downgrade error", async () => {
    const { opening } = connect((server) => server.accept(0x02), fast);
    const error = await failureOf(opening);
    expect([error.code, error.commandState]).toEqual(["REMCTL_DOWNGRADE", "not-sent"]);
    expect(error.message).toMatch(/allowVersion1/);
  });

  it("2.6: PROTOCOL that is dropped, or comes, after the server's first token is refused, also where version 1 is allowed", async () => {
    for (const [first, second, code] of [
      [0x42, 0x02, "REMCTL_DOWNGRADE"],
      [0x02, 0x42, "REMCTL_PROTOCOL"],
    ] as const) {
      const { opening } = connect(
        async (server) => {
          await server.readPacket();
          await server.readPacket();
          await server.packet(first, new TextEncoder().encode("REP 1"));
          await server.packet(second, new TextEncoder().encode("REP 2"));
        },
        { ...fast, allowVersion1: true },
        { legs: 2 },
      );
      expect((await failureOf(opening)).code).toBe(code);
    }
  });

  it.each([0x00, 0x08, 0x12, 0x06, 0x42, 0x40, 0x44])(
    "9.2: protocol 1 refuses a context packet with flags 0x%s",
    async (flags) => {
      const { client, opening } = connect((server) => server.accept(flags, 0x11), { ...fast, protocol: 1 });
      const error = await failureOf(opening);
      expect([error.code, error.commandState, client.isAborted]).toEqual(["REMCTL_PROTOCOL", "not-sent", true]);
    },
  );

  it.each([0x00, 0x08, 0x12, 0x06, 0x04])(
    "9.2: allowVersion1 takes flags 0x02 and no others without PROTOCOL: 0x%s",
    async (flags) => {
      const { opening } = connect((server) => server.accept(flags), { ...fast, allowVersion1: true });
      expect((await failureOf(opening)).code).toBe("REMCTL_DOWNGRADE");
    },
  );

  it("2.7: version 1 needs the protections of the context as much", async () => {
    for (const flag of ["mutual", "replay", "sequence", "confidentiality", "integrity"] as const) {
      const { opening } = connect(
        (server) => server.accept(0x02, 0x11),
        { ...fast, protocol: 1 },
        { flags: { [flag]: false } },
      );
      expect((await failureOf(opening)).message).toContain(`lacks ${flag}`);
    }
  });
});

for (const kind of CONTEXT_KINDS) {
  for (const way of ["asked", "allowed"] as const) {
    describe(`a command of version 1 (${kind}, ${way})`, () => {
      const open = (script: Script) => openVersion1(script, way, { kind });

      it("8.3, 8.4, 8.6, 8.7: command, MIC, answer, and the connection is done", async () => {
        const { session, script, client } = await open(answer(7, "out and err\n"));
        const result = await session.run(["test", "", "\u00fc"]);
        expect([result.status, result.text(), result.stderr.length]).toEqual([7, "out and err\n", 0]);
        expect(await script).toEqual(["test", "", "\u00fc"]);
        expect([session.isOpen, client.isClosed, client.writes.length]).toEqual([false, true, 2]);
        const error = await failureOf(session.run(["next"]));
        expect([error.code, error.commandState]).toEqual(["REMCTL_SESSION_CLOSED", "not-sent"]);
      });

      it("8.6: a status has 32 bits and a sign, and its text is output", async () => {
        const { session } = await open(answer(0xffff_ffff, "Unknown command\n"));
        const result = await session.run(["nope"]);
        expect([result.status, result.text()]).toEqual([-1, "Unknown command\n"]);
      });

      it("takes an answer of 65,536 octets and no output, and streams it too", async () => {
        const { session } = await open(answer(0, new Uint8Array(65_528)));
        expect((await session.run(["x"])).stdout.length).toBe(65_528);
        const { session: other } = await open(answer(0, ""));
        const run = other.stream(["x"]);
        for await (const { data } of run) expect(data).toBe("nothing");
        expect(await run.status).toBe(0);
      });

      it("8.5: a MIC over other octets ends the session: maybe-executed", async () => {
        const { session, client } = await open(async (server) => {
          const { octets } = await server.readVersion1Command();
          octets[4] = (octets[4] as number) ^ 1;
          await server.mic(octets);
          await server.version1Answer(0, "no");
        });
        const error = await failureOf(session.run(["x"]));
        expect([error.code, error.commandState, client.isAborted]).toEqual(["GSS_BAD_MIC", "maybe-executed", true]);
        expect(text(error.stdout as Uint8Array)).toBe("");
        expect((await failureOf(session.run(["x"]))).code).toBe("REMCTL_SESSION_CLOSED");
      });

      const broken: Readonly<Record<string, readonly [Script, string | readonly string[]]>> = {
        "no MIC, the answer at once": [
          async (server) => {
            await server.readVersion1Command();
            await server.version1Answer(0, "no");
          },
          "REMCTL_PROTOCOL",
        ],
        "a MIC of garbage": [
          async (server) => {
            await server.readVersion1Command();
            await server.packet(0x08, new Uint8Array(28).fill(0x55));
          },
          ["GSS_BAD_MIC", "GSS_DEFECTIVE_TOKEN"],
        ],
        "an empty MIC": [
          async (server) => {
            await server.readVersion1Command();
            await server.packet(0x08, new Uint8Array(0));
          },
          ["GSS_BAD_MIC", "GSS_DEFECTIVE_TOKEN"],
        ],
        "a MIC of 10,241 octets": [
          async (server) => {
            await server.readVersion1Command();
            await server.raw(0x08, word(10_241));
          },
          "REMCTL_PROTOCOL",
        ],
        "a MIC with the flags of version 2": [
          async (server) => server.mic((await server.readVersion1Command()).octets, 0x48),
          "REMCTL_PROTOCOL",
        ],
        "the MIC twice": [
          async (server) => {
            const { octets } = await server.readVersion1Command();
            await server.mic(octets);
            await server.mic(octets);
          },
          "REMCTL_PROTOCOL",
        ],
        "an answer with the flags of version 2": [
          async (server) => {
            await server.mic((await server.readVersion1Command()).octets);
            await server.version1Answer(0, "no", 0x44);
          },
          "REMCTL_PROTOCOL",
        ],
        "an answer that is not sealed": [
          async (server) => {
            await server.mic((await server.readVersion1Command()).octets);
            await server.packet(0x04, server.context.wrap(new Uint8Array(8), { conf: false }));
          },
          "GSS_DEFECTIVE_TOKEN",
        ],
        "an answer of seven octets": [
          async (server) => {
            await server.mic((await server.readVersion1Command()).octets);
            await server.packet(0x04, server.context.wrap(new Uint8Array(7)));
          },
          "REMCTL_PROTOCOL",
        ],
        "an answer whose length is too large": [
          async (server) => {
            await server.mic((await server.readVersion1Command()).octets);
            await server.packet(0x04, server.context.wrap(concat(word(0), word(2), Uint8Array.of(1))));
          },
          "REMCTL_PROTOCOL",
        ],
        "an answer whose length is too small": [
          async (server) => {
            await server.mic((await server.readVersion1Command()).octets);
            await server.packet(0x04, server.context.wrap(concat(word(0), word(0), Uint8Array.of(1))));
          },
          "REMCTL_PROTOCOL",
        ],
        "an answer of more than 64 KB": [
          async (server) => {
            await server.mic((await server.readVersion1Command()).octets);
            await server.version1Answer(0, new Uint8Array(65_529));
          },
          "REMCTL_PROTOCOL",
        ],
        "a MIC, and then the end": [
          async (server) => {
            await server.mic((await server.readVersion1Command()).octets);
            await server.close();
          },
          "CONNECTION_CLOSED",
        ],
        "the end at once": [
          async (server) => {
            await server.readVersion1Command();
            await server.close();
          },
          "CONNECTION_CLOSED",
        ],
        "a MIC, and then silence": [
          async (server) => server.mic((await server.readVersion1Command()).octets),
          "TIMEOUT",
        ],
      };
      for (const [name, [script, codes]] of Object.entries(broken)) {
        it(`is answered with ${name}: refused, and the session is closed`, async () => {
          const { session, client } = await open(script);
          const error = await failureOf(session.run(["x"]));
          expect([codes].flat(), error.message).toContain(error.code);
          expect([error.commandState, session.isOpen, client.isAborted]).toEqual(["maybe-executed", false, true]);
        });
      }
    });
  }
}

describe("a connection of version 1 that ends", () => {
  const afterContext = 5 + "REP 1".length;

  it.each(["closed", "reset"])(
    "%s at every octet: typed, not-sent before the context, maybe-executed after it",
    async (how) => {
      const whole: number = await total();
      for (let cut = 0; cut < whole; cut++) {
        const { opening } = connect((server) => cutAt(server, cut, how), { ...fast, protocol: 1 });
        const error = await failureOf(opening.then((session) => session.run(["x"])));
        const label = `${how} after ${cut} of ${whole}`;
        expect(error.code, label).toBe(
          // A session that is there, and ends before it is asked for anything, has its reason as the cause.
          error.code === "REMCTL_SESSION_CLOSED" ? "REMCTL_SESSION_CLOSED" : "CONNECTION_CLOSED",
        );
        expect(error.commandState, label).toBe(cut < afterContext ? "not-sent" : "maybe-executed");
      }
    },
  );

  /** Speaks version 1 and lets no more than `cut` octets through. */
  async function cutAt(server: FakeRemctlServer, cut: number, how: string): Promise<void> {
    const written = server.connection.write.bind(server.connection);
    let left = cut;
    const end = async (): Promise<void> => (how === "reset" ? server.reset() : server.close());
    server.connection.write = async (octets) => {
      const part = octets.subarray(0, left);
      left -= part.length;
      if (part.length > 0) await written(part);
      if (part.length < octets.length) {
        // What was let through is there before the end is.
        await settle(0);
        await end();
        throw new Error("cut");
      }
    };
    await server.accept(0x02, 0x11);
    const { octets } = await server.readVersion1Command();
    await server.mic(octets);
    await server.version1Answer(0, "all of it");
  }

  async function total(): Promise<number> {
    const { session, server } = await openVersion1(answer(0, "all of it"));
    await session.run(["x"]);
    return (server.connection as { readonly writtenBytes?: number }).writtenBytes ?? 0;
  }
});

describe("what version 1 has not", () => {
  it("commands of more than 64 KB: nothing is sent", async () => {
    const { session, client } = await openVersion1(() => {});
    const error = await failureOf<RemctlError>(session.run([new Uint8Array(65_529)]));
    expect([error.code, error.commandState, client.writes.length]).toEqual([
      "REMCTL_UNSUPPORTED_VERSION",
      "not-sent",
      1,
    ]);
    expect(error.message).toMatch(/65537 octets.*65536/);
    const { session: other } = await openVersion1(answer(0, "all of it"));
    expect((await other.run([new Uint8Array(65_528)])).text()).toBe("all of it");
  });

  it("NOOP: the session stays open for its command", async () => {
    const { session, client } = await openVersion1(answer(0, "ok"));
    const error = await failureOf<RemctlError>(session.noop());
    expect([error.code, error.commandState, client.writes.length]).toEqual([
      "REMCTL_UNSUPPORTED_VERSION",
      "not-sent",
      1,
    ]);
    expect(error.message).toContain("version 1");
    expect((await session.run(["x"])).text()).toBe("ok");
  });

  it("QUIT, and octets that go ahead", async () => {
    const { session, client } = await openVersion1(() => {});
    await session.close();
    expect([client.writes.length, client.isClosed]).toEqual([1, true]);
    const { session: other, client: otherClient } = await openVersion1(async (server) => {
      await server.mic((await server.readVersion1Command()).octets);
      await settle(20);
      await server.version1Answer(0, "late");
    });
    expect((await other.run(["x"])).text()).toBe("late");
    expect(otherClient.writes.length).toBe(2);
  });

  it("a second command, also while the first one runs", async () => {
    const { session } = await openVersion1(answer(0, "one"));
    const first = session.run(["x"]);
    const error = await failureOf(session.run(["y"]));
    expect([error.code, error.commandState]).toEqual(["REMCTL_SESSION_BUSY", "not-sent"]);
    expect((await first).text()).toBe("one");
  });

  it("an argument that comes from a stream is joined first", async () => {
    const { session, script } = await openVersion1(answer(0, "ok"));
    const source = new Blob(["from ", "a blob"]);
    expect((await session.run(["put", source])).text()).toBe("ok");
    expect(await script).toEqual(["put", "from a blob"]);
  });

  it("forgets the keys at the end", async () => {
    const { session, initiator } = await openVersion1(answer(0, "ok"));
    await session.run(["x"]);
    await session.close();
    expect((initiator as FakeContext).isDisposed).toBe(true);
  });
});
