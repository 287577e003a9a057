// The imports of a TypeScript file, as text.

const IMPORTS = [
  /\bfrom\s*["']([^"'\n]+)["']/g,
  /\bimport\s*["']([^"'\n]+)["']/g,
  /\bimport\s*\(\s*["'`]([^"'`\n]+)["'`]/g,
];

/** What every import names, and where it begins. @param {{ code: string, bare: string }} stripped */
export function importsOf({ code, bare }) {
  const found = [];
  for (const pattern of IMPORTS) {
    for (const match of code.matchAll(pattern)) {
      // A text that speaks of an import has no word of it left.
      if (bare[match.index] !== " ") found.push({ specifier: match[1] ?? "", index: match.index });
    }
  }
  return found;
}

/**
 * The text with its comments blanked (`code`), and with its strings blanked as well (`bare`). Positions stay.
 * Text inside a template's ${} counts as string: an import does not hide there.
 * @param {string} text
 */
export function strip(text) {
  let code = "";
  let bare = "";
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const between = text.slice(end, match.index);
    const blank = match[0].replace(/[^\n]/g, " ");
    const isComment = /^\/[/*]/.test(match[0]);
    code += between + (isComment ? blank : match[0]);
    bare += between + blank;
    end = match.index + match[0].length;
  }
  return { code: code + text.slice(end), bare: bare + text.slice(end) };
}
