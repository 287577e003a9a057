// The page of options is made from the types; an option that nothing is said of is named.

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
