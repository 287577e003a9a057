// README and the pages of docs as the tests read them: their text, and the programs in it.

import { readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..", "..");

/** The text of a page. @param page from the root of the repository, for example `docs/sessions.md` */
export const textOf = (page: string): string => readFileSync(path.join(ROOT, page), "utf8");

/** A page's first program that has some text. */
export function programOf(page: string, marker: string): string {
  const programs = [...textOf(page).matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code as string);
  const found = programs.find((code) => code.includes(marker));
  if (found === undefined) throw new Error(`${page} has no program with ${marker}`);
  return found;
}

/** A section of a page: from its heading to the next of the same rank or a higher one. */
export function sectionOf(page: string, heading: string): string {
  const text = textOf(page);
  const start = text.indexOf(`${heading}\n`);
  if (start < 0) throw new Error(`${page} has no heading ${heading}`);
  const rank = heading.indexOf(" ");
  const end = text.slice(start + heading.length).search(new RegExp(`^#{1,${rank}} `, "m"));
  return end < 0 ? text.slice(start) : text.slice(start, start + heading.length + end);
}
