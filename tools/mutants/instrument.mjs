// Puts all mutants of a file into it at once, each behind a switch; one number chooses which of them is on.

import MagicString from "../../test/node_modules/magic-string/dist/magic-string.es.mjs";

/**
 * Returns the source with its switches. `$m(n)` says whether mutant n is on, `$t()` ends loops that have no end.
 * @param {string} source @param {import("./mutants.mjs").FileMutants} found
 */
export function instrument(source, { places, loops }) {
  const out = new MagicString(source);
  // Outer places come first: their text goes in front of that of the inner ones, and behind it at the end.
  for (const { kind, start, end, first, changes } of places) {
    if (kind === "expression") {
      const choices = changes.map(({ to }, index) => `$m(${first + index})?(${to}):`).join("");
      out.appendRight(start, `(${choices}(`).prependLeft(end, "))");
    } else if (kind === "statement") {
      out.appendRight(start, `{if(!$m(${first}))`).prependLeft(end, "}");
    } else {
      out.appendRight(start, `{if(!$m(${first}))`).prependLeft(end, "}");
    }
  }
  for (const { start, end, braces } of loops) {
    if (braces) out.appendRight(start + 1, "$t();");
    else out.prependRight(start, "{$t();").appendLeft(end, "}");
  }
  out.prepend("const{is:$m,tick:$t}=globalThis.$mutants;");
  return { code: out.toString(), map: out.generateMap({ hires: true }) };
}
