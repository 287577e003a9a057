// What `npm pack` gives: its files, its declarations, and what the tools that look at packages say of it.

import { execFile } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/bootstrap.mjs";
import { ensurePacked, PROJECT, packTool, tarball } from "../../tools/pack/project.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { rowsOf, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const run = promisify(execFile);
const installed = () => path.join(PROJECT, "node_modules", "krb5-remctl");
const tsc = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
beforeAll(ensurePacked, 120_000);

const files = (): string[] =>
  readdirSync(installed(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(installed(), path.join(entry.parentPath, entry.name)));
const manifest = () => JSON.parse(readFileSync(path.join(installed(), "package.json"), "utf8"));

describe("the package", () => {
  it("holds the build and its papers, and nothing else", () => {
    const inside = /^(?:dist\/(?:entry|chunks|cli)\/[\w/-]+\.js(?:\.map)?|dist\/[\w/-]+\.d\.ts|(?:docs|examples)\/.*)$/;
    const others = files().filter((file) => !inside.test(file));
    expect(others.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"]);
    // What a repository's folder may have beside its files.
    expect(files().filter((file) => /node_modules|(?:^|\/)\./.test(file))).toEqual([]);
  });

  it("has every export and program, with types, and no side effects", () => {
    const { exports, bin = {}, sideEffects } = manifest();
    expect(sideEffects).toBe(false);
    const here = new Set(files().map((file) => `./${file}`));
    expect(Object.keys(exports)).toEqual(
      expect.arrayContaining([".", "./gssapi", "./server", "./testing", "./websocket"]),
    );
    for (const [name, target] of Object.entries<{ types: string; default: string }>(exports)) {
      if (name === "./package.json") continue;
      expect(here, name).toContain(target.types);
      expect(here, name).toContain(target.default);
    }
    for (const file of Object.values<string>(bin)) {
      expect(readFileSync(path.join(installed(), file), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it("has the fields of resolvers that do not know exports: the same files, by the same names", () => {
    const { exports, main, types, typesVersions } = manifest();
    const {
      ".": first,
      "./package.json": _,
      ...others
    } = exports as Record<string, { types: string; default: string }>;
    expect({ main, types }).toEqual({ main: first?.default, types: first?.types });
    const rows = Object.entries(others).map(([name, target]) => [name.slice("./".length), [target.types]]);
    expect(typesVersions).toEqual({ "*": Object.fromEntries(rows) });
  });

  it("has only the declarations that an entry's types come from", () => {
    const { exports } = manifest();
    const reached = new Set<string>(
      Object.values<{ types?: string }>(exports).flatMap(({ types }) =>
        types === undefined ? [] : [path.normalize(types)],
      ),
    );
    // A set grows while it is walked.
    for (const file of reached) {
      const code = readFileSync(path.join(installed(), file), "utf8");
      for (const [, to = ""] of code.matchAll(/"(\.[^"\n]+)\.js"/g))
        reached.add(path.join(path.dirname(file), `${to}.d.ts`));
    }
    expect(
      files()
        .filter((file) => file.endsWith(".d.ts"))
        .sort(),
    ).toEqual([...reached].sort());
  });

  it("has no host's types in its declarations", () => {
    const bad = files()
      .filter((file) => file.endsWith(".d.ts"))
      .flatMap((file) =>
        [
          ...readFileSync(path.join(installed(), file), "utf8")
            .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "")
            .matchAll(
              /["'](?:node|bun|cloudflare|deno):[\w/]+["']|\bNodeJS\.|\bBuffer\b|\bDeno\.|\bBun\.|<reference\b/g,
            ),
        ].map(([text]) => `${file}: ${text}`),
      );
    expect(bad).toEqual([]);
  });

  it("publint finds nothing", async () => {
    const { stdout } = await run(process.execPath, [
      packTool("publint", "src", "cli.js"),
      "run",
      tarball(),
      "--strict",
    ]);
    expect(stdout).toContain("All good!");
  });

  it.runIf(wholeTable)(
    "attw finds no wrong types",
    async () => {
      // ES modules: a `require` of one works at run time (Node 20.19), in TypeScript with `module: nodenext` from 5.8 on.
      const program = packTool("@arethetypeswrong", "cli", "dist", "index.js");
      const args = [program, tarball(), "--profile", "esm-only", "--format", "json"];
      // It names every type of every entry, and takes about twenty seconds of one processor.
      const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
      const { problems, analysis } = JSON.parse(stdout) as {
        problems: Record<string, { resolutionKind?: string }[]>;
        analysis: { entrypoints: Record<string, unknown> };
      };
      const found = Object.values(problems).flat();
      expect(found.filter(({ resolutionKind }) => resolutionKind !== "node16-cjs")).toEqual([]);
      expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest().exports));
    },
    120_000,
  );

  // The whole table has a bundler's too; a plain run compiles for one in consumers.test.ts.
  it.each(
    rowsOf(
      ["Node's resolution, DOM", ["--module", "nodenext", "--lib", "es2022,dom,esnext.disposable", "--types", ""]],
      [
        "a bundler's, DOM",
        ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom,esnext.disposable", "--types", ""],
      ],
    ),
  )("its types compile with %s and skipLibCheck off", async (_, flags) => {
    copyFileSync(path.join(import.meta.dirname, "programs", "types.mts"), path.join(PROJECT, "types.mts"));
    const strict = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noUncheckedIndexedAccess",
      "--skipLibCheck",
      "false",
    ];
    const all = ["--ignoreConfig", "--noEmit", "--target", "es2022", ...strict, ...flags, "types.mts"];
    await run(process.execPath, [tsc, ...all], { cwd: PROJECT }).catch((error) => expect.fail(error.stdout));
  });

  it("its types compile in a Worker's project: Cloudflare's types, no DOM", async () => {
    copyFileSync(path.join(import.meta.dirname, "programs", "worker-types.ts"), path.join(PROJECT, "worker-types.ts"));
    const libraries = ["--lib", "es2022,esnext.disposable", "--skipLibCheck", "false", "--exactOptionalPropertyTypes"];
    const resolution = ["--module", "esnext", "--moduleResolution", "bundler"];
    const types = ["--typeRoots", packTool("@cloudflare"), "--types", "workers-types"];
    const all = ["--ignoreConfig", "--noEmit", "--target", "es2022", "--strict", ...libraries, ...resolution, ...types];
    await run(process.execPath, [tsc, ...all, "worker-types.ts"], { cwd: PROJECT }).catch((error) =>
      expect.fail(error.stdout),
    );
  });

  it("its types compile with @types/node in the place of the DOM, also for require", async () => {
    const code = `import { remctl } from "krb5-remctl";\nexport const found: Promise<{ readonly status: number }> = remctl("a", ["b"], { credentials: { principal: "a@B", password: "c" }, kdc: [], signal: AbortSignal.timeout(1) });\n`;
    const types = path.join(ROOT, "node_modules", "@types");
    for (const file of ["node-types.mts", "node-types.cts"]) {
      const { writeFileSync } = await import("node:fs");
      writeFileSync(path.join(PROJECT, file), code);
      const flags = [
        "--lib",
        "es2022,esnext.disposable",
        "--types",
        "node",
        "--typeRoots",
        types,
        "--module",
        "nodenext",
      ];
      const all = [
        "--ignoreConfig",
        "--noEmit",
        "--target",
        "es2022",
        "--strict",
        "--skipLibCheck",
        "false",
        ...flags,
        file,
      ];
      await run(process.execPath, [tsc, ...all], { cwd: PROJECT }).catch((error) => expect.fail(error.stdout));
    }
  });
});

describeRuntimes("the package's types in Deno", () => {
  it.runIf(wholeTable)("deno check", { timeout: 120_000 }, async () => {
    copyFileSync(path.join(import.meta.dirname, "programs", "types.mts"), path.join(PROJECT, "types.mts"));
    const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
    await run(runtimePath("deno"), ["check", "types.mts"], { cwd: PROJECT, env }).catch((error) =>
      expect.fail(error.stderr),
    );
  });
});
