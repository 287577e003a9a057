// A project with the built package in it, as `npm install` leaves it, for the programs of pages.

import { type ExecFileOptions, execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { ensureBuild, ROOT } from "../../tools/bootstrap.mjs";

/** Pairs of the page's name and the one of the test's world. */
export type Names = readonly (readonly [theirs: string, ours: string])[];

export interface PageProject {
  readonly folder: string;
  /** Writes a program into a folder of its own, and gives its path. */
  write(code: string, name?: string): string;
}

/** Makes the project before the tests of a file, and removes it after them. */
export function usePageProject(name: string): () => PageProject {
  let folder: string;
  beforeAll(async () => {
    await ensureBuild();
    folder = mkdtempSync(path.join(tmpdir(), `krb5-remctl-${name}-`));
    mkdirSync(path.join(folder, "node_modules"));
    symlinkSync(ROOT, path.join(folder, "node_modules", "krb5-remctl"));
    // What npm install leaves, and Deno asks for.
    writeFileSync(path.join(folder, "package.json"), JSON.stringify({ dependencies: { "krb5-remctl": "*" } }));
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (code: string, file = "program.mjs"): string => {
    const place = path.join(mkdtempSync(path.join(folder, "run-")), file);
    writeFileSync(place, code);
    return place;
  };
  return () => ({ folder, write });
}

/** The program with the names of another world. A name that is not there is the test's mistake. */
export function renamed(code: string, names: Names): string {
  let text = code;
  for (const [theirs, ours] of names) text = text.replaceAll(theirs, () => ours);
  return text;
}

/** What a program prints. It may fail: its exit status, and its errors, are told too. */
export function runProgramFile(
  program: string,
  args: readonly string[],
  options: ExecFileOptions & { readonly input?: string } = {},
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const { input, ...rest } = options;
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { encoding: "utf8", ...rest }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ status, stdout: String(stdout), stderr: String(stderr) });
    });
    child.stdin?.end(input ?? "");
  });
}
