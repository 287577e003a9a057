import { describe, expect, it } from "vitest";
import { markPure } from "../../../tools/pack/pure.mjs";

describe("markPure", () => {
  it.each([
    [
      "a call whose arguments do nothing",
      "const a = f(1, [b], { c: d }, () => g());",
      "const a = /* @__PURE__ */ f(1, [b], { c: d }, () => g());",
    ],
    ["new", "export const a = new Map(b);", "export const a = /* @__PURE__ */ new Map(b);"],
    ["a call of a call", "const a = f(g());", "const a = /* @__PURE__ */ (() => (f(g())))();"],
    ["a method", "const a = b.c(1);", "const a = /* @__PURE__ */ (() => (b.c(1)))();"],
    ["a property", "const a = [b.c];", "const a = /* @__PURE__ */ (() => ([b.c]))();"],
    ["a spread", "const a = { ...b };", "const a = /* @__PURE__ */ (() => ({ ...b }))();"],
    ["a computed key", "const a = { [b]: 1 };", "const a = /* @__PURE__ */ (() => ({ [b]: 1 }))();"],
    ["a template", `const a = \`\${b}\`;`, `const a = /* @__PURE__ */ (() => (\`\${b}\`))();`],
    ["types", "const a: A = f(b as B) satisfies A;", "const a: A = /* @__PURE__ */ f(b as B) satisfies A;"],
    ["numbers", "const a = 16 * 2 ** 20 - 1;", "const a = 16777215;"],
    [
      "a pattern",
      "const { a, b: c } = d;",
      "const a = /* @__PURE__ */ (() => d.a)(), c = /* @__PURE__ */ (() => d.b)();",
    ],
    [
      "a class with a key that is called for",
      "export class A { [f()]() {} }",
      "export const A = /* @__PURE__ */ (() => class A { [f()]() {} })();",
    ],
  ])("marks %s", (_, code, marked) => {
    expect(markPure(code, "a.ts")).toBe(marked);
  });

  it.each([
    "const a = 1, b = -1, c = 'x', d = `x`, e = /x/;",
    "const a = { b: [1, { c: d }], e: () => f(), g() { h(); } };",
    "let a;",
    "declare const A: string;",
    "export function a() { return b.c(); }",
    "class A extends B { static c = 1; d = e(); [Symbol.iterator]() {} }",
    "export * from './a.ts';",
    "import a from 'b';",
    "type A = B.C; interface D { e: F }",
  ])("leaves alone what every bundler drops: %s", (code) => {
    expect(markPure(code, "a.ts")).toBe(code);
  });

  it("keeps the lines, so that a source map by lines holds", () => {
    const code = "const {\n  a,\n  b: c,\n} = d;\nconst e = f(\n  g.h,\n);\n";
    const marked = markPure(code, "a.ts");
    expect(marked.split("\n").length).toBe(code.split("\n").length);
    expect(marked.split("\n").findIndex((line) => line.includes("const e"))).toBe(4);
  });

  it.each(["f();", "a.b = 1;", "const { a = 1 } = b;", "const [a] = b;"])("refuses %s", (code) => {
    expect(() => markPure(code, "a.ts")).toThrow(/^a\.ts: /);
  });
});
