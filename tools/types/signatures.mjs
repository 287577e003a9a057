// Which types a published signature names: of a function, its parameters and its result; of a class, its public members;
// of an interface or a type, all of it. Bodies and private members are nobody's business.

import { targetOf, ts } from "./program.mjs";

/**
 * The library's own types that a declaration's signature names, each with the place where it does.
 * @param {ts.TypeChecker} checker
 * @param {ts.Declaration} declaration
 * @param {{ isTypeOnly: boolean, isOwn: (file: ts.SourceFile) => boolean }} options of a class exported as a type only, the constructor is not published
 * @returns {Map<ts.Symbol, ts.Node>}
 */
export function namedTypes(checker, declaration, { isTypeOnly, isOwn }) {
  /** @type {Map<ts.Symbol, ts.Node>} */
  const found = new Map();
  visit(declaration);
  return found;

  /** @param {ts.Node} node */
  function visit(node) {
    if (isPrivate(node) || (isTypeOnly && ts.isConstructorDeclaration(node))) return;
    if (ts.isBlock(node)) return;
    if (ts.isTypeReferenceNode(node)) add(node.typeName);
    else if (ts.isExpressionWithTypeArguments(node)) add(node.expression);
    else if (ts.isTypeQueryNode(node)) add(node.exprName);
    else if (ts.isImportTypeNode(node) && node.qualifier !== undefined) add(node.qualifier);
    ts.forEachChild(node, (child) => {
      // A default of a parameter is no type; what a constant is made of is one, where it says no type.
      const isDefault = ts.isParameter(node) && child === node.initializer;
      const isTyped = ts.isVariableDeclaration(node) && node.type !== undefined && child === node.initializer;
      const isField = ts.isPropertyDeclaration(node) && node.type !== undefined && child === node.initializer;
      if (!isDefault && !isTyped && !isField) visit(child);
    });
  }

  /** @param {ts.Node} name */
  function add(name) {
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol === undefined) return;
    const target = targetOf(checker, symbol);
    if ((target.flags & ts.SymbolFlags.TypeParameter) !== 0) return;
    const place = target.declarations?.[0];
    // A local name (of `infer`, of a mapped type) is nothing that could be exported.
    if (place === undefined || !isOwn(place.getSourceFile()) || !isTopLevel(place)) return;
    if (!found.has(target)) found.set(target, name);
  }
}

/** @param {ts.Node} node */
function isPrivate(node) {
  if (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name)) return true;
  if (!ts.canHaveModifiers(node)) return false;
  return (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
}

/** @param {ts.Node} node */
function isTopLevel(node) {
  const holder = ts.isVariableDeclaration(node) ? node.parent.parent.parent : node.parent;
  return ts.isSourceFile(holder);
}
