// What a caller or a server may give wrong, in words that say what it is.

import { describe, expect, it } from "vitest";
import { TransportError } from "../../../src/errors.ts";
import { checkArguments, encodeArguments } from "../../../src/remctl/command/arguments.ts";
import { mayBeContinued } from "../../../src/remctl/command/exchange.ts";
import { decodeServerMessage } from "../../../src/remctl/command/messages.ts";
import { isReusableAfter } from "../../../src/remctl/command/server-error.ts";
import { SharedSource } from "../../../src/remctl/hosts/source.ts";
import { type RemctlHost, RemctlResult, type RunOnHost, runOnHosts } from "../../../src/remctl/index.ts";
import { resolveTarget } from "../../../src/remctl/pool/target.ts";
import { connectionLost } from "../../../src/remctl/session/link.ts";

describe("an argument", () => {
  it.each([5, undefined, null, true, () => {}, Symbol("x")])("that is %o is refused with its place", (arg) => {
    expect(() => checkArguments(["account", arg as never])).toThrow(
      "argument 1 is neither a string nor a Uint8Array nor a stream",
    );
  });

  it("that is a text, octets or an object may be one", () => {
    expect(() => checkArguments(["account", new Uint8Array(1), {} as never])).not.toThrow();
  });

  it.each([[], "account", undefined, { length: 1 }])("is not had from %o", (args) => {
    expect(() => checkArguments(args as never)).toThrow(TypeError);
  });

  it("is one of as many, and of as many octets, as the limits say", () => {
    const limits = { maxArguments: 2, maxCommandBytes: 1000, argumentKinds: [] };
    expect(encodeArguments(["a", "b"], limits)).toHaveLength(2);
    expect(() => encodeArguments(["a", "b", "c"], limits)).toThrow(RangeError);
    expect(() => encodeArguments(["a\ud800"], limits)).toThrow(
      "argument 0 is not well-formed text (a lone surrogate): give octets",
    );
  });
});

it("a command goes alone as soon as it needs a second message: at 65,536 octets it needs none", () => {
  // The version, the type, both flags, the count of arguments, and the length before each.
  const largest = 65_536 - 4 - 4 - 4 - 3 - 4;
  const command = (size: number) => [new TextEncoder().encode("put"), new Uint8Array(size)];
  expect([0, largest, largest + 1].map((size) => mayBeContinued(command(size)))).toEqual([false, false, true]);
});

describe("a message that is too short", () => {
  it.each([
    [[2, 3, 1, 0, 0, 0], "an OUTPUT of 6 octets, 7 are the least"],
    [[2, 3], "an OUTPUT of 2 octets, 7 are the least"],
    [[2, 5, 0, 0, 0, 1, 0, 0, 0], "an ERROR of 9 octets, 10 are the least"],
    [[2, 4], "a STATUS of 2 octets, not 3"],
    [[2, 6], "a VERSION of 2 octets, not 3"],
    [[3, 7, 0], "a NOOP of 3 octets, not 2"],
  ])("%j is said to be", (octets, words) => {
    expect(() => decodeServerMessage(Uint8Array.from(octets))).toThrow(`the server sent ${words}`);
  });
});

describe("after a refusal a session is used again", () => {
  const name = (text: string) => new TextEncoder().encode(text);
  const streamed = { length: 4 } as never;
  // 1 internal, 2 bad token, 3 unknown message, 4 bad command, 5 unknown command, 6 access, 7 too many, 8 too much,
  // 9 unexpected message, 10 no help.
  it.each([
    [2, name("x"), false, false],
    [9, name("x"), false, false],
    [5, name("x"), false, true],
    [5, name("x"), true, true],
    [1, name("x"), false, true],
    [1, name("x"), true, false],
    [8, name("x"), true, false],
    [6, name("x"), true, true],
    [7, name("x"), true, true],
    [10, name("x"), true, true],
    [10, name("help"), false, false],
    [5, streamed, false, false],
    [5, undefined, false, true],
  ])("code %s, a command of %o, continued %s: %s", (code, command, isContinued, isReusable) => {
    expect(isReusableAfter(code, command, isContinued)).toBe(isReusable);
  });
});

