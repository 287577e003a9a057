// The table of what strangers can send: its bounds are the source's, and each has a test.

import { expect, it } from "vitest";
import { declaredValue, inputProblems, inputsTable } from "../../../tools/security/inputs.mjs";

it.each([
  ["const MAX = 1_048_576;", 1_048_576],
  ["export const MAX: number = 2 ** 20;", 1_048_576],
  ["const MAX = 64 * 2 ** 20;", 67_108_864],
  ["  MAX: 4_096,", 4096],
  ["    MAX: options.MAX ?? 512 * 2 ** 20,", 536_870_912],
  ["const { MAX = 16 * 2 ** 20, more } = options;", 16_777_216],
  ["const OTHER_MAX = 5;", undefined],
  ["const MAX = OTHER;", undefined],
  ["const MAX = 5;\nconst MAX = 6;", undefined],
])("%j declares %s", (source, value) => {
  expect(declaredValue(source, "MAX")).toBe(value);
});

it("tells a bound that the code does not have, and a test that is not there", () => {
  const row = {
    input: "x",
    bound: "{} octets",
    file: "a.ts",
    constant: "MAX",
    cost: "one pass",
    test: "t",
    title: "y",
  };
  const files: Record<string, string> = { "a.ts": "const MAX = 4_096;", t: 'it("y", ...)' };
  const read = (file: string): string | undefined => files[file];
  expect(inputProblems([row], read)).toEqual([]);
  expect(inputsTable([row], read)).toContain("| x | 4,096 octets | one pass | `MAX` of `a.ts` | `t`: y |");
  files["a.ts"] = "const LIMIT = 4_096;";
  files.t = 'it("z", ...)';
  expect(inputProblems([row], read)).toEqual([
    "inputs: x: MAX is not declared once, as a number, in a.ts",
    "inputs: x: no test of t is called: y",
  ]);
});
