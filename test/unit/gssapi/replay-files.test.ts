// What a replay cache in files asks of a file and of its directory, and which lines count.

import { describe, expect, it } from "vitest";
import { decodeText, encodeText } from "../../../src/bytes/index.ts";
import { createFileReplayCache } from "../../../src/gssapi/index.ts";
import { ReplayFiles } from "../../../src/gssapi/replay-files.ts";
import type { Files, OpenedFile } from "../../../src/host/index.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const entry = (tag: string, ctime = NOW) => ({
  tag,
  client: "alice@R",
  share: "alice@R",
  ctime: new Date(ctime),
  cusec: 0,
  keepUntil: new Date(ctime + 300_000),
});
const tag = (digit: string) => digit.repeat(32);
const OWN = 1000;

/** Files in memory, which look to a check as `opened` says. */
function memory(opened: Partial<OpenedFile> = {}, uid: number | undefined = OWN) {
  const texts = new Map<string, string>();
  const calls: string[] = [];
  const file = {
    kind: "file",
    mode: 0o600,
    uid: OWN,
    directory: { mode: 0o700, uid: OWN },
    ...opened,
  } as unknown as OpenedFile;
  const files = {
    uid,
    read: async (path: string, options?: { check?: (opened: OpenedFile) => void }) => {
      const text = texts.get(path);
      if (text !== undefined) options?.check?.(file);
      return text === undefined ? undefined : encodeText(text);
    },
    append: async (path: string, octets: Uint8Array) => {
      const text = texts.get(path);
      if (text === undefined) return "missing";
      texts.set(path, text + decodeText(octets));
      return "appended";
    },
    makeDirectory: async () => {},
    writeExclusive: async (path: string) => void texts.set(path, ""),
    list: async () => {
      calls.push("list");
      return [...texts.keys()].map((path) => path.slice("/d/".length));
    },
    remove: async (path: string) => texts.delete(path),
  } as unknown as Files;
  return { files, texts, calls };
}

const cacheOf = (files: Files) =>
  createFileReplayCache("/d", {}, { files, randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)) });

describe("AP19: a file of a replay cache", () => {
  const use = (opened: Partial<OpenedFile>, uid?: number) => {
    const { files, texts } = memory(opened, uid);
    texts.set("/d/1-a", "");
    return new ReplayFiles("/d", files).read("1-a");
  };

  it.each([
    ["is not a file", { kind: "directory" }, "a file of it is not a file"],
    ["is another user's", { uid: 1001 }, "a file of it belongs to user 1001, and this program is user 1000"],
    ["is root's", { uid: 0 }, "a file of it belongs to user 0"],
    ["may be read by a group", { mode: 0o640 }, "others may use a file of it (mode 640)"],
    ["may be written by all", { mode: 0o602 }, "others may use a file of it (mode 602)"],
    ["is in another user's directory", { directory: { mode: 0o700, uid: 1001 } }, "it belongs to user 1001, and"],
    [
      "is in a directory that a group may write to",
      { directory: { mode: 0o720, uid: OWN } },
      "others may write to it (mode 720)",
    ],
    [
      "is in a directory that all may write to",
      { directory: { mode: 0o1777, uid: 0 } },
      "others may write to it (mode 1777)",
    ],
  ])("is refused where it %s", async (_, opened, words) => {
    await expect(use(opened as Partial<OpenedFile>)).rejects.toMatchObject({
      code: "CONFIG",
      path: "/d",
      message: expect.stringContaining(`the replay cache is not used: ${words}`),
    });
  });

  it.each([
    ["is ours", {}],
    ["is in root's directory", { directory: { mode: 0o755, uid: 0 } }],
    ["is in a directory that others may read", { directory: { mode: 0o755, uid: OWN } }],
    ["is in a directory of which nothing is known", { directory: undefined }],
    ["has no owner, as on a host without users", { uid: undefined }],
    ["has no mode", { mode: undefined }],
  ])("is used where it %s", async (_, opened) => {
    expect(await use(opened as Partial<OpenedFile>)).toEqual([]);
  });

  it("is used by a host without users, unless it is no file", async () => {
    const { files, texts } = memory({ uid: 5, mode: 0o666 });
    texts.set("/d/1-a", "");
    const without = { ...files, uid: undefined } as unknown as Files;
    expect(await new ReplayFiles("/d", without).read("1-a")).toEqual([]);
    const device = memory({ kind: "other" } as unknown as Partial<OpenedFile>);
    device.texts.set("/d/1-a", "");
    const bare = { ...device.files, uid: undefined } as unknown as Files;
    await expect(new ReplayFiles("/d", bare).read("1-a")).rejects.toThrow("is not a file");
  });
});

describe("a line of a replay cache", () => {
  const line = (share: string) => `${tag("a")} ${"0".repeat(16)} ${share}\n`;
  it.each([
    ['"alice@R"', 1],
    ['"alice@R', 0],
    ["5", 0],
    ['"a" 5', 0],
    ["", 0],
  ])("with the share %s counts: %s", async (share, count) => {
    const { files, texts } = memory();
    texts.set("/d/1-a", line(share));
    expect(await new ReplayFiles("/d", files).read("1-a")).toHaveLength(count);
  });

  it.each(["x", "", "A"])("with the tag cut, or begun by %j, does not count", async (start) => {
    const { files, texts } = memory();
    texts.set("/d/1-a", start + line('"a"').slice(1));
    expect(await new ReplayFiles("/d", files).read("1-a")).toEqual([]);
  });
});

describe("the files of a replay cache", () => {
  it("are those with its names", async () => {
    const { files, texts } = memory();
    for (const name of ["5-a", "5-g", "README", "x5-a", "5-ab", "1234567890123-a"]) texts.set(`/d/${name}`, "");
    expect(await new ReplayFiles("/d", files).list()).toEqual([{ slot: 5, name: "5-a" }]);
  });

  it("are none where there is no directory", async () => {
    const { files } = memory();
    const none = { ...files, list: async () => undefined } as unknown as Files;
    expect(await new ReplayFiles("/d", none).list()).toEqual([]);
  });

  it("are looked through once a minute, by a clock that goes either way", async () => {
    const { files, calls } = memory();
    const cache = cacheOf(files);
    const looks: number[] = [];
    for (const [digit, at] of [
      ["0", 0],
      ["1", 59_999],
      ["2", 60_000],
      ["3", 1],
      ["4", 0],
      ["5", -1],
    ] as const) {
      await cache.remember(entry(tag(digit)), NOW + at);
      looks.push(calls.length);
    }
    expect(looks).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it("cannot be in a directory without a name, nor with an option that is none", () => {
    const { files } = memory();
    const host = { files, randomBytes: (length: number) => new Uint8Array(length) };
    expect(() => createFileReplayCache("", {}, host)).toThrow(/^directory /);
    expect(() => createFileReplayCache("/d", { skew: 5 } as object, host)).toThrow(TypeError);
    expect(() => createFileReplayCache("/d", { maxEntries: -1 }, host)).toThrow(RangeError);
  });
});
