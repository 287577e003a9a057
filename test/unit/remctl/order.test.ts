// What comes after what: the messages of a long command, writes, values of a source, and the word for each failure.

import { describe, expect, it } from "vitest";
import { KdcError, RemctlProtocolError } from "../../../src/errors.ts";
import { encodeCommand } from "../../../src/remctl/command/command-encoder.ts";
import { asFailure } from "../../../src/remctl/command/exchange.ts";
import { SharedSource, sizeOf } from "../../../src/remctl/hosts/source.ts";
import { Deadline } from "../../../src/remctl/session/deadline.ts";
import { establish } from "../../../src/remctl/session/handshake.ts";
import { Link } from "../../../src/remctl/session/link.ts";

const noLimit = (): Deadline => new Deadline({ what: "the test" });

/** The octets of a message are used again for the next one. */
function statusesOf(args: readonly Uint8Array[]): (number | undefined)[] {
  const statuses: (number | undefined)[] = [];
  for (const { octets } of encodeCommand(args, true)) statuses.push(octets[3]);
  return statuses;
}

describe("the messages of a command that is cut", () => {
  it("are one first, and last the last, also where each cut is between two arguments", () => {
    // Each argument fills a message whole: what is cut off begins with the length of the next one.
    for (const count of [2, 3, 4, 5]) {
      const args = Array.from({ length: count }, () => new Uint8Array(65_532 - 4));
      args[0] = new Uint8Array(65_532 - 8);
      expect(statusesOf(args)).toEqual([1, ...Array.from({ length: count - 2 }, () => 2), 3]);
    }
    expect(statusesOf([new Uint8Array(65_532 - 8)])).toEqual([0]);
  });
});

describe("a failure", () => {
  it("of this library is given as it is, and another one within one of its own", () => {
    const own = new KdcError("KDC", "no", { errorCode: 24, errorName: "KDC_ERR_PREAUTH_FAILED" });
    expect(asFailure(own)).toBe(own);
    for (const other of [new Error("x"), new RangeError("x"), "text", undefined]) {
      const failure = asFailure(other);
      expect(failure).toBeInstanceOf(RemctlProtocolError);
      expect([failure.code, failure.cause]).toEqual(["REMCTL_PROTOCOL", other]);
    }
  });
});

describe("a link", () => {
  it("writes one thing after another, and goes on after one that failed", async () => {
    const begun: number[] = [];
    const done: { resolve(): void; reject(error: Error): void }[] = [];
    const connection = {
      write: (octets: Uint8Array) =>
        new Promise<void>((resolve, reject) => {
          begun.push(octets[0] as number);
          done.push({ resolve, reject });
        }),
    };
    const link = new Link(connection as never, {} as never);
    const writes = [1, 2, 3].map((octet) => link.write(Uint8Array.of(octet)).catch((error: Error) => error));
    const tick = () => new Promise((resolve) => setTimeout(resolve, 1));
    await tick();
    expect(begun).toEqual([1]);
    done[0]?.resolve();
    await tick();
    expect(begun).toEqual([1, 2]);
    const lost = new Error("reset");
    done[1]?.reject(lost);
    await tick();
    expect(begun).toEqual([1, 2, 3]);
    done[2]?.resolve();
    const [first, second, third] = await Promise.all(writes);
    expect([first, third]).toEqual([undefined, undefined]);
    expect(second).toMatchObject({ code: "CONNECTION_CLOSED", cause: lost });
    // Where nothing is written, the next write begins at once.
    void link.write(Uint8Array.of(4));
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it("says of a read that failed why, and of the end what was waited for", async () => {
    const lost = new Error("reset");
    const failing = new Link({ read: () => Promise.reject(lost) } as never, {} as never);
    await expect(failing.receive(noLimit(), "it ended")).rejects.toMatchObject({
      code: "CONNECTION_CLOSED",
      message: expect.stringContaining("failed while reading"),
      cause: lost,
    });
    const ended = new Link({ read: async () => undefined } as never, {} as never);
    await expect(ended.receive(noLimit(), "it ended")).rejects.toThrow(/^it ended/);
  });
});

describe("a context that has been used", () => {
  it.each([undefined, new Uint8Array(0)])("and gives no first token (%o) is the caller's mistake", async (token) => {
    const context = { step: async () => token };
    const written: Uint8Array[] = [];
    const link = new Link(
      { write: async (octets: Uint8Array) => void written.push(octets) } as never,
      context as never,
    );
    await expect(establish(link, context as never, noLimit())).rejects.toThrow(/^the context gave no first token/);
    expect(written).toEqual([]);
  });
});

describe("the values of a source", () => {
  it("are counted where they can be without taking them", () => {
    expect([sizeOf([]), sizeOf(["a", "b"]), sizeOf(new Set(["a", "b", "b"]))]).toEqual([0, 2, 2]);
    expect(sizeOf((function* () {})())).toBeUndefined();
    expect(sizeOf(new Map([["a", "b"]]))).toBeUndefined();
  });

  it("end once: an iterator that has ended, failed or been left is not asked again", async () => {
    let asked = 0;
    const source = (values: readonly (number | Error)[]) =>
      new SharedSource<number>(
        {
          [Symbol.iterator]: () => ({
            next: () => {
              const value = values[asked++];
              if (value instanceof Error) throw value;
              return value === undefined ? { done: true, value } : { done: false, value };
            },
          }),
        } as Iterable<number>,
        undefined,
      );
    const ending = source([1]);
    expect(await Promise.all([ending.next(), ending.next(), ending.next()])).toEqual([
      { value: 1, index: 0 },
      undefined,
      undefined,
    ]);
    expect([asked, ending.taken]).toEqual([2, 1]);
    asked = 0;
    const failing = source([new Error("broken"), 2]);
    await expect(failing.next()).rejects.toThrow("broken");
    expect([await failing.next(), asked, failing.taken]).toEqual([undefined, 1, 0]);
    asked = 0;
    const left = source([1, 2]);
    left.end();
    expect([await left.next(), asked]).toEqual([undefined, 0]);
  });
});
