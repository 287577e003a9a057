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

/** [what, the parameter of a published function, which options take no undefined] */
const options: readonly (readonly [what: string, parameter: string, closed: readonly string[]])[] = [
  ["none that says so", "{ readonly a?: number | undefined; readonly b: B }", []],
  ["one that is left out", "{ readonly a?: number; readonly b?: string | undefined }", ["f(options).a"]],
  ["one of a part", "{ readonly a: { readonly b?: A } }", ["f(options).a.b"]],
  ["one of a list", "{ readonly a: readonly { readonly b?: A }[] }", ["f(options).a.b"]],
  ["one of a choice", "string | { readonly b?: A } | readonly string[]", ["f(options).b"]],
  ["those of Partial", "Partial<B>", ["f(options).c"]],
  ["none of a function that is given", "{ readonly on: (event: { readonly a?: number }) => void }", []],
  ["none that may be anything", "{ readonly a?: unknown }", []],
  ["no method", "{ a?(): void }", []],
];

describe("an option that may be left out takes undefined", () => {
  const closed = new Map<string, readonly string[]>();
  beforeAll(async () => {
    const { createProgram, entriesOf } = await import("../../../tools/types/program.mjs");
    const { closedOptions } = await import("../../../tools/types/optional.mjs");
    const files = options.flatMap(([, parameter], index) => [
      [`entry/case${index}.ts`, `export { f } from "../room${index}.ts";\n`],
      [`room${index}.ts`, `${SHAPES}export function f(options: ${parameter}): void { void options; }\n`],
    ]);
    using folder = sourceFolder(Object.fromEntries(files));
    const entries = entriesOf(folder.src);
    const program = createProgram(entries);
    for (const entry of entries) closed.set(entry.subpath, closedOptions(program, [entry], folder.src));
  }, 120_000);

  it.each(options.map(([what, , which], index) => [what, index, which] as const))("%s", (_what, index, which) => {
    const problems = closed.get(`krb5-remctl/case${index}`) ?? [];
    expect(problems.map((one) => one.replace(/^\S+ \S+ (\S+) takes no undefined: .*$/, "$1"))).toEqual(which);
  });
});

/** Programs of a room, and whether something hangs on the host's name in them. */
const named: readonly (readonly [what: string, code: string, isUse: boolean])[] = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program.
  ["a message", "export const f = (r: Runtime): string => `${r.name} has no TCP`;", false],
  ["another name", "export const f = (r: { readonly name: string }): boolean => r.name.startsWith('a');", false],
  ["the start of it", "export const f = (r: Runtime): boolean => r.name.startsWith('work');", true],
  ["a table", "const t = { node: 1, web: 2 }; export const f = (r: Runtime): number => t[r.name];", true],
  [
    "a set",
    "const s = new Set(['web']); export const f = ({ host }: { host: Runtime }): boolean => s.has(host.name);",
    true,
  ],
  ["an index", "export const f = (r: Runtime): number => r['name'].length;", true],
  ["a part", "export const f = ({ name }: Runtime): string => name;", true],
  [
    "a part by another name",
    "export const f = (r: Runtime): string => { const { name: kind } = r; return kind; };",
    true,
  ],
];

it("a decision by the host's name is found by the types, whatever it is called by then", async () => {
  const { createProgram } = await import("../../../tools/types/program.mjs");
  const { hostNameUses } = await import("../../../tools/types/host-names.mjs");
  const files = named.map(([, code], index) => [
    `room/case${index}.ts`,
    `import type { Runtime } from "../host/runtime.ts";\n${code}\n`,
  ]);
  const runtime = "export interface Runtime { readonly name: 'node' | 'web' }\n";
  using folder = sourceFolder({ ...Object.fromEntries(files), "host/runtime.ts": runtime });
  const entries = named.map((_, index) => ({ subpath: `${index}`, file: `${folder.src}/room/case${index}.ts` }));
  const found = hostNameUses(createProgram(entries), folder.src);
  const used = named.filter((_, index) => found.some((line) => line.startsWith(`src/room/case${index}.ts:2: `)));
  expect(used.map(([what]) => what)).toEqual(named.filter(([, , isUse]) => isUse).map(([what]) => what));
}, 120_000);
