import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ensureTypesDependencies, ROOT } from "../../../tools/bootstrap.mjs";
import { sourceFolder } from "./source-folder.ts";

/** [what, the example, what is said of it] */
const cases: readonly (readonly [what: string, lines: readonly string[], said: RegExp | undefined])[] = [
  ["imports from an entry", ['import { double } from "krb5-remctl";', "const two: number = double(1);"], undefined],
  ["uses what its own file exports", ["double(1) satisfies number;"], undefined],
  ["uses a variable of the prelude", ["double(octets.length);"], undefined],
  ["waits at the top", ["await Promise.resolve(double(1));"], undefined],
  ["has a wrong type", ["", 'double("1");'], /room\d+\.ts:6: Argument of type 'string' is not assignable/],
  ["has a name that nobody has", ["triple(1);"], /room\d+\.ts:5: Cannot find name 'triple'/],
  ["imports what is not there", ['import { triple } from "krb5-remctl";'], /room\d+\.ts:5: .*no exported member/],
  ["imports from nowhere", ['import "krb5-remctl/nothing";'], /room\d+\.ts:5: .*krb5-remctl\/nothing/],
  ["has a slip of the pen", ["double(1"], /room\d+\.ts:\d+: '\)' expected/],
];

const roomOf = (lines: readonly string[]) => `/**
 * Doubles.
 *
 * \`\`\`ts
${lines.map((line) => ` * ${line}\n`).join("")} * \`\`\`
 */
export function double(n: number): number {
  return 2 * n;
}
`;

let problems: readonly string[] = [];
beforeAll(async () => {
  await ensureTypesDependencies();
  const { check, examplesOf } = await import("../../../tools/types/examples.mjs");
  const files = cases.map(([, lines], index) => [`room${index}.ts`, roomOf(lines)]);
  using folder = sourceFolder({
    ...Object.fromEntries(files),
    "entry/index.ts": 'export { double } from "../room0.ts";\n',
  });
  const examples = examplesOf(folder.src);
  expect(examples).toHaveLength(cases.length);
  problems = check(examples, { src: folder.src, prelude: path.join(ROOT, "tools", "types", "prelude.ts") });
}, 120_000);

describe("an example in a comment", () => {
  it.each(cases.map(([what, , said], index) => [what, index, said] as const))("%s", (_what, index, said) => {
    const own = problems.filter((one) => one.startsWith(`src/room${index}.ts:`));
    if (said === undefined) expect(own).toEqual([]);
    else expect(own.join("\n")).toMatch(said);
  });
});
