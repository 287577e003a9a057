// The JavaScript of dist: every subpath and the program in few files, made in one run, so that what they share is there once.

import path from "node:path";
import { rolldown } from "rolldown";
import { ROOT } from "../bootstrap.mjs";
import { chunkOf, rootsOf } from "./chunks.mjs";
import { libraryEntries, preloadEntries, programEntries, workerEntries } from "./entries.mjs";
import { pure } from "./pure.mjs";

/**
 * Writes `<folder>/entry`, `<folder>/cli` and `<folder>/chunks`. The packages that this one depends on stay outside; what is
 * imported dynamically stays in files of its own.
 *
 * @param {string} folder
 */
export async function bundle(folder) {
  const entries = [...libraryEntries(), ...preloadEntries(), ...workerEntries(), ...programEntries()];
  const build = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(entries.map(({ name, source }) => [name, path.join(ROOT, source)])),
    external: (id) => !id.startsWith(".") && !path.isAbsolute(id),
    platform: "neutral",
    transform: { target: "es2022" },
    // As package.json says of the package.
    treeshake: { moduleSideEffects: false },
    // Numbers, texts and names of constants stand where they are used, also those that another module makes of others.
    optimization: { inlineConst: { mode: "all", pass: 3 } },
    // What chunks export to each other is nobody's business; what entries export is checked by test/packed.
    preserveEntrySignatures: "allow-extension",
    plugins: [pure(), helperInPlace(), ascii()],
    // By itself: a chunk for each set of entries exactly, none merged into another.
    experimental: { chunkOptimization: false },
    checks: { bundlerTimings: false },
    onLog(_level, log) {
      // A command that another one uses is loaded with either.
      if (log.code === "INEFFECTIVE_DYNAMIC_IMPORT" && log.message.includes("src/cli/commands/")) return;
      throw new Error(`rolldown: ${log.message}`);
    },
  });
  /** @type {import("rolldown").OutputOptions} */
  const output = {
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    // No hash: the names stand in stack traces.
    chunkFileNames: "chunks/[name].js",
    minifyInternalExports: false,
    sourcemap: true,
    // Relative to the folder that this one will be, whose name has nothing to do with where it is made.
    sourcemapPathTransform: (source, map) =>
      path.relative(
        path.dirname(path.join(ROOT, "dist", path.relative(folder, map))),
        path.resolve(path.dirname(map), source),
      ),
    // The words of the sources are in the declarations and the source maps.
    comments: { legal: true, annotation: true, jsdoc: false },
  };
  try {
    const { output: byItself } = await build.generate(output);
    const roots = rootsOf(byItself.filter((one) => one.type === "chunk"));
    // Their numbers stand where they are used, and as objects few modules have them: a file of one would be loaded by all,
    // as the bundler puts its helper there.
    const objects = ["message-types", "gss-flags", "ticket-flags"].map((file) =>
      path.join(ROOT, `src/iana/${file}.ts`),
    );
    const name = (/** @type {string} */ id) => (objects.includes(id) ? "core" : chunkOf(roots.get(id) ?? new Set()));
    await build.write({
      ...output,
      codeSplitting: { groups: [{ debugName: "shared", name, includeDependenciesRecursively: false }] },
    });
  } finally {
    await build.close();
  }
}

/**
 * One character above U+00FF makes an engine keep a whole file with two octets a character, which takes longer to read.
 * The build writes such a character only into strings and patterns, where an escape is the same.
 * @returns {import("rolldown").Plugin}
 */
function ascii() {
  return {
    name: "ascii",
    generateBundle(_options, files) {
      for (const file of Object.values(files)) {
        if (file.type !== "chunk") continue;
        file.code = file.code.replace(
          /[^\x00-\x7f]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        );
      }
    },
  };
}

/**
 * The bundler's helper that makes a module into an object lies in a file by itself, which every import would load: it goes
 * into the files that use it, on the line that imported it, so that source maps hold.
 * @returns {import("rolldown").Plugin}
 */
function helperInPlace() {
  const file = "chunks/rolldown-runtime.js";
  return {
    name: "helper-in-place",
    generateBundle(_options, files) {
      const runtime = files[file];
      if (runtime?.type !== "chunk") return;
      const [helper] = /^var __exportAll = .*?^\};$/ms.exec(runtime.code) ?? [];
      if (helper === undefined) throw new Error(`${file} is not what rolldown 1.3 writes`);
      const line = helper.replaceAll("__defProp", "Object.defineProperty").replace(/\s*\n\s*/g, " ");
      for (const chunk of Object.values(files)) {
        if (chunk.type !== "chunk" || chunk === runtime) continue;
        chunk.code = chunk.code.replace(/^import \{ __exportAll \} from "\.\/rolldown-runtime\.js";$/m, line);
        if (chunk.code.includes("rolldown-runtime.js")) throw new Error(`${chunk.fileName} wants more of ${file}`);
      }
      delete files[file];
    },
  };
}
