import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  changeKeytabFile,
  encodeKeytab,
  Keytab,
  readKeytabFile,
  writeKeytabFile,
} from "../../../src/credentials/index.ts";
import { CredentialError, DecodeError } from "../../../src/errors.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { nodeFiles } from "../../../src/runtime/node-files.ts";
import { randomBytes } from "../../support/credentials.ts";
import { rejectedWith } from "../../support/rejected.ts";

const files = nodeFiles();
const keytab = new Keytab([
  {
    principal: parsePrincipal("alice@R"),
    timestamp: new Date(1_000),
    kvno: 1,
    keyBlock: { etype: 18, octets: randomBytes(32) },
  },
]);
let dir: string;
let file: string;

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "keytab-file-"));
  file = path.join(dir, "kt");
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const failureOf = rejectedWith(CredentialError);

describe("a keytab file", () => {
  it("is read by each form of its name", async () => {
    fs.writeFileSync(file, encodeKeytab(keytab));
    for (const name of [file, `FILE:${file}`, `WRFILE:${file}`]) {
      expect((await readKeytabFile(name, files)).entries).toHaveLength(1);
    }
  });

  it("is written whole, for its owner alone, over what was there", async () => {
    fs.writeFileSync(file, "old", { mode: 0o644 });
    await writeKeytabFile(`FILE:${file}`, keytab, { files, randomBytes });
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(new Uint8Array(fs.readFileSync(file))).toEqual(encodeKeytab(keytab));
    expect(fs.readdirSync(dir)).toEqual(["kt"]);
  });

  it("keeps the owner, the group and the mode of one that was closed to others, behind links too", async () => {
    fs.writeFileSync(file, "old");
    if (files.uid === 0) fs.chownSync(file, 1_001, 1_002);
    fs.chmodSync(file, 0o640);
    const link = path.join(dir, "link");
    fs.symlinkSync("kt", link);
    for (const name of [link, file]) {
      await writeKeytabFile(name, keytab, { files, randomBytes });
      const { mode, uid, gid } = fs.statSync(file);
      expect([mode & 0o777, uid, gid]).toEqual([0o640, ...(files.uid === 0 ? [1_001, 1_002] : [uid, gid])]);
      expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
      expect(new Uint8Array(fs.readFileSync(file))).toEqual(encodeKeytab(keytab));
      fs.writeFileSync(file, "old");
    }
    expect(fs.readdirSync(dir).sort()).toEqual(["kt", "link"]);
  });

  it.skipIf(files.uid !== 0)("does not follow a link that another user put into a directory of all", async () => {
    fs.chmodSync(dir, 0o1777);
    fs.writeFileSync(file, "ours", { mode: 0o600 });
    const link = path.join(dir, "link");
    fs.symlinkSync("kt", link);
    fs.lchownSync(link, 65_534, 65_534);
    await writeKeytabFile(link, keytab, { files, randomBytes });
    expect(fs.readFileSync(file, "utf8")).toBe("ours");
    expect(fs.lstatSync(link).isFile()).toBe(true);
    const planted = path.join(dir, "planted");
    fs.writeFileSync(planted, "", { mode: 0o600 });
    fs.chownSync(planted, 65_534, 65_534);
    await writeKeytabFile(planted, keytab, { files, randomBytes });
    expect([fs.statSync(planted).uid, fs.statSync(planted).mode & 0o777]).toEqual([0, 0o600]);
  });

  it("stays as it was when it cannot be written, with nothing beside it", async () => {
    fs.writeFileSync(file, "old");
    const full = () => Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
    for (const over of [{ writeExclusive: full }, { rename: full }]) {
      const error = await failureOf(writeKeytabFile(file, keytab, { files: { ...files, ...over }, randomBytes }));
      expect(error).toMatchObject({ code: "KEYTAB", message: expect.stringContaining("ENOSPC") });
    }
    expect(fs.readFileSync(file, "utf8")).toBe("old");
    expect(fs.readdirSync(dir)).toEqual(["kt"]);
  });

  const oneMore = async (kvno: number): Promise<Keytab> => {
    const old = fs.existsSync(file) ? (await readKeytabFile(file, files)).entries : [];
    const principal = parsePrincipal("alice@R");
    return new Keytab([
      ...old,
      { principal, timestamp: new Date(1_000), kvno, keyBlock: { etype: 18, octets: randomBytes(32) } },
    ]);
  };
  const kvnos = async () =>
    (await readKeytabFile(file, files)).entries.map((one) => one.kvno).sort((one, other) => one - other);

  it("keeps every key that ten add at once, to a new keytab too", async () => {
    const ten = Array.from({ length: 10 }, (_, i) => i + 1);
    await Promise.all(ten.map((kvno) => changeKeytabFile(file, () => oneMore(kvno), files)));
    expect(await kvnos()).toEqual(ten);
    expect(fs.readdirSync(dir)).toEqual(["kt"]);
  });

  it("keeps what another program, which knows no lock, put there meanwhile", async () => {
    await writeKeytabFile(file, keytab, { files, randomBytes });
    let isFirst = true;
    const slow = async (): Promise<Keytab> => {
      const made = await oneMore(3);
      if (isFirst) await writeKeytabFile(file, await oneMore(2), { files, randomBytes });
      isFirst = false;
      return made;
    };
    await changeKeytabFile(file, slow, files);
    expect(await kvnos()).toEqual([1, 2, 3]);
    expect(fs.readdirSync(dir)).toEqual(["kt"]);
  });

  it("is changed though a program that was killed left its new one", async () => {
    const left = path.join(dir, ".kt.next.tmp");
    fs.writeFileSync(left, "half");
    const since = new Date(Date.now() - 11_000);
    fs.utimesSync(left, since, since);
    await changeKeytabFile(file, () => oneMore(1), files);
    expect(await kvnos()).toEqual([1]);
    expect(fs.readdirSync(dir)).toEqual(["kt"]);
  });

  it("says what is wrong and what to do", async () => {
    expect((await failureOf(readKeytabFile(file, files))).message).toMatch(/the keytab does not exist.*ktadd/);
    expect((await failureOf(readKeytabFile(dir, files))).message).toContain("EISDIR");
    fs.writeFileSync(file, "not a keytab");
    const damaged = await failureOf(readKeytabFile(`FILE:${file}`, files));
    expect(damaged.message).toMatch(/damaged.*octet 1/);
    expect(damaged.cause).toBeInstanceOf(DecodeError);
    expect((await failureOf(readKeytabFile("MEMORY:x", files))).message).toContain("FILE:");
    const denied = () => Promise.reject(Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" }));
    expect((await failureOf(readKeytabFile(file, { read: denied }))).message).toContain("KRB5_KTNAME");
  });
});
