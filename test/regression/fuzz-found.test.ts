// Inputs that the fuzzer found, smallest form: they broke a promise once, and must not again.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { decodeHex } from "../../src/bytes/index.ts";
import { tryInput } from "../fuzz/runner.ts";
import { createTarget } from "../fuzz/targets/index.ts";

const root = path.join(import.meta.dirname, "..", "..");
const folder = path.join(import.meta.dirname, "..", "fuzz", "found");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("inputs that the fuzzer found", () => {
  it("are kept with their target", () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)("%s", async (name) => {
    const { target, octets } = JSON.parse(readFileSync(path.join(folder, name), "utf8"));
    await tryInput(await createTarget(target, root), decodeHex(octets));
  });
});
