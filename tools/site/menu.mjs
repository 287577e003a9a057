// The menu of the site: which page stands under which head, in the order in which one reads them.

/** @type {readonly { text: string, files: readonly string[] }[]} files from the root of the repository */
export const MENU = [
  {
    text: "Begin",
    files: ["README.md", "docs/getting-started.md", "docs/client.md", "docs/errors.md", "docs/troubleshooting.md"],
  },
  {
    text: "Log in",
    files: [
      "docs/credentials.md",
      "docs/pre-authentication.md",
      "docs/passwords.md",
      "docs/configuration.md",
      "docs/hardened-realms.md",
      "docs/delegation.md",
    ],
  },
  { text: "Commands", files: ["docs/sessions.md", "docs/command-line.md", "docs/server.md"] },
  { text: "Protocols", files: ["docs/gssapi.md", "docs/http.md", "docs/drivers.md"] },
  {
    text: "Where it runs",
    files: ["docs/edge.md", "docs/lean.md", "docs/cold-starts.md", "docs/runtimes.md", "docs/loading.md"],
  },
  { text: "Test your code", files: ["docs/testing.md"] },
  {
    text: "Come from",
    files: [
      "docs/migrating/c-remctl.md",
      "docs/migrating/npm-kerberos.md",
      "docs/migrating/mit-tools.md",
      "docs/migrating/gokrb5.md",
      "docs/migrating/kerberos-net.md",
    ],
  },
  {
    text: "Extend",
    files: [
      "docs/extending/credential.md",
      "docs/extending/cache.md",
      "docs/extending/store.md",
      "docs/extending/transport.md",
      "docs/extending/runtime.md",
      "docs/extending/pre-authentication.md",
      "docs/extending/enctype.md",
      "docs/extending/subcommand.md",
    ],
  },
  { text: "Reference", files: ["docs/performance.md", "docs/security-in-short.md", "SECURITY.md"] },
  { text: "Work on it", files: ["docs/contributing.md", "docs/architecture.md", "docs/design.md", "CHANGELOG.md"] },
];

/**
 * The menu for the pages that are there. A page that no head names stands under "More".
 * @param {readonly import("./markdown.mjs").MarkdownPage[]} pages
 */
export function sidebarOf(pages) {
  const named = new Set(MENU.flatMap(({ files }) => files));
  const more = pages.filter(({ file }) => !named.has(file)).map(({ file }) => file);
  return [...MENU, { text: "More", files: more }]
    .map(({ text, files }) => ({
      text,
      items: files.flatMap((file) => {
        const page = pages.find((one) => one.file === file);
        return page === undefined ? [] : [{ text: page.title.replaceAll("`", ""), link: page.route }];
      }),
    }))
    .filter(({ items }) => items.length > 0);
}

/** Headings' anchors as GitHub and npm make them, so that one link serves everywhere. @param {string} heading */
export function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}
