// Changed input for every target with a new seed each time: two seconds, ten with CI=true. `npm run fuzz -- --seconds 600` for longer.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFuzzer, fuzzTargets, runFuzzer } from "../../tools/fuzz.mjs";
import { wholeTable } from "../support/live.ts";
import { LEAST_INPUTS } from "./runner.ts";
import { targetNames } from "./targets/index.ts";

const ms = wholeTable ? 10_000 : 2_000;
const seed = Math.floor(Math.random() * 2 ** 31);

describe("fuzzing", () => {
  let fuzzer: Awaited<ReturnType<typeof bundleFuzzer>>;
  beforeAll(async () => {
    fuzzer = await bundleFuzzer();
  });
  afterAll(() => fuzzer.remove());

  it("the program knows every target", () => {
    expect(fuzzTargets()).toEqual(targetNames);
  });

  it.concurrent.each(targetNames)(
    "%s: only typed errors, no hang, no memory past what the input is worth",
    async (name) => {
      const { isClean, output } = await runFuzzer(fuzzer.file, name, { ms, seed });
      expect(isClean, output).toBe(true);
      // It did something.
      expect(Number(/(\d+) inputs/.exec(output)?.[1]), output).toBeGreaterThanOrEqual(LEAST_INPUTS);
    },
    ms * 3 + 90_000,
  );
});
