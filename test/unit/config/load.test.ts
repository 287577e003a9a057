import { describe, expect, it } from "vitest";
import { loadKrb5Config } from "../../../src/config/index.ts";
import { ConfigError } from "../../../src/errors.ts";

/** Files in memory; a path that ends in a slash is an empty directory. */
function filesOf(contents: Record<string, string>) {
  const directory = (path: string) => `${path.replace(/\/$/, "")}/`;
  return {
    async read(path: string, { maxBytes = Number.POSITIVE_INFINITY } = {}) {
      const text = contents[path];
      if (text === undefined) return undefined;
      if (text.length > maxBytes) throw new RangeError("too large");
      return new TextEncoder().encode(text);
    },
    async list(path: string) {
      const names = Object.keys(contents)
        .filter((name) => name.startsWith(directory(path)))
        .map((name) => name.slice(directory(path).length).split("/", 1)[0] as string);
      return names.length === 0 ? undefined : [...new Set(names)].filter((name) => name !== "").reverse();
    },
    async stat(path: string) {
      if (contents[path] !== undefined) {
        return { kind: "file" as const, size: contents[path].length, modified: new Date(0) };
      }
      const inside = Object.keys(contents).some((name) => name.startsWith(directory(path)));
      return inside ? { kind: "directory" as const, size: 0, modified: new Date(0) } : undefined;
    },
  };
}

const load = (contents: Record<string, string>, paths = ["/etc/krb5.conf"]) =>
  loadKrb5Config({ files: filesOf(contents), paths });

async function refusal(...args: Parameters<typeof load>): Promise<ConfigError> {
  const error = await load(...args).then(
    () => new Error("was not refused"),
    (reason: unknown) => reason,
  );
  if (error instanceof ConfigError) return error;
  throw error;
}

