import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";

const TOOL = fileURLToPath(new URL("../../../tools/check-regexps.mjs", import.meta.url));

let src: string;

beforeEach(() => {
  src = fs.mkdtempSync(path.join(os.tmpdir(), "regexps-"));
});

afterEach(() => fs.rmSync(src, { recursive: true, force: true }));

async function check(text: string): Promise<string> {
  fs.writeFileSync(path.join(src, "a.ts"), text);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [TOOL, src]).catch((error) => error);
  return stdout + stderr;
}

it.each([
  ["a run at the end", "export const f = (text: string) => text.replace(/\\0+$/, '');", /2nd degree polynomial/],
  ["two runs of the same", "export const r: RegExp = /^[:a]*:[:a]*x$/;", /2nd degree polynomial/],
  ["a choice in a run", "export const r = /^(?:a|a)*$/;", /exponential/],
  ["one that is made at run time", "export const f = (text: string) => new RegExp(text);", /write it as a literal/],
])("%s is refused", async (_what, text, said) => {
  expect(await check(text)).toMatch(said);
});

it("what is linear is not", async () => {
  expect(await check("export const r = /^[a-z]+:\\/\\//i;")).toBe("1 regular expressions, each linear\n");
});
