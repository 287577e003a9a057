// Someone's own credential source, cache, store, enctypes, dial and host: programs that import the packed library by name,
// compiled with its types alone, and at work.

import { execFile } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/bootstrap.mjs";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";
import { type RuntimeName, runtimePath } from "../../tools/runtimes/index.mjs";
import { wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";

const run = promisify(execFile);
const tsc = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
const sources = path.join(import.meta.dirname, "own");
let folder: string;

beforeAll(async () => {
  await ensurePacked();
  folder = path.join(PROJECT, "own");
  rmSync(folder, { recursive: true, force: true });
  cpSync(sources, folder, { recursive: true });
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", "false"];
  const modules = ["--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom,esnext.disposable"];
  const types = ["--types", "node", "--typeRoots", path.join(ROOT, "node_modules", "@types")];
  const names = ["bed", ...Object.keys(PROGRAMS)];
  const all = ["--ignoreConfig", "--rewriteRelativeImportExtensions", ...strict, ...modules, ...types];
  await run(process.execPath, [tsc, ...all, ...names.map((name) => `${name}.mts`)], { cwd: folder }).catch((error) =>
    expect.fail(error.stdout),
  );
}, 180_000);

async function outputOf(name: string, program = process.execPath, words: readonly string[] = []): Promise<unknown> {
  const env = { PATH: process.env.PATH ?? "", HOME: folder, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const { stdout } = await run(program, [...words, `${name}.mjs`], { cwd: folder, env, timeout: 60_000 });
  return JSON.parse(stdout);
}

const alice = "hello alice@TEST.EXAMPLE";
const robot = "hello robot@TEST.EXAMPLE";

/** What each program prints, on every runtime. */
const PROGRAMS: Record<string, { does: string; prints: unknown }> = {
  "credential-source": {
    does: "a credential source logs in with a password and with a keytab, and sees a changed secret",
    prints: { greetings: [alice, robot, alice], reads: 2 },
  },
  "credential-cache": {
    does: "a credential cache keeps tickets for a client that has no password",
    prints: { greeting: alice, first: 3, second: 0 },
  },
  "key-value-store": {
    does: "a key-value store makes one login of two, and sees nothing in clear",
    prints: { greetings: [alice, alice], logins: 2, isSealed: true },
  },
  "enctype-set": {
    does: "a set of enctypes, a ticket source and a key source make a context",
    prints: { text: "sealed", etypes: [20, 20], hasMade: true, peer: ["alice"] },
  },
  dial: {
    does: "a dial carries every connection of both clients",
    prints: { greetings: [alice, alice], hosts: ["kdc.test.example", "server.test.example"] },
  },
  "preauth-mechanism": {
    does: "a mechanism of pre-authentication proves the password, and is not used where it is disabled",
    prints: { greetings: [alice, alice], proofs: 2, refused: "PREAUTH_UNSUPPORTED" },
  },
  runtime: {
    does: "a runtime gives connections, names, files and variables",
    prints: { greeting: robot, connected: ["127.0.0.1"], looked: ["kdc.test.example", "server.test.example"] },
  },
};

describe("written from the published types alone", () => {
  it.each(Object.entries(PROGRAMS).map(([name, { does, prints }]) => [does, name, prints] as const))(
    "%s",
    async (_, name, prints) => {
      expect(await outputOf(name)).toEqual(prints);
    },
  );
});

const RUNTIMES: readonly (readonly [name: RuntimeName, ...words: string[]])[] = [
  ["node22"],
  ["node24"],
  ["deno", "run", "--allow-all", "--no-prompt"],
  ["bun"],
];

// A plain run has the Node of the tests above, and those that are not Node.
const elsewhere = wholeTable ? RUNTIMES : RUNTIMES.filter(([name]) => !name.startsWith("node"));

describeRuntimes("the same programs elsewhere", () => {
  it.each(
    elsewhere.flatMap(([runtime, ...words]) => Object.keys(PROGRAMS).map((name) => [runtime, name, words] as const)),
  )("%s runs %s", async (runtime, name, words) => {
    expect(await outputOf(name, runtimePath(runtime), words)).toEqual(PROGRAMS[name]?.prints);
  });
});
