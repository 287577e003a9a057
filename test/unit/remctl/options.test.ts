import { describe, expect, it } from "vitest";
import { encodeArguments } from "../../../src/remctl/command/arguments.ts";
import { resolveClientOptions, streamedArguments, version1 } from "../../../src/remctl/index.ts";
import { REMCTL_ERROR, REMCTL_PORT, remctlErrorName } from "../../../src/remctl-wire/index.ts";

describe("options", () => {
  it("1.1: the default port is 4373, any other may be given", () => {
    expect([REMCTL_PORT, resolveClientOptions().port, resolveClientOptions({ port: 4444 }).port]).toEqual([
      4373, 4373, 4444,
    ]);
  });

  it("has a default for everything", () => {
    expect(resolveClientOptions({})).toEqual({
      port: 4373,
      localAddress: undefined,
      protocol: 2,
      allowVersion1: false,
      protocols: [],
      argumentKinds: [],
      outputKinds: [],
      pipelineDepth: 1,
      connectTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      totalTimeoutMs: undefined,
      signal: undefined,
      maxOutputBytes: 16_777_216,
      maxArguments: 4_096,
      maxCommandBytes: 104_857_600,
      trace: undefined,
    });
    expect(resolveClientOptions({ idleTimeoutMs: undefined, port: undefined }).idleTimeoutMs).toBe(60_000);
  });

  it("takes Infinity for no limit", () => {
    const infinity = Number.POSITIVE_INFINITY;
    const resolved = resolveClientOptions({
      idleTimeoutMs: infinity,
      maxOutputBytes: infinity,
      maxCommandBytes: infinity,
    });
    expect([resolved.idleTimeoutMs, resolved.maxOutputBytes, resolved.maxCommandBytes]).toEqual([
      infinity,
      infinity,
      infinity,
    ]);
  });

  const wrong: readonly (readonly [Record<string, unknown>, typeof TypeError | typeof RangeError])[] = [
    [{ port: 0 }, RangeError],
    [{ port: 65_536 }, RangeError],
    [{ port: "4373" }, TypeError],
    [{ port: 1.5 }, RangeError],
    [{ connectTimeoutMs: 0 }, RangeError],
    [{ idleTimeoutMs: -1 }, RangeError],
    [{ idleTimeoutMs: "60" }, TypeError],
    [{ totalTimeoutMs: Number.NaN }, RangeError],
    [{ maxOutputBytes: -1 }, RangeError],
    [{ maxOutputBytes: 1.5 }, RangeError],
    [{ maxArguments: 2 ** 32 }, RangeError],
    [{ maxCommandBytes: "1" }, TypeError],
    [{ signal: {} }, TypeError],
    [{ protocol: 3 }, RangeError],
    [{ protocol: 0 }, RangeError],
    [{ allowVersion1: 1 }, TypeError],
    [{ pipelineDepth: 0 }, RangeError],
    [{ pipelineDepth: 1_025 }, RangeError],
    [{ localAddress: 127 }, TypeError],
    [{ trace: {} }, TypeError],
    [{ protocols: {} }, TypeError],
    [{ protocols: [1] }, TypeError],
    [{ protocols: [{ version: 1 }] }, TypeError],
    [{ argumentKinds: "streamed" }, TypeError],
    [{ argumentKinds: [undefined] }, TypeError],
    [{ outputKinds: [undefined] }, TypeError],
    // The parts that these need are not given.
    [{ protocol: 1 }, TypeError],
    [{ allowVersion1: true }, TypeError],
  ];
  for (const [options, error] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => resolveClientOptions(options as never)).toThrow(error);
    });
  }
});

it("version 1 is spoken with the part that speaks it", () => {
  const protocols = [version1()];
  expect(resolveClientOptions({ protocols, protocol: 1 }).protocol).toBe(1);
  expect(resolveClientOptions({ protocols, allowVersion1: true }).allowVersion1).toBe(true);
  expect(() => resolveClientOptions({ protocol: 1 })).toThrow("protocols: [version1()]");
});

describe("arguments", () => {
  it("counts counts and lengths towards the limit of octets, as remctld does", () => {
    const limits = { maxArguments: 3, maxCommandBytes: 4 + 4 + 3, argumentKinds: [] };
    expect(encodeArguments(["abc"], limits).length).toBe(1);
    expect(() => encodeArguments(["abcd"], limits)).toThrow(/12 octets/);
    expect(() => encodeArguments(["", "", "", ""], { ...limits, maxCommandBytes: 99 })).toThrow(/4 arguments/);
  });

  it("does not copy octets", () => {
    const octets = new Uint8Array(3);
    expect(encodeArguments([octets], { maxArguments: 1, maxCommandBytes: 99, argumentKinds: [] })[0]).toBe(octets);
  });

  it("a stream is taken with the part that sends it, and something else is not", () => {
    const { argumentKinds } = resolveClientOptions({ argumentKinds: [streamedArguments()] });
    const limits = { maxArguments: 3, maxCommandBytes: 99 };
    expect(encodeArguments([new Blob(["abc"])], { ...limits, argumentKinds })[0]?.length).toBe(3);
    const without = () => encodeArguments(["put", new Blob(["abc"])], { ...limits, argumentKinds: [] });
    expect(without).toThrow(TypeError);
    expect(without).toThrow("argument 1 is neither a string nor a Uint8Array; a stream needs the option argumentKinds");
    for (const argument of [7, null, undefined, {}, { size: 1 }]) {
      expect(() => encodeArguments([argument as never], { ...limits, argumentKinds })).toThrow(TypeError);
    }
  });
});

describe("error codes", () => {
  it("6.2: 1 to 10 have names, others have their number", () => {
    expect(Object.values(REMCTL_ERROR)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(Object.values(REMCTL_ERROR).map((code) => remctlErrorName(code))).toEqual([
      "ERROR_INTERNAL",
      "ERROR_BAD_TOKEN",
      "ERROR_UNKNOWN_MESSAGE",
      "ERROR_BAD_COMMAND",
      "ERROR_UNKNOWN_COMMAND",
      "ERROR_ACCESS",
      "ERROR_TOOMANY_ARGS",
      "ERROR_TOOMUCH_DATA",
      "ERROR_UNEXPECTED_MESSAGE",
      "ERROR_NO_HELP",
    ]);
    expect([remctlErrorName(0), remctlErrorName(0xffff_fffe)]).toEqual(["ERROR_0", "ERROR_4294967294"]);
  });
});
