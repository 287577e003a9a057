// The examples in comments as programs that the compiler can check. An example imports what it uses; one that stands in a
// comment of the library's inside may also use what its own file exports. Variables that it does not make are the prelude's.

import fs from "node:fs";
import path from "node:path";
import { compilerOptions, ts } from "./program.mjs";

/**
 * @typedef {object} Example
 * @property {string} file where it stands, absolute
 * @property {number} line of its first line there
 * @property {string} code
 */

const BLOCK = /^(?<indent>[ \t]*)\* ```(?:ts|typescript)\n(?<body>[\s\S]*?)^[ \t]*\* ```/gm;

/** Each block of TypeScript in the comments of a source folder. @param {string} src @returns {Example[]} */
export function examplesOf(src) {
  return fs
    .readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) => examplesIn(file, fs.readFileSync(file, "utf8")));
}

/** @param {string} file @param {string} text @returns {Example[]} */
export function examplesIn(file, text) {
  return [...text.matchAll(BLOCK)].map(({ index, groups }) => ({
    file,
    line: text.slice(0, index).split("\n").length + 1,
    code: (groups?.body ?? "").replace(/^[ \t]*\* ?/gm, ""),
  }));
}

/** A block of JavaScript in a page, between its fences. */
const PAGE_BLOCK = /^```js\n(?<body>[\s\S]*?)^```/gm;

/**
 * Each program of a page. They are compiled as the TypeScript that they are, in a folder of their own.
 * @param {string} file @param {string} folder @returns {Example[]}
 */
export function programsOfPage(file, folder) {
  const text = fs.readFileSync(file, "utf8");
  return [...text.matchAll(PAGE_BLOCK)].map(({ index, groups }) => ({
    file: path.join(folder, path.basename(file)),
    line: text.slice(0, index).split("\n").length + 1,
    code: groups?.body ?? "",
  }));
}

/**
 * What the compiler finds wrong with the examples.
 * @param {readonly Example[]} examples
 * @param {{ src: string, prelude: string | readonly string[], isJavaScript?: boolean }} options
 * @returns {string[]}
 */
export function check(examples, { src, prelude, isJavaScript = false }) {
  const programs = new Map(examples.map((example, index) => [programName(example, index), example]));
  const given = new Map([prelude].flat().flatMap((file) => [...variablesOf(file, src)]));
  const files = [...new Set(examples.map(({ file }) => file))].filter((file) => file.endsWith(".ts"));
  /** @type {Map<string, string>} */
  const texts = new Map([...programs].map(([name, { code }]) => [name, whole(code, [])]));
  const first = compile(texts, files, src, isJavaScript);
  for (const [name, { file, code }] of programs) {
    // A program of a user's has nothing but what it imports.
    const own = /\bfrom "krb5-remctl/.test(code) ? new Set() : ownExports(first, file);
    const head = unknownNames(first, name).flatMap((unknown) => {
      if (own.has(unknown)) return [`import { ${unknown} } from "./${path.basename(file)}";`];
      const variable = given.get(unknown);
      return variable === undefined ? [] : [variable];
    });
    texts.set(name, whole(code, head));
  }
  const program = compile(texts, files, src, isJavaScript, first);
  return [...programs].flatMap(([name, { file, line }]) =>
    diagnosticsOf(program, name).map(({ start = 0, messageText }) => {
      // The head is one line, so that the lines of the example keep their places.
      const at = line + (texts.get(name) ?? "").slice(0, start).split("\n").length - 2;
      const text = ts.flattenDiagnosticMessageText(messageText, "\n");
      return `${path.relative(path.dirname(src), file)}:${at}: ${text}`;
    }),
  );
}

/** @param {Example} example @param {number} index */
function programName({ file }, index) {
  return path.join(path.dirname(file), `example-${index}.ts`);
}

/** @param {string} code @param {readonly string[]} head */
function whole(code, head) {
  return `${head.join(" ")} export {};\n${code}`;
}

/** Variables that the prelude declares, each with its declaration. @param {string} file @param {string} src @returns {Map<string, string>} */
function variablesOf(file, src) {
  const text = fs.readFileSync(file, "utf8").replaceAll('import("../../src/', `import("${src}/`);
  return new Map(
    [...text.matchAll(/^export (declare const (\w+):[^;]*;)/gm)].map(([, one = "", name = ""]) => [name, one]),
  );
}

/** @param {ReadonlyMap<string, string>} texts @param {readonly string[]} files @param {string} src @param {boolean} isJavaScript @param {ts.Program} [before] */
function compile(texts, files, src, isJavaScript, before) {
  const options = {
    ...compilerOptions(),
    isolatedDeclarations: false,
    declaration: false,
    // Of the names that are imported for an example, some are types.
    verbatimModuleSyntax: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    // JavaScript says no types of parameters, nor of what is caught, and has no word for what overrides.
    noImplicitAny: !isJavaScript,
    noImplicitOverride: !isJavaScript,
    useUnknownInCatchVariables: !isJavaScript,
    paths: {
      "krb5-remctl": [path.join(src, "entry/index.ts")],
      "krb5-remctl/*": [path.join(src, "entry/*.ts")],
      // Frameworks of the pages' programs, which come without types or with too many.
      ...Object.fromEntries(FRAMEWORKS.map((name) => [name, [path.join(import.meta.dirname, "frameworks.ts")]])),
      ...Object.fromEntries(CLIENTS.map((name) => [name, [path.join(import.meta.dirname, "http-clients.ts")]])),
      ...Object.fromEntries(
        DRIVERS.flatMap(({ file, names }) => names.map((name) => [name, [path.join(import.meta.dirname, file)]])),
      ),
    },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = texts.get(name);
    const known = text === undefined ? before?.getSourceFile(name) : undefined;
    if (known !== undefined) return known;
    if (text === undefined) return getSourceFile(name, version, ...rest);
    return ts.createSourceFile(name, text, version, true);
  };
  return ts.createProgram([...texts.keys(), ...files], options, host);
}

/** @param {ts.Program} program @param {string} name */
function diagnosticsOf(program, name) {
  const file = program.getSourceFile(name);
  if (file === undefined) throw new Error(`${name} is not compiled`);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
}

/** Names that an example uses and nobody declares. @param {ts.Program} program @param {string} name */
function unknownNames(program, name) {
  const file = program.getSourceFile(name);
  const found = diagnosticsOf(program, name).flatMap(({ code, start = 0, length = 0 }) =>
    UNKNOWN_NAME.has(code) ? [file?.text.slice(start, start + length) ?? ""] : [],
  );
  return [...new Set(found)];
}

/** Packages that the pages' programs import; the programs run with the true ones. */
const FRAMEWORKS = ["express", "fastify", "hono", "@hono/node-server", "passport"];
const CLIENTS = ["axios", "got", "undici", "ws"];
const DRIVERS = [
  { file: "drivers.ts", names: ["imapflow", "ldapjs"] },
  { file: "tedious.ts", names: ["tedious", "tedious/lib/ntlm.js"] },
  { file: "ssh2.ts", names: ["ssh2", "ssh2/lib/protocol/utils.js"] },
];

/** "Cannot find name", with and without a guess, of a type, and in a shorthand property. */
const UNKNOWN_NAME = new Set([2304, 2552, 2503, 2582, 2593, 18004]);

/** @param {ts.Program} program @param {string} file */
function ownExports(program, file) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  return new Set(module === undefined ? [] : checker.getExportsOfModule(module).map(({ name }) => name));
}
