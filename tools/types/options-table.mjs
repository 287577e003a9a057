// Every option of the published types as tables, made from the types and their comments: a page of the site.

import { exportsOf, ts } from "./program.mjs";

/**
 * @typedef {object} OptionRow
 * @property {string} name
 * @property {boolean} isRequired
 * @property {string} type
 * @property {string} comment
 */
/** @typedef {{ subpath: string, name: string, comment: string, rows: OptionRow[] }} OptionTable */

/**
 * Each interface of options that the entries publish, once: where it is exported first.
 * @param {import("typescript").Program} program
 * @param {readonly import("./program.mjs").Entry[]} entries the main one first
 * @returns {OptionTable[]}
 */
export function optionTables(program, entries) {
  const checker = program.getTypeChecker();
  /** @type {Set<import("typescript").Symbol>} */
  const seen = new Set();
  /** @type {OptionTable[]} */
  const tables = [];
  for (const { file, subpath } of entries) {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not among the sources`);
    for (const { name, target } of exportsOf(checker, source)) {
      if (!name.endsWith("Options") || seen.has(target)) continue;
      seen.add(target);
      const rows = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(target)).map((member) => ({
        name: member.name,
        isRequired: (member.flags & ts.SymbolFlags.Optional) === 0,
        type: typeOf(member, checker),
        comment: lineOf(member, checker),
      }));
      if (rows.length > 0) tables.push({ subpath, name, comment: lineOf(target, checker), rows });
    }
  }
  return tables;
}

/** @param {import("typescript").Symbol} member @param {import("typescript").TypeChecker} checker */
function typeOf(member, checker) {
  const declaration = member.declarations?.find((one) => ts.isPropertySignature(one) || ts.isMethodSignature(one));
  const written = declaration !== undefined && ts.isPropertySignature(declaration) ? declaration.type : undefined;
  if (written !== undefined) return oneLine(written.getText());
  return oneLine(checker.typeToString(checker.getTypeOfSymbol(member)));
}

/** @param {import("typescript").Symbol} symbol @param {import("typescript").TypeChecker} checker */
function lineOf(symbol, checker) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return oneLine(text.replace(/\{@link (?:\w+\.)*(\w+)\}/g, "`$1`").replace(/```[\s\S]*?```/g, ""));
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}

/** The options that nothing says what they are. @param {readonly OptionTable[]} tables */
export function undocumentedOptions(tables) {
  return tables.flatMap(({ subpath, name, rows }) =>
    rows
      .filter(({ comment }) => comment === "")
      .map((row) => `${subpath}: ${name}.${row.name}: say what the option is`),
  );
}

/** The page. @param {readonly OptionTable[]} tables */
export function optionsPage(tables) {
  const cell = (/** @type {string} */ text) => text.replaceAll("|", "\\|");
  const parts = tables.map(({ subpath, name, comment, rows }) => [
    `## ${name}`,
    "",
    `\`${subpath}\`. ${comment}`,
    "",
    "| option | type | meaning |",
    "|---|---|---|",
    ...rows.map((row) => {
      const mark = row.isRequired ? " (required)" : "";
      return `| \`${row.name}\`${mark} | \`${cell(row.type)}\` | ${cell(row.comment)} |`;
    }),
    "",
  ]);
  return ["# Options", "", "Every option of the types, made from their comments.", "", ...parts.flat()].join("\n");
}
