// Decisions by the host's name, found by types: `Runtime.name` may go into a message (a template's ${}), and nowhere else
// outside the rooms that are the host's. tools/check-layers.mjs sees the words; this sees what a name is, wherever it went.

import path from "node:path";
import { ts } from "./program.mjs";

const HOST_ROOMS = /^(?:runtime|cli|host)\//;

/**
 * @param {ts.Program} program
 * @param {string} src
 * @returns {string[]} a line for each use
 */
export function hostNameUses(program, src) {
  const checker = program.getTypeChecker();
  /** @type {string[]} */
  const found = [];
  for (const file of program.getSourceFiles()) {
    const name = path.relative(src, file.fileName).replaceAll(path.sep, "/");
    if (name.startsWith("..") || HOST_ROOMS.test(name)) continue;
    /** @param {ts.Node} node */
    const visit = (node) => {
      if (isHostName(checker, node) && !ts.isTemplateSpan(node.parent)) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
        found.push(`src/${name}:${line + 1}: ${node.getText(file)}: ask what the host can do, not what it is called`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

/** @param {ts.TypeChecker} checker @param {ts.Node} node */
function isHostName(checker, node) {
  if (ts.isPropertyAccessExpression(node)) return isOfRuntime(checker.getSymbolAtLocation(node.name));
  if (ts.isElementAccessExpression(node)) return isOfRuntime(checker.getSymbolAtLocation(node.argumentExpression));
  if (!ts.isBindingElement(node)) return false;
  const { propertyName = node.name, parent } = node;
  if (!ts.isObjectBindingPattern(parent) || !ts.isIdentifier(propertyName)) return false;
  return isOfRuntime(checker.getTypeAtLocation(parent).getProperty(propertyName.text));
}

/** @param {ts.Symbol | undefined} symbol */
function isOfRuntime(symbol) {
  if (symbol?.name !== "name") return false;
  return (symbol.declarations ?? []).some(
    ({ parent }) => ts.isInterfaceDeclaration(parent) && parent.name.text === "Runtime",
  );
}
