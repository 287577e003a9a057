// The page of options is made from the types; an option that nothing is said of is named.

import path from "node:path";
import { beforeAll, expect, it } from "vitest";
import { ensureTypesDependencies } from "../../tools/bootstrap.mjs";
import { sourceFolder } from "../unit/tools/source-folder.ts";

beforeAll(() => ensureTypesDependencies(), 240_000);

const ROOM = `/** Options for both. */
export interface CommonOptions {
  /** Ends the call; see {@link CommonOptions}. */
  readonly signal?: AbortSignal;
}
/** Options for one. */
export interface OneOptions extends CommonOptions {
  /** Either | or. */
  readonly kind: "a" | "b";
  readonly forgotten?: number;
}
`;

it("has each option, what it inherits too, and names the one that is not documented", async () => {
  const { createProgram, entriesOf } = await import("../../tools/types/program.mjs");
  const { optionsPage, optionTables, undocumentedOptions } = await import("../../tools/types/options-table.mjs");
  using folder = sourceFolder({
    "entry/case.ts": `export type { CommonOptions, OneOptions } from "../room/index.ts";\n`,
    "room/index.ts": ROOM,
  });
  const entries = entriesOf(folder.src);
  const tables = optionTables(createProgram(entries), entries);
  expect(undocumentedOptions(tables)).toEqual(["krb5-remctl/case: OneOptions.forgotten: say what the option is"]);
  const page = optionsPage(tables);
  expect(page).toContain('| `kind` (required) | `"a" \\| "b"` | Either \\| or. |');
  expect(page.match(/\| `signal` \| `AbortSignal` \| Ends the call; see `CommonOptions`\. \|/g)).toHaveLength(2);
}, 240_000);

const CHOICE = `/** Options of a choice. */
export type ChoiceOptions = { /** One. */ readonly one?: number } | { /** Two. */ readonly two?: number };
export declare function take(options?: ChoiceOptions): void;
export declare class Box {
  close(options: { /** How long. */ readonly graceMs?: number }): void;
}
`;

it("has what one type of a choice has alone, and options of a type without a name; finds one that is in no table", async () => {
  const { createProgram, entriesOf } = await import("../../tools/types/program.mjs");
  const { missingOptions, optionTables } = await import("../../tools/types/options-table.mjs");
  using folder = sourceFolder({
    "entry/case.ts": `export { Box, type ChoiceOptions, take } from "../room/index.ts";\n`,
    "room/index.ts": CHOICE,
  });
  const entries = entriesOf(folder.src);
  const program = createProgram(entries);
  const tables = optionTables(program, entries);
  expect(tables.map(({ name, rows }) => [name, rows.map((row) => row.name)])).toEqual([
    ["ChoiceOptions", ["one", "two"]],
    ["Box.close", ["graceMs"]],
  ]);
  expect(missingOptions(program, entries, tables)).toEqual([]);
  const less = tables.map((table) => ({ ...table, rows: table.rows.filter(({ name }) => name === "one") }));
  expect(missingOptions(program, entries, less)).toEqual([
    "krb5-remctl/case: Box.close.graceMs",
    "krb5-remctl/case: ChoiceOptions.two",
  ]);
}, 240_000);

it("has every option that a function or method of the package takes", async () => {
  const { createProgram, entriesOf } = await import("../../tools/types/program.mjs");
  const { missingOptions, optionTables, undocumentedOptions } = await import("../../tools/types/options-table.mjs");
  const entries = entriesOf(path.resolve(import.meta.dirname, "..", "..", "src"));
  const program = createProgram(entries);
  const tables = optionTables(program, entries);
  expect(missingOptions(program, entries, tables)).toEqual([]);
  expect(undocumentedOptions(tables)).toEqual([]);
}, 240_000);
