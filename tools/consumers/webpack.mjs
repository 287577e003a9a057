// webpack for a browser: node webpack.mjs webpack build PROJECT.

import path from "node:path";
import webpack from "webpack";

const [tool, , root = ""] = process.argv.slice(2);
const dir = path.join(root, `out-${tool}`);
const compiler = webpack({
  mode: "production",
  target: ["web", "es2022"],
  context: root,
  entry: path.join(root, "main.mjs"),
  experiments: { outputModule: true },
  output: { path: dir, filename: "main.mjs", module: true, chunkFormat: "module", library: { type: "module" } },
  performance: { hints: false },
});
compiler.run((error, stats) => {
  if (error !== null) throw error;
  const { warnings = [], errors = [] } = stats?.toJson({ all: false, warnings: true, errors: true }) ?? {};
  const said = [...errors, ...warnings].map(({ message }) => message);
  console.log(JSON.stringify({ version: webpack.version, warnings: said, file: path.join(dir, "main.mjs") }));
});
