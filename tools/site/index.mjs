// `npm run docs [FOLDER]`: the site, made of README, docs and the other pages in Markdown with VitePress, and of the programs in
// site/. A dead link ends it.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ensurePackDependencies, ensureRootDependencies, ensureSiteDependencies, ROOT, run } from "../bootstrap.mjs";
import { markdownPages, prepare } from "./markdown.mjs";
import { sidebarOf } from "./menu.mjs";

const out = path.resolve(process.argv[2] ?? path.join(ROOT, ".cache", "site"));

await ensureRootDependencies();
await ensurePackDependencies();
await ensureSiteDependencies();
const { buildPages } = await import("./pages.mjs");

// Within tools/site, so that the pages find what VitePress brings.
const source = path.join(ROOT, "tools", "site", ".source");
fs.rmSync(source, { recursive: true, force: true });
fs.mkdirSync(path.join(source, ".vitepress"), { recursive: true });
try {
  const pages = markdownPages();
  const problems = prepare(pages, source);
  if (problems.length > 0) throw new Error(`${problems.join("\n")}\n${problems.length} dead link(s)`);
  const built = await buildPages(path.join(source, "public"));
  const config = {
    title: "krb5-remctl",
    description: "Kerberos v5 and remctl in pure TypeScript",
    outDir: out,
    cleanUrls: false,
    lastUpdated: false,
    // Nothing is asked of another host.
    head: [["meta", { name: "referrer", content: "no-referrer" }]],
    themeConfig: {
      search: { provider: "local" },
      outline: [2, 3],
      nav: [
        { text: "Playground", link: "/playground.html", target: "_self" },
        { text: "Decoder", link: "/decoder.html", target: "_self" },
      ],
      sidebar: sidebarOf(pages),
    },
  };
  const menu = pathToFileURL(path.join(ROOT, "tools", "site", "menu.mjs")).href;
  // A regular expression and a function are not JSON.
  const lines = [
    `import { anchorOf } from ${JSON.stringify(menu)};`,
    `export default {`,
    `  ...${JSON.stringify(config)},`,
    // The programs are pages of their own: VitePress does not know them.
    `  ignoreDeadLinks: [/(?:playground|decoder)(?:\\.html)?$/],`,
    `  markdown: { anchor: { slugify: anchorOf } },`,
    `};`,
  ];
  fs.writeFileSync(path.join(source, ".vitepress", "config.mjs"), `${lines.join("\n")}\n`);
  const vitepress = path.join(ROOT, "tools", "site", "node_modules", "vitepress", "bin", "vitepress.js");
  console.log(await run(process.execPath, [vitepress, "build", source], { cwd: source }));
  for (const { file, bytes } of built) console.log(`${path.basename(file)}: ${Math.ceil(bytes / 1000)} KB compressed`);
  console.log(`${pages.length} pages: open ${pathToFileURL(path.join(out, "index.html")).href}`);
} finally {
  fs.rmSync(source, { recursive: true, force: true });
}
