// Every program of every page is run by a test, or stands here with the reason why not. A test runs a program where it names the page and a
// text of the program: programOf("docs/client.md", "log"). Compiled they are all: tools/check-examples.mjs.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { markdownPages } from "../../tools/site/markdown.mjs";
import { textOf } from "../support/pages.ts";

const ROOT = path.resolve(import.meta.dirname, "..", "..");

interface Program {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

/** The Markdown that users read: the site's pages, and the papers of the packages. */
const pages = [
  ...markdownPages().map(({ file }) => file),
  ...readdirSync(path.join(ROOT, "packages")).map((name) => `packages/${name}/README.md`),
];
const programs = pages.flatMap((page): Program[] => {
  const text = textOf(page);
  return [...text.matchAll(/^```(?:js|ts|mjs|javascript|typescript|jsx|tsx)\n([\s\S]*?)^```/gm)].map(
    ({ index, 1: code = "" }) => ({ page, line: text.slice(0, index).split("\n").length, code }),
  );
});

/** The first program of a page that has the text, as programOf finds it. */
const programWith = (page: string, marker: string): Program | undefined =>
  programs.find((one) => one.page === page && one.code.includes(marker));

/** Tests that run programs of a page whose texts stand in a table of theirs. */
const BY_TABLE: readonly (readonly [page: string, test: string, ...markers: string[]])[] = [
  ...["cache", "credential", "enctype", "pre-authentication", "runtime", "store", "subcommand", "transport"].map(
    (name) => [`docs/extending/${name}.md`, "test/e2e/extending.test.ts", "import "] as const,
  ),
  [
    "docs/http.md",
    "test/interop/http-page.test.ts",
    "axios.create({ adapter",
    "negotiateInterceptor",
    "got.extend",
    "new WebSocket",
    "nodeConnections({ proxy",
    "proxyConnector(proxy)",
    "fastifyNegotiate(negotiate)",
    "honoNegotiate(negotiate)",
    "new NegotiateStrategy(",
    "await negotiate.authenticate(request)",
    "onRefused:",
    "createKdcProxy({",
  ],
  ["docs/hardened-realms.md", "test/e2e/hardened-realms.test.ts", "certificate(", "password("],
  ["docs/pre-authentication.md", "test/e2e/hardened-realms.test.ts", "groups: [edwards25519, p256]"],
  ["docs/pre-authentication.md", "test/e2e/hardened-realms.test.ts", 'password("alice@EXAMPLE.ORG"'],
  ["docs/pre-authentication.md", "test/e2e/hardened-realms.test.ts", "interactive(", "certificate("],
  ["docs/delegation.md", "test/interop/delegation-page.test.ts", "createServer", 'actFor("alice@'],
  ["docs/loading.md", "test/packed/consumers.test.ts", "lazy.cts"],
  ["docs/drivers.md", "test/drivers/recipes.test.ts", "imapflow", "ldapjs"],
  ["docs/drivers.md", "test/drivers/recipe-tedious.test.ts", "KerberosConnection"],
  ["docs/drivers.md", "test/drivers/recipe-ssh2.test.ts", "connectByKerberos"],
];

/** Programs that no test runs as they stand, with what tests them. */
const NOT_RUN: readonly (readonly [page: string, marker: string, why: string])[] = [
  [
    "docs/gssapi.md",
    "legacyTokens: arcfourTokens()",
    "an acceptor; test/interop/legacy-tokens.test.ts has it as a peer",
  ],
  ["docs/drivers.md", "gssStream({", "settings of a driver; test/drivers/postgres.test.ts logs in with them"],
  ["docs/drivers.md", "defaults } = createRequire(", "an address; test/drivers/over-http.test.ts asks in that way"],
  ["docs/drivers.md", "webhdfs/v1", "an address; test/drivers/over-http.test.ts asks in that way"],
  ["docs/drivers.md", "kafkajs({", "settings of a driver; test/drivers/kafka.test.ts logs in with them"],
  ["docs/drivers.md", "ldapSocket({", "settings of a driver; test/drivers/ldap.test.ts logs in with them"],
  ["docs/drivers.md", "nodemailerGssapi({", "settings of a driver; test/drivers/mail.test.ts logs in with them"],
  ["docs/drivers.md", "mysql2Gssapi({", "settings of a driver; test/drivers/mysql.test.ts logs in with them"],
];

const tests = readdirSync(path.join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
  .map((file) => `test/${file}`);
const here = "test/site/programs.test.ts";
/** A page and a text of a program of it, side by side. */
const NAMED = /"((?:docs\/[\w/-]+|README|packages\/[\w/-]+)\.md)",\s*(?:'([^'\n]+)'|"([^"\n]+)"|`([^`$\n]+)`)/g;
const named = tests
  .filter((file) => file !== here)
  .flatMap((file) =>
    [...readFileSync(path.join(ROOT, file), "utf8").matchAll(NAMED)].flatMap(([, page = "", a, b, c]) => {
      const found = programWith(page, a ?? b ?? c ?? "");
      return found === undefined ? [] : [found];
    }),
  );
const placeOf = ({ page, line }: Program): string => `${page}:${line}`;

describe("programs of the pages", () => {
  it("are run by a test, or listed with a reason", () => {
    const known = new Set([
      ...named,
      ...BY_TABLE.flatMap(([page, , ...markers]) => markers.map((marker) => programWith(page, marker))),
      ...NOT_RUN.map(([page, marker]) => programWith(page, marker)),
    ]);
    expect(programs.length).toBeGreaterThan(60);
    expect(programs.filter((one) => !known.has(one)).map(placeOf)).toEqual([]);
  });

  it.each(BY_TABLE)("%s: %s has the texts that it looks for", (page, test, ...markers) => {
    const text = textOf(test);
    // A quotation mark in a string of the other kind needs no sign before it.
    const name = path.basename(page, ".md");
    expect(text).toContain(name);
    for (const marker of markers) {
      expect([marker, programWith(page, marker) !== undefined, text.includes(marker)]).toEqual([marker, true, true]);
    }
  });

  it.each(NOT_RUN)(
    "%s: the program with %s is there, is run by no test, and its reason names a test",
    (page, marker, why) => {
      const program = programWith(page, marker) as Program;
      expect(program).toBeDefined();
      expect(named.includes(program)).toBe(false);
      const [file = ""] = /test\/[\w/-]+\.test\.ts/.exec(why) ?? [];
      expect(textOf(file)).toContain(/^\w+/.exec(marker)?.[0]);
    },
  );

  it("are marked as what they are: no block without a language but of text", () => {
    const bare = pages.flatMap((page) =>
      [...textOf(page).matchAll(/^```(\w*)\n/gm)].flatMap(([fence, language = ""], index) =>
        // Every second one ends a block.
        index % 2 === 0 && language === "" ? [`${page}: ${fence}`] : [],
      ),
    );
    expect(bare).toEqual([]);
  });
});
