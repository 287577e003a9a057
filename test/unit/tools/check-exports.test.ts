import { beforeAll, describe, expect, it } from "vitest";
import { ensureTypesDependencies } from "../../../tools/bootstrap.mjs";
import { sourceFolder } from "./source-folder.ts";

const SHAPES = "export interface A { readonly b: B }\nexport interface B { readonly c: number }\n";

/** [what, what the entry exports, the room's code besides A and B, what is missing] */
const cases: readonly (readonly [what: string, exported: string, code: string, missing: readonly string[]])[] = [
  [
    "nothing if all is there",
    "{ type A, type B, f }",
    "export function f(a: A): Promise<readonly B[]> { throw a; }",
    [],
  ],
  ["a parameter", "{ f, type B }", "export function f(a: A): void { void a; }", ["A: f"]],
  ["a result, and what is in it", "{ f }", "export function f(): A { throw 1; }", ["A: f", "B: A"]],
  ["a type of a type", "{ type A }", "", ["B: A"]],
  ["an alias", "{ type T, type B }", "export type T = Pick<A, 'b'> | undefined;", ["A: T"]],
  ["a base", "{ type D, type B }", "export interface D extends A {}", ["A: D"]],
  ["a constraint", "{ f, type B }", "export function f<T extends A>(a: T): void { void a; }", ["A: f"]],
  ["a method", "{ C, type B }", "export class C { m(): A { throw 1; } }", ["A: C"]],
  ["a constructor", "{ C, type B }", "export class C { constructor(a: A) { void a; } }", ["A: C"]],
  ["a field", "{ C, type B }", "export class C { readonly a: A | undefined; }", ["A: C"]],
  ["a constant", "{ k, type B }", "export const k: readonly A[] = [];", ["A: k"]],
  ["nothing of a body", "{ f }", "export function f(): void { const a: A | undefined = undefined; void a; }", []],
  [
    "nothing of a default",
    "{ f }",
    "const a = 1;\nexport function f(b: unknown = a as unknown as A): void { void b; }",
    [],
  ],
  ["nothing that is private", "{ C }", "export class C { readonly #a?: A; private b?: B; #m(): A { throw 1; } }", []],
  ["no constructor of a type", "{ type C }", "export class C { constructor(a: A) { void a; } }", []],
  [
    "no type of the language",
    "{ f }",
    "export function f(a: Map<string, Uint8Array>): AsyncIterator<Date> { throw a; }",
    [],
  ],
  ["no type parameter", "{ f }", "export function f<T>(a: T): T extends (infer U)[] ? U : T { throw a; }", []],
];

const found = new Map<string, readonly string[]>();
beforeAll(async () => {
  await ensureTypesDependencies();
  const { createProgram, entriesOf } = await import("../../../tools/types/program.mjs");
  const { problemsOf } = await import("../../../tools/types/published.mjs");
  const files = cases.flatMap(([, exported, code], index) => [
    [`entry/case${index}.ts`, `export ${exported} from "../room${index}.ts";\n`],
    [`room${index}.ts`, `${SHAPES}${code}\n`],
  ]);
  using folder = sourceFolder(Object.fromEntries(files));
  const entries = entriesOf(folder.src);
  const program = createProgram(entries);
  for (const entry of entries) found.set(entry.subpath, problemsOf(program, entry, folder.src));
}, 120_000);

describe("what an entry must export", () => {
  it.each(cases.map(([what, , , missing], index) => [what, index, missing] as const))("%s", (_what, index, missing) => {
    const problems = found.get(`krb5-remctl/case${index}`) ?? [];
    expect(problems.map((one) => one.replace(/^\S+ (\w+) is not exported; (\w+) names it .*$/, "$1: $2"))).toEqual(
      missing,
    );
  });

  it("is said with the place that names it", () => {
    expect(found.get("krb5-remctl/case3")).toEqual([
      "krb5-remctl/case3: B is not exported; A names it (src/room3.ts:1)",
    ]);
  });
});
