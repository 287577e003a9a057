// `npm run build`: dist as it is published. `npm run build -- --modules DIR`: a file for each module of src instead, for
// programs that look inside; nothing of that is published.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { toolArguments } from "../arguments.mjs";
import { ensureRootDependencies, ROOT, replaceFolder, run } from "../bootstrap.mjs";
import { buildAlias } from "./alias.mjs";

/** The library, the program and the types, as they are published. @param {string} folder */
export async function buildPackage(folder) {
  const [{ bundle }, { finishDeclarations }, { programEntries }] = await Promise.all([
    import("./bundle.mjs"),
    import("./declarations.mjs"),
    import("./entries.mjs"),
  ]);
  await Promise.all([compile(folder, "--emitDeclarationOnly"), bundle(folder)]);
  finishDeclarations(folder);
  for (const { name } of programEntries()) fs.chmodSync(path.join(folder, `${name}.js`), 0o755);
}

/** Each module of src as a file, which runs wherever `folder` is. @param {string} folder */
export async function buildModules(folder) {
  await compile(folder);
  // Outside this package, Node takes the files for CommonJS without the one, and does not find noble without the other.
  fs.writeFileSync(path.join(folder, "package.json"), '{ "private": true, "type": "module", "sideEffects": false }\n');
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
}

/** @param {string} folder @param {string[]} flags */
function compile(folder, ...flags) {
  const tsc = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
  return run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", folder, ...flags], { cwd: ROOT });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = toolArguments({
    command: "npm run build --",
    about: "Builds dist as it is published.",
    options: {
      modules: { value: "DIR", about: "a file for each module there instead, for the bench and for profiles" },
    },
  });
  await ensureRootDependencies();
  if (values.modules === undefined) {
    await replaceFolder(path.join(ROOT, "dist"), buildPackage);
    buildAlias();
  } else await replaceFolder(path.resolve(values.modules), buildModules);
}
