// The sources of the library as the compiler sees them, with the entries that package.json publishes. TypeScript 7 has no
// stable API yet, so these checks bring TypeScript 6.

import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { ROOT } from "../bootstrap.mjs";

export { ts };

/**
 * @typedef {object} Entry
 * @property {string} subpath as an import has it: `krb5-remctl`, `krb5-remctl/gssapi`
 * @property {string} file absolute
 */

/**
 * Each entry of a source folder: `index.ts` is the package itself. What bundlers take for Workers instead, `*-workerd.ts`,
 * has the types and the words of the other; what several entries publish stands in `lists/`.
 * @param {string} src @returns {Entry[]}
 */
export function entriesOf(src) {
  const folder = path.join(src, "entry");
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith("-workerd.ts") && !name.startsWith("lists"))
    .sort()
    .map((name) => ({
      subpath: name === "index.ts" ? "krb5-remctl" : `krb5-remctl/${name.slice(0, -3).replaceAll(path.sep, "/")}`,
      file: path.join(folder, name),
    }));
}

/** The settings of the library's own tsconfig.json. @returns {ts.CompilerOptions} */
export function compilerOptions() {
  const file = path.join(ROOT, "tsconfig.json");
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  return { ...options, typeRoots: [path.join(ROOT, "node_modules", "@types")] };
}

/** A program over the entries. @param {readonly Entry[]} entries */
export function createProgram(entries) {
  return ts.createProgram(
    entries.map(({ file }) => file),
    compilerOptions(),
  );
}

/** The names that an entry exports, and what each stands for. @param {ts.TypeChecker} checker @param {ts.SourceFile} file */
export function exportsOf(checker, file) {
  const module = checker.getSymbolAtLocation(file);
  if (module === undefined) return [];
  return checker.getExportsOfModule(module).map((symbol) => ({
    name: symbol.name,
    target: targetOf(checker, symbol),
    isTypeOnly: isTypeOnly(symbol),
  }));
}

/** The symbol behind an import or re-export. @param {ts.TypeChecker} checker @param {ts.Symbol} symbol */
export function targetOf(checker, symbol) {
  return (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Whether the entry says `type`. @param {ts.Symbol} symbol */
function isTypeOnly(symbol) {
  return (symbol.declarations ?? []).some((one) => ts.isExportSpecifier(one) && ts.isTypeOnlyExportDeclaration(one));
}

/** `src/room/file.ts:12` of a declaration. @param {ts.Node} node @param {string} base */
export function placeOf(node, base) {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${path.relative(base, file.fileName)}:${line + 1}`;
}
