// Finds the guards of a source file: every place where a machine can take a check out, and with what. A place is a
// condition, an operator, a guarded block, a `throw`, or the call of a function that refuses.

import { parseSync } from "../../test/node_modules/vite/dist/node/index.js";

/**
 * One mutant: `from` in the source becomes `to`.
 * @typedef {{ from: string, to: string, line: number }} Change
 *
 * A place in the source, and how its mutants are switched there.
 * @typedef {{ kind: "expression" | "statement" | "block", start: number, end: number, changes: Change[] }} Place
 */

const OTHER = { "&&": "||", "||": "&&" };
const EQUALITY = {
  "===": "!==",
  "!==": "===",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
};
const COMPARES = new Set([...Object.keys(EQUALITY), "in", "instanceof"]);
const REFUSES = /^(fail|check|assert|require|refuse|reject|deny|expect|verify|ensure|forbid)/;

/**
 * Finds the places of a file, outer before inner.
 * @param {string} file @param {string} source
 * @returns {{ places: Place[], loops: { start: number, end: number, braces: boolean }[] }}
 */
export function findPlaces(file, source) {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  /** @type {Place[]} */
  const places = [];
  /** @type {{ start: number, end: number, braces: boolean }[]} */
  const loops = [];
  /** What an `if` alone guards: to take it out is to have the condition false. @type {Set<any>} */
  const guarded = new Set();
  visit(program);
  return { places, loops };

  /** @param {any} node @param {string[]} [constants] what the whole may become @param {string} [label] */
  function condition(node, constants, label = "") {
    if (node.type === "ParenthesizedExpression") return condition(node.expression, constants, label);
    /** @type {Change[]} */
    const changes = [];
    const add = (/** @type {string} */ to) => changes.push(change(node, text(node), to, label));
    for (const constant of constants ?? []) add(constant);
    const logical = node.type === "LogicalExpression" && node.operator !== "??";
    const compares = node.type === "BinaryExpression" && COMPARES.has(node.operator);
    const other = logical ? OTHER[/** @type {"&&"} */ (node.operator)] : EQUALITY[/** @type {"<"} */ (node.operator)];
    if ((logical || compares) && other !== undefined) add(`${text(node.left)} ${other} ${text(node.right)}`);
    if (changes.length > 0) places.push({ kind: "expression", start: node.start, end: node.end, changes });
    if (logical) {
      // An operand of || that is false, or of && that is true, is not there.
      const gone = node.operator === "||" ? "false" : "true";
      for (const side of [node.left, node.right]) condition(side, same(side, node.operator) ? [] : [gone]);
    } else if (node.type === "UnaryExpression" && node.operator === "!") {
      condition(node.argument, []);
    } else {
      inside(node);
    }
  }

  /** @param {any} node */
  function visit(node) {
    switch (node.type) {
      case "IfStatement": {
        condition(node.test, ["true", "false"], "if ");
        if (node.alternate !== null && node.consequent.type === "BlockStatement") emptied(node.consequent);
        if (node.alternate?.type === "BlockStatement") emptied(node.alternate);
        if (node.alternate === null) guarded.add(only(node.consequent));
        visit(node.consequent);
        if (node.alternate !== null) visit(node.alternate);
        return;
      }
      case "ConditionalExpression":
        condition(node.test, ["true", "false"], "? ");
        visit(node.consequent);
        visit(node.alternate);
        return;
      case "WhileStatement":
      case "DoWhileStatement":
      case "ForStatement": {
        if (node.init) visit(node.init);
        // A loop without end is no mutant worth the wait.
        if (node.test) condition(node.test, ["false"], "loop ");
        if (node.update) visit(node.update);
        loop(node.body);
        return;
      }
      case "ForInStatement":
      case "ForOfStatement":
        visit(node.right);
        loop(node.body);
        return;
      case "LogicalExpression":
        if (node.operator === "??") return inside(node);
        return condition(node, ["true", "false"]);
      case "BinaryExpression":
        return COMPARES.has(node.operator) ? condition(node, ["true", "false"]) : inside(node);
      case "ThrowStatement":
        statement(node);
        return inside(node);
      case "ExpressionStatement":
        if (REFUSES.test(callee(node.expression))) statement(node);
        return inside(node);
      default:
        return inside(node);
    }
  }

  /** @param {any} node */
  function inside(node) {
    for (const [key, value] of Object.entries(node)) {
      if (key === "parent") continue;
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child !== null && typeof child === "object" && typeof child.type === "string") visit(child);
      }
    }
  }

  /** @param {any} node */
  function statement(node) {
    if (guarded.has(node)) return;
    const change_ = change(node, text(node), "");
    places.push({ kind: "statement", start: node.start, end: node.end, changes: [change_] });
  }

  /** @param {any} node */
  function emptied(node) {
    if (node.body.length === 0) return;
    places.push({ kind: "block", start: node.start, end: node.end, changes: [change(node, text(node), "{}")] });
  }

  /** @param {any} body */
  function loop(body) {
    loops.push({ start: body.start, end: body.end, braces: body.type === "BlockStatement" });
    visit(body);
  }

  /** @param {any} node @param {string} from @param {string} to @returns {Change} */
  function change(node, from, to, label = "") {
    const line = source.slice(0, node.start).split("\n").length;
    return { from: label + oneLine(from), to, line };
  }

  /** @param {any} node */
  function text(node) {
    return source.slice(node.start, node.end);
  }
}

/** The one statement of a block. @param {any} node */
function only(node) {
  return node.type === "BlockStatement" && node.body.length === 1 ? node.body[0] : node;
}

/** Whether an operand continues a chain of one operator. @param {any} node @param {string} operator */
function same(node, operator) {
  return node.type === "LogicalExpression" && node.operator === operator;
}

/** The last name of what is called. @param {any} node @returns {string} */
function callee(node) {
  if (node.type === "AwaitExpression") return callee(node.argument);
  if (node.type !== "CallExpression") return "";
  return node.callee.type === "MemberExpression" ? (node.callee.property.name ?? "") : (node.callee.name ?? "");
}

/** @param {string} text */
export function oneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}
