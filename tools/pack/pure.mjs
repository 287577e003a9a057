// Says to the bundlers of users what `sideEffects: false` says of whole files: that the top of a module has no side effect.
// Once modules lie together in a file, a bundler drops an unused constant only if it sees by itself that nothing happens
// where it is made: that holds of a literal and of a call with `/* @__PURE__ */` before it, not of `2 ** 20` or `a.b`.

import { parseAst } from "rolldown/parseAst";

/** @typedef {any} Node */

/** Marks what is made at the top of a module. @returns {import("rolldown").Plugin} */
export function pure() {
  // A build reads its modules twice.
  /** @type {Map<string, string>} */
  const done = new Map();
  return {
    name: "pure",
    transform: {
      // Nobody bundles the program again.
      filter: { id: { include: /\.ts$/, exclude: /[\\/]src[\\/]cli[\\/]/ } },
      handler(text, id) {
        const code = done.get(id) ?? markPure(text, id);
        done.set(id, code);
        return { code, map: null };
      },
    },
  };
}

/**
 * @param {string} code TypeScript
 * @param {string} id its file, for the messages
 * @returns {string} the same, line by line, so that a source map by lines holds
 */
export function markPure(code, id) {
  /** @type {{ at: number, end?: number, text: string }[]} */
  const edits = [];
  const wrap = (/** @type {Node} */ node) => {
    edits.push({ at: node.start, text: "/* @__PURE__ */ (() => (" }, { at: node.end, text: "))()" });
  };
  for (const statement of parseAst(code, { lang: "ts" }).body) {
    const exported = statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
    /** @type {Node} */
    const node = exported ?? statement;
    if (node.type === "VariableDeclaration" && !node.declare) {
      for (const { id: target, init } of node.declarations) {
        const value = plain(init);
        if (value === null) continue;
        const number = numberOf(value);
        if (target.type !== "Identifier") edits.push(...apart(code, target, init, id));
        else if (isPure(value)) continue;
        else if (number !== undefined) edits.push({ at: init.start, end: init.end, text: String(number) });
        else if (isMarkable(value)) edits.push({ at: init.start, text: "/* @__PURE__ */ " });
        else wrap(init);
      }
    } else if (node.type === "ClassDeclaration" && !isPureClass(node)) {
      edits.push(
        { at: node.start, text: `const ${node.id.name} = /* @__PURE__ */ (() => ` },
        { at: node.end, text: ")();" },
      );
    } else if (node.type === "ExpressionStatement" && node.directive == null) {
      throw new Error(`${id}: a statement at the top of a module is a side effect, and this package says it has none`);
    }
  }
  let out = code;
  for (const { at, end = at, text } of edits.sort((a, b) => b.at - a.at))
    out = out.slice(0, at) + text + out.slice(end);
  return out;
}

/**
 * `{ a, b: c } = x` as `a = x.a, c = x.b`: a bundler does not drop a pattern.
 * @param {string} code @param {Node} pattern @param {Node} init @param {string} id
 */
function apart(code, pattern, init, id) {
  const isPlain = pattern.properties?.every(
    (/** @type {Node} */ { key, value }) => key?.type === "Identifier" && value?.type === "Identifier",
  );
  if (!isPlain || init.type !== "Identifier")
    throw new Error(`${id}: a bundler cannot drop this pattern at the top of a module`);
  const parts = pattern.properties.map(
    (/** @type {Node} */ { key, value }) => `${value.name} = /* @__PURE__ */ (() => ${init.name}.${key.name})()`,
  );
  const lines = code.slice(pattern.start, init.end).split("\n").length - 1;
  return [{ at: pattern.start, end: init.end, text: `${parts.join(", ")}${"\n".repeat(lines)}` }];
}

/** Without what only TypeScript sees. @param {Node} node @returns {Node} */
function plain(node) {
  return node?.type?.startsWith("TS") && node.expression ? plain(node.expression) : node;
}

/** A call or `new` that needs nothing but the mark. @param {Node} node */
function isMarkable({ type, callee, arguments: args }) {
  if (type !== "CallExpression" && type !== "NewExpression") return false;
  return callee.type === "Identifier" && args.every((/** @type {Node} */ arg) => isPure(plain(arg)));
}

/** Whether every bundler sees that nothing happens. @param {Node} node @returns {boolean} */
function isPure(node) {
  switch (node?.type) {
    case undefined:
    case "Identifier":
    case "Literal":
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return true;
    case "TemplateLiteral":
      return node.expressions.length === 0;
    case "UnaryExpression":
      return node.operator === "-" && plain(node.argument).type === "Literal";
    case "ArrayExpression":
      return node.elements.every((/** @type {Node} */ element) => isPure(plain(element)));
    case "ObjectExpression":
      return node.properties.every(
        (/** @type {Node} */ one) => one.type === "Property" && !one.computed && isPure(plain(one.value)),
      );
    default:
      return false;
  }
}

/** @param {Node} node */
function isPureClass({ superClass, body }) {
  if (superClass && superClass.type !== "Identifier") return false;
  return body.body.every(
    (/** @type {Node} */ { type, computed, key, static: isStatic, value }) =>
      type !== "StaticBlock" &&
      (!computed || (key.type === "MemberExpression" && key.object.name === "Symbol")) &&
      (!isStatic || type !== "PropertyDefinition" || isPure(plain(value))),
  );
}

/** What a product or power of numbers is: two bundlers of three do not see that `2 ** 20` does nothing. @param {Node} node @returns {number | undefined} */
function numberOf(node) {
  if (node.type === "Literal") return typeof node.value === "number" ? node.value : undefined;
  if (node.type !== "BinaryExpression") return undefined;
  const left = numberOf(plain(node.left));
  const right = numberOf(plain(node.right));
  if (left === undefined || right === undefined) return undefined;
  switch (node.operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "**":
      return left ** right;
    default:
      return undefined;
  }
}
