import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readArguments } from "../../../tools/arguments.mjs";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
/** Every `npm run` that is a program of ours, and those that pages name by their files. */
const tools: [string, string][] = [
  ...Object.entries(scripts as Record<string, string>)
    .filter(([, line]) => /^node tools\/[\w/.-]+$/.test(line))
    .map(([name, line]): [string, string] => [`npm run ${name}`, line.slice("node ".length)]),
  ["flame graphs", "tools/bench/flame.mjs"],
  ["sizes", "tools/size/index.mjs"],
];
const run = (file: string, ...words: string[]) =>
  spawnSync(process.execPath, [path.join(ROOT, file), ...words], { cwd: ROOT, encoding: "utf8", timeout: 60_000 });

describe.each(tools)("the tool: %s", (_, file) => {
  it("--help tells its options, and does nothing", () => {
    const { status, stdout, stderr } = run(file, "--help");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toMatch(/\[OPTION\.\.\.\]/);
  });

  // What `npm test` does not know goes to vitest.
  it.skipIf(file === "tools/test.mjs")("an option that it does not know ends it with a plain message", () => {
    const { status, stdout, stderr } = run(file, "--nonsense");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^--nonsense is not an option of this tool\nSee .* --help\n$/);
  });
});

describe("arguments of a tool", () => {
  const tool = {
    command: "tool",
    about: "Does it.",
    options: { flag: { about: "a flag" }, count: { value: "N", isNumber: true, about: "a number", default: "3" } },
  };
  const named = { ...tool, names: "[NAME...]", known: () => ["one", "two"] };

  it("are values, flags and names", () => {
    expect(readArguments(["--count=4", "two", "--flag"], named)).toEqual({
      values: { flag: undefined, count: "4" },
      flags: new Set(["flag"]),
      names: ["two"],
    });
    expect(readArguments([], tool).values.count).toBe("3");
  });

  it.each([
    [["--toString"], tool, "--toString is not an option of this tool"],
    [["-x"], tool, "-x is not an option of this tool"],
    [["--count"], tool, "--count needs a value: N"],
    [["--count="], tool, "--count needs a value: N"],
    [["--count", "many"], tool, "--count takes a whole number"],
    [["--flag=yes"], tool, "--flag takes no value"],
    [["one"], tool, "one is one word too many: this tool takes options alone"],
    [["one", "three"], named, "three is not known here: the names are one, two"],
  ])("%j: %#", (words, about, problem) => {
    expect(readArguments(words, about).problem).toBe(problem);
  });

  it("help comes before any problem, and shows defaults", () => {
    const { help, problem } = readArguments(["--nonsense", "-h"], named);
    expect(problem).toBeUndefined();
    expect(help).toBe(
      "tool [NAME...] [OPTION...]\nDoes it.\n\n  --flag     a flag\n  --count N  a number (3)\n  --help     this text",
    );
  });
});
