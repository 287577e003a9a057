// Someone's own credential source, cache, store, enctypes, dial and host: programs that import the packed library by name,
// compiled with its types alone, and at work.

import { execFile } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/bootstrap.mjs";
import { ensurePacked, PROJECT } from "../../tools/pack/project.mjs";

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
  const names = [
    "bed",
    "credential-source",
    "credential-cache",
    "key-value-store",
    "enctype-set",
    "dial",
    "runtime",
    "preauth-mechanism",
  ];
  const all = ["--ignoreConfig", "--rewriteRelativeImportExtensions", ...strict, ...modules, ...types];
  await run(process.execPath, [tsc, ...all, ...names.map((name) => `${name}.mts`)], { cwd: folder }).catch((error) =>
    expect.fail(error.stdout),
  );
}, 180_000);

async function outputOf(name: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, [`${name}.mjs`], { cwd: folder, timeout: 60_000 });
  return JSON.parse(stdout);
}

describe("written from the published types alone", () => {
  it("a credential source logs in with a password and with a keytab, and sees a changed secret", async () => {
    expect(await outputOf("credential-source")).toEqual({
      greetings: ["hello alice@TEST.EXAMPLE", "hello robot@TEST.EXAMPLE", "hello alice@TEST.EXAMPLE"],
      reads: 2,
    });
  });

  it("a credential cache keeps tickets for a client that has no password", async () => {
    expect(await outputOf("credential-cache")).toEqual({
      greeting: "hello alice@TEST.EXAMPLE",
      first: 3,
      second: 0,
    });
  });

  it("a key-value store makes one login of two, and sees nothing in clear", async () => {
    expect(await outputOf("key-value-store")).toEqual({
      greetings: ["hello alice@TEST.EXAMPLE", "hello alice@TEST.EXAMPLE"],
      logins: 2,
      isSealed: true,
    });
  });

  it("a set of enctypes, a ticket source and a key source make a context", async () => {
    expect(await outputOf("enctype-set")).toEqual({
      text: "sealed",
      etypes: [20, 20],
      hasMade: true,
      peer: ["alice"],
    });
  });

  it("a dial carries every connection of both clients", async () => {
    expect(await outputOf("dial")).toEqual({
      greetings: ["hello alice@TEST.EXAMPLE", "hello alice@TEST.EXAMPLE"],
      hosts: ["kdc.test.example", "server.test.example"],
    });
  });

  it("a mechanism of pre-authentication proves the password, and is not used where it is disabled", async () => {
    expect(await outputOf("preauth-mechanism")).toEqual({
      greetings: ["hello alice@TEST.EXAMPLE", "hello alice@TEST.EXAMPLE"],
      proofs: 2,
      refused: "PREAUTH_UNSUPPORTED",
    });
  });

  it("a runtime gives connections, names, files and variables", async () => {
    expect(await outputOf("runtime")).toEqual({
      greeting: "hello robot@TEST.EXAMPLE",
      connected: ["127.0.0.1"],
      looked: ["kdc.test.example", "server.test.example"],
    });
  });
});
