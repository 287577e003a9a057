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
      const rows = membersOf(checker.getDeclaredTypeOfSymbol(target), checker).map((member) => rowOf(member, checker));
      if (rows.length > 0) tables.push({ subpath, name, comment: lineOf(target, checker), rows });
    }
  }
  // What many take (a signal) is told where it has a name; one without a name has a table for what is its own.
  const told = new Set(tables.flatMap(({ rows }) => rows.map((row) => row.name)));
  const named = new Set(tables.map(({ name }) => name));
  for (const { subpath, name, isNamed, members } of takenOptions(program, entries)) {
    const rows = members.filter((member) => !told.has(member.name)).map((member) => rowOf(member, checker));
    if (isNamed || named.has(name) || rows.length === 0) continue;
    named.add(name);
    tables.push({ subpath, name, comment: `Options of \`${name}\`.`, rows });
  }
  return tables;
}

/** @param {import("typescript").Symbol} member @param {import("typescript").TypeChecker} checker @returns {OptionRow} */
function rowOf(member, checker) {
  return {
    name: member.name,
    isRequired: (member.flags & ts.SymbolFlags.Optional) === 0,
    type: typeOf(member, checker),
    comment: lineOf(member, checker),
  };
}

/**
 * The members of a type; of a choice of types those of each, where the compiler gives those alone that all have.
 * @param {import("typescript").Type} type
 * @param {import("typescript").TypeChecker} checker
 */
function membersOf(type, checker) {
  const parts = type.isUnion() ? type.types : [type];
  const members = parts.flatMap((part) => checker.getPropertiesOfType(part));
  return [...new Map(members.map((member) => [member.name, member])).values()];
}

/** @param {import("typescript").Declaration} declaration */
const isOurs = (declaration) => !declaration.getSourceFile().fileName.includes("/node_modules/");

/**
 * The options of every published function and method, from their parameters and not from the names of types. A type
 * without a name has that of the function.
 * @param {import("typescript").Program} program
 * @param {readonly import("./program.mjs").Entry[]} entries
 * @returns {{ subpath: string, name: string, isNamed: boolean, members: import("typescript").Symbol[] }[]}
 */
function takenOptions(program, entries) {
  const checker = program.getTypeChecker();
  /** @type {ReturnType<typeof takenOptions>} */
  const taken = [];
  const look = (
    /** @type {string} */ subpath,
    /** @type {string} */ where,
    /** @type {import("typescript").Type} */ at,
  ) => {
    // Nobody calls a constructor with options: the functions beside it do.
    for (const { parameters } of at.getCallSignatures()) {
      for (const parameter of parameters.filter(({ name }) => /options$/i.test(name))) {
        const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
        const named = (type.aliasSymbol ?? type.symbol)?.name ?? "";
        const isNamed = named.endsWith("Options");
        const members = membersOf(type, checker).filter((option) => option.declarations?.some(isOurs));
        taken.push({ subpath, name: isNamed ? named : where, isNamed, members });
      }
    }
  };
  for (const { file, subpath } of entries) {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not among the sources`);
    for (const { name, target } of exportsOf(checker, source)) {
      if ((target.flags & ts.SymbolFlags.Value) !== 0) look(subpath, name, checker.getTypeOfSymbol(target));
      if ((target.flags & ts.SymbolFlags.Type) === 0) continue;
      for (const member of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(target))) {
        look(subpath, `${name}.${member.name}`, checker.getNonNullableType(checker.getTypeOfSymbol(member)));
      }
    }
  }
  return taken;
}

/**
 * Options that a published function or method takes and that the table of their type does not have.
 * @param {import("typescript").Program} program
 * @param {readonly import("./program.mjs").Entry[]} entries
 * @param {readonly OptionTable[]} tables
 */
export function missingOptions(program, entries, tables) {
  const known = new Set(tables.flatMap(({ name, rows }) => rows.map((row) => `${name}.${row.name}`)));
  const told = new Set(tables.flatMap(({ rows }) => rows.map((row) => row.name)));
  const all = takenOptions(program, entries).flatMap(({ subpath, name, isNamed, members }) =>
    members
      .filter((member) => !(isNamed ? known.has(`${name}.${member.name}`) : told.has(member.name)))
      .map((member) => `${subpath}: ${name}.${member.name}`),
  );
  return [...new Set(all)].sort();
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
