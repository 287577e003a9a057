// The fuzzer as a program. Arguments: repository, milliseconds a target, seed, folder for what is found, targets
// or files of what was found.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { fuzz, tryInput } from "./runner.ts";
import { createTarget } from "./targets/index.ts";

const [root = ".", ms = "10000", seed = "0", folder = ".", ...names] = process.argv.slice(2);
for (const name of names) {
  // "@" and a file: one input that was found before.
  if (name.startsWith("@")) {
    const kept = JSON.parse(fs.readFileSync(name.slice(1), "utf8"));
    await tryInput(await createTarget(kept.target, root), decodeHex(kept.octets));
    continue;
  }
  const target = await createTarget(name, root);
  const started = performance.now();
  const { inputs, found } = await fuzz(target, { ms: Number(ms), seed: Number(seed) });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (found === undefined) {
    console.log(`  ${name}: ${inputs} inputs in ${seconds} s, nothing found`);
    continue;
  }
  const octets = encodeHex(found.input);
  const digest = createHash("sha256").update(found.input).digest("hex").slice(0, 12);
  const file = path.join(folder, `${name}-${digest}.json`);
  fs.writeFileSync(file, `${JSON.stringify({ target: name, octets }, null, 2)}\n`);
  console.log(`  ${name}: FOUND after ${inputs} inputs: ${found.says}`);
  console.log(`    kept as ${path.relative(root, file)}; the seed was ${seed}`);
  process.exitCode = 1;
}
