// Caches that another user put where the victim's is expected, as unprivileged users: rules CC13 and CC14.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import figures from "../../../krb5-vectors/credentials/ccache.json" with { type: "json" };
import { encodeCcacheFile, openCache } from "../../../src/credentials/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { nodeFiles } from "../../../src/runtime/node-files.ts";
import type { Trace } from "../../../src/trace.ts";
import { bundle } from "../../support/bundle.ts";
import { makeCredential, randomBytes } from "../../support/credentials.ts";
import { describeUnless } from "../../support/live.ts";

const VICTIM = 1_001;
const ATTACKER = 65_534;
const alice = parsePrincipal("alice@EXAMPLE.ORG");
const needsRoot = process.getuid?.() === 0 ? undefined : "it takes root to be two other users";

type Results = Record<"read" | "initialize" | "store" | "destroy", { value?: unknown; error?: { message: string } }>;

let bundles: string;
let child: string;
/** As /tmp: root's, for everybody, sticky. */
let dir: string;
let file: string;

beforeAll(async () => {
  bundles = fs.mkdtempSync(path.join(os.tmpdir(), "planted-child-"));
  child = await bundle("cache-child.ts", bundles);
});
afterAll(() => fs.rmSync(bundles, { recursive: true }));
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "planted-"));
  fs.chmodSync(dir, 0o1777);
  file = path.join(dir, "krb5cc_1001");
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

/** Puts a cache of the victim's name somewhere. */
function plant(where: string, uid: number, mode = 0o666): Buffer {
  fs.writeFileSync(where, encodeCcacheFile({ principal: alice, credentials: [makeCredential("a/1@EXAMPLE.ORG")] }));
  fs.chmodSync(where, mode);
  fs.chownSync(where, uid, uid);
  return fs.readFileSync(where);
}

/** The victim reads, makes, adds to and destroys a cache. */
function victim(name: string, ...trusted: number[]): Results {
  const args = [child, "try", name, "0", ...trusted.map(String)];
  return JSON.parse(execFileSync(process.execPath, args, { uid: VICTIM, gid: VICTIM }).toString());
}

