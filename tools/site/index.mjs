// `npm run docs [FOLDER]`: the site, made of README, docs and the other pages in Markdown with VitePress, of the programs in
// site/, of the options of the types, and of the API reference. A dead link ends it.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { toolArguments } from "../arguments.mjs";
import {
  ensureApiDependencies,
  ensurePackDependencies,
  ensureRootDependencies,
  ensureSiteDependencies,
  ensureTypesDependencies,
  ROOT,
  run,
} from "../bootstrap.mjs";
import { markdownPages, prepare } from "./markdown.mjs";
import { sidebarOf } from "./menu.mjs";
import { relativeAddresses } from "./relative.mjs";

const { names } = toolArguments({
  command: "npm run docs --",
  about: "Makes the site of README, docs and the API reference; a dead link ends it.",
  names: "[FOLDER]",
});
const out = path.resolve(names[0] ?? path.join(ROOT, ".cache", "site"));

await ensureRootDependencies();
await ensurePackDependencies();
await ensureSiteDependencies();
await ensureTypesDependencies();
await ensureApiDependencies();
const { buildPages } = await import("./pages.mjs");
const { optionsOfPackage } = await import("./options.mjs");

// Within tools/site, so that the pages find what VitePress brings.
const source = path.join(ROOT, "tools", "site", ".source");
fs.rmSync(source, { recursive: true, force: true });
fs.mkdirSync(path.join(source, ".vitepress"), { recursive: true });
try {
  const pages = markdownPages();
  const problems = prepare(pages, source);
  if (problems.length > 0) throw new Error(`${problems.join("\n")}\n${problems.length} dead link(s)`);
  fs.writeFileSync(path.join(source, "options.md"), optionsOfPackage());
  const built = await buildPages(path.join(source, "public"));
  const config = {
    title: "krb5-remctl",
    description: "Kerberos v5 and remctl in pure TypeScript",
    outDir: out,
    cleanUrls: false,
    lastUpdated: false,
    // Nothing is asked of another host.
    head: [
      ["meta", { name: "referrer", content: "no-referrer" }],
      // A heading that is led to stands below the bars that lie over the page, without a script too.
      ["style", {}, ":root{scroll-padding-top:calc(var(--vp-nav-height) + 4rem)}"],
    ],
    themeConfig: {
      search: { provider: "local" },
      outline: [2, 3],
      nav: [
        { text: "Options", link: "/options" },
        { text: "API", link: "/api/index.html", target: "_self" },
        { text: "Playground", link: "/playground.html", target: "_self" },
        { text: "Decoder", link: "/decoder.html", target: "_self" },
      ],
      sidebar: sidebarOf(pages),
    },
  };
  const menu = pathToFileURL(path.join(ROOT, "tools", "site", "menu.mjs")).href;
  const markdown = pathToFileURL(path.join(ROOT, "tools", "site", "markdown.mjs")).href;
  // A regular expression and functions are not JSON.
  const lines = [
    `import { anchorOf } from ${JSON.stringify(menu)};`,
    `import { framesCode } from ${JSON.stringify(markdown)};`,
    `export default {`,
    `  ...${JSON.stringify(config)},`,
    // The programs are pages of their own: VitePress does not know them.
    `  ignoreDeadLinks: [/(?:playground|decoder|api\\/index)(?:\\.html)?$/],`,
    `  markdown: { anchor: { slugify: anchorOf }, config: framesCode },`,
    `};`,
  ];
  fs.writeFileSync(path.join(source, ".vitepress", "config.mjs"), `${lines.join("\n")}\n`);
  const vitepress = path.join(ROOT, "tools", "site", "node_modules", "vitepress", "bin", "vitepress.js");
  console.log(await run(process.execPath, [vitepress, "build", source], { cwd: source }));
  relativeAddresses(out);
  const typedoc = path.join(ROOT, "tools", "api", "node_modules", "typedoc", "bin", "typedoc");
  const api = path.join(ROOT, "tools", "api", "typedoc.json");
  await run(process.execPath, [typedoc, "--options", api, "--out", path.join(out, "api")], { cwd: path.dirname(api) });
  for (const { file, bytes } of built) console.log(`${path.basename(file)}: ${Math.ceil(bytes / 1000)} KB compressed`);
  const folder = names.length === 0 ? "" : ` ${names[0]}`;
  console.log(`${pages.length} pages in ${out}: look at them with node tools/site/serve.mjs${folder}`);
} finally {
  fs.rmSync(source, { recursive: true, force: true });
}