describe("a host", () => {
  it.each([
    [5, "host is a number"],
    [null, "host is null"],
    [true, "host is true"],
    [["a"], "host is an array"],
    [{}, "host is undefined"],
  ])("that is %o is refused", (host, words) => {
    expect(() => resolveTarget(host as unknown as RemctlHost)).toThrow(words.replace("true", "a boolean"));
  });

  it("that is wrong has an outcome of that name, and the others run", async () => {
    const hosts = [5, null, "good", { host: "well", port: 0 }] as unknown as RemctlHost[];
    const ran: string[] = [];
    const { outcomes } = await runOnHosts(
      async ({ host }) => {
        ran.push(host);
        return new RemctlResult(0, new Uint8Array(0), new Uint8Array(0));
      },
      hosts,
      ["x"],
    );
    expect(outcomes.map(({ host, error }) => [host, error?.code, error?.commandState])).toEqual([
      ["5", "REMCTL_TARGET", "not-sent"],
      ["null", "REMCTL_TARGET", "not-sent"],
      ["good", undefined, undefined],
      ["well", "REMCTL_TARGET", "not-sent"],
    ]);
    expect(ran).toEqual(["good"]);
  });
});

it("a host's failure says whether its command may have run: not before it was begun, nor by the caller's mistake", async () => {
  const states = async (run: () => Promise<never>, command: readonly string[] | (() => never)) => {
    const { outcomes } = await runOnHosts(run, ["a.example.org"], command);
    return outcomes?.map(({ error }) => error?.commandState);
  };
  const throwing = (error: unknown) => (): never => {
    throw error;
  };
  const rejecting = (error: unknown) => async (): Promise<never> => throwing(error)();
  expect(await states(rejecting(new Error("x")), ["a"])).toEqual(["maybe-executed"]);
  expect(await states(rejecting(new TypeError("x")), ["a"])).toEqual(["not-sent"]);
  expect(await states(rejecting(new RangeError("x")), ["a"])).toEqual(["not-sent"]);
  expect(await states(rejecting(new Error("never run")), throwing(new Error("x")))).toEqual(["not-sent"]);
});

it("a source of hosts that has ended, failed or was left is not asked again", async () => {
  let asked = 0;
  const hosts = (steps: readonly (() => IteratorResult<string>)[]) => ({
    [Symbol.iterator]: () => ({ next: () => (steps[asked++] as () => IteratorResult<string>)() }),
  });
  const one = () => ({ done: false as const, value: "a" });
  const ended = new SharedSource(hosts([one, () => ({ done: true, value: undefined }), one]), undefined);
  expect(await ended.next()).toEqual({ value: "a", index: 0 });
  expect([await ended.next(), await ended.next(), asked]).toEqual([undefined, undefined, 2]);
  asked = 0;
  const failing = () => {
    throw new Error("no more");
  };
  const failed = new SharedSource(hosts([failing, one]), undefined);
  await expect(failed.next()).rejects.toThrow("no more");
  expect([await failed.next(), asked]).toEqual([undefined, 1]);
  asked = 0;
  const controller = new AbortController();
  const left = new SharedSource(hosts([one, one]), controller.signal);
  controller.abort();
  expect([await left.next(), asked]).toEqual([undefined, 0]);
});

it.each([false, true])(
  "what onResult throws is the last that it hears of, with a signal that aborted: %s",
  async (isAborted) => {
    const heard: number[] = [];
    const abort = new AbortController();
    const run: RunOnHost = async () => new RemctlResult(0, new Uint8Array(), new Uint8Array());
    const running = runOnHosts(run, ["a", "b", "c"], ["x"], {
      concurrency: 1,
      signal: abort.signal,
      onResult: ({ index }) => {
        heard.push(index);
        if (isAborted) abort.abort();
        throw new RangeError("the listener's own");
      },
    });
    await expect(running).rejects.toThrow("the listener's own");
    expect(heard).toEqual([0]);
  },
);

it("a connection that was lost has its own error, where that is one of this package's", () => {
  const cause = new TransportError("TIMEOUT", "too late");
  expect(connectionLost("it ended", cause)).toBe(cause);
  const other = new Error("EPIPE");
  expect(connectionLost("it ended", other)).toMatchObject({
    code: "CONNECTION_CLOSED",
    message: "it ended",
    cause: other,
  });
});
