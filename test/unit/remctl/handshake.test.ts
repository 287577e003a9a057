import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import type { RemctlProtocolError } from "../../../src/errors.ts";
import { GssError } from "../../../src/errors.ts";
import { openSession } from "../../../src/remctl/index.ts";
import { FakeContext } from "../../support/fake-context.ts";
import { framed } from "../../support/fake-remctl-server.ts";
import { createConnectionPair } from "../../support/memory-connection.ts";
import { connect, failureOf, settle } from "../../support/remctl-harness.ts";

const token = new TextEncoder().encode("REQ 1");

describe("the opening of a session", () => {
  it("2.1, 2.3: an empty packet with flags 0x51 and the first token with flags 0x42, in one write", async () => {
    const { client, opening } = connect((server) => server.accept());
    await opening;
    expect(client.writes).toEqual([concat(Uint8Array.of(0x51, 0, 0, 0, 0), framed(0x42, token))]);
  });

  it("1.4: waits for no answer to the empty packet", async () => {
    const { server, opening } = connect(async (server) => {
      await server.readPacket();
      await server.readPacket();
    });
    await settle();
    await server.packet(0x42, new TextEncoder().encode("REP 1"));
    expect((await opening).isOpen).toBe(true);
  });

  it("sends no packet for the empty token of the last step", async () => {
    const { client, opening, server } = connect((server) => server.accept());
    const session = await opening;
    await session.close();
    expect((await server.readPacket())?.flags).toBe(0x44);
    expect(client.writes.length).toBe(2);
  });

  it("2.6: tokens go on as long as the mechanism asks for more, each with flags 0x42", async () => {
    const { client, opening } = connect((server) => server.accept(), {}, { legs: 3 });
    await opening;
    expect(client.writes.slice(1)).toEqual([
      framed(0x42, new TextEncoder().encode("REQ 2")),
      framed(0x42, new TextEncoder().encode("REQ 3")),
    ]);
  });

  it("2.6: gives up after ten tokens of the server", async () => {
    const { opening } = connect((server) => server.accept(), {}, { legs: 11 });
    expect((await failureOf(opening)).code).toBe("TOO_MANY_ROUNDS");
  });

  for (const flags of [0x02, 0x00, 0x08, 0x12, 0x06]) {
    it(`2.5, 8.1: refuses an answer without PROTOCOL (0x${flags.toString(16)}) and says that a downgrade may be under way`, async () => {
      const { client, opening } = connect((server) => server.accept(flags));
      const error = await failureOf<RemctlProtocolError>(opening);
      expect([error.name, error.code, error.commandState]).toEqual([
        "RemctlProtocolError",
        "REMCTL_DOWNGRADE",
        "not-sent",
      ]);
      expect(error.message).toMatch(/downgrade/);
      expect(client.isAborted).toBe(true);
    });
  }

  it("2.6: refuses a second token without PROTOCOL", async () => {
    const { opening } = connect(
      async (server) => {
        await server.readPacket();
        await server.readPacket();
        await server.packet(0x42, new TextEncoder().encode("REP 1"));
        await server.packet(0x02, new TextEncoder().encode("REP 2"));
      },
      {},
      { legs: 2 },
    );
    expect((await failureOf(opening)).code).toBe("REMCTL_DOWNGRADE");
  });

  for (const flags of [0x40, 0x44, 0x43, 0x46, 0x52, 0x51, 0xc2, 0xff]) {
    it(`9.2: refuses a context packet with flags 0x${flags.toString(16)}`, async () => {
      const { client, opening } = connect((server) => server.accept(flags));
      const error = await failureOf(opening);
      expect([error.name, error.code, error.commandState]).toEqual([
        "RemctlProtocolError",
        "REMCTL_PROTOCOL",
        "not-sent",
      ]);
      expect(client.isAborted).toBe(true);
    });
  }

  for (const flag of ["mutual", "replay", "sequence", "confidentiality", "integrity"] as const) {
    const rule = flag === "replay" || flag === "sequence" ? "9.1" : "2.7";
    it(`${rule}: refuses a context without ${flag}`, async () => {
      const { client, initiator, opening } = connect((server) => server.accept(), {}, { flags: { [flag]: false } });
      const error = await failureOf(opening);
      expect([error.code, error.commandState]).toEqual(["REMCTL_PROTOCOL", "not-sent"]);
      expect(error.message).toContain(`lacks ${flag}`);
      expect([client.isAborted, (initiator as FakeContext).isDisposed]).toEqual([true, true]);
    });
  }

  it("refuses octets after the last context token", async () => {
    const { opening } = connect(async (server) => {
      await server.readPacket();
      await server.readPacket();
      await server.raw(framed(0x42, new TextEncoder().encode("REP 1")), framed(0x44, new Uint8Array(9)));
    });
    expect((await failureOf(opening)).message).toMatch(/unexpected octets/);
  });

  it("passes on what the context throws, and closes", async () => {
    const { client, initiator, opening } = connect(async (server) => {
      await server.packet(0x42, new Uint8Array(0));
    });
    const error = await failureOf<GssError>(opening);
    expect(error).toBeInstanceOf(GssError);
    expect(error.commandState).toBe("not-sent");
    expect([client.isAborted, (initiator as FakeContext).isDisposed]).toEqual([true, true]);
  });

  it("says so when the server closes, before or in the middle of its token", async () => {
    for (const octets of [new Uint8Array(0), Uint8Array.of(0x42), Uint8Array.of(0x42, 0, 0, 0, 9, 1)]) {
      const { opening } = connect(async (server) => {
        await server.readPacket();
        await server.raw(octets);
        await server.close();
      });
      const error = await failureOf(opening);
      expect([error.name, error.code, error.commandState]).toEqual(["TransportError", "CONNECTION_CLOSED", "not-sent"]);
    }
  });

  it("ends by connectTimeoutMs, by idleTimeoutMs, by totalTimeoutMs and by its signal", async () => {
    const silent = async (): Promise<void> => {};
    for (const options of [{ connectTimeoutMs: 20 }, { idleTimeoutMs: 20 }, { totalTimeoutMs: 20 }]) {
      const { client, opening } = connect(silent, options);
      const error = await failureOf(opening);
      expect([error.code, error.commandState, client.isAborted]).toEqual(["TIMEOUT", "not-sent", true]);
    }
    const controller = new AbortController();
    const { client, opening } = connect(silent, { signal: controller.signal });
    await settle();
    controller.abort(new Error("enough"));
    const error = await failureOf(opening);
    expect([error.code, (error.cause as Error).message, client.isAborted]).toEqual(["ABORTED", "enough", true]);
  });

  it("does not begin under a signal that is aborted already", async () => {
    const { client, opening } = connect(async () => {}, { signal: AbortSignal.abort() });
    expect((await failureOf(opening)).code).toBe("ABORTED");
    expect(client.writes).toEqual([]);
  });

  it("closes what it was given when its options are wrong", async () => {
    const { client } = createConnectionPair();
    const context = new FakeContext(false);
    await expect(openSession(client, context, { idleTimeoutMs: -1 })).rejects.toThrow(RangeError);
    expect([client.isAborted, context.isDisposed]).toEqual([true, true]);
  });
});
