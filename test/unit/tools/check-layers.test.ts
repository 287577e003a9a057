import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const TOOL = fileURLToPath(new URL("../../../tools/check-layers.mjs", import.meta.url));
const ROOM = "/** What the room is. It may import every lower room. */\n";

let src: string;

beforeEach(() => {
  src = fs.mkdtempSync(path.join(os.tmpdir(), "layers-"));
  write("errors.ts", "export const a = 1;\n");
  for (const room of ["bytes", "host", "krb5", "gssapi", "runtime", "remctl"]) write(`${room}/index.ts`, ROOM);
});

afterEach(() => fs.rmSync(src, { recursive: true, force: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(src, file)), { recursive: true });
  fs.writeFileSync(path.join(src, file), text);
}

function check(): { readonly status: number | null; readonly said: string } {
  const { status, stderr } = spawnSync(process.execPath, [TOOL, src], { encoding: "utf8" });
  return { status, said: stderr };
}

/** Seven names of a room, values and types. */
const SEVEN_NAMES = 'export { a, b, type C, type D, type E, type F, type G } from "../gssapi/index.ts";\n';
/** A breach of the rule: the file that commits it, its text, and what is said of it. */
const breaches: readonly (readonly [what: string, file: string, text: string, said: RegExp])[] = [
  [
    "a higher layer",
    "bytes/a.ts",
    'import "../krb5/index.ts";\n',
    /bytes \(layer 0\) must not import krb5 \(layer 2\)/,
  ],
  ["a type of a higher layer", "bytes/a.ts", 'import type { A } from "../krb5/index.ts";\n', /a higher layer/],
  ["a room of the same layer", "gssapi/a.ts", 'import "../client/index.ts";\n', /of the same layer/],
  ["another room's file", "gssapi/a.ts", 'import "../krb5/ticket.ts";\n', /krb5\/ticket\.ts is another room's/],
  ["a circle", "bytes/a.ts", 'import "./b.ts";\n', /a circle of imports: bytes\/a\.ts -> bytes\/b\.ts -> bytes\/a\.ts/],
  [
    "a circle of types",
    "bytes/a.ts",
    'import type { B } from "./c.ts";\n',
    /bytes\/a\.ts -> bytes\/c\.ts -> bytes\/a\.ts/,
  ],
  ["a stranger's name in a message", "krb5/a.ts", `f(\`not $\{formatPrincipal(client)}\`);\n`, /printableName/],
  ["an error that takes any text", "krb5/a.ts", "class Refusal extends Error {}\n", /super\(plainLine\(message\)\)/],
  ["an error told by its class", "krb5/a.ts", "if (error instanceof KdcError) f();\n", /another copy's errors/],
  ["a sentence that is parsed", "cli/a.ts", "const a = /for realm (\\w+)/.exec(error.message);\n", /read its fields/],
  ["a sentence, by a name", "cli/a.ts", "const m = messageOf(error);\nif (OLD.test(m)) f();\n", /read its fields/],
  ["a sentence that is matched", "cli/a.ts", "error.message.match(/x/);\n", /read its fields/],
  ["a loose file", "helpers.ts", "export const a = 1;\n", /helpers\.ts.*a file with no room/],
  ["a room without a layer", "attic/index.ts", ROOM, /attic has no layer/],
  ["a room that says nothing", "krb5/index.ts", 'export { a } from "./a.ts";\n', /begin with a comment that says what/],
  ["a room that does not say what it may import", "krb5/index.ts", "/** Kerberos. */\n", /what it may import/],
  ["a decision by the host's name", "krb5/a.ts", 'if (runtime.name === "node") f();\n', /ask what the host can do/],
  ["the same, taken apart", "krb5/a.ts", "const { name } = this.runtime;\n", /ask what the host can do/],
  ["the same, by an index", "krb5/a.ts", 'if (runtime["name"] === "deno") f();\n', /ask what the host can do/],
  [
    "the same, in a switch",
    "krb5/a.ts",
    'switch (r.name) {\n  case "workerd":\n    f();\n}\n',
    /ask what the host can/,
  ],
  [
    "the same, of an argument",
    "krb5/a.ts",
    'const f = ({ name }: Runtime) => name !== "bun";\n',
    /ask what the host can/,
  ],
  ["the same, by a global", "krb5/a.ts", 'if (typeof Deno !== "undefined") f();\n', /ask what the host can do/],
  ["the same, by a global's name", "krb5/a.ts", 'if ("Bun" in globalThis) f();\n', /ask what the host can do/],
  ["the same, the other way round", "krb5/a.ts", 'f("node" === r.name);\n', /ask what the host can do/],
  ["the same, in a list", "krb5/a.ts", 'f(["node", "bun"].includes(r.name));\n', /ask what the host can do/],
  ["the same, by a set", "krb5/a.ts", 'f(new Set(["workerd"]).has(r.name));\n', /ask what the host can do/],
  ["the same, by a table", "krb5/a.ts", "f({ node: 1, deno: 2 }[r.name]);\n", /ask what the host can do/],
  ["the same, by a pattern", "krb5/a.ts", "f(/^deno$/.test(r.name));\n", /ask what the host can do/],
  ["the same, by what browsers say", "krb5/a.ts", 'f(navigator.userAgent.includes("C"));\n', /navigator: host APIs/],
  ["a global that is looked for", "krb5/a.ts", 'f("process" in globalThis);\n', /"process" in: host APIs/],
  ["a class of one host", "krb5/a.ts", 'f("WebSocketPair" in globalThis);\n', /"WebSocketPair" in: host APIs/],
  ["a global by an index", "krb5/a.ts", 'f((globalThis as T)["Deno"]);\n', /"Deno: host APIs/],
  ["a global of globalThis", "krb5/a.ts", "f((globalThis as T).Deno);\n", /\.Deno: host APIs/],
  ["a global taken apart", "krb5/a.ts", "const { env } = process;\n", /process: host APIs/],
  ["a global by another name", "krb5/a.ts", "const B = Buffer;\n", /Buffer: host APIs/],
  ["a look at where it stands", "krb5/a.ts", "f(import.meta.dirname);\n", /import\.meta: host APIs/],
  ["an import without spaces", "bytes/a.ts", 'import{a}from"../krb5/index.ts";\n', /must not import krb5/],
  ["an export without spaces", "bytes/a.ts", 'export*from"../krb5/index.ts";\n', /must not import krb5/],
  ["an export under a text", "bytes/a.ts", 'export { a as "x;y" } from "../krb5/index.ts";\n', /must not import krb5/],
  ["an import by a variable", "krb5/a.ts", "await import(name);\n", /names no module in so many words/],
  [
    "a loose file of another kind",
    "helpers.mts",
    "export const a = 1;\n",
    /src\/helpers\.mts: src holds TypeScript modules/,
  ],
  ["JavaScript in a room", "krb5/a.js", "export const a = 1;\n", /src\/krb5\/a\.js: src holds TypeScript modules/],
  ["a declaration alone", "krb5/a.d.ts", "export const a = 1;\n", /src\/krb5\/a\.d\.ts: src holds TypeScript modules/],
  [
    "the KDC of tests on the client, through a helper",
    "testing/kdc/a.ts",
    'import "../helper.ts";\n',
    /testing\/kdc\/a\.ts -> testing\/helper\.ts -> client\/index\.ts: one misreading/,
  ],
  ["the host outside on-host.ts", "gssapi/a.ts", 'import "../runtime/index.ts";\n', /must not import runtime/],
  ["an entry with code", "entry/index.ts", "export const a = 1;\n", /an entry re-exports by name/],
  ["an entry that exports everything", "entry/index.ts", 'export * from "../gssapi/index.ts";\n', /re-exports by name/],
  [
    "an entry that exports every type of a room",
    "entry/index.ts",
    'export type * from "../gssapi/index.ts";\n',
    /re-exports by name/,
  ],
  [
    "a list that stands in two entries",
    "entry/spnego.ts",
    SEVEN_NAMES,
    /entry\/spnego\.ts:1: 7 names of gssapi\/index\.ts stand in src\/entry\/sasl\.ts too: make them one list/,
  ],
  [
    "an entry that exports a list of elsewhere",
    "entry/index.ts",
    'export * from "../errors.ts";\n',
    /re-exports by name/,
  ],
  ["an import of an entry", "gssapi/a.ts", 'import "../entry/index.ts";\n', /an entry is imported by nobody/],
  ["a host module", "krb5/a.ts", 'import "node:fs";\n', /host APIs belong in src\/runtime/],
  ["a package that is no dependency", "krb5/a.ts", 'import "left-pad";\n', /not among the dependencies/],
  [
    "curves elsewhere",
    "krb5/a.ts",
    'import "@noble/curves/nist.js";\n',
    /@noble\/curves\/nist\.js is for curves alone/,
  ],
  ["too long a file", "krb5/a.ts", "\n".repeat(501), /501 lines; more than 500/],
  ["remctl on krb5", "remctl/a.ts", 'import "../krb5/index.ts";\n', /remctl speaks through gssapi/],
];

describe("the import rule", () => {
  it("is kept by a tree that keeps it", () => {
    write("gssapi/on-host.ts", 'import { a } from "../runtime/index.ts";\nexport const b = a;\n');
    write(
      "entry/gssapi.ts",
      'export { b } from "../gssapi/on-host.ts";\nexport type { C } from "../gssapi/index.ts";\nexport type * from "./lists/contexts.ts";\n',
    );
    write("entry/lists/contexts.ts", 'export type { D } from "../../gssapi/index.ts";\n');
    write("gssapi/texts.ts", 'export const a = \'from "../cli/x.ts"\', b = await import(/* why */ "./a.ts");\n');
    write("remctl/on-host.ts", 'f("WebSocketPair" in globalThis);\n');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program.
    write("gssapi/a.ts", 'import "../krb5/index.ts";\nexport const text = `no sockets on ${runtime.name}`;\n');
    expect(check()).toEqual({ status: 0, said: "" });
  });

  it.each(breaches)("refuses %s", (_what, file, text, said) => {
    write("bytes/b.ts", 'import "./a.ts";\n');
    write("bytes/c.ts", 'import type { A } from "./a.ts";\n');
    write("client/index.ts", ROOM);
    write("krb5/ticket.ts", "export const a = 1;\n");
    write("testing/helper.ts", 'import "../client/index.ts";\n');
    write("gssapi/index.ts", ROOM);
    write("entry/sasl.ts", SEVEN_NAMES);
    if (!file.startsWith("bytes/")) write("bytes/a.ts", "export const a = 1;\n");
    write(file, text);
    const { status, said: problems } = check();
    expect(problems).toMatch(said);
    expect(status).toBe(1);
  });
});
