// A server that follows the protocol until a chosen step and then breaks it: what the session does, with a context that
// lets the test see everything and with the real one. The rows are those of a table of what libremctl does in each case:
//
//   1 closes before its token: CONNECTION_CLOSED          12 any error code, no text, NULs in it: given as they are
//   2 a token of 4 GiB: refused by its length             13 more than one answer: the session ends
//   3 a broken token: a GssError                          14 output before a failure: on the error
//   4 flags 0x44, 0x40 in the context: refused            15 other flags than 0x44: refused before it is opened
//   5 flags 0x02: a downgrade, unless version 1 is asked  16 a message that is not sealed: refused
//   6 version 1, a wrong MIC: the session ends            17 packets too large: refused by their length
//   7 a message of the wrong length: REMCTL_PROTOCOL      18 a packet that is empty, cut, garbage: typed
//   8 version octet 1 or 4: refused; 3: taken             19 a token repeated, left out, the client's own: typed
//   9 VERSION, and what is no answer: typed               20 an octet at a time: no idle timeout; the total one ends it
//  10 another stream than 1 and 2: refused                21 NOOP answered otherwise: typed
//  11 OUTPUT of no octets: let pass

import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/index.ts";
import type { CommandState, ErrorCode, RemctlServerError } from "../../src/errors.ts";
import type { RemctlSession } from "../../src/remctl/index.ts";
import { type FakeRemctlServer, framed, outputMessage, word } from "../support/fake-remctl-server.ts";
import {
  CONTEXT_KINDS,
  type ContextChoices,
  connect,
  failureOf,
  open,
  settle,
  text,
} from "../support/remctl-harness.ts";

type Attack = (server: FakeRemctlServer) => unknown;

interface Refusal {
  readonly code: ErrorCode | readonly ErrorCode[];
  readonly state?: CommandState;
  readonly stdout?: string;
}

const limits = { idleTimeoutMs: 100, connectTimeoutMs: 100 };

/** Whatever the server does, the client ends in time, typed, and never again uses the session. */
async function expectRefusal(running: Promise<unknown>, { code, state, stdout }: Refusal): Promise<void> {
  const error = await failureOf(running);
  expect([code].flat(), error.message).toContain(error.code);
  expect(error.commandState).toBe(state ?? "maybe-executed");
  if (stdout !== undefined) expect(text(error.stdout as Uint8Array)).toBe(stdout);
}

async function expectClosed(session: RemctlSession): Promise<void> {
  const error = await failureOf(session.run(["next"]));
  expect([error.code, error.commandState]).toEqual(["REMCTL_SESSION_CLOSED", "not-sent"]);
}

const gss: readonly ErrorCode[] = ["GSS_DEFECTIVE_TOKEN", "GSS_BAD_MIC", "GSS_DUPLICATE_TOKEN", "GSS_GAP_TOKEN"];