describe("loadKrb5Config", () => {
  it("passes over a file of several that may not be read, and refuses where none may, by its path", async () => {
    const files = filesOf({ "/b.conf": "[libdefaults]\n default_realm = B\n" });
    const denied = (path: string): never => {
      throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), { code: "EACCES" });
    };
    for (const name of ["stat", "read"] as const) {
      const guarded = {
        ...files,
        stat: async (path: string) =>
          path === "/a.conf"
            ? name === "stat"
              ? denied(path)
              : { kind: "file" as const, size: 1, modified: new Date(0) }
            : files.stat(path),
        read: async (path: string) => (path === "/a.conf" ? denied(path) : files.read(path)),
      };
      const config = await loadKrb5Config({ files: guarded, paths: ["/a.conf", "/b.conf"] });
      expect(config.libdefaults.defaultRealm).toBe("B");
      expect(config.warnings).toEqual([expect.stringMatching(/^\/a\.conf: cannot be read: .*; it is passed over$/)]);
      for (const paths of [["/a.conf"], ["/a.conf", "/none.conf"]]) {
        await expect(loadKrb5Config({ files: guarded, paths, allowNone: true })).rejects.toMatchObject({
          code: "CONFIG",
          path: "/a.conf",
        });
      }
    }
  });

  it("refuses a file that includes one which may not be read, though another could be used", async () => {
    const files = filesOf({ "/a.conf": "include /inner\n", "/b.conf": "[a]\n", "/inner": "" });
    const read = async (path: string) =>
      path === "/inner" ? Promise.reject(Object.assign(new Error("EACCES"), { code: "EACCES" })) : files.read(path);
    const paths = ["/a.conf", "/b.conf"];
    await expect(loadKrb5Config({ files: { ...files, read }, paths })).rejects.toMatchObject({ path: "/inner" });
  });

  it("passes over what Deno says may not be read", async () => {
    const files = filesOf({ "/b.conf": "[libdefaults]\n default_realm = B\n" });
    const stat = async (path: string) =>
      path === "/a.conf"
        ? Promise.reject(Object.assign(new Error("no"), { name: "PermissionDenied" }))
        : files.stat(path);
    const config = await loadKrb5Config({ files: { ...files, stat }, paths: ["/a.conf", "/b.conf"] });
    expect(config.libdefaults.defaultRealm).toBe("B");
  });

  it("CF3: refuses files that are too large together", async () => {
    const large = `[a]\n${`b = ${"c".repeat(1_000)}\n`.repeat(1_040)}`;
    const contents = (count: number) => ({
      "/etc/krb5.conf": Array.from({ length: count }, (_, i) => `include /${i}\n`).join(""),
      ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`/${i}`, large])),
    });
    expect((await load(contents(8))).profile.hasSection(["a"])).toBe(true);
    expect((await refusal(contents(9))).message).toContain("or 8388608 in all");
  });

  it("says that none was named", async () => {
    expect((await refusal({}, [])).message).toMatch(/^no configuration file found \(tried none\); set KRB5_CONFIG/);
  });

  it("reads an included file where the directive stands", async () => {
    const { profile } = await load({
      "/etc/krb5.conf": "[a]\nb = 1\nc = {\ninclude /etc/more.conf\nd = 2\n}\nb = 4\n",
      "/etc/more.conf": "[a]\nb = 2\nb = 3\n",
    });
    expect(profile.values(["a", "b"])).toEqual(["1", "2", "3", "4"]);
    expect(profile.values(["a", "c", "d"])).toEqual(["2"]);
  });

  it("reads an included file as one of its own, which begins with a section", async () => {
    const { profile } = await load({
      "/etc/krb5.conf": "[a]\ninclude /etc/more.conf\nb = 1\n",
      "/etc/more.conf": "b = 2\n[z]\ny = x\n",
    });
    expect(profile.values(["a", "b"])).toEqual(["1"]);
    expect(profile.values(["z", "y"])).toEqual(["x"]);
    const broken = { "/etc/krb5.conf": "include /etc/more.conf\n", "/etc/more.conf": "[a]\n\n}\n" };
    expect(await refusal(broken)).toMatchObject({ path: "/etc/more.conf", line: 3 });
  });

  it("reads a directory's files in the order of their names, and only those that are meant", async () => {
    const section = (value: string) => `[a]\nb = ${value}\n`;
    const { profile } = await load({
      "/etc/krb5.conf": "includedir /etc/krb5.conf.d/\n",
      "/etc/krb5.conf.d/20-second": section("second"),
      "/etc/krb5.conf.d/10_first.conf": section("first"),
      "/etc/krb5.conf.d/30third": section("third"),
      "/etc/krb5.conf.d/.hidden": section("hidden"),
      "/etc/krb5.conf.d/.hidden.conf": section("hidden"),
      "/etc/krb5.conf.d/40.conf~": section("copy"),
      "/etc/krb5.conf.d/50.rpmsave": section("old"),
      "/etc/krb5.conf.d/sub/60": section("deeper"),
    });
    expect(profile.values(["a", "b"])).toEqual(["first", "second", "third"]);
  });

  it("refuses to include what is not there, naming where", async () => {
    expect(await refusal({ "/etc/krb5.conf": "\n[a]\ninclude /none\n" })).toMatchObject({
      path: "/etc/krb5.conf",
      line: 3,
    });
    expect((await refusal({ "/etc/krb5.conf": "includedir /none\n" })).message).toContain(
      "includedir /none: the file or directory is missing; make it",
    );
  });

  it("CF1: refuses a file that includes itself, directly or not", async () => {
    expect((await refusal({ "/etc/krb5.conf": "include /etc/krb5.conf\n" })).message).toContain("includes itself");
    const round = { "/etc/krb5.conf": "include /b\n", "/b": "include /c\n", "/c": "include /etc/krb5.conf\n" };
    expect(await refusal(round)).toMatchObject({ path: "/c", line: 1 });
    expect((await refusal({ "/etc/krb5.conf": "includedir /d\n", "/d/x": "includedir /d\n" })).message).toContain(
      "itself",
    );
  });

  it("CF2: refuses a chain of includes that is too deep and a fan that is too wide", async () => {
    const chain: Record<string, string> = { "/etc/krb5.conf": "include /0\n" };
    for (let i = 0; i < 20; i++) chain[`/${i}`] = `include /${i + 1}\n`;
    expect((await refusal(chain)).message).toContain("deep");
    const fan: Record<string, string> = { "/etc/krb5.conf": "include /leaf\n".repeat(2_000), "/leaf": "[a]\n" };
    expect((await refusal(fan)).message).toContain("configuration files");
    // Each level includes the next twice: 2^9 reads without a cap on the whole.
    const tree: Record<string, string> = { "/etc/krb5.conf": "include /0\ninclude /0\n" };
    for (let i = 0; i < 9; i++) tree[`/${i}`] = `include /${i + 1}\n`.repeat(3);
    tree["/9"] = "[a]\n";
    expect((await refusal(tree)).message).toContain("configuration files");
  });

  it("CF3: refuses a file that is too large, with its name", async () => {
    expect(await refusal({ "/etc/krb5.conf": `[a]\n${"b = c\n".repeat(200_000)}` })).toMatchObject({
      code: "CONFIG",
      path: "/etc/krb5.conf",
    });
  });

  it("takes several files in the order of preference, and passes over those that are not there", async () => {
    const contents = {
      "/one": "[libdefaults]\ndefault_realm = ONE\n[realms]\nR = {\nkdc = a\n}\n",
      "/two": "[libdefaults]\ndefault_realm = TWO\nforwardable = yes\n[realms]\nR = {\nkdc = b\n}\n",
    };
    const config = await load(contents, ["/none", "/one", "/two"]);
    expect(config.libdefaults.defaultRealm).toBe("ONE");
    expect(config.libdefaults.forwardable).toBe(true);
    expect(config.kdcs("R").map(({ host }) => host)).toEqual(["a", "b"]);
    expect((await refusal(contents, ["/none", "/nothing"])).message).toContain("/none, /nothing");
    const none = await loadKrb5Config({ files: filesOf({}), paths: ["/none"], allowNone: true });
    expect(none.libdefaults.defaultRealm).toBeUndefined();
  });

  it("ends the search over files at a final section or sub-section, and not at a value", async () => {
    const second = "[a]\nb = 2\nc = {\nd = 2\n}\ne = 2\n";
    const values = async (first: string) => {
      const { profile } = await load({ "/1": first, "/2": second }, ["/1", "/2"]);
      return [
        ["a", "b"],
        ["a", "c", "d"],
        ["a", "e"],
      ].map((path) => profile.values(path).join());
    };
    expect(await values("[a]\nb = 1\nc = {\nd = 1\n}\n")).toEqual(["1,2", "1,2", "2"]);
    expect(await values("[a]*\nb = 1\n")).toEqual(["1", "", ""]);
    expect(await values("[a]\nc* = {\nd = 1\n}\n")).toEqual(["2", "1", "2"]);
    expect(await values("[a]\nc = {\nd = 1\n}*\n")).toEqual(["2", "1", "2"]);
    expect(await values("[a]\nb* = 1\n")).toEqual(["1,2", "2", "2"]);
  });

  it("reads a directory that KRB5_CONFIG names", async () => {
    const config = await load({ "/d/a.conf": "[libdefaults]\ndefault_realm = A\n" }, ["/d"]);
    expect(config.libdefaults.defaultRealm).toBe("A");
  });

  it("wraps what the host says of a file it cannot read", async () => {
    const files = {
      ...filesOf({ "/etc/krb5.conf": "" }),
      read: () => Promise.reject(Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" })),
    };
    const error = await loadKrb5Config({ files, paths: ["/etc/krb5.conf"] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path: "/etc/krb5.conf", message: expect.stringContaining("EACCES") });
  });
});
