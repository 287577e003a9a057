// Pictures of the pages: SVG with its style in it, dark and light, with a title and a description for who does not see it.

const STYLE = `
svg { --ink: #1b1f24; --paper: #ffffff; --soft: #57606a; --line: #8c959f; --tint: #eef3f8; --go: #0a4f9e; --bad: #a40e26; --b: #8250df; --c: #116329; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --paper: #0d1117; --soft: #a7b0ba; --line: #6e7781; --tint: #1c2532; --go: #7ab7ff; --bad: #ff9b9b;
  --b: #d2a8ff; --c: #7ee787; } }
text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.paper { fill: var(--paper); } .soft { fill: var(--soft); } .head { font-weight: bold; } .small { font-size: 11px; }
.box { fill: var(--tint); stroke: var(--line); } .line { stroke: var(--line); fill: none; } .grid { stroke: var(--line); stroke-opacity: 0.35; fill: none; }
.go { stroke: var(--go); fill: none; stroke-width: 1.6; } .dot { fill: var(--go); stroke: none; } .miss { fill: var(--paper); stroke: var(--bad); stroke-width: 2; }
.goal { stroke: var(--bad); stroke-width: 2; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.a-line { stroke: var(--go); } .b-line { stroke: var(--b); } .c-line { stroke: var(--c); } .d-line { stroke: var(--bad); }
.series { fill: none; stroke-width: 2; }
`;

const ENTITIES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" });

/** @param {string} text */
export function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}

/** @param {number} x @param {number} y @param {string} words @param {string} [kind] names of classes */
export function text(x, y, words, kind = "") {
  const names = kind === "" ? "" : ` class="${kind}"`;
  return `<text x="${round(x)}" y="${round(y)}"${names}>${escaped(words)}</text>`;
}

/** @param {number} value */
export function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * A whole picture.
 * @param {{ width: number, height: number, title: string, description: string, body: readonly string[] }} picture
 */
export function svgOf({ width, height, title, description, body }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title text">
<title id="title">${escaped(title)}</title>
<desc id="text">${escaped(description)}</desc>
<style>${STYLE}</style>
<rect class="paper" width="${width}" height="${height}"/>
${body.join("\n")}
</svg>
`;
}
