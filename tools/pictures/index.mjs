// `node tools/pictures/index.mjs`: draws the pictures of the pages anew, into docs/figures: the rooms from what src imports,
// a login's way from the messages of one, the plots from docs/figures/bench.json. test/site/pictures.test.ts says when one is stale.

import fs from "node:fs";
import path from "node:path";
import { ensurePackDependencies, ROOT } from "../bootstrap.mjs";
import { roomGraph } from "../layers/graph.mjs";
import { loginPicture } from "./login.mjs";
import { plotsOf } from "./plots.mjs";
import { roomsPicture } from "./rooms.mjs";

await ensurePackDependencies();
const { build } = await import("../pack/index.mjs");
const { outputFiles } = await build({
  entryPoints: [path.join(ROOT, "site", "pictures", "login-steps.ts")],
  bundle: true,
  format: "esm",
  target: "es2022",
  external: ["cloudflare:*", "node:*"],
  write: false,
  logLevel: "error",
});
const { loginSteps } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`);

const folder = path.join(ROOT, "docs", "figures");
const record = JSON.parse(fs.readFileSync(path.join(folder, "bench.json"), "utf8"));
const pictures = {
  "rooms.svg": roomsPicture(roomGraph(path.join(ROOT, "src"))),
  "login.svg": loginPicture(await loginSteps()),
  ...plotsOf(record),
};
for (const [name, text] of Object.entries(pictures)) {
  fs.writeFileSync(path.join(folder, name), text);
  console.log(`docs/figures/${name}: ${Math.ceil(text.length / 1000)} KB`);
}