describeUnless(needsRoot, "a cache that another user planted", () => {
  it("CC13, CC14: gives the victim no identity and gets no ticket", () => {
    const before = plant(file, ATTACKER);
    const { read, initialize, store } = victim(`FILE:${file}`);
    expect(read.error?.message).toMatch(
      /belongs to user 65534 in a directory where anybody may put a file.*KRB5CCNAME/,
    );
    expect(initialize.error?.message).toMatch(/EPERM/);
    expect(store.error?.message).toContain("belongs to user 65534");
    expect(fs.readFileSync(file)).toEqual(before);
  });

  it("CC14: is not reached through a link that is planted either", () => {
    const own = fs.mkdtempSync(path.join(os.tmpdir(), "attacker-"));
    try {
      fs.chownSync(own, ATTACKER, ATTACKER);
      fs.chmodSync(own, 0o755);
      const before = plant(path.join(own, "cc"), ATTACKER);
      fs.symlinkSync(path.join(own, "cc"), file);
      fs.lchownSync(file, ATTACKER, ATTACKER);
      expect(victim(`FILE:${file}`).read.error?.message).toContain("a link of user 65534 leads to it");
      expect(fs.readFileSync(path.join(own, "cc"))).toEqual(before);
    } finally {
      fs.rmSync(own, { recursive: true });
    }
  });

  it("CC13: nothing is added through a link, nor to a file that others may write", async () => {
    const target = path.join(dir, "target");
    const before = plant(target, VICTIM, 0o600);
    fs.symlinkSync(target, file);
    fs.lchownSync(file, VICTIM, VICTIM);
    const files = nodeFiles();
    await expect(files.append(file, Uint8Array.of(1))).rejects.toMatchObject({ code: "ELOOP" });
    const overwriting = files.overwrite(file, 0, before.subarray(0, 1), Uint8Array.of(9));
    await expect(overwriting).rejects.toMatchObject({ code: "ELOOP" });
    fs.unlinkSync(file);
    plant(file, VICTIM, 0o666);
    // What is made anew is one's own; so the child adds before it makes.
    const add = [child, "add", `FILE:${file}`, "1"];
    expect(() => execFileSync(process.execPath, add, { uid: VICTIM, gid: VICTIM, stdio: "pipe" })).toThrow(
      /others may write it \(mode 666\)/,
    );
    fs.chmodSync(file, 0o600);
    execFileSync(process.execPath, add, { uid: VICTIM, gid: VICTIM });
    expect(fs.readFileSync(target)).toEqual(before);
  });

  it("CC14: one of the directory's owner is read, and so is one of a user who is trusted", () => {
    plant(file, 0, 0o644);
    expect(victim(`FILE:${file}`).read).toEqual({ value: 1 });
    plant(file, ATTACKER, 0o644);
    const { read, store } = victim(`FILE:${file}`, ATTACKER);
    expect(read).toEqual({ value: 1 });
    expect(store.error?.message).toMatch(/EACCES/);
  });

  it("CC14: root reads the caches of all, and writes to none but its own", async () => {
    const before = plant(file, ATTACKER);
    const cache = openCache(`FILE:${file}`, { files: nodeFiles(), randomBytes });
    expect((await cache.read())?.credentials).toHaveLength(1);
    await expect(cache.store(makeCredential("a/2@EXAMPLE.ORG"))).rejects.toThrow(/this program is user 0/);
    await expect(cache.remove(() => true)).rejects.toThrow(/this program is user 0/);
    expect(fs.readFileSync(file)).toEqual(before);
  });

  it.each([
    ["a stray end", (whole: Buffer) => Buffer.concat([whole, Buffer.of(0, 0)]), ["store"]],
    ["an older version", () => Buffer.from(figures.vectors[0]?.file ?? "", "hex"), ["store", "remove"]],
  ] as const)("CC13: root makes no cache of another anew because of %s", async (_, change, calls) => {
    fs.writeFileSync(file, change(plant(file, ATTACKER)));
    const before = fs.readFileSync(file);
    const cache = openCache(`FILE:${file}`, { files: nodeFiles(), randomBytes });
    expect((await cache.read())?.credentials.length).toBeGreaterThan(0);
    for (const call of calls) {
      const done = call === "store" ? cache.store(makeCredential("a/2@EXAMPLE.ORG")) : cache.remove(() => true);
      await expect(done).rejects.toThrow(/belongs to user 65534, and this program is user 0/);
    }
    expect(fs.readFileSync(file)).toEqual(before);
    expect(fs.statSync(file).uid).toBe(ATTACKER);
  });

  it("CC13, CC14: a directory of caches that another user made or that all may write to gets none", () => {
    const collection = path.join(dir, "ccs");
    fs.mkdirSync(collection);
    fs.chmodSync(collection, 0o777);
    fs.chownSync(collection, ATTACKER, ATTACKER);
    for (const name of [`DIR:${collection}`, `DIR::${collection}/tkt1`]) {
      expect(victim(name).initialize.error?.message).toContain("its directory belongs to user 65534");
    }
    fs.chownSync(collection, 0, 0);
    expect(victim(`DIR:${collection}`).initialize.error?.message).toMatch(/others may write to its directory.*777/);
    fs.chmodSync(collection, 0o1777);
    fs.writeFileSync(path.join(collection, "primary"), "tktother\n");
    fs.chownSync(path.join(collection, "primary"), ATTACKER, ATTACKER);
    expect(victim(`DIR:${collection}`).read.error?.message).toContain("belongs to user 65534");
    fs.rmSync(collection, { recursive: true });
    fs.mkdirSync(collection, { mode: 0o700 });
    fs.chownSync(collection, VICTIM, VICTIM);
    expect(victim(`DIR:${collection}`).initialize).toEqual({ value: null });
  });
});

it("a keytab or krb5.conf that others may write is used, through links too, and is noted", async () => {
  const { loadKrb5Config } = await import("../../../src/config/index.ts");
  const { encodeKeytab, Keytab, readKeytabFile } = await import("../../../src/credentials/index.ts");
  const notes: string[] = [];
  const trace: Trace = (event) => void (event.type === "note" && notes.push(event.text));
  const [conf, keys] = [path.join(dir, "krb5.conf"), path.join(dir, "keytab")];
  fs.writeFileSync(`${conf}.real`, "[libdefaults]\n");
  fs.writeFileSync(`${keys}.real`, encodeKeytab(new Keytab([])));
  fs.symlinkSync(`${conf}.real`, conf);
  fs.symlinkSync(`${keys}.real`, keys);
  const files = nodeFiles();
  const read = async (mode: number): Promise<string[]> => {
    notes.length = 0;
    fs.chmodSync(`${conf}.real`, mode);
    fs.chmodSync(`${keys}.real`, mode);
    await loadKrb5Config({ files, paths: [conf], trace });
    await readKeytabFile(keys, files, { onWarning: (text) => void notes.push(`keytab: ${text}`) });
    return notes;
  };
  expect(await read(0o644)).toEqual([]);
  expect(await read(0o666)).toEqual([
    expect.stringMatching(/krb5\.conf: others may write it \(mode 666\)/),
    expect.stringMatching(/keytab: others may write it \(mode 666\)/),
  ]);
});
