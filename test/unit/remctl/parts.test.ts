// What a program does not use is not in its bundle: version 1, arguments from streams, output as it comes, names of error codes.

import path from "node:path";
import { expect, it } from "vitest";
import { build } from "../../../tools/pack/index.mjs";

const entry = path.join(import.meta.dirname, "..", "..", "..", "src", "entry", "lean.ts");

/** Octets of each file of src in a bundle of the lean entry, of which `names` are used. */
async function bundle(...names: readonly string[]): Promise<(file: string) => number> {
  const { metafile, outputFiles } = await build({
    stdin: {
      contents: `import { ${names} } from ${JSON.stringify(entry)}; globalThis.used = [${names}];`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    format: "esm",
    external: ["cloudflare:*"],
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.entries(output?.inputs ?? {});
  const text = new TextDecoder().decode(outputFiles[0]?.contents);
  return (what) =>
    what.endsWith(".ts")
      ? (inputs.find(([file]) => file.endsWith(`src/remctl/${what}`))?.[1].bytesInOutput ?? 0)
      : Number(text.includes(what));
}

const version1 = "command/version-1.ts";
const streams = "command/streamed-arguments.ts";
const output = ["output/output-queue.ts", "output/output-streams.ts", "output/run.ts"];

it("a client and its calls have no optional part", async () => {
  const octetsOf = await bundle("createClient");
  expect([version1, streams, ...output, "ERROR_ACCESS"].map(octetsOf)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(octetsOf("session/session.ts")).toBeGreaterThan(1_000);
});

it("a part that is asked for is there", async () => {
  const octetsOf = await bundle("createClient", "version1", "streamedArguments", "streamedOutput");
  expect(octetsOf(version1)).toBeGreaterThan(1_000);
  expect(octetsOf(streams)).toBeGreaterThan(500);
  expect(output.map(octetsOf).reduce((sum, octets) => sum + octets)).toBeGreaterThan(2_000);
});
