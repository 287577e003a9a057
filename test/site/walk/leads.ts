// From a message to its section: what the pages say of an error.

import { expect } from "vitest";
import { textOf } from "../../support/pages.ts";

const errors = textOf("docs/errors.md");
/** The rows of the tables of words: a part of a message, and the sections that it leads to. */
export const words = [
  ...textOf("docs/troubleshooting.md").matchAll(/^\| `([^`]+)` \| (.*\]\(errors\.md#\w+\).*) \|$/gm),
].map(([, said = "", where = ""]) => ({ said, where }));

/** The section of a code, empty where the page has none. */
export function sectionOf(code: string): string {
  const [, section = ""] = new RegExp(`^### ${code}\\n([\\s\\S]*?)(?=^#{2,3} |(?![\\s\\S]))`, "m").exec(errors) ?? [];
  return section;
}

/**
 * What to do, in the imperative or as what can or must be: after what failed, so behind a mark or an "and". Words of a
 * stranger in parentheses, and the endpoints of a list, may come after it.
 */
const ADVICE = new RegExp(
  `(?:[:;.,] (?:or |and )?|\\()(?:${[
    "add|ask|call|check|choose|connect|do not|expected|get|give|have|leave|let|log in|[Ll]ook|make|name|open|raise|run|send|set|take|try|unwrap",
    "use|wait|write|is this|if .+, (?:begin|leave|log|set)|step\\(\\) has to|its administrator can|client\\.\\w+\\(",
    "the account .+ must be allowed|only its owner or an administrator can|the option \\w+ says|or its enctype",
  ].join("|")})\\b`,
);

/** A message says what to do after it has said what failed. */
export function expectAdvice(message: string): void {
  expect(message).toMatch(ADVICE);
}

/** The message leads to the section of its code, by its words, and the section has the cure. */
export function expectLeads({ code, message, cure }: Record<"code" | "message" | "cure", string>): void {
  const found = words.filter(({ said }) => message.includes(said)).map(({ where }) => where);
  expect([message, found]).toEqual([
    message,
    expect.arrayContaining([expect.stringContaining(`(errors.md#${code.toLowerCase()})`)]),
  ]);
  expect(sectionOf(code)).toContain(cure);
}
