// Published functions and classes say in TSDoc tags what they take, give back and throw, with an example that is a program.

import { exportsOf, placeOf, ts } from "./program.mjs";

/**
 * What is missing in the comments of an entry's functions and classes, and in the comment at its head.
 * @param {ts.Program} program
 * @param {import("./program.mjs").Entry} entry
 * @param {string} base
 * @returns {string[]}
 */
export function missingTags(program, { file, subpath }, base) {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} is not among the sources`);
  /** @type {string[]} */
  const problems = [];
  const complain = (/** @type {ts.Node} */ node, /** @type {string} */ what) =>
    problems.push(`${placeOf(node, base)}: ${what}`);
  const head = /^\/\*\*[\s\S]*?\*\//.exec(source.text)?.[0] ?? "";
  if (!/@module\b/.test(head) || !isProgram(head, subpath))
    complain(source, `begin with a comment: what ${subpath} is, @module, and an example that imports from it`);

  for (const { name, target, isTypeOnly } of exportsOf(program.getTypeChecker(), source)) {
    for (const declaration of target.declarations ?? []) {
      if (ts.isFunctionDeclaration(declaration)) {
        if (declaration.body !== undefined) checkFunction(declaration, name);
        if (declaration.body !== undefined) checkExample(declaration, name);
      } else if (ts.isClassDeclaration(declaration)) {
        if (!isTypeOnly && !isError(declaration)) checkExample(declaration, name);
        for (const member of declaration.members) checkMember(member, name, isTypeOnly);
      }
    }
  }
  return problems;

  /** @param {ts.ClassElement} member @param {string} owner @param {boolean} isTypeOnly */
  function checkMember(member, owner, isTypeOnly) {
    if (ts.isConstructorDeclaration(member) && !isTypeOnly) {
      checkFunction(member, `new ${owner}`);
      if (/\bmakes? one\b/.test(commentOf(member)))
        complain(member, `${owner}: a class that a function makes is exported as a type`);
    }
    if (!ts.isMethodDeclaration(member) || ts.isPrivateIdentifier(member.name)) return;
    if (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) return;
    checkFunction(member, `${owner}.${member.name.getText()}`);
  }

  /** @param {ts.FunctionLikeDeclaration} node @param {string} name */
  function checkFunction(node, name) {
    for (const parameter of node.parameters) {
      const tag = ts.getJSDocParameterTags(parameter).find(({ comment }) => textOf(comment) !== "");
      if (tag === undefined) complain(parameter, `${name}: no @param for ${parameter.name.getText()}`);
    }
    const returned = node.type?.getText() ?? "void";
    if (!/^(Promise<)?(void|never)>?$|^asserts /.test(returned) && textOf(ts.getJSDocReturnTag(node)?.comment) === "")
      complain(node, `${name}: no @returns`);
    if (/\b[Tt]hrows\b|\b[Rr]ejects with\b/.test(commentOf(node)))
      complain(node, `${name}: what it throws belongs in @throws`);
  }

  /** @param {ts.Declaration} node @param {string} name */
  function checkExample(node, name) {
    const examples = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === "example");
    const isUsed = new RegExp(`\\b${name}\\b`);
    const fits = (/** @type {ts.JSDocTag} */ { comment }) =>
      isProgram(textOf(comment), "krb5-remctl") && isUsed.test(textOf(comment));
    if (!examples.some(fits)) complain(node, `${name}: no @example that imports what it uses from krb5-remctl`);
  }
}

/** The text before the tags. @param {ts.Node} node */
function commentOf(node) {
  return ts
    .getJSDocCommentsAndTags(node)
    .map((one) => (ts.isJSDoc(one) ? textOf(one.comment) : ""))
    .join("\n");
}

/** @param {string | ts.NodeArray<ts.JSDocComment> | undefined} comment */
function textOf(comment) {
  return (ts.getTextOfJSDocComment(comment) ?? "").trim();
}

/** @param {string} text @param {string} subpath */
function isProgram(text, subpath) {
  return new RegExp(`\`\`\`ts\\n[\\s\\S]*\\bfrom "${subpath}[\\w/]*"`).test(text);
}

/** @param {ts.ClassDeclaration} node */
function isError(node) {
  return (node.heritageClauses ?? []).some((clause) => /Error\b/.test(clause.getText()));
}
