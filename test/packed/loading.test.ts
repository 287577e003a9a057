// How the packed library is loaded: each subpath by require() on the oldest Node, in few files and octets, with its lazy parts
// left for later, and nothing of it kept in a bundle that uses nothing of it.

import { execFile } from "node:child_process";
import fs from "node:fs";
import { SourceMap, type SourceMapping } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/bootstrap.mjs";
import { consumer, oldestNode } from "../../tools/consumers/index.mjs";
import { libraryEntries } from "../../tools/pack/entries.mjs";
import { build } from "../../tools/pack/index.mjs";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { describeUnless, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const run = promisify(execFile);
const programs = path.join(import.meta.dirname, "programs");
const entries = libraryEntries().map(({ subpath, name }) => {
  return { specifier: path.posix.join("krb5-remctl", subpath), file: `dist/${name}.js` };
});
const installed = (...names: string[]) => path.join(PROJECT, "node_modules", "krb5-remctl", ...names);

beforeAll(async () => {
  await ensurePacked();
  for (const name of ["builtins.cjs", "count.mjs", "require-one.cjs"]) {
    fs.copyFileSync(path.join(programs, name), path.join(PROJECT, name));
  }
}, 120_000);

const oldest = oldestNode();
const missing = oldest === undefined ? 'Node 20.19.0 is not in tools/consumers: "npm ci" there installs it' : "";
describeUnless(missing, "on Node 20.19.0", () => {
  it.each(entries)("$specifier is loaded by require(), and its names are the exported ones", async ({ specifier }) => {
    const { stdout, stderr } = await run(oldest ?? "", ["require-one.cjs", specifier], { cwd: PROJECT });
    // What Node 20 says of it; anything else would be a surprise.
    expect(stderr.replace(/^\(node:\d+\) ExperimentalWarning: .*\n|^\(Use `node --trace-warnings.*\n/gm, "")).toBe("");
    const names = Object.entries<string>(JSON.parse(stdout)).filter(([, name]) => name !== "");
    expect(names.length).toBeGreaterThan(0);
    // A class is known by its name: in a log, in an error's text.
    for (const [exported, name] of names) {
      if (/^[A-Z]/.test(exported)) expect(name).toBe(exported);
    }
  });
});

/** The most that an import may load: files, and thousands of octets in them. More of either is a slower start for every user. */
const BUDGETS: Readonly<Record<string, readonly [files: number, kilobytes: number]>> = {
  "krb5-remctl": [9, 737],
  "krb5-remctl/credentials": [5, 410],
  "krb5-remctl/drivers": [6, 357],
  "krb5-remctl/fast": [8, 630],
  "krb5-remctl/gssapi": [5, 317],
  "krb5-remctl/http": [7, 493],
  "krb5-remctl/kerberos": [11, 790],
  "krb5-remctl/lean": [4, 422],
  "krb5-remctl/lean/node": [5, 510],
  "krb5-remctl/legacy-enctypes": [4, 233],
  "krb5-remctl/legacy-tokens": [4, 241],
  "krb5-remctl/otp": [9, 640],
  "krb5-remctl/pkinit": [5, 403],
  "krb5-remctl/pac": [4, 329],
  "krb5-remctl/sasl": [6, 366],
  "krb5-remctl/postgres": [6, 354],
  "krb5-remctl/server": [4, 360],
  "krb5-remctl/spake": [13, 453],
  "krb5-remctl/spnego": [6, 332],
  "krb5-remctl/testing": [7, 573],
  "krb5-remctl/websocket": [2, 35],
};

describeRuntimes("on Node 24", () => {
  it.each(entries)("an import of $specifier loads few files, and no module of Node's", async ({ specifier }) => {
    const { stdout } = await run(runtimePath("node24"), ["count.mjs", specifier], { cwd: PROJECT });
    const { files, builtins } = JSON.parse(stdout) as { files: string[]; builtins: string[] };
    const [maxFiles = 0, maxKilobytes = 0] = BUDGETS[specifier] ?? [];
    const names = files.map((file) => path.relative(installed(), fileURLToPath(file)));
    // No package of others either, but for the curves where they are asked for: noble takes longer than all of this.
    const others = names.filter((name) => !name.startsWith("dist"));
    const isOurs = (name: string) => specifier === "krb5-remctl/spake" && /@noble\/(?:curves|hashes)\//.test(name);
    expect(others.filter((name) => !isOurs(name))).toEqual([]);
    expect(names.length, names.join(" ")).toBeLessThanOrEqual(maxFiles);
    const octets = files.reduce((sum, file) => sum + fs.statSync(new URL(file)).size, 0);
    expect(octets / 1000).toBeLessThanOrEqual(maxKilobytes);
    expect(builtins).toEqual([]);
  });

  // An import of `node:fs` alone would load its promises and streams, and half of these come with others.
  it.each([
    ["--version", []],
    ["klist", ["fs/promises"]],
  ])("%s starts without Node's modules that it has no use for", async (name, used) => {
    const cache = path.join(os.tmpdir(), "krb5-remctl-none");
    const args = ["--require", "./builtins.cjs", installed("dist", "cli", "main.js"), name];
    const env = { ...process.env, KRB5CCNAME: `FILE:${cache}`, KRB5_TRACE: "" };
    const { stderr } = await run(runtimePath("node24"), args, { cwd: PROJECT, env }).catch((error) => error);
    const loaded: string[] = JSON.parse(stderr.trim().split("\n").at(-1));
    const dear = ["child_process", "crypto", "dgram", "fs/promises", "http", "https", "net", "stream", "tls"];
    expect(dear.filter((one) => loaded.includes(one))).toEqual(used);
  });

  // docs/cold-starts.md: the cache may come with an image, where nothing can be written at run time.
  it("a compile cache made before serves a later import, from a directory that is read-only", async () => {
    const cache = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-cache-"));
    const once = async () => {
      const { stderr } = await run(runtimePath("node24"), ["count.mjs", "krb5-remctl"], {
        cwd: PROJECT,
        env: { ...process.env, NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: "COMPILE_CACHE" },
      });
      return [...stderr.matchAll(/V8 code cache for ESM (\S+) was accepted/g)].map(([, url = ""]) => url);
    };
    const everything = () => fs.readdirSync(cache, { recursive: true, encoding: "utf8" }).sort();
    try {
      expect(await once()).toEqual([]);
      const made = everything();
      for (const name of ["", ...made]) {
        const file = path.join(cache, name);
        fs.chmodSync(file, fs.statSync(file).isDirectory() ? 0o555 : 0o444);
      }
      const served = await once();
      expect(served.filter((url) => url.includes("/krb5-remctl/dist/")).length).toBeGreaterThanOrEqual(7);
      expect(everything()).toEqual(made);
    } finally {
      for (const name of ["", ...everything()]) fs.chmodSync(path.join(cache, name), 0o755);
      fs.rmSync(cache, { recursive: true });
    }
  });
});

/** The files of the library that are JavaScript, without the program's. */
function libraryFiles(): string[] {
  const found = new Set(entries.map(({ file }) => file));
  // A set grows while it is walked.
  for (const file of found) {
    const code = fs.readFileSync(installed(file), "utf8");
    for (const [, specifier = ""] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g)) {
      found.add(path.join(path.dirname(file), specifier));
    }
  }
  return [...found];
}

describe("a bundle that uses nothing of the library", () => {
  // With `sideEffects: false` a bundler leaves out a whole file of which nothing is used. Here it must see by itself that
  // nothing would happen, as it must for a file of which one name is used.
  it("has nothing of it, made by esbuild", async () => {
    const left: Record<string, string> = {};
    for (const file of libraryFiles()) {
      const { outputFiles } = await build({
        stdin: { contents: `import "./${file}";`, resolveDir: installed() },
        bundle: true,
        treeShaking: true,
        format: "esm",
        write: false,
        logLevel: "error",
        plugins: [
          {
            name: "alone",
            setup({ onResolve }) {
              onResolve({ filter: /./ }, ({ path: to, importer }) =>
                importer === "<stdin>"
                  ? { path: installed(to), sideEffects: true }
                  : { path: to, external: true, sideEffects: false },
              );
            },
          },
        ],
      });
      const code = (outputFiles[0]?.text ?? "").replace(/^\/\/.*$|^import .*$/gm, "").trim();
      if (code !== "") left[file] = code.slice(0, 500);
    }
    expect(left).toEqual({});
  });

  it.runIf(wholeTable && fs.existsSync(consumer("rollup")))("has nothing of it, made by Rollup", async () => {
    const { rollup } = await import(consumer("rollup", "dist", "es", "rollup.js"));
    const left: Record<string, string> = {};
    for (const file of libraryFiles()) {
      const bundle = await rollup({
        input: "main",
        onLog() {},
        plugins: [
          {
            name: "alone",
            resolveId: (to: string, importer?: string) =>
              importer === undefined
                ? to
                : importer === "main"
                  ? { id: installed(to), moduleSideEffects: true }
                  : { id: to, external: true, moduleSideEffects: false },
            load: (id: string) => (id === "main" ? `import "./${file}";` : undefined),
          },
        ],
      });
      const code = (await bundle.generate({ format: "es" })).output[0].code.trim();
      if (code !== "") left[file] = code.slice(0, 500);
    }
    expect(left).toEqual({});
  });
});

describe("the library's files", () => {
  it("wait for nothing at their top", () => {
    // A file that did could not be required; the tests above would say so of an entry, not of a lazy part.
    for (const file of libraryFiles()) {
      expect(fs.readFileSync(installed(file), "utf8"), file).not.toMatch(/^(?:const .*)?\bawait\b/m);
    }
  });

  it("hold noble, the curves, PKINIT, older sealed keys, one-time passwords and DNS messages in files that are imported dynamically", () => {
    const imported = libraryFiles().flatMap((file) =>
      [...fs.readFileSync(installed(file), "utf8").matchAll(/\bimport\("([^"]+)"\)/g)].map(([, to = ""]) => {
        return path.basename(to, ".js");
      }),
    );
    expect([...new Set(imported)].sort()).toEqual([
      "dns",
      "exchange",
      "exchange2",
      "groups",
      "name-constraints",
      "noble",
      "older-encryption",
      "scrypt",
    ]);
  });

  it("have source maps that lead to the line of the source, which they hold", () => {
    let checked = 0;
    const missed: string[] = [];
    for (const file of libraryFiles()) {
      const code = fs.readFileSync(installed(file), "utf8");
      const name = /\/\/# sourceMappingURL=(.*)\n?$/.exec(code)?.[1];
      // An entry that only exports has nothing to map.
      if (name === undefined && !code.includes("function")) continue;
      const payload = JSON.parse(fs.readFileSync(installed(path.dirname(file), name ?? ""), "utf8"));
      const texts = new Map<string, string>();
      for (const [i, source] of payload.sources.entries()) {
        const place = path.join(path.dirname(file), source);
        expect(place).toMatch(/^src\//);
        texts.set(source, payload.sourcesContent[i]);
        expect(payload.sourcesContent[i]).toBe(fs.readFileSync(path.join(ROOT, place), "utf8"));
      }
      const map = new SourceMap(payload);
      // A text that stands once in the file is where the map says.
      for (const [line, text] of code.split("\n").entries()) {
        const literal = /^[^"]*("[^"\\]{30,}")[^"]*$/.exec(text)?.[1];
        if (literal === undefined || code.split(literal).length !== 2) continue;
        const { originalSource, originalLine } = map.findEntry(line, text.indexOf(literal)) as SourceMapping;
        checked++;
        // Its beginning: the bundler joins a text that the source has in pieces.
        const found = texts.get(originalSource)?.split("\n")[originalLine];
        if (!found?.includes(literal.slice(0, 25))) missed.push(`${file}:${line + 1}: ${literal}`);
      }
    }
    // One in twenty may be missed: the bundler writes a constant where it is used.
    expect(missed.slice(Math.floor(checked / 20))).toEqual([]);
    expect(checked).toBeGreaterThan(100);
  });
});
