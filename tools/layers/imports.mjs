// The imports of a TypeScript file, as text.

/** @param {string} code */
export function importsOf(code) {
  const found = [];
  const patterns = [
    /\b(?:import|export)\s[^"';]*?\bfrom\s*["']([^"'\n]+)["']/g,
    /\bimport\s*["']([^"'\n]+)["']/g,
    /\bimport\s*\(\s*["'`]([^"'`\n]+)["'`]/g,
  ];
  for (const pattern of patterns) {
    for (const match of code.matchAll(pattern)) found.push({ specifier: match[1] ?? "", index: match.index });
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
