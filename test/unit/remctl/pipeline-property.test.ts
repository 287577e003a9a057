// Commands of every kind in any number on their way, answers cut anywhere: each command gets its own answer or none.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import type { RemctlArgument } from "../../../src/remctl/index.ts";
import { type FakeRemctlServer, outputMessage, word } from "../../support/fake-remctl-server.ts";
import { failureOf, open, text } from "../../support/remctl-harness.ts";

interface Asked {
  readonly kind: "run" | "stream" | "noop";
  /** Octets of the argument behind the nonce. */
  readonly size: number;
  readonly isStreamed: boolean;
  readonly answer: "status" | "error";
  /** Octets of output in each OUTPUT. */
  readonly pieces: readonly number[];
}

const asked: fc.Arbitrary<Asked> = fc.record({
  kind: fc.constantFrom("run", "run", "stream", "noop"),
  size: fc.oneof(fc.nat(300), fc.constantFrom(0, 65_490, 65_536, 70_000, 140_000)),
  isStreamed: fc.boolean(),
  answer: fc.constantFrom("status", "status", "error"),
  pieces: fc.array(fc.nat(2_000), { maxLength: 3 }),
});

/** What a server says to the command with this nonce. */
function answerTo(server: FakeRemctlServer, nonce: string, { answer, pieces }: Asked): Uint8Array[] {
  return [
    ...pieces.map((size, index) => server.sealed(...outputMessage(1 + (index % 2), nonce.padEnd(size, ".")))),
    answer === "status"
      ? server.sealed(2, 4, Number(nonce) % 256)
      : server.sealed(2, 5, word(6), word(nonce.length), new TextEncoder().encode(nonce)),
  ];
}

describe("a pipelined session", () => {
  it("gives each command its own answer, whatever the commands and however the answers arrive", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(asked, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 16 }),
        fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }),
        async (calls, depth, cuts) => {
          const { session } = await open(
            async (server) => {
              let cut = 0;
              const send = async (octets: Uint8Array): Promise<void> => {
                for (let at = 0; at < octets.length; ) {
                  const size = cuts[cut++ % cuts.length] as number;
                  await server.raw(octets.subarray(at, at + size));
                  at += size;
                  if (cut % 3 === 0) await Promise.resolve();
                }
              };
              for (;;) {
                const message = await server.readCommandOrNoop();
                if (message === undefined) return;
                if (message === "noop") await send(server.sealed(3, 7));
                else {
                  const nonce = text(message.args[1]);
                  await send(concat(...answerTo(server, nonce, calls[Number(nonce)] as Asked)));
                }
              }
            },
            { pipelineDepth: depth, idleTimeoutMs: 5_000 },
          );
          const one = async (call: Asked, nonce: string): Promise<void> => {
            if (call.kind === "noop") return session.noop();
            const octets = new Uint8Array(call.size);
            const last: RemctlArgument = call.isStreamed ? new Blob([octets]) : octets;
            const expected = call.pieces.map((size) => nonce.padEnd(size, "."));
            const own = [
              expected.filter((_, index) => index % 2 === 0),
              expected.filter((_, index) => index % 2 === 1),
            ];
            const args = ["x", nonce, last];
            if (call.answer === "error") {
              const error = await failureOf<Error & { remoteMessage: string; stdout: Uint8Array }>(session.run(args));
              expect([error.remoteMessage, text(error.stdout)]).toEqual([nonce, own[0]?.join("")]);
            } else if (call.kind === "run") {
              const result = await session.run(args);
              expect([result.status, result.text(), result.text("stderr")]).toEqual([
                Number(nonce) % 256,
                own[0]?.join(""),
                own[1]?.join(""),
              ]);
            } else {
              const run = session.stream(args);
              const [out, err] = await Promise.all(
                [run.stdout, run.stderr].map((stream) => new Response(stream as never).text()),
              );
              expect([await run.status, out, err]).toEqual([Number(nonce) % 256, own[0]?.join(""), own[1]?.join("")]);
            }
          };
          // A session of one command at a time takes them so.
          if (depth === 1) for (const [index, call] of calls.entries()) await one(call, String(index));
          else await Promise.all(calls.map((call, index) => one(call, String(index))));
          expect(session.isBusy).toBe(false);
          // An error to a command of several messages that is only found when it is whole leaves the session as it is.
          expect(session.isOpen).toBe(true);
          await session.close();
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
