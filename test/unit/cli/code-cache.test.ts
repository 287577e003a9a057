import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeCacheFolder } from "../../../src/cli/code-cache.ts";

const uid = process.getuid?.() ?? 0;
let root: string;

beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "code-cache-"));
});
afterAll(() => fs.rmSync(root, { recursive: true }));

/** A home of its own for each test. */
function home(name: string, mode = 0o755): string {
  const made = path.join(root, name);
  fs.mkdirSync(made);
  fs.chmodSync(made, mode);
  return made;
}

describe("the folder of compiled code", () => {
  it("makes it for this user alone", () => {
    const HOME = home("plain");
    const folder = codeCacheFolder({ HOME }, uid);
    expect(folder).toBe(path.join(HOME, ".cache", "krb5-remctl"));
    expect(fs.statSync(folder as string).mode & 0o777).toBe(0o700);
    expect(codeCacheFolder({ HOME }, uid)).toBe(folder);
  });

  it("takes XDG_CACHE_HOME first", () => {
    const HOME = home("xdg");
    const cache = path.join(HOME, "c");
    expect(codeCacheFolder({ HOME, XDG_CACHE_HOME: cache }, uid)).toBe(path.join(cache, "krb5-remctl"));
    // The XDG base directory specification: a path that is not absolute is passed over.
    expect(codeCacheFolder({ HOME, XDG_CACHE_HOME: "c" }, uid)).toBe(path.join(HOME, ".cache", "krb5-remctl"));
  });

  it.runIf(fs.existsSync("/proc/self"))("comes to an end where nothing can be made", () => {
    for (const uidOfProc of [0, uid]) {
      expect(codeCacheFolder({ XDG_CACHE_HOME: "/proc/nosuch" }, uidOfProc)).toBeUndefined();
    }
  });

  it("CL9: not where others may write: a home that is", () => {
    for (const mode of [0o777, 0o1777, 0o775]) {
      expect(codeCacheFolder({ HOME: home(`mode${mode}`, mode) }, uid)).toBeUndefined();
    }
  });

  it("CL9: not where others may write: ~/.cache, or the folder itself", () => {
    const HOME = home("open");
    const folder = codeCacheFolder({ HOME }, uid) as string;
    fs.chmodSync(folder, 0o777);
    expect(codeCacheFolder({ HOME }, uid)).toBeUndefined();
    fs.chmodSync(folder, 0o700);
    fs.chmodSync(path.dirname(folder), 0o777);
    expect(codeCacheFolder({ HOME }, uid)).toBeUndefined();
  });

  it("CL9: not through a link in the folder's place", () => {
    const HOME = home("linked");
    fs.mkdirSync(path.join(HOME, ".cache"));
    fs.symlinkSync(root, path.join(HOME, ".cache", "krb5-remctl"));
    expect(codeCacheFolder({ HOME }, uid)).toBeUndefined();
  });

  it.runIf(uid === 0)("CL9: not in another user's home", () => {
    const HOME = home("theirs");
    fs.chownSync(HOME, 65_534, 65_534);
    expect(codeCacheFolder({ HOME }, 0)).toBeUndefined();
  });

  it("nowhere, where there is no home, or the user told the host where", () => {
    expect(codeCacheFolder({}, uid)).toBeUndefined();
    expect(codeCacheFolder({ HOME: home("own"), NODE_COMPILE_CACHE: "/elsewhere" }, uid)).toBeUndefined();
    expect(codeCacheFolder({ HOME: "/nonexistent/home" }, uid)).toBeUndefined();
  });
});
