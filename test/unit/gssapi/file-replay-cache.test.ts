import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { fileReplayCache, type ReplayEntry } from "../../../src/entry/gssapi.ts";
import { createFileReplayCache } from "../../../src/gssapi/index.ts";
import { nodeFiles } from "../../../src/runtime/node-files.ts";
import { bundle } from "../../support/bundle.ts";
import { randomBytes } from "../../support/credentials.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const entry: ReplayEntry = {
  tag: "ab".repeat(16),
  client: "alice@R",
  share: "alice@R",
  ctime: new Date(NOW),
  cusec: 0,
  keepUntil: new Date(NOW + 300_000),
};
const numbered = (i: number, share = "alice@R"): ReplayEntry => ({
  ...entry,
  tag: i.toString(16).padStart(32, "0"),
  share,
});

function directory(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-replays-"));
  onTestFinished(() => fs.rmSync(made, { recursive: true, force: true }));
  return path.join(made, "replays");
}

it("AP18: accepts an authenticator once, in all caches of a directory, at the same moment and after a restart", async () => {
  const at = directory();
  const caches = Array.from({ length: 8 }, () => fileReplayCache(at));
  const answers = await Promise.all(caches.map((cache) => cache.remember(entry, NOW)));
  expect(answers.filter((answer) => answer === true)).toHaveLength(1);
  expect(answers.filter((answer) => answer === false)).toHaveLength(7);
  expect(await fileReplayCache(at).remember(entry, NOW + 1000)).toBe(false);
  expect(await fileReplayCache(at).remember(numbered(1), NOW)).toBe(true);
  expect(fs.statSync(at).mode & 0o777).toBe(0o700);
  for (const name of fs.readdirSync(at)) expect(fs.statSync(path.join(at, name)).mode & 0o777).toBe(0o600);
});

