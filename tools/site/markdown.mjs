// The Markdown of the repository as pages of the site: which file is which page, and where their links lead there.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../bootstrap.mjs";
import { anchorOf } from "./menu.mjs";

/** @typedef {(tokens: { info: string }[], index: number, ...rest: unknown[]) => string} Rule how markdown-it writes a token */
/** @typedef {{ file: string, route: string, title: string }} MarkdownPage file from the root of the repository */

/** README first, then docs by name, then the rest. @returns {MarkdownPage[]} */
export function markdownPages() {
  const docs = fs
    .readdirSync(path.join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.replaceAll("\\", "/"))
    .sort()
    .map((name) => ({ file: `docs/${name}`, route: `/${name.slice(0, -3)}` }));
  const pages = [
    { file: "README.md", route: "/" },
    ...docs,
    { file: "SECURITY.md", route: "/SECURITY" },
    { file: "CHANGELOG.md", route: "/CHANGELOG" },
  ];
  return pages.map((page) => ({ ...page, title: titleOf(page.file) }));
}

/** @param {string} file */
function titleOf(file) {
  const text = fs.readFileSync(path.join(ROOT, file), "utf8");
  return /^# (.+)$/m.exec(text)?.[1] ?? file;
}

/**
 * VitePress frames code between fences, and lets it scroll by itself. Code that is indented gets the same: it would make the
 * page wider than its window.
 *
 * @param {{ renderer: { rules: Record<string, Rule | undefined> } }} markdown
 */
export function framesCode({ renderer: { rules } }) {
  rules.code_block = (tokens, index, ...rest) => {
    const token = /** @type {{ info: string }} */ (tokens[index]);
    token.info = "txt";
    return rules.fence?.(tokens, index, ...rest) ?? "";
  };
}

/**
 * Writes the pages where VitePress reads them. A link to a page leads to it; one to another file of the repository becomes
 * its name, since the site has none; one to nothing is a problem.
 *
 * @param {readonly MarkdownPage[]} pages @param {string} folder @returns {string[]} the dead links
 */
export function prepare(pages, folder) {
  const routes = new Map(pages.map(({ file, route }) => [file, route]));
  /** @type {string[]} */
  const problems = [];
  /** @type {Map<string, string>} */
  const seen = new Map();
  for (const { file, route } of pages) {
    // The builder's files, and those of some systems, do not tell upper case from lower case.
    const other = seen.get(route.toLowerCase());
    if (other !== undefined) problems.push(`${file}: differs from ${other} in upper and lower case alone: rename it`);
    seen.set(route.toLowerCase(), file);
    const follow = (/** @type {string} */ target) => {
      if (/^(?:https?:|mailto:)/.test(target)) return target;
      const [name = "", anchor] = target.split("#");
      if (anchor !== undefined && !anchorsOf(name === "" ? file : joined(file, name)).has(anchor)) {
        problems.push(`${file}: ${target} leads to a page without that heading`);
      }
      if (name === "") return target;
      const found = joined(file, name);
      if (!fs.existsSync(path.join(ROOT, found))) problems.push(`${file}: ${target} leads nowhere`);
      const page = routes.get(found);
      if (page === undefined) return undefined;
      return `${page}${anchor === undefined ? "" : `#${anchor}`}`;
    };
    const image = (/** @type {string} */ whole, /** @type {string} */ target) => {
      const found = path.posix.join(path.posix.dirname(file), target);
      if (!fs.existsSync(path.join(ROOT, found))) {
        problems.push(`${file}: the picture ${target} is not there`);
        return "";
      }
      const copy = path.join(folder, path.posix.join(path.posix.dirname(route.slice(1)), target));
      fs.mkdirSync(path.dirname(copy), { recursive: true });
      fs.copyFileSync(path.join(ROOT, found), copy);
      return whole;
    };
    const inline = (/** @type {string} */ _whole, /** @type {string} */ words, /** @type {string} */ target) => {
      const there = follow(target);
      return there === undefined ? words : `[${words}](${there})`;
    };
    const defined = (/** @type {string} */ _whole, /** @type {string} */ name, /** @type {string} */ target) =>
      `${name}: ${follow(target) ?? target}`;
    const text = fs.readFileSync(path.join(ROOT, file), "utf8");
    const rewritten = outside(FENCES, text, (prose) =>
      outside(CODE, prose.replace(IMAGE, image).replace(LINK, inline).replace(DEFINITION, defined), (words) =>
        words.replace(/<(?=[^>\s])/g, "&lt;").replace(/\{\{/g, "&#123;&#123;"),
      ),
    );
    const target = path.join(folder, route === "/" ? "index.md" : `${route.slice(1)}.md`);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, rewritten);
  }
  return problems;
}

/** A path that stands in a file, from the root of the repository. @param {string} file @param {string} name */
function joined(file, name) {
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), name)).replace(/\/$/, "");
}

/** The anchors of a page's headings. @param {string} file @returns {Set<string>} */
function anchorsOf(file) {
  const there = path.join(ROOT, file);
  if (!fs.existsSync(there) || !file.endsWith(".md")) return new Set();
  const prose = fs.readFileSync(there, "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  return new Set([...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading)));
}

const FENCES = /(^```[\s\S]*?^```$)/m;
const CODE = /(`[^`\n]+`)/;
const DEFINITION = /^(\[[^\]]+\]): (\S+)$/gm;
const IMAGE = /!\[[^\]]*\]\(([^)\s]+)\)/g;
const LINK = /(?<!!)\[((?:[^\]\\[]|\\.|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;

/** Changes what is outside of what `inside` matches. @param {RegExp} inside @param {string} text @param {(part: string) => string} change */
function outside(inside, text, change) {
  return text
    .split(inside)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join("");
}
