import path from "node:path";
import { beforeAll, expect, it } from "vitest";
import { ensureTypesDependencies } from "../../../tools/bootstrap.mjs";
import { denoLint } from "../../../tools/types/deno-lint.mjs";
import { describeRuntimes } from "../../support/runtimes.ts";
import { sourceFolder } from "./source-folder.ts";

const HEAD = `/**
 * Doubles.
 *
 * \`\`\`ts
 * import { double } from "krb5-remctl/case";
 * \`\`\`
 *
 * @module
 */
`;
const ROOM = `/**
 * Doubles a number.
 *
 * @param n any number
 * @returns twice the number
 * @throws RangeError if it is too large: the caller's fault
 * @example
 * \`\`\`ts
 * import { double } from "krb5-remctl/case";
 * double(1);
 * \`\`\`
 */
export function double(n: number): number {
  return 2 * n;
}

/** Counts. */
export class Counter {
  /** How often. */
  count = 0;

  /** {@link double} makes one. */
  constructor() {}

  /**
   * Counts on.
   *
   * @param by how far
   * @returns how far it is
   */
  next(by: number): number {
    this.count += by;
    return this.count;
  }
}
`;

/** [what, what is taken out of the room, what stands there instead, what is said] */
const cases: readonly (readonly [what: string, from: string, to: string, said: RegExp | undefined])[] = [
  ["say it all", "", "", undefined],
  ["leave out a parameter", " * @param n any number\n", "", /double: no @param for n/],
  ["leave out a method's parameter", "   * @param by how far\n", "", /Counter\.next: no @param for by/],
  ["leave out the result", " * @returns twice the number\n", "", /double: no @returns/],
  ["tell in the text what is thrown", "Doubles a number.", "Doubles. Throws RangeError.", /belongs in @throws/],
  ["belong to a class that a function makes", "", "", /exported as a type/],
  ["have no program", ' * import { double } from "krb5-remctl/case";\n', "", /double: no @example that imports/],
];

const exporting = (index: number) =>
  `export { ${cases[index]?.[0].startsWith("belong") ? "" : "type "}Counter, double } from "../room${index}.ts";\n`;
const found = new Map<string, readonly string[]>();
beforeAll(async () => {
  await ensureTypesDependencies();
  const { createProgram, entriesOf } = await import("../../../tools/types/program.mjs");
  const { missingTags } = await import("../../../tools/types/tags.mjs");
  const files = cases.flatMap(([, from, to], index) => [
    [`entry/case${index}.ts`, `${HEAD.replace("/case", `/case${index}`)}${exporting(index)}`],
    [`room${index}.ts`, ROOM.replace(from, to)],
  ]);
  using folder = sourceFolder({ ...Object.fromEntries(files), "entry/bare.ts": exporting(0) });
  const entries = entriesOf(folder.src);
  const program = createProgram(entries);
  for (const entry of entries) found.set(entry.subpath, missingTags(program, entry, path.dirname(folder.src)));
}, 120_000);

it.each(cases.map(([what, , , said], index) => [what, index, said] as const))(
  "comments that %s",
  (_what, index, said) => {
    const own = found.get(`krb5-remctl/case${index}`) ?? [];
    if (said === undefined) expect(own).toEqual([]);
    else expect(own.join("\n")).toMatch(said);
  },
);

it("an entry that does not begin with a comment", () => {
  expect(found.get("krb5-remctl/bare")).toEqual([
    "src/entry/bare.ts:1: begin with a comment: what krb5-remctl/bare is, @module, and an example that imports from it",
  ]);
});

describeRuntimes("deno doc --lint", () => {
  it("finds what has no comment and what cannot be named, with its place", async () => {
    const room = ROOM.replace("  /** How often. */\n", "").replace("(n: number)", "(n: Hidden)");
    using folder = sourceFolder({
      "entry/index.ts": exporting(0),
      "entry/whole.ts": exporting(1),
      "room0.ts": `${room}interface Hidden {}\n`,
      "room1.ts": ROOM,
    });
    const base = path.dirname(folder.src);
    expect(await denoLint(["src/entry/whole.ts"], base)).toEqual([]);
    expect((await denoLint(["src/entry/index.ts"], base)).sort()).toEqual([
      expect.stringMatching(/^src\/room0\.ts:13: private-type-ref: .*Hidden/),
      expect.stringMatching(/^src\/room0\.ts:19: missing-jsdoc: /),
    ]);
  });

  it("says so if it could not run", async () => {
    using folder = sourceFolder({});
    await expect(denoLint(["src/entry/index.ts"], path.dirname(folder.src))).rejects.toThrow("deno doc --lint failed");
  });
});
