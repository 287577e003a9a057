import { describe, expect, it } from "vitest";
import { type OptionSpec, parseArgs, UsageError } from "../../../src/cli/getopt.ts";

const spec: OptionSpec = {
  short: "Vkt:l:",
  long: { verbose: "V", "out-cache": "out-cache:", "out-file": "out-file:" },
};
const shown = (argv: string[], over: Partial<OptionSpec> = {}) => {
  const { options, operands } = parseArgs(argv, { ...spec, ...over });
  return [...options.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)), "|", ...operands];
};

describe("command lines", () => {
  it.each([
    [
      ["-V", "alice"],
      ["V", "|", "alice"],
    ],
    [
      ["-Vk", "-t", "file", "alice"],
      ["V", "k", "t=file", "|", "alice"],
    ],
    [["-ktfile"], ["k", "t=file", "|"]],
    [
      ["-kt", "file"],
      ["k", "t=file", "|"],
    ],
    [
      ["-t", "-V"],
      ["t=-V", "|"],
    ],
    [
      ["-t", ""],
      ["t=", "|"],
    ],
    [
      ["alice", "-V"],
      ["V", "|", "alice"],
    ],
    [
      ["-V", "--", "-k"],
      ["V", "|", "-k"],
    ],
    [["-"], ["|", "-"]],
    [["--verbose"], ["V", "|"]],
    [["--verb"], ["V", "|"]],
    [["--out-cache=x"], ["out-cache=x", "|"]],
    [
      ["--out-cache", "x", "y"],
      ["out-cache=x", "|", "y"],
    ],
    [
      ["--out-c", "x"],
      ["out-cache=x", "|"],
    ],
    [[], ["|"]],
  ])("reads %j", (argv, expected) => expect(shown(argv)).toEqual(expected));

  it("stops at the first operand where that is wanted", () => {
    expect(shown(["-V", "host", "-k", "--", "x"], { stopAtOperand: true })).toEqual([
      "V",
      "|",
      "host",
      "-k",
      "--",
      "x",
    ]);
  });

  it.each([
    [["-x"], "invalid option -- 'x'"],
    [["-Vx"], "invalid option -- 'x'"],
    [["-t"], "option requires an argument -- 't'"],
    [["--nosuch"], "unrecognized option '--nosuch'"],
    [["--verbose=1"], "option '--verbose' doesn't allow an argument"],
    [["--out-cache"], "option '--out-cache' requires an argument"],
    [["--out"], "option '--out' is ambiguous; possibilities: '--out-cache' '--out-file'"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseArgs(argv, spec)).toThrow(new UsageError(message));
  });

  it("gives the last value of an option, and all", () => {
    const args = parseArgs(["-t", "a", "-t", "b"], spec);
    expect([args.get("t"), args.all("t"), args.has("k"), args.get("l")]).toEqual(["b", ["a", "b"], false, undefined]);
  });
});
