// Bundlers, dev servers, test runners and compilers on the packed library, configured as docs/loading.md says or not at all.

import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { removeFolder } from "../../tools/beds/process.mjs";
import { ROOT } from "../../tools/bootstrap.mjs";
import { type Bundler, consumer, consumersMissing, oldestNode, useBundler } from "../../tools/consumers/index.mjs";
import { build } from "../../tools/pack/index.mjs";
import { ensurePacked } from "../../tools/pack/project.mjs";
import { runtimePath } from "../../tools/runtimes/index.mjs";
import { describeUnless, rowsOf, wholeTable } from "../support/live.ts";
import { programOf } from "../support/pages.ts";
import { runtimesMissing } from "../support/runtimes.ts";
import { expected } from "./expected.ts";
import { makeProject, SMOKE } from "./project.ts";

const run = promisify(execFile);
const MAIN = 'import { smoke } from "./smoke.mjs";\nsmoke().then((told) => console.log(JSON.stringify(told)));\n';
const PAGE = fs.readFileSync(path.join(ROOT, "docs/loading.md"), "utf8");
const TIMEOUT_MS = 120_000;

/** A block of the page, by the file's name on its first line. */
function block(name: string): string {
  const found = new RegExp(`\`\`\`\\w+\\n// ${name}\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`docs/loading.md has no block for ${name}`);
  return found;
}

beforeAll(() => ensurePacked(), TIMEOUT_MS);

describeUnless(consumersMissing, "bundlers on the packed library", () => {
  let project: string;
  beforeAll(() => {
    project = makeProject({ "smoke.mjs": SMOKE, "main.mjs": MAIN, "index.html": "" });
  });
  afterAll(() => removeFolder(project));
  const told = async (file: string) => JSON.parse((await run(process.execPath, [file], { cwd: project })).stdout);

  it.each<[Bundler]>(wholeTable ? [["vite6"], ["vite7"], ["vite8"]] : [["vite8"]])(
    "%s: the dev server answers for every module of a page, and says nothing",
    async (tool) => {
      const { version, warnings, statuses = {} } = await useBundler(tool, "dev", project);
      expect(`vite${version}`).toContain(tool);
      expect(Object.entries(statuses).filter(([, status]) => status !== 200)).toEqual([]);
      // The page, its module, the subpaths as the dev server prepares them, what they share and what is lazy.
      expect(Object.keys(statuses).length).toBeGreaterThan(8);
      expect(warnings).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each<[Bundler]>(wholeTable ? [["vite6"], ["vite7"], ["vite8"], ["rollup"], ["webpack"]] : [["vite8"]])(
    "%s: the bundle works, and nothing is warned of",
    async (tool) => {
      const { warnings, file = "" } = await useBundler(tool, "build", project);
      expect(warnings).toEqual([]);
      expect(await told(file)).toEqual(expected);
    },
    TIMEOUT_MS,
  );

  it.each(rowsOf<"neutral" | "browser" | "node">("neutral", "browser", "node"))(
    "esbuild for %s: the same, minified",
    async (platform) => {
      const outfile = path.join(project, `out-esbuild-${platform}.mjs`);
      const { warnings } = await build({
        absWorkingDir: project,
        entryPoints: ["main.mjs"],
        outfile,
        bundle: true,
        minify: true,
        format: "esm",
        platform,
        logLevel: "silent",
      });
      expect(warnings).toEqual([]);
      expect(await told(outfile)).toEqual(expected);
    },
  );
});

describeUnless(consumersMissing || runtimesMissing, "Jest on the packed library, tests in CommonJS", () => {
  let project: string;
  beforeAll(() => {
    // As CommonJS has it, and with nothing imported by the test itself.
    const smoke = SMOKE.replace(/^import \{(.*)\} from (".*");$/gm, (_, names: string, from) => {
      return `const {${names.replaceAll(" as ", ": ")}} = require(${from});`;
    }).replace("export async", "async");
    const test = `${smoke}\ntest("smoke", async () => expect(await smoke()).toEqual(${JSON.stringify(expected)}));\n`;
    project = makeProject({ "smoke.test.js": test }, "commonjs");
    // What a user has installed beside it.
    fs.mkdirSync(path.join(project, "node_modules", "@babel"));
    for (const name of [
      "babel-jest",
      "@babel/plugin-transform-modules-commonjs",
      "@babel/plugin-transform-dynamic-import",
    ]) {
      fs.symlinkSync(consumer(name), path.join(project, "node_modules", name));
    }
  });
  afterAll(() => removeFolder(project));
  const jest = async (node: string, root: string, ...args: string[]) => {
    const env = { PATH: process.env.PATH, HOME: root, CI: "true" };
    const all = [...args, consumer("jest", "bin", "jest.js"), "--rootDir", root];
    return (await run(node, all, { cwd: root, env }).catch((error) => expect.fail(error.stderr))).stderr;
  };

  // Jest has `it` and `expect`; a test that is an ES module needs the flag alone.
  it.runIf(wholeTable)("the test of docs/testing.md, without its first line", { timeout: TIMEOUT_MS }, async () => {
    const greets = makeProject({
      "greets.test.mjs": programOf("docs/testing.md", "createRemctlServer").replace(/^import .* from "vitest";\n/, ""),
      "jest.config.json": JSON.stringify({ testMatch: ["**/*.test.mjs"], transform: {} }),
    });
    try {
      expect(await jest(process.execPath, greets, "--experimental-vm-modules")).toContain("1 passed, 1 total");
    } finally {
      removeFolder(greets);
    }
  });

  it("by require, on Node 24 with the flag", { timeout: TIMEOUT_MS }, async () => {
    expect(await jest(runtimePath("node24"), project, "--experimental-vm-modules")).toContain("1 passed, 1 total");
  });

  it.runIf(wholeTable)("translated by Babel, on the Node of the tests", { timeout: TIMEOUT_MS }, async () => {
    fs.writeFileSync(path.join(project, "jest.config.json"), block("jest.config.json"));
    expect(await jest(process.execPath, project)).toContain("1 passed, 1 total");
  });
});

describeUnless(consumersMissing, "TypeScript on the packed library", () => {
  const VERSIONS = {
    "5.7": consumer("typescript57", "bin", "tsc"),
    "5.9": consumer("typescript59", "bin", "tsc"),
    current: path.join(ROOT, "node_modules/typescript/bin/tsc"),
  };
  const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
  const NODE = { module: "commonjs", moduleResolution: "node", noEmit: false };
  let project: string;
  beforeAll(() => {
    const types = fs.readFileSync(path.join(import.meta.dirname, "programs/types.mts"), "utf8");
    const required = 'import { KerberosError } from "krb5-remctl";\nconsole.log(KerberosError.name);\n';
    const files = { "types.mts": types, "types.cts": types, "types.ts": types, "required.ts": required };
    project = makeProject({ ...files, "lazy.cts": block("lazy.cts") }, "commonjs");
  });
  afterAll(() => removeFolder(project));

  /** What the compiler says; empty if nothing. */
  const compile = async (
    version: keyof typeof VERSIONS,
    files: readonly string[],
    options: object,
  ): Promise<string> => {
    const lib = ["es2022", "dom", "esnext.disposable"];
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, skipDefaultLibCheck: true };
    const compilerOptions = { noEmit: true, target: "es2022", lib, types: [], ...strict, ...options };
    const config = path.join(project, "tsconfig.json");
    fs.writeFileSync(config, JSON.stringify({ compilerOptions, files }));
    const done = run(process.execPath, [VERSIONS[version], "-p", config], { cwd: project });
    return done.then(({ stdout }) => stdout).catch(({ stdout }) => stdout);
  };

  // As the page's table has it.
  const rows = [
    ["5.7", ["types.mts", "lazy.cts"], { module: "node16" }],
    ["5.7", ["types.ts"], BUNDLER],
    ["5.7", ["types.ts", "required.ts"], NODE],
    ["5.9", ["types.mts", "types.cts"], { module: "nodenext" }],
    ["5.9", ["types.ts"], BUNDLER],
    ["5.9", ["types.ts", "required.ts"], NODE],
    ["current", ["types.mts", "types.cts"], { module: "nodenext" }],
    ["current", ["types.mts", "lazy.cts"], { module: "node16" }],
    ["current", ["types.ts"], BUNDLER],
  ] as const;
  // A plain run has one row of the oldest compiler, and two of the newest.
  const plain = rows.filter(([version, files, options]) =>
    version === "current" ? !files.some((file) => file === "lazy.cts") : version === "5.7" && options === NODE,
  );
  it.each(wholeTable ? rows : plain)(
    "%s compiles %j with %j",
    { timeout: TIMEOUT_MS },
    async (version, files, options) => {
      expect(await compile(version, files, options)).toBe("");
      if (options !== NODE) return;
      const { stdout } = await run(oldestNode() ?? process.execPath, ["required.js"], { cwd: project });
      expect(stdout).toBe("KerberosError\n");
    },
  );

  it("node16 needs for CommonJS what the page says", { timeout: TIMEOUT_MS }, async () => {
    expect(await compile("current", ["types.cts"], { module: "node16" })).toContain("TS1479");
  });
});
