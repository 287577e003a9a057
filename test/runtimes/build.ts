// Programs of the tests as one file of JavaScript each, bundled as a user's bundler does: nothing external but what the host has.

import path from "node:path";
import { runtimeModule } from "../../tools/runtimes/index.mjs";

interface Build {
  build(options: Record<string, unknown>): Promise<{ metafile: { outputs: Record<string, { imports: Import[] }> } }>;
}

interface Import {
  readonly path: string;
  readonly external?: boolean;
}

export interface Bundle {
  readonly file: string;
  /** What it imports from its host. */
  readonly imports: readonly string[];
}

/** Bundles `entry`, a path below test/, into `directory`. `iife` for hosts that evaluate scripts. */
export async function bundleProgram(
  entry: string,
  directory: string,
  format: "esm" | "iife" = "esm",
  define: Readonly<Record<string, string>> = {},
  external: readonly string[] = [],
): Promise<Bundle> {
  const { build } = (await import(runtimeModule("esbuild"))) as Build;
  const file = path.join(directory, `${path.parse(entry).name}.js`);
  const { metafile } = await build({
    entryPoints: [path.join(import.meta.dirname, "..", entry)],
    outfile: file,
    bundle: true,
    format,
    define,
    external,
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    logLevel: "error",
    metafile: true,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return { file, imports: imports.filter(({ external }) => external).map((one) => one.path) };
}
