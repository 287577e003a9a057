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

/** The message leads to the section of its code, by its words, and the section has the cure. */
export function expectLeads({ code, message, cure }: Record<"code" | "message" | "cure", string>): void {
  const found = words.filter(({ said }) => message.includes(said)).map(({ where }) => where);
  expect([message, found]).toEqual([
    message,
    expect.arrayContaining([expect.stringContaining(`(errors.md#${code.toLowerCase()})`)]),
  ]);
  expect(sectionOf(code)).toContain(cure);
}
