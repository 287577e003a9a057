import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import figures from "../../../krb5-vectors/credentials/ccache.json" with { type: "json" };
import { concat, decodeHex } from "../../../src/bytes/index.ts";
import {
  type CacheHost,
  decodeCcacheFile,
  encodeCcacheFile,
  encodeCredential,
  openCache,
} from "../../../src/credentials/index.ts";
import { CredentialError, DecodeError } from "../../../src/errors.ts";
import type { Files } from "../../../src/host/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { nodeFiles } from "../../../src/runtime/node-files.ts";
import type { TraceListener } from "../../../src/trace.ts";
import { bundle } from "../../support/bundle.ts";
import { makeCredential, plainCredential, randomBytes } from "../../support/credentials.ts";
import { describeUnless } from "../../support/live.ts";
import { rejectedWith } from "../../support/rejected.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
const NOBODY = 65_534;

let bundles: string;
let child: string;
let dir: string;
let file: string;

beforeAll(async () => {
  bundles = fs.mkdtempSync(path.join(os.tmpdir(), "cache-child-"));
  child = await bundle("cache-child.ts", bundles);
});
afterAll(() => fs.rmSync(bundles, { recursive: true }));
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "ccache-file-"));
  file = path.join(dir, "cc");
});
afterEach(() => {
  fs.chmodSync(dir, 0o700);
  fs.rmSync(dir, { recursive: true });
});

const open = (over: Partial<CacheHost> & { overFiles?: Partial<Files> } = {}) => {
  const { overFiles, ...rest } = over;
  return openCache(`FILE:${file}`, { files: { ...nodeFiles(), ...overFiles }, randomBytes, ...rest });
};
const names = async () => (await open().read())?.credentials.map(({ server }) => server.components.join("/"));
const ticket = (name: string) => makeCredential(`${name}@EXAMPLE.ORG`);

const failureOf = rejectedWith(CredentialError);

