// The texts of errors that sources throw, as far as they stand there: for the check that each ends with what to do.

import fs from "node:fs";
import path from "node:path";
import { ts } from "./program.mjs";

/**
 * @typedef {object} Message
 * @property {string} file within the folder, with `/`
 * @property {number} line
 * @property {string} error the name of the class
 * @property {string} text what is not known stands as `${...}`
 */

/** Where the message stands among a constructor's arguments; the first one for all others. @type {Readonly<Record<string, number>>} */
const PLACE = {
  CredentialError: 1,
  PreauthError: 1,
  TransportError: 1,
  ProtocolError: 1,
  CryptoError: 1,
  RemctlError: 1,
  RemctlProtocolError: 1,
  ServiceError: 1,
  KdcError: 1,
  PasswordChangeError: 1,
  GssError: 2,
};
/** A part that is a value. */
const UNKNOWN = `$${"{...}"}`;
/** Texts of one place, where conditions choose among them. */
const MOST_TEXTS = 16;

/** @param {string} src @param {ReadonlySet<string>} classes names of errors @returns {Message[]} */
export function messagesOf(src, classes) {
  /** @type {Message[]} */
  const messages = [];
  const files = fs.readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  for (const name of files.sort()) {
    const text = fs.readFileSync(path.join(src, name), "utf8");
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    /** @param {ts.Node} node */
    const visit = (node) => {
      if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && classes.has(node.expression.text)) {
        const error = node.expression.text;
        const argument = node.arguments?.[PLACE[error] ?? 0];
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        for (const found of textsOf(argument)) {
          messages.push({ file: name.replaceAll(path.sep, "/"), line, error, text: found });
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return messages;
}

/** @param {ts.Node | undefined} node @returns {string[]} none: a value */
function textsOf(node) {
  if (node === undefined) return [];
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return joined(textsOf(node.left), "", textsOf(node.right));
  }
  if (!ts.isTemplateExpression(node)) return [];
  return node.templateSpans.reduce(
    (before, { expression, literal }) => {
      const inner = textsOf(expression);
      return joined(before, literal.text, inner.length === 0 ? [UNKNOWN] : inner);
    },
    [node.head.text],
  );
}

/** @param {readonly string[]} before @param {string} after @param {readonly string[]} inner @returns {string[]} */
function joined(before, after, inner) {
  return before.flatMap((one) => inner.map((text) => one + text + after)).slice(0, MOST_TEXTS);
}
