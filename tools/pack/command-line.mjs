// The command line in few files. As the compiler leaves it, `remctl` loads 250 modules, and that takes longer than all it does.
// `npm run build` and every build of the tools end with this: node tools/pack/command-line.mjs

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensurePackDependencies, ROOT } from "../bootstrap.mjs";

/**
 * Puts bundles in the place of `<dist>/cli`: one file for what every command needs, one for each command, and what some share.
 * The packages that this one depends on stay outside. Without esbuild everything stays as it is, and works.
 *
 * @param {string} dist
 * @returns {Promise<boolean>} whether it was done
 */
export async function bundleCommandLine(dist) {
  const esbuild = path.join(import.meta.dirname, "node_modules", "esbuild", "lib", "main.js");
  const entry = path.join(dist, "cli", "main.js");
  if (!fs.existsSync(esbuild) || !fs.existsSync(entry)) return false;
  /** @type {{ default: typeof import("esbuild") }} */
  const {
    default: { build },
  } = await import(pathToFileURL(esbuild).href);
  const fresh = fs.mkdtempSync(path.join(dist, ".cli-"));
  try {
    await build({
      entryPoints: [entry],
      outdir: fresh,
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      packages: "external",
      // What a Worker alone has.
      external: ["cloudflare:*"],
      logLevel: "error",
    });
    fs.chmodSync(fresh, 0o755);
    fs.chmodSync(path.join(fresh, "main.js"), 0o755);
    fs.rmSync(path.join(dist, "cli"), { recursive: true });
    fs.renameSync(fresh, path.join(dist, "cli"));
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true });
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await ensurePackDependencies();
  } catch (error) {
    console.error(
      `the command line stays in many files, and starts slowly: ${error instanceof Error ? error.message : error}`,
    );
  }
  await bundleCommandLine(path.join(ROOT, "dist"));
}
