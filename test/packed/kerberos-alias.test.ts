// The package that takes the name of npm `kerberos`: required and imported by that name, over the packed library.

import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeFolder } from "../../tools/beds/process.mjs";
import { ROOT, run } from "../../tools/bootstrap.mjs";
import { consumer, consumersMissing } from "../../tools/consumers/index.mjs";
import { aliasFolder, buildAlias, LINES } from "../../tools/pack/alias.mjs";
import { ensurePacked } from "../../tools/pack/project.mjs";
import { makeProject } from "./project.ts";

const CURRENT = path.join(ROOT, "node_modules/typescript/bin/tsc");
const OLDEST = consumer("typescript57", "bin", "tsc");
/** As programs for Node are compiled: as modules of Node, and to CommonJS with the resolution of before. */
const COMPILERS = [
  ["the current", { module: "nodenext" }, CURRENT],
  ["the oldest", { module: "nodenext" }, OLDEST],
  ["the oldest", { module: "commonjs", moduleResolution: "node" }, OLDEST],
] as const;
const programOf = (line: 7 | 2): string =>
  fs.readFileSync(path.join(import.meta.dirname, `programs/kerberos-${line}.ts`), "utf8");

let folder: string;

beforeAll(async () => {
  await ensurePacked();
  buildAlias();
  folder = makeProject({
    "named.mjs":
      'import { initializeClient, GSS_MECH_OID_SPNEGO, Kerberos, processes, version } from "kerberos";\n' +
      "console.log(typeof initializeClient, GSS_MECH_OID_SPNEGO, version, typeof Kerberos, typeof processes.MongoAuthProcess);",
    "program-2.cts": programOf(2),
    "program-7.cts": programOf(7),
    "required.cjs":
      'const kerberos = require("kerberos");\n' +
      'const ours = require("krb5-remctl/kerberos");\n' +
      "kerberos.initializeServer = 5;\n" +
      "console.log(kerberos.initializeClient === ours.initializeClient, kerberos.initializeServer, typeof kerberos.Kerberos, " +
      "Object.keys(kerberos).length, 'kModuleError' in kerberos);",
  });
}, 180_000);
afterAll(() => removeFolder(folder));

describe.each([7, 2] as const)("line %i", (line) => {
  beforeAll(() => {
    const place = path.join(folder, "node_modules", "kerberos");
    fs.rmSync(place, { recursive: true, force: true });
    fs.cpSync(aliasFolder(line), place, { recursive: true });
  });

  it("is imported by name, and required as an object that a test may change", async () => {
    const named = await run(process.execPath, ["named.mjs"], { cwd: folder });
    expect(named.trim()).toBe(`function 6 ${LINES[line]} function function`);
    const required = await run(process.execPath, ["required.cjs"], { cwd: folder });
    // `Kerberos` and `processes` are listed in versions 1 and 2.
    expect(required.trim()).toBe(`true 5 function ${line === 2 ? 20 : 18} false`);
  });

  it.each(consumersMissing ? COMPILERS.slice(0, 1) : COMPILERS)(
    "compiles what programs wrote for the native module: %s compiler, %j",
    { timeout: 120_000 },
    async (_, module, tsc) => {
      const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, skipDefaultLibCheck: true };
      const host = { noEmit: true, target: "es2022", lib: ["es2022", "dom"], types: [] };
      const settings = { compilerOptions: { ...host, ...strict, ...module }, files: [`program-${line}.cts`] };
      fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(settings));
      const done = promisify(execFile)(process.execPath, [tsc, "-p", folder], { cwd: folder });
      expect(await done.then(({ stdout }) => stdout).catch(({ stdout }) => stdout)).toBe("");
    },
  );

  it("depends on the library, bundles nothing of it, and runs nothing when it is installed", () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(aliasFolder(line), "package.json"), "utf8"));
    expect(Object.keys(manifest.dependencies)).toEqual(["krb5-remctl"]);
    expect(manifest.scripts).toBeUndefined();
    expect(fs.readdirSync(aliasFolder(line)).sort()).toEqual([
      "LICENSE",
      "README.md",
      "index.d.ts",
      "index.js",
      "package.json",
    ]);
  });
});