it("AP18: processes accept each authenticator once", { timeout: 60_000 }, async () => {
  const at = directory();
  fs.mkdirSync(at, { mode: 0o700 });
  const child = await bundle("replay-child.ts", path.dirname(at));
  const taken: string[] = [];
  const running = Array.from({ length: 2 }, async () => {
    const process_ = spawn(process.execPath, [child, at, "60", String(NOW)], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    process_.stdout.on("data", (data: Buffer) => {
      text += data.toString();
    });
    await once(process_, "close");
    taken.push(...text.split("\n").filter((line) => /^\d+$/.test(line)));
  });
  await Promise.all(running);
  expect(taken.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
});

it("AP18: what a process took before it was killed is not taken again", { timeout: 60_000 }, async () => {
  const at = directory();
  fs.mkdirSync(at, { mode: 0o700 });
  const child = await bundle("replay-child.ts", path.dirname(at));
  for (let round = 0; round < 8; round++) {
    const process_ = spawn(process.execPath, [child, at, "endless", String(NOW)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    process_.stdout.on("data", (data: Buffer) => {
      text += data.toString();
    });
    await once(process_.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, 40 + 20 * Math.random()));
    process_.kill("SIGKILL");
    await once(process_, "close");
    for (const line of text.split("\n").filter((one) => /^\d+$/.test(one))) {
      expect(await fileReplayCache(at).remember(numbered(Number(line)), NOW)).toBe(false);
    }
  }
});

it("AP18: a line that is cut off hides none behind it", async () => {
  const at = directory();
  const cache = fileReplayCache(at);
  expect(await cache.remember(entry, NOW)).toBe(true);
  const [file = ""] = fs.readdirSync(at).map((name) => path.join(at, name));
  const whole = fs.readFileSync(file);
  for (let cut = 1; cut < whole.length; cut += 7) {
    const other = { ...entry, tag: `a${cut.toString(16).padStart(31, "0")}` };
    fs.writeFileSync(file, Buffer.concat([whole, whole.subarray(0, cut)]));
    expect(await cache.remember(other, NOW)).toBe(true);
    expect(await cache.remember(other, NOW)).toBe(false);
    expect(await cache.remember(entry, NOW)).toBe(false);
  }
});

it("removes what nobody accepts any more, and nothing before", async () => {
  const at = directory();
  const cache = fileReplayCache(at);
  await cache.remember(entry, NOW);
  fs.writeFileSync(path.join(at, "README"), "not of the cache");
  await cache.remember(numbered(1), NOW + 300_000);
  expect(await fileReplayCache(at).remember(entry, NOW + 300_000)).toBe(false);
  const later = { ...numbered(2), ctime: new Date(NOW + 700_000), keepUntil: new Date(NOW + 1_000_000) };
  await cache.remember(later, NOW + 700_000);
  expect(fs.readdirSync(at).sort()).toEqual([`${Math.floor((NOW + 700_000) / 60_000)}-0`, "README"]);
});

it("AP16: is bounded: a client has half of a minute at most, others find places, and full says so", async () => {
  const at = directory();
  // 11 minutes of 16 files: four places in each.
  const cache = fileReplayCache(at, { maxEntries: 4 * 16 * 11 });
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await cache.remember(numbered(i), NOW));
  expect(answers).toEqual([true, true, "full", "full"]);
  expect(await cache.remember(numbered(5, "bob@R"), NOW)).toBe(true);
  expect(await cache.remember(numbered(6, "carol@R"), NOW)).toBe(true);
  expect(await cache.remember(numbered(7, "dave@R"), NOW)).toBe("full");
  expect(await cache.remember(numbered(0), NOW)).toBe(false);
});

it("AP17: refuses what may have been accepted before it was lost", async () => {
  const cache = fileReplayCache(directory(), { lostBefore: new Date(NOW) });
  expect(await cache.remember(entry, NOW)).toBe("lost");
  const later = { ...entry, ctime: new Date(NOW + 301_000), keepUntil: new Date(NOW + 601_000) };
  expect(await cache.remember(later, NOW + 301_000)).toBe(true);
});

const bad: readonly (readonly [what: string, spoil: (at: string, file: string) => void])[] = [
  ["a file that others may read", (_, file) => fs.chmodSync(file, 0o644)],
  ["a directory that others may write to", (at) => fs.chmodSync(at, 0o777)],
  [
    "a link in a file's place",
    (at, file) => {
      fs.renameSync(file, path.join(at, "elsewhere"));
      fs.symlinkSync(path.join(at, "elsewhere"), file);
    },
  ],
  [
    "a dangling link",
    (at, file) => {
      fs.rmSync(file);
      fs.symlinkSync(path.join(at, "nothing"), file);
    },
  ],
  [
    "a directory in a file's place",
    (_, file) => {
      fs.rmSync(file);
      fs.mkdirSync(file);
    },
  ],
];

it.each(bad)("AP19: refuses every client where another user could change it: %s", async (_, spoil) => {
  const at = directory();
  const cache = fileReplayCache(at);
  await cache.remember(numbered(1), NOW);
  const [file = ""] = fs.readdirSync(at).map((name) => path.join(at, name));
  spoil(at, file);
  await expect(cache.remember(numbered(2), NOW)).rejects.toThrow();
  expect(fs.existsSync(path.join(at, "nothing"))).toBe(false);
});

it("AP19: a file of another user is not used", async () => {
  const at = directory();
  await fileReplayCache(at).remember(numbered(1), NOW);
  const files = { ...nodeFiles(), uid: (process.getuid?.() ?? 0) + 1 };
  const cache = createFileReplayCache(at, {}, { files, randomBytes });
  await expect(cache.remember(numbered(2), NOW)).rejects.toMatchObject({ code: "CONFIG", path: at });
});

it("a disk that is full refuses the client", async () => {
  const at = directory();
  const files = { ...nodeFiles(), append: () => Promise.reject(new Error("ENOSPC")) };
  const cache = createFileReplayCache(at, {}, { files, randomBytes });
  await expect(cache.remember(entry, NOW)).rejects.toThrow("ENOSPC");
});

it.each([
  ["its parent is missing", "ENOENT", (at: string) => path.join(at, "none", "replays")],
  [
    "a file stands in its way",
    "ENOTDIR",
    (at: string) => {
      fs.mkdirSync(path.dirname(at), { recursive: true });
      fs.writeFileSync(at, "");
      return path.join(at, "replays");
    },
  ],
  [
    "it is a file",
    "ENOTDIR",
    (at: string) => {
      fs.writeFileSync(at, "");
      return at;
    },
  ],
  [
    "it is a link that leads to itself",
    "ELOOP",
    (at: string) => {
      fs.symlinkSync("replays", at);
      return at;
    },
  ],
])("a directory that cannot be made says what to do: %s", async (_, code, place) => {
  const at = place(directory());
  await expect(fileReplayCache(at).remember(entry, NOW)).rejects.toMatchObject({
    code: "CONFIG",
    path: at,
    message: expect.stringMatching(
      new RegExp(`the replay cache cannot be used: ${code}.*give a directory that this program may make`, "s"),
    ),
  });
});

it("tells a caller's mistakes", async () => {
  expect(() => fileReplayCache("")).toThrow(TypeError);
  expect(() => fileReplayCache(5 as never)).toThrow(TypeError);
  await expect(fileReplayCache(directory()).remember({ ...entry, tag: "../../x" }, NOW)).rejects.toThrow(TypeError);
});
