import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCache, openCollection } from "../../../src/credentials/index.ts";
import { CredentialError } from "../../../src/errors.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { nodeFiles } from "../../../src/runtime/node-files.ts";
import { randomBytes } from "../../support/credentials.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
const host = { files: nodeFiles(), randomBytes };
let parent: string;
let dir: string;

beforeEach(() => {
  parent = fs.mkdtempSync(path.join(os.tmpdir(), "ccache-dir-"));
  dir = path.join(parent, "ccs");
});
afterEach(() => fs.rmSync(parent, { recursive: true }));

const collection = () => {
  const found = openCollection(`DIR:${dir}`, host);
  if (found === undefined) throw new Error("no collection");
  return found;
};

describe("a DIR collection", () => {
  it("makes its directory for its owner alone, and the primary cache in it as tkt", async () => {
    await openCache(`DIR:${dir}`, host).initialize({ principal: alice });
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(dir)).toEqual(["tkt"]);
    expect(fs.statSync(path.join(dir, "tkt")).mode & 0o777).toBe(0o600);
    expect((await collection().primary()).name).toBe(`DIR::${dir}/tkt`);
  });

  it("keeps the name of the primary in a file as libkrb5 does", async () => {
    const second = await collection().create();
    expect(second.name).toMatch(/^DIR::.*\/tkt[0-9a-f]+$/);
    await collection().setPrimary(second);
    const name = path.basename(second.name);
    expect(fs.readFileSync(path.join(dir, "primary"), "utf8")).toBe(`${name}\n`);
    expect(fs.statSync(path.join(dir, "primary")).mode & 0o777).toBe(0o600);
    await openCache(`DIR:${dir}`, host).initialize({ principal: alice });
    expect(fs.readdirSync(dir).sort()).toEqual(["primary", name].sort());
    expect(openCollection(second.name, host)).toBeDefined();
    expect((await openCollection(second.name, host)?.list())?.map((cache) => cache.name)).toEqual([second.name]);
  });

  it("CC11: refuses a primary file that leads elsewhere or is not one line", async () => {
    fs.mkdirSync(dir);
    for (const text of [
      "",
      "tkt",
      "../tkt\n",
      "tkt/../../x\n",
      "other\n",
      "tkta\ntktb\n",
      "tkt\0\n",
      "tkt\n\n",
      `tkt${"x".repeat(5_000)}\n`,
    ]) {
      fs.writeFileSync(path.join(dir, "primary"), text);
      await expect(openCache(`DIR:${dir}`, host).read()).rejects.toBeInstanceOf(CredentialError);
      // The caches are there all the same, and only those of the directory.
      expect(await collection().list()).toEqual([]);
    }
    await openCache(`DIR::${dir}/tktb`, host).initialize({ principal: alice });
    expect((await collection().list()).map((cache) => cache.name)).toEqual([`DIR::${dir}/tktb`]);
    fs.writeFileSync(path.join(dir, "primary"), "tktx\n");
    expect(await openCache(`DIR:${dir}`, host).read()).toBeUndefined();
  });

  it("refuses a file of another name, and another collection's cache as its primary", async () => {
    expect(() => openCache(`DIR::${dir}/other`, host)).toThrow(CredentialError);
    await expect(collection().setPrimary(openCache(`DIR::${parent}/tktx`, host))).rejects.toThrow(TypeError);
    await expect(collection().setPrimary(openCache(`FILE:${dir}/tktx`, host))).rejects.toThrow(TypeError);
    expect(() => openCollection("DIR:", host)).toThrow(TypeError);
  });
});