describe("a FILE cache", () => {
  it("CC7: is a file of mode 0600 with nothing beside it", async () => {
    const old = process.umask(0);
    try {
      await open().initialize({ principal: alice, credentials: [ticket("a/b")] });
    } finally {
      process.umask(old);
    }
    expect(fs.statSync(file).mode & 0o7777).toBe(0o600);
    expect(fs.readdirSync(dir)).toEqual(["cc"]);
    expect(fs.readFileSync(file).subarray(0, 2).toString("hex")).toBe("0504");
  });

  it("replaces a file of any mode by one of mode 0600, and a link by a file", async () => {
    fs.writeFileSync(path.join(dir, "target"), "kept", { mode: 0o644 });
    fs.symlinkSync("target", file);
    await open().initialize({ principal: alice });
    expect(fs.lstatSync(file).isFile()).toBe(true);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(path.join(dir, "target"), "utf8")).toBe("kept");
  });

  it("adds a ticket with one write at the end, and changes nothing before it", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1")], clockOffsetMs: 1_500 });
    const before = fs.readFileSync(file);
    const writes: Uint8Array[] = [];
    const append: Files["append"] = (at, octets) => {
      writes.push(octets);
      return nodeFiles().append(at, octets);
    };
    const added = ticket("a/2");
    await open({ overFiles: { append } }).store(added);
    expect(writes).toHaveLength(1);
    expect(concat(before, encodeCredential(added))).toEqual(new Uint8Array(fs.readFileSync(file)));
    expect((await open().read())?.clockOffsetMs).toBe(1_500);
  });

  it("marks what is removed in place, without its key, in as many octets", async () => {
    const secret = new Uint8Array(32).fill(0x5a);
    const gone = makeCredential("a/2@EXAMPLE.ORG", { key: { etype: 18, octets: secret } });
    await open().initialize({ principal: alice, credentials: [ticket("a/1"), gone, ticket("a/3")] });
    const before = fs.readFileSync(file);
    const { ino } = fs.statSync(file);
    expect(before.includes(Buffer.from(secret))).toBe(true);
    expect(await open().remove(({ server }) => server.components[1] === "2")).toBe(1);
    const after = fs.readFileSync(file);
    expect(fs.statSync(file).ino).toBe(ino);
    expect(after.length).toBe(before.length);
    expect(after.includes(Buffer.from(secret))).toBe(false);
    expect(await names()).toEqual(["a/1", "a/3"]);
    // What other readers see of it: a ticket that has ended.
    const raw = decodeCcacheFile(after).credentials[1];
    expect([raw?.authTime.getTime(), raw?.endTime.getTime()]).toEqual([0xffffffff * 1000, 0]);
  });

  it("reads versions 1 to 3, and makes a file of version 4 of them when it changes them", async () => {
    for (const { version, file: hex } of figures.vectors) {
      const read = async () => (await open().read())?.credentials.map(plainCredential);
      fs.writeFileSync(file, decodeHex(hex), { mode: 0o600 });
      const old = await read();
      expect(old).toHaveLength(2);
      await open().store(makeCredential("a/3@EXAMPLE.ORG"));
      expect(fs.readFileSync(file)[1]).toBe(4);
      expect((await read())?.slice(0, 2)).toEqual(old);
      fs.writeFileSync(file, decodeHex(hex));
      expect(await open().remove(({ isSkey }) => isSkey)).toBe(1);
      expect(fs.readFileSync(file)[1]).toBe(4);
      expect(await read()).toEqual(old?.slice(0, 1));
      expect(version).toBeGreaterThan(0);
    }
  });

  it("CC10: refuses more tickets than any cache has, before it has made them all", async () => {
    const whole = (count: number) => {
      const head = encodeCcacheFile({ principal: alice, credentials: [] });
      // The least octets that are a credential: 250,000 of them fit into a file of 16 MiB.
      return Buffer.concat([head, Buffer.alloc(67 * count)]);
    };
    fs.writeFileSync(file, whole(25_000), { mode: 0o600 });
    expect((await open().read())?.credentials).toHaveLength(25_000);
    fs.writeFileSync(file, whole(25_001));
    await expect(open().read()).rejects.toThrow("more than 25000 credentials");
  });

  it("CC6: refuses damaged octets with their offset, and leaves the file untouched", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1")] });
    const good = fs.readFileSync(file);
    const huge = Buffer.from(good);
    huge.fill(0xff, 10, 14);
    for (const bad of [
      good.subarray(0, good.length - 1),
      huge,
      Buffer.alloc(0),
      Buffer.from("0504", "hex"),
      Buffer.from("hello"),
    ]) {
      fs.writeFileSync(file, bad);
      for (const operation of [
        () => open().read(),
        () => open().store(ticket("a/2")),
        () => open().remove(() => true),
        () => open().setConfig({ key: "x", value: Uint8Array.of(1) }),
      ]) {
        const error = await failureOf(operation());
        expect(error).toMatchObject({ code: "CCACHE" });
        expect(error.message).toMatch(/FILE:.*\(at octet \d+\)/);
        expect(error.cause).toBeInstanceOf(DecodeError);
      }
      expect(fs.readFileSync(file)).toEqual(bad);
      expect(fs.readdirSync(dir)).toEqual(["cc"]);
    }
  });

  it("uses what is whole before a stray end, says so in the trace, and writes the file whole when it adds to it", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1"), ticket("a/2")] });
    const good = fs.readFileSync(file);
    for (const bad of [good.subarray(0, good.length - 7), Buffer.concat([good, Buffer.from("\n")])]) {
      const kept = bad.length < good.length ? ["a/1"] : ["a/1", "a/2"];
      fs.writeFileSync(file, bad);
      const notes: string[] = [];
      const onTrace: TraceListener = (event) => void (event.type === "note" && notes.push(event.text));
      expect((await open({ onTrace }).read())?.credentials.map(({ server }) => server.components.join("/"))).toEqual(
        kept,
      );
      expect(notes).toEqual([expect.stringMatching(/: \d+ octets behind its last whole ticket are passed over$/)]);
      expect(fs.readFileSync(file)).toEqual(bad);
      await open().store(ticket("a/3"));
      expect(await names()).toEqual([...kept, "a/3"]);
      expect(decodeCcacheFile(fs.readFileSync(file)).strayAt).toBeUndefined();
      expect(await open().remove(({ server }) => server.components[1] === "3")).toBe(1);
      expect(await names()).toEqual(kept);
    }
  });

  it("CC10: refuses a file that is larger than any cache before reading it", async () => {
    fs.writeFileSync(file, "");
    fs.truncateSync(file, 2 ** 40);
    const start = process.memoryUsage().rss;
    const { message } = await failureOf(open().read());
    expect(message).toContain("EFBIG");
    // Nothing was written: what would help a writer helps nobody here.
    expect(message).not.toContain("free some space");
    expect(process.memoryUsage().rss - start).toBeLessThan(2 ** 27);
  });

  it("looks again while another program is in the middle of adding a ticket", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1")] });
    const added = encodeCredential(ticket("a/2"));
    fs.appendFileSync(file, added.subarray(0, 100));
    const reading = names();
    setTimeout(() => fs.appendFileSync(file, added.subarray(100)), 25);
    expect(await reading).toEqual(["a/1", "a/2"]);
  });

  it("adds to the new file when another program makes the cache anew meanwhile", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("old/1")] });
    let isFirst = true;
    const append: Files["append"] = async (at, octets) => {
      if (!isFirst) return nodeFiles().append(at, octets);
      isFirst = false;
      await open().initialize({ principal: alice, credentials: [ticket("new/1")] });
      return "replaced";
    };
    await open({ overFiles: { append } }).store(ticket("a/2"));
    expect(await names()).toEqual(["new/1", "a/2"]);
  });

  it("CC9: adds nothing to a cache that became another principal's", async () => {
    await open().initialize({ principal: alice });
    const append: Files["append"] = async () => {
      await open().initialize({ principal: parsePrincipal("bob@EXAMPLE.ORG") });
      return "replaced";
    };
    const error = await failureOf(open({ overFiles: { append } }).store(ticket("a/2")));
    expect(error.message).toContain("bob@EXAMPLE.ORG took the cache of alice@EXAMPLE.ORG");
    expect(await names()).toEqual([]);
  });

  it("CC8: does not mark what changed since it was read", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1"), ticket("a/2")] });
    let isFirst = true;
    const overwrite: Files["overwrite"] = async (...args) => {
      // Just before the write the file is another, in which something else stands at the same place.
      if (isFirst) await open().initialize({ principal: alice, credentials: [ticket("b/1"), ticket("a/1")] });
      isFirst = false;
      return nodeFiles().overwrite(...args);
    };
    expect(await open({ overFiles: { overwrite } }).remove(({ server }) => server.components[0] === "a")).toBe(1);
    expect(await names()).toEqual(["b/1"]);
  });

  it("keeps the old cache when the disk is full, and leaves nothing beside it", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1")] });
    const before = fs.readFileSync(file);
    const full = () => Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
    for (const overFiles of [
      { writeExclusive: full, append: full },
      { rename: full, append: full },
    ]) {
      const cache = open({ overFiles });
      const error = await failureOf(cache.initialize({ principal: alice }));
      expect(error.message).toContain("free some space");
      await failureOf(cache.store(ticket("a/2")));
      expect(fs.readFileSync(file)).toEqual(before);
      expect(fs.readdirSync(dir)).toEqual(["cc"]);
    }
  });

  it("says in the trace that others may read it, or that it is someone else's", async () => {
    await open().initialize({ principal: alice });
    const notes: string[] = [];
    const onTrace: TraceListener = (event) => notes.push(event.type === "note" ? event.text : event.type);
    await open({ onTrace }).read();
    expect(notes).toEqual([]);
    fs.chmodSync(file, 0o644);
    const other = (process.getuid?.() ?? 0) + 1;
    await open({ onTrace, overFiles: { uid: other } }).read();
    expect(notes).toHaveLength(2);
    expect(notes[0]).toContain("mode 644");
    expect(notes[1]).toContain(String(other));
  });

  it("is erased when it is destroyed", async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1")] });
    const fd = fs.openSync(file, "r");
    expect(await open().destroy()).toBe(true);
    expect(fs.readFileSync(fd).every((octet) => octet === 0)).toBe(true);
    fs.closeSync(fd);
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  it("erases what a writer that was killed left beside it a minute ago, and nothing else", async () => {
    const left = (name: string, secondsAgo: number) => {
      fs.writeFileSync(path.join(dir, name), "secret");
      fs.utimesSync(path.join(dir, name), new Date(), new Date(Date.now() - secondsAgo * 1000));
      return name;
    };
    left(".cc.0123456789abcdef.tmp", 120);
    const kept = [
      left(".cc.0123456789abcdee.tmp", 5),
      left(".cc.notes.tmp", 999),
      left(".cc2.0123456789abcdef.tmp", 999),
    ];
    await open().initialize({ principal: alice });
    expect(fs.readdirSync(dir).sort()).toEqual([...kept, "cc"].sort());
  });

  it("says what is wrong with a directory that is not there", async () => {
    const cache = openCache(`FILE:${dir}/none/cc`, { files: nodeFiles(), randomBytes });
    expect(await cache.read()).toBeUndefined();
    expect((await failureOf(cache.initialize({ principal: alice }))).message).toContain("directory is not there");
  });

  it("keeps every ticket that eight processes add at once", async () => {
    await open().initialize({ principal: alice });
    const children = Array.from({ length: 8 }, () => spawn(process.execPath, [child, "add", `FILE:${file}`, "25"]));
    const codes = await Promise.all(children.map(async (process) => (await once(process, "exit"))[0]));
    expect(codes).toEqual(children.map(() => 0));
    const found = (await names()) ?? [];
    expect(found).toHaveLength(200);
    expect(new Set(found).size).toBe(200);
  });
});

