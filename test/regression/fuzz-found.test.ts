// Inputs that the fuzzer found, in their smallest form: they broke a promise once, and must not again. In a process of its own,
// where nothing else takes memory.

import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFuzzer, runFuzzer } from "../../tools/fuzz.mjs";

const folder = path.join(import.meta.dirname, "..", "fuzz", "found");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("inputs that the fuzzer found", () => {
  let fuzzer: Awaited<ReturnType<typeof bundleFuzzer>>;
  beforeAll(async () => {
    fuzzer = await bundleFuzzer();
  });
  afterAll(() => fuzzer.remove());

  it("are kept with their target", () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)("%s", async (name) => {
    const { isClean, output } = await runFuzzer(fuzzer.file, `@${path.join(folder, name)}`, { ms: 0, seed: 0 });
    expect(isClean, output).toBe(true);
  });
});
