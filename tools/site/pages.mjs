// The pages of the site that are programs: the playground and the decoder. Each is one file with its script and style in it,
// so that it can be saved and opened from a disk; its policy lets in these two and nothing else.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../bootstrap.mjs";
import { build } from "../pack/index.mjs";

/** Octets that a page may have, compressed. */
export const MAX_BYTES = 250_000;

const PAGES = [
  { name: "playground", title: "A Kerberos login, seen from inside" },
  { name: "decoder", title: "Read a Kerberos message" },
];
/** What the lazy parts of the client would bring, and no page uses. */
const LEFT_OUT = ["cloudflare:*", "node:*"];

/** Writes the pages into a folder. @param {string} folder @returns {Promise<{ file: string, bytes: number }[]>} */
export async function buildPages(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const site = path.join(ROOT, "site");
  const { DIAGRAM_STYLE } = await styleOf(site);
  const style = DIAGRAM_STYLE + fs.readFileSync(path.join(site, "shared", "pages.css"), "utf8");
  const pages = [];
  for (const { name, title } of PAGES) {
    const script = await scriptOf(path.join(site, name, "page.ts"));
    const body = fs.readFileSync(path.join(site, name, "page.html"), "utf8");
    // Its own size stands in it: the words change it by some octets, the rounding does not.
    const draft = pageOf({ title, style, script, body });
    const bytes = gzipSync(draft, { level: 9 }).length;
    const html = pageOf({ title, style, script, body: body.replace("@SIZE@", `${Math.ceil(bytes / 1000)} KB`) });
    const file = path.join(folder, `${name}.html`);
    fs.writeFileSync(file, html);
    pages.push({ file, bytes });
    if (bytes > MAX_BYTES) throw new Error(`${name}.html has ${bytes} octets compressed; ${MAX_BYTES} are allowed`);
  }
  return pages;
}

/** @param {string} file @returns {Promise<string>} */
async function scriptOf(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "ascii",
    conditions: ["browser"],
    external: LEFT_OUT,
    write: false,
    logLevel: "error",
  });
  // Within an element, the text of its end would be its end.
  return (outputFiles[0]?.text ?? "").replace(/<\/script/gi, "<\\/script");
}

/** @param {string} site @returns {Promise<{ DIAGRAM_STYLE: string }>} */
async function styleOf(site) {
  const { outputFiles } = await build({
    entryPoints: [path.join(site, "..", "src", "diagram", "style.ts")],
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`);
}

/** @param {{ title: string, style: string, script: string, body: string }} parts */
function pageOf({ title, style, script, body }) {
  const hash = (/** @type {string} */ text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${style}</style>
</head>
<body><main>
${body}</main>
<script type="module">${script}</script>
</body>
</html>
`;
}