const openings: Readonly<Record<string, readonly [Attack, readonly ErrorCode[]]>> = {
  "row 1: closes at accept": [(server) => server.close(), ["CONNECTION_CLOSED"]],
  "row 1: resets at accept": [(server) => server.reset(), ["CONNECTION_CLOSED"]],
  "row 1: closes before its token": [async (server) => closeAfterTokens(server), ["CONNECTION_CLOSED"]],
  "says nothing": [() => {}, ["TIMEOUT"]],
  "row 2: announces a token of 4 GiB": [(server) => server.raw(0x42, word(0xffff_ffff)), ["REMCTL_PROTOCOL"]],
  "row 2: announces a token of 1 MiB and one octet": [
    (server) => server.raw(0x42, word(1_048_572)),
    ["REMCTL_PROTOCOL"],
  ],
  "row 2: announces a token of 1 MiB and sends none of it": [
    (server) => server.raw(0x42, word(1_048_571)),
    ["TIMEOUT"],
  ],
  "row 3: sends garbage for a token": [
    (server) => server.packet(0x42, new Uint8Array(99).fill(0xa5)),
    ["GSS_DEFECTIVE_TOKEN"],
  ],
  "row 3: sends an empty token": [(server) => server.packet(0x42, new Uint8Array(0)), ["GSS_DEFECTIVE_TOKEN"]],
  "row 4: sends a token with flags 0x44": [(server) => server.accept(0x44), ["REMCTL_PROTOCOL"]],
  "row 4: sends a token with flags 0x40": [(server) => server.accept(0x40), ["REMCTL_PROTOCOL"]],
  "row 5: sends a token with flags 0x02": [(server) => server.accept(0x02), ["REMCTL_DOWNGRADE"]],
  "row 5: sends a MIC as version 1 does": [(server) => server.packet(0x08, new Uint8Array(28)), ["REMCTL_DOWNGRADE"]],
  "answers the empty packet": [(server) => server.packet(0x51, new Uint8Array(0)), ["REMCTL_PROTOCOL"]],
  "is a web server": [
    (server) => server.raw(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")),
    ["REMCTL_PROTOCOL"],
  ],
  "is an SSH server": [
    (server) => server.raw(new TextEncoder().encode("SSH-2.0-OpenSSH_9.2\r\n")),
    ["REMCTL_PROTOCOL"],
  ],
};

async function closeAfterTokens(server: FakeRemctlServer): Promise<void> {
  await server.readPacket();
  await server.readPacket();
  await server.close();
}

const protocol: Refusal = { code: "REMCTL_PROTOCOL" };
const repeat = (octets: Uint8Array, times: number): Uint8Array =>
  concat(...Array.from({ length: times }, () => octets));

/** What the server does with a command that it has read. */
const answers: Readonly<Record<string, readonly [Attack, Refusal]>> = {
  "row 7: sends an empty message": [(server) => server.message(), protocol],
  "row 7: sends a message of one octet": [(server) => server.message(2), protocol],
  "row 7: sends a STATUS of two octets": [(server) => server.message(2, 4), protocol],
  "row 7: sends a STATUS of four octets": [(server) => server.message(2, 4, 0, 0), protocol],
  "row 7: sends an OUTPUT that ends in its length": [(server) => server.message(2, 3, 1, 0, 0), protocol],
  "row 7: sends an OUTPUT whose length is too large": [
    (server) => server.message(2, 3, 1, word(6), repeat(Uint8Array.of(1), 5)),
    protocol,
  ],
  "row 7: sends an OUTPUT whose length is too small": [
    (server) => server.message(2, 3, 1, word(4), repeat(Uint8Array.of(1), 5)),
    protocol,
  ],
  "row 7: sends an OUTPUT whose length is 4 GiB": [
    (server) => server.message(2, 3, 1, word(0xffff_ffff), Uint8Array.of(1)),
    protocol,
  ],
  "row 7: sends an ERROR that ends in its length": [(server) => server.message(2, 5, word(1), 0, 0), protocol],
  "row 7: sends an ERROR whose length lies": [
    (server) => server.message(2, 5, word(1), word(9), Uint8Array.of(65)),
    protocol,
  ],
  "row 8: sends version octet 0": [(server) => server.message(0, 4, 0), protocol],
  "row 8: sends version octet 1": [(server) => server.message(1, 4, 0), protocol],
  "row 8: sends version octet 4": [(server) => server.message(4, 4, 0), protocol],
  "row 9: sends NOOP": [(server) => server.message(3, 7), protocol],
  "row 9: sends COMMAND": [(server) => server.message(2, 1, 1, 0, word(0)), protocol],
  "row 9: sends QUIT": [(server) => server.message(2, 2), protocol],
  "row 9: sends type 99": [(server) => server.message(2, 99), protocol],
  "row 9: sends VERSION": [
    (server) => server.message(2, 6, 3),
    { code: "REMCTL_UNSUPPORTED_VERSION", state: "completed" },
  ],
  "row 10: sends output of stream 0": [(server) => server.output(0, "x"), protocol],
  "row 10: sends output of stream 3": [(server) => server.output(3, "x"), protocol],
  "row 10: sends output of stream 255": [(server) => server.output(255, "x"), protocol],
  "row 15: sends a packet with flags 0x04": [
    (server) => server.packet(0x04, server.context.wrap(Uint8Array.of(2, 4, 0))),
    protocol,
  ],
  "row 15: sends a packet with flags 0x64": [
    (server) => server.packet(0x64, server.context.wrap(Uint8Array.of(2, 4, 0))),
    protocol,
  ],
  "row 15: sends a packet with flags 0x4c": [
    (server) => server.packet(0x4c, server.context.wrap(Uint8Array.of(2, 4, 0))),
    protocol,
  ],
  "row 15: sends a packet with flags 0x45": [
    (server) => server.packet(0x45, server.context.wrap(Uint8Array.of(2, 4, 0))),
    protocol,
  ],
  "sends another context token": [(server) => server.packet(0x42, new Uint8Array(9)), protocol],
  "sends flags 0x00 and no payload": [(server) => server.packet(0, new Uint8Array(0)), protocol],
  "row 16: does not seal its message": [
    (server) => server.packet(0x44, server.context.wrap(Uint8Array.of(2, 4, 0), { conf: false })),
    { code: gss },
  ],
  "row 17: announces a packet of 1 MiB and one octet": [(server) => server.raw(0x44, word(1_048_572)), protocol],
  "row 17: announces a packet of 4 GiB": [(server) => server.raw(0x44, word(0xffff_ffff)), protocol],
  "row 17: announces a packet of a little less than 1 MiB": [(server) => server.raw(0x44, word(1_048_571)), protocol],
  "row 17: sends a message of 200 KB": [(server) => server.output(1, new Uint8Array(200_000)), protocol],
  "row 17: sends a message of eight octets over the limit": [
    (server) => server.output(1, new Uint8Array(65_537)),
    protocol,
  ],
  "row 18: sends an empty packet": [(server) => server.packet(0x44, new Uint8Array(0)), { code: gss }],
  "row 18: sends a packet of garbage": [(server) => server.packet(0x44, new Uint8Array(77).fill(0x55)), { code: gss }],
  "row 18: sends a packet that is cut short and closes": [closeInPacket, { code: "CONNECTION_CLOSED" }],
  "row 18: sends a packet that is cut short and stalls": [
    (server) => server.raw(server.sealed(2, 4, 0).subarray(0, -1)),
    { code: "TIMEOUT" },
  ],
  "row 18: sends a packet with an octet cut out of it": [cutOut, { code: gss }],
  "row 19: sends a token twice": [twice, { code: "GSS_DUPLICATE_TOKEN", stdout: "once" }],
  "row 19: leaves a token out": [leaveOut, { code: "GSS_GAP_TOKEN" }],
  "row 19: sends the client's token back": [() => {}, { code: gss }],
  "closes without a word": [(server) => server.close(), { code: "CONNECTION_CLOSED" }],
  "resets the connection": [(server) => server.reset(), { code: "CONNECTION_CLOSED" }],
  "says nothing": [() => {}, { code: "TIMEOUT" }],
  "row 14: sends output, then closes": [outputThenClose, { code: "CONNECTION_CLOSED", stdout: "partial" }],
  "row 14: sends output, then an error": [outputThenError, { code: "REMCTL_SERVER", stdout: "partial" }],
  "row 14: sends output, then stalls": [
    (server) => server.output(1, "partial"),
    { code: "TIMEOUT", stdout: "partial" },
  ],
  "row 14: sends output, then a bad message": [outputThenBad, { ...protocol, stdout: "partial" }],
};

async function closeInPacket(server: FakeRemctlServer): Promise<void> {
  await server.raw(server.sealed(2, 4, 0).subarray(0, -1));
  await server.close();
}

async function cutOut(server: FakeRemctlServer): Promise<void> {
  const token = server.sealed(2, 4, 0).subarray(5);
  await server.packet(0x44, concat(token.subarray(0, 3), token.subarray(4)));
}

async function twice(server: FakeRemctlServer): Promise<void> {
  const packet = server.sealed(...outputMessage(1, "once"));
  await server.raw(packet, packet);
}

async function leaveOut(server: FakeRemctlServer): Promise<void> {
  server.sealed(...outputMessage(1, "never sent"));
  await server.status(0);
}

async function outputThenClose(server: FakeRemctlServer): Promise<void> {
  await server.output(1, "partial");
  await server.close();
}

async function outputThenError(server: FakeRemctlServer): Promise<void> {
  await server.output(1, "partial");
  await server.error(1, "Internal failure");
}

async function outputThenBad(server: FakeRemctlServer): Promise<void> {
  await server.output(1, "partial");
  await server.output(9, "wrong");
}

/** What the server sends after an answer that is right: the answer stands, the session ends. */
const afterwards: Readonly<Record<string, (server: FakeRemctlServer) => readonly Uint8Array[]>> = {
  "row 13: a second STATUS": (server) => [server.sealed(2, 4, 0), server.sealed(2, 4, 1)],
  "row 13: OUTPUT after STATUS": (server) => [server.sealed(2, 4, 0), server.sealed(...outputMessage(1, "STALE"))],
  "row 13: an ERROR after STATUS": (server) => [server.sealed(2, 4, 0), server.sealed(2, 5, word(5), word(0))],
  "row 13: STATUS after ERROR": (server) => [server.sealed(2, 5, word(5), word(0)), server.sealed(2, 4, 0)],
  "row 13: a NOOP after STATUS": (server) => [server.sealed(2, 4, 0), server.sealed(3, 7)],
  "row 13: an octet after STATUS": (server) => [server.sealed(2, 4, 0), Uint8Array.of(0x44)],
};

for (const kind of CONTEXT_KINDS) {
  const choices: ContextChoices = { kind };

  describe(`a server that breaks the opening (${kind})`, () => {
    for (const [name, [attack, codes]] of Object.entries(openings)) {
      it(name, async () => {
        const { opening, client } = connect(async (server) => attack(server), limits, choices);
        await expectRefusal(opening, { code: codes, state: "not-sent" });
        expect(client.isAborted).toBe(true);
      });
    }

    it("row 3: flips any bit of its token", async () => {
      // The real token is a DER structure with an encrypted part: some bits of its header change nothing but its reading.
      for (let bit = 0; bit < 5 * 8; bit++) {
        const { opening } = connect(
          async (server) => {
            await server.readPacket();
            const request = await server.readPacket();
            const reply = await server.context.step(request?.payload);
            const octets = (reply as Uint8Array).slice();
            const at = (bit * 31) % octets.length;
            octets[at] = (octets[at] as number) ^ (1 << (bit % 8));
            await server.packet(0x42, octets);
          },
          limits,
          choices,
        );
        const error = await failureOf(opening);
        // A code tells its class: a MAC that does not match is a CryptoError, any other broken token a GssError.
        expect(error.name).toBe(error.code === "INTEGRITY" ? "CryptoError" : "GssError");
        expect(error.commandState).toBe("not-sent");
      }
    });
  });

  describe(`a server that breaks its answer (${kind})`, () => {
    for (const [name, [attack, refusal]] of Object.entries(answers)) {
      it(name, async () => {
        const { session } = await open(
          async (server) => {
            const packet = await server.readPacket();
            if (name === "row 19: sends the client's token back")
              await server.packet(0x44, packet?.payload as Uint8Array);
            await attack(server);
          },
          limits,
          choices,
        );
        await expectRefusal(session.run(["x"]), refusal);
        if (refusal.code !== "REMCTL_SERVER") await expectClosed(session);
        else expect(session.isOpen).toBe(true);
      });
    }

    it("rows 8 and 17: takes output of 65,536 octets, and version octet 3 in any message", async () => {
      const { session } = await open(
        async (server) => {
          await server.readCommand();
          await server.output(1, new Uint8Array(65_529));
          await server.output(1, new Uint8Array(65_536));
          await server.message(3, 3, 2, word(0));
          await server.message(3, 4, 7);
        },
        limits,
        choices,
      );
      const { stdout, status } = await session.run(["x"]);
      expect([stdout.length, status, session.isOpen]).toEqual([131_065, 7, true]);
    });

    it("row 20: dribbles an octet at a time: idle time is not what ends it, total time does", async () => {
      const dribble = async (server: FakeRemctlServer): Promise<void> => {
        await server.readCommand();
        for (const octet of server.sealed(...outputMessage(1, "slow"))) {
          await settle(5);
          await server.raw(octet);
        }
        await server.status(0);
      };
      const patient = await open(dribble, limits, choices);
      expect((await patient.session.run(["x"])).text()).toBe("slow");
      const hasty = await open(dribble, limits, choices);
      await expectRefusal(hasty.session.run(["x"], { totalTimeoutMs: 40 }), { code: "TIMEOUT" });
      await expectClosed(hasty.session);
    });

    it("flips any bit of its packet", async () => {
      const whole = (server: FakeRemctlServer): Uint8Array => server.sealed(...outputMessage(1, "x"));
      for (let bit = 0; bit < 8 * 5 + 60; bit++) {
        const { session } = await open(
          async (server) => {
            await server.readCommand();
            const packet = whole(server);
            const at = bit < 8 * 5 ? bit >> 3 : 5 + ((bit * 7) % (packet.length - 5));
            packet[at] = (packet[at] as number) ^ (1 << (bit % 8));
            await server.raw(packet);
            await server.close();
          },
          { idleTimeoutMs: 50 },
          choices,
        );
        const error = await failureOf(session.run(["x"]));
        // The fake context does not protect its message: a flip there is seen as a broken message, or as other output.
        expect([...gss, "REMCTL_PROTOCOL", "CONNECTION_CLOSED", "TIMEOUT"]).toContain(error.code);
        expect(error.commandState).toBe("maybe-executed");
        if (kind === "krb5") expect(text(error.stdout as Uint8Array), `bit ${bit}`).toBe("");
        expect(session.isOpen).toBe(false);
      }
    });
  });

  describe(`a server that says more than it was asked (${kind})`, () => {
    for (const [name, packets] of Object.entries(afterwards)) {
      for (const isOneRead of [true, false]) {
        it(`${name}, ${isOneRead ? "in one read" : "a moment later"}`, async () => {
          const { session, client } = await open(
            async (server) => {
              await server.readCommand();
              const [first, ...rest] = packets(server) as [Uint8Array, ...Uint8Array[]];
              if (isOneRead) await server.raw(first, ...rest);
              else {
                await server.raw(first);
                await settle(5);
                await server.raw(...rest);
              }
            },
            limits,
            choices,
          );
          const outcome = await session.run(["x"]).then(
            ({ status }) => status,
            ({ code }) => code,
          );
          expect(outcome).toBe(name === "row 13: STATUS after ERROR" ? "REMCTL_UNKNOWN_COMMAND" : 0);
          await settle(20);
          const sent = client.writes.length;
          await expectClosed(session);
          expect(client.writes.length).toBe(sent);
        });
      }
    }

    it("octets before the first command", async () => {
      const { session } = await open(
        async (server) => {
          await settle(5);
          await server.output(1, "EARLY");
        },
        limits,
        choices,
      );
      await settle(20);
      await expectClosed(session);
    });
  });
}

for (const kind of CONTEXT_KINDS) {
  const choices: ContextChoices = { kind };

  describe(`what is let pass (${kind})`, () => {
    it("row 5: flags 0x02 where version 1 is allowed, and nothing else without PROTOCOL", async () => {
      const answer = async (server: FakeRemctlServer): Promise<void> => {
        await server.accept(0x02);
        const { octets } = await server.readVersion1Command();
        await server.mic(octets);
        await server.version1Answer(0, "old");
      };
      const allowed = { ...limits, allowVersion1: true };
      const session = await connect(answer, allowed, choices).opening;
      expect((await session.run(["x"])).text()).toBe("old");
      for (const flags of [0x00, 0x04, 0x06, 0x08]) {
        const { opening } = connect((server) => server.accept(flags), allowed, choices);
        await expectRefusal(opening, { code: "REMCTL_DOWNGRADE", state: "not-sent" });
      }
    });

    it("row 11: OUTPUT of no octets, on both streams", async () => {
      const { session } = await open(
        async (server) => {
          await server.readCommand();
          await server.output(1, "");
          await server.output(2, "");
          await server.status(4);
        },
        limits,
        choices,
      );
      const { status, stdout, stderr } = await session.run(["x"]);
      expect([status, stdout.length, stderr.length, session.isOpen]).toEqual([4, 0, 0, true]);
    });

    it.each([
      [0, "none"],
      [99, "from another year"],
      [0xffff_fffe, ""],
      [1, "a\0b\u001b[2J"],
    ])("row 12: error code %s, its number unsigned and its text as octets", async (code, words) => {
      const { session } = await open(
        async (server) => {
          await server.readCommand();
          await server.error(code, words);
          await server.readCommand();
          await server.status(0);
        },
        limits,
        choices,
      );
      const error = await failureOf<RemctlServerError>(session.run(["x"]));
      expect([error.name, error.remoteCode, text(error.remoteOctets)]).toEqual(["RemctlServerError", code, words]);
      expect(error.remoteMessage + error.message).not.toMatch(/[\0\x1b]/);
      expect((await session.run(["next"])).status).toBe(0);
    });
  });

  describe(`version 1 with a server that lies (${kind})`, () => {
    it("row 6: a MIC over another command ends the session", async () => {
      const { opening, client } = connect(
        async (server) => {
          await server.accept(0x02, 0x11);
          const { octets } = await server.readVersion1Command();
          octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
          await server.mic(octets);
          await server.version1Answer(0, "never seen");
        },
        { ...limits, protocol: 1 },
        choices,
      );
      const session = await opening;
      await expectRefusal(session.run(["x"]), { code: "GSS_BAD_MIC", stdout: "" });
      await expectClosed(session);
      expect(client.isAborted).toBe(true);
    });
  });

  describe(`a server that answers NOOP otherwise (${kind})`, () => {
    const noop: Readonly<Record<string, readonly [Attack, ErrorCode | undefined, boolean]>> = {
      "VERSION 2: not supported, and the session goes on": [
        (server) => server.message(2, 6, 2),
        "REMCTL_UNSUPPORTED_VERSION",
        true,
      ],
      "VERSION 3: which has NOOP": [(server) => server.message(2, 6, 3), "REMCTL_PROTOCOL", false],
      "VERSION 1": [(server) => server.message(2, 6, 1), "REMCTL_UNSUPPORTED_VERSION", false],
      STATUS: [(server) => server.status(0), "REMCTL_PROTOCOL", false],
      OUTPUT: [(server) => server.output(1, "STALE"), "REMCTL_PROTOCOL", false],
      ERROR: [(server) => server.error(3, "Unknown message"), "REMCTL_PROTOCOL", false],
      "NOOP of version 2": [(server) => server.message(2, 7), undefined, true],
      "NOOP with a body": [(server) => server.message(3, 7, 0), "REMCTL_PROTOCOL", false],
      "the end": [(server) => server.close(), "CONNECTION_CLOSED", false],
      silence: [() => {}, "TIMEOUT", false],
    };
    for (const [name, [answer, code, goesOn]] of Object.entries(noop)) {
      it(`row 21: ${name}`, async () => {
        const { session } = await open(
          async (server) => {
            await server.readMessage();
            await answer(server);
            if (goesOn && (await server.readCommand()) !== undefined) await server.status(5);
          },
          limits,
          choices,
        );
        if (code === undefined) await session.noop();
        else await expectRefusal(session.noop(), { code, state: "not-sent" });
        if (goesOn) expect((await session.run(["x"])).status).toBe(5);
        else await expectClosed(session);
      });
    }
  });
}

describe("resources of the client", () => {
  it("takes no memory for what is announced and refused", async () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let index = 0; index < 50; index++) {
      const { session } = await open(async (server) => {
        await server.readCommand();
        await server.raw(framed(0x44, new Uint8Array(0)).subarray(0, 1), word(0x000f_0000));
      }, limits);
      await failureOf(session.run(["x"]));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
  });

  it("keeps no more of single octets of output than they are", async () => {
    const { session } = await open(async (server) => {
      await server.readCommand();
      for (let index = 0; index < 2_000; index++) await server.output(1, "x");
      await server.status(0);
    }, {});
    const { stdout } = await session.run(["x"]);
    expect([stdout.length, stdout.buffer.byteLength <= 4_096]).toEqual([2_000, true]);
  });
});
