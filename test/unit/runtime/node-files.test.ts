import { execFileSync } from "node:child_process";
import fs from "node:fs";
import fsPromises from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Files } from "../../../src/host/index.ts";
import { nodeFiles } from "../../../src/runtime/node-files.ts";

let dir: string;
let files: Files;
const text = (octets: Uint8Array | undefined) => octets && new TextDecoder().decode(octets);
const octets = (value: string) => new TextEncoder().encode(value);
const at = (name: string) => path.join(dir, name);

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "node-files-"));
  files = nodeFiles();
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

/** A disk whose next write takes only some octets. */
function diskThatTakes(count: number, before?: (name: string) => void): Files {
  const limited = {
    ...fsPromises,
    async open(...args: Parameters<typeof fsPromises.open>) {
      const file = await fsPromises.open(...args);
      const write = file.write.bind(file) as (...all: unknown[]) => Promise<unknown>;
      let left = count;
      file.write = (async (from: Uint8Array, start = 0, length = from.length - start, ...rest: unknown[]) => {
        if (left === 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        const taken = Math.min(left, length);
        left -= taken;
        const result = await write(from, start, taken, ...rest);
        before?.(String(args[0]));
        return result;
      }) as typeof file.write;
      return file;
    },
  };
  return nodeFiles(limited as typeof fsPromises);
}

describe("nodeFiles", () => {
  it("reads a whole file, and says undefined for none", async () => {
    fs.writeFileSync(at("a"), "hello");
    expect(text(await files.read(at("a")))).toBe("hello");
    expect(await files.read(at("none"))).toBeUndefined();
    expect(await files.read(at("a/none"))).toBeUndefined();
    expect(await files.read("/dev/null")).toEqual(new Uint8Array());
  });

  it("refuses more than the limit, devices without an end included", async () => {
    fs.writeFileSync(at("a"), "hello");
    expect(text(await files.read(at("a"), { maxBytes: 5 }))).toBe("hello");
    await expect(files.read(at("a"), { maxBytes: 4 })).rejects.toMatchObject({ code: "EFBIG" });
    await expect(files.read("/dev/zero", { maxBytes: 100_000 })).rejects.toMatchObject({ code: "EFBIG" });
  });

  it("refuses a directory and a pipe, and does not wait for one", async () => {
    await expect(files.read(dir)).rejects.toMatchObject({ code: "EISDIR" });
    execFileSync("mkfifo", [at("pipe")]);
    await expect(files.read(at("pipe"))).rejects.toMatchObject({ code: "EINVAL" });
  });

  it("CC7: neither replaces nor removes what is no file", async () => {
    const pipe = at("pipe");
    execFileSync("mkfifo", [pipe]);
    fs.writeFileSync(at("a"), "hello");
    await expect(files.rename(at("a"), pipe)).rejects.toMatchObject({ code: "EINVAL" });
    await expect(files.erase(pipe)).rejects.toMatchObject({ code: "EINVAL" });
    expect(fs.statSync(pipe).isFIFO()).toBe(true);
    // A link in the place of a file is a name, and is replaced.
    fs.symlinkSync(pipe, at("link"));
    await files.rename(at("a"), at("link"));
    expect([fs.lstatSync(at("link")).isFile(), fs.statSync(pipe).isFIFO()]).toEqual([true, true]);
  });

  it("tells kind, size, mode and owner", async () => {
    fs.writeFileSync(at("a"), "hello");
    // Whatever the umask.
    fs.chmodSync(at("a"), 0o640);
    expect(await files.stat(at("a"))).toMatchObject({ kind: "file", size: 5, mode: 0o640, uid: process.getuid?.() });
    expect((await files.stat(dir))?.kind).toBe("directory");
    expect((await files.stat("/dev/null"))?.kind).toBe("other");
    expect(await files.stat(at("none"))).toBeUndefined();
    expect(files.uid).toBe(process.geteuid?.());
  });

  it("lists names", async () => {
    fs.writeFileSync(at("a"), "");
    fs.writeFileSync(at("b"), "");
    expect([...((await files.list(dir)) ?? [])].sort()).toEqual(["a", "b"]);
    expect(await files.list(at("none"))).toBeUndefined();
    expect(await files.list(at("a"))).toBeUndefined();
  });

  it("CC7: makes a file with the mode asked for, whatever the umask, and never over another or through a link", async () => {
    const old = process.umask(0o277);
    try {
      await files.writeExclusive(at("a"), octets("hello"), { mode: 0o600 });
    } finally {
      process.umask(old);
    }
    expect(fs.statSync(at("a")).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(at("a"), "utf8")).toBe("hello");
    await expect(files.writeExclusive(at("a"), octets("x"), { mode: 0o600 })).rejects.toMatchObject({ code: "EEXIST" });
    fs.symlinkSync(at("target"), at("link"));
    await expect(files.writeExclusive(at("link"), octets("x"), { mode: 0o600 })).rejects.toMatchObject({
      code: "EEXIST",
    });
    expect(fs.readFileSync(at("a"), "utf8")).toBe("hello");
    expect(fs.existsSync(at("target"))).toBe(false);
  });

  it("leaves nothing of a file that the disk did not take whole", async () => {
    await expect(diskThatTakes(3).writeExclusive(at("a"), octets("hello"), { mode: 0o600 })).rejects.toMatchObject({
      code: "ENOSPC",
    });
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  it("renames over another file", async () => {
    fs.writeFileSync(at("a"), "new");
    fs.writeFileSync(at("b"), "old");
    await files.rename(at("a"), at("b"));
    expect(fs.readdirSync(dir)).toEqual(["b"]);
    expect(fs.readFileSync(at("b"), "utf8")).toBe("new");
  });

  it("appends to a file that is there, and makes none", async () => {
    fs.writeFileSync(at("a"), "one");
    expect(await files.append(at("a"), octets("two"))).toBe("appended");
    expect(fs.readFileSync(at("a"), "utf8")).toBe("onetwo");
    expect(await files.append(at("none"), octets("x"))).toBe("missing");
    expect(fs.existsSync(at("none"))).toBe(false);
  });

  it("CC6: cuts off what a full disk took of an appended piece", async () => {
    fs.writeFileSync(at("a"), "one");
    await expect(diskThatTakes(2).append(at("a"), octets("two"))).rejects.toMatchObject({ code: "ENOSPC" });
    expect(fs.readFileSync(at("a"), "utf8")).toBe("one");
    await expect(diskThatTakes(0).append(at("a"), octets("two"))).rejects.toMatchObject({ code: "ENOSPC" });
    expect(fs.readFileSync(at("a"), "utf8")).toBe("one");
  });

  it("cuts nothing off that another writer added", async () => {
    fs.writeFileSync(at("a"), "one");
    const disk = diskThatTakes(2, (name) => fs.appendFileSync(name, "other"));
    await expect(disk.append(at("a"), octets("two"))).rejects.toMatchObject({ code: "ENOSPC" });
    expect(fs.readFileSync(at("a"), "utf8")).toBe("onetwother");
  });

  it("says when another file took the place of the one that was added to", async () => {
    fs.writeFileSync(at("a"), "one");
    fs.writeFileSync(at("b"), "new");
    const disk = diskThatTakes(99, () => fs.renameSync(at("b"), at("a")));
    expect(await disk.append(at("a"), octets("two"))).toBe("replaced");
    expect(fs.readFileSync(at("a"), "utf8")).toBe("new");
  });

  it("CC8: overwrites in place only what is still as it was read", async () => {
    fs.writeFileSync(at("a"), "one two three");
    expect(await files.overwrite(at("a"), 4, octets("two"), octets("TWO"))).toBe(true);
    expect(await files.overwrite(at("a"), 4, octets("two"), octets("xxx"))).toBe(false);
    expect(await files.overwrite(at("a"), 11, octets("eee"), octets("xxx"))).toBe(false);
    expect(await files.overwrite(at("none"), 0, octets("a"), octets("b"))).toBe(false);
    expect(fs.readFileSync(at("a"), "utf8")).toBe("one TWO three");
  });

  it("erases a file's octets with the file, but not those of another name or a link's target", async () => {
    fs.writeFileSync(at("a"), "secret");
    const open = fs.openSync(at("a"), "r");
    expect(await files.erase(at("a"))).toBe(true);
    expect(fs.readFileSync(open)).toEqual(Buffer.alloc(6));
    fs.closeSync(open);
    expect(await files.erase(at("a"))).toBe(false);
    fs.writeFileSync(at("b"), "kept");
    fs.linkSync(at("b"), at("c"));
    fs.symlinkSync(at("b"), at("d"));
    expect(await files.erase(at("c"))).toBe(true);
    expect(await files.erase(at("d"))).toBe(true);
    expect(fs.readdirSync(dir)).toEqual(["b"]);
    expect(fs.readFileSync(at("b"), "utf8")).toBe("kept");
  });

  it("makes a directory once, and removes files", async () => {
    expect(await files.makeDirectory(at("d"), { mode: 0o700 })).toBe(true);
    expect(fs.statSync(at("d")).mode & 0o777).toBe(0o700);
    expect(await files.makeDirectory(at("d"), { mode: 0o700 })).toBe(false);
    fs.writeFileSync(at("a"), "");
    expect(await files.remove(at("a"))).toBe(true);
    expect(await files.remove(at("a"))).toBe(false);
  });
});