const needsRoot = process.getuid?.() === 0 ? "" : "only root can try it as another user";

describeUnless(needsRoot, "a FILE cache of someone else, tried as an unprivileged user", () => {
  const attempt = (where: string): Record<string, { value?: unknown; error?: { code: string; message: string } }> => {
    const output = execFileSync(process.execPath, [child, "try", `FILE:${where}`], { uid: NOBODY, gid: NOBODY });
    return JSON.parse(output.toString());
  };

  beforeEach(async () => {
    await open().initialize({ principal: alice, credentials: [ticket("a/1")] });
  });

  it("is refused, and is as it was", async () => {
    fs.chmodSync(dir, 0o1777);
    const before = fs.readFileSync(file);
    const results = attempt(file);
    for (const { error } of Object.values(results)) {
      expect(error).toMatchObject({ code: "CCACHE" });
      expect(error?.message).toMatch(/EACCES|EPERM/);
      expect(error?.message).toContain("belongs to someone else");
    }
    expect(Object.keys(results)).toHaveLength(4);
    expect(fs.readFileSync(file)).toEqual(before);
    expect(fs.readdirSync(dir)).toEqual(["cc"]);
  });

  it("is read if it may be read, and not changed", async () => {
    fs.chmodSync(dir, 0o755);
    fs.chmodSync(file, 0o644);
    const before = fs.readFileSync(file);
    const { read, ...rest } = attempt(file);
    expect(read).toEqual({ value: 1 });
    for (const { error } of Object.values(rest)) expect(error).toMatchObject({ code: "CCACHE" });
    expect(fs.readFileSync(file)).toEqual(before);
    expect(fs.readdirSync(dir)).toEqual(["cc"]);
  });

  it("cannot be made in a directory that cannot be written", async () => {
    fs.chmodSync(dir, 0o755);
    const { read, initialize } = attempt(path.join(dir, "mine"));
    expect(read).toEqual({ value: null });
    expect(initialize?.error?.message).toContain("EACCES");
    expect(fs.readdirSync(dir)).toEqual(["cc"]);
  });

  it("can be made by that user where it may write, with mode 0600", async () => {
    fs.chmodSync(dir, 0o1777);
    const mine = path.join(dir, "mine");
    const results = attempt(mine);
    for (const { error } of Object.values(results)) expect(error).toBeUndefined();
    expect(results.destroy).toEqual({ value: true });
  });
});
