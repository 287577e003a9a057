import { describe, expect, it } from "vitest";
import { loadAnchors, parseKrb5Conf } from "../../../src/config/index.ts";
import { ConfigError } from "../../../src/errors.ts";

const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
const tree: Record<string, string> = {
  "/a.pem": pem("a"),
  "/d/2.pem": pem("two"),
  "/d/1.0": pem("one"),
  "/d/README": "nothing",
  "/d/.hidden.pem": pem("hidden"),
  "/empty/README": "nothing",
  "/text": "nothing",
};
const files = {
  read: async (path: string) => (path === "/denied" ? Promise.reject(new Error("EACCES")) : octets(tree[path])),
  list: async (path: string) => {
    const names = Object.keys(tree).flatMap((name) =>
      name.startsWith(`${path}/`) ? [name.slice(path.length + 1)] : [],
    );
    return names.length === 0 ? undefined : names;
  },
  stat: async (path: string) => (path in tree ? { kind: "file" as const, size: 1, modified: new Date(0) } : undefined),
};
const octets = (text: string | undefined) => (text === undefined ? undefined : new TextEncoder().encode(text));

function load(values: readonly string[], host: Parameters<typeof loadAnchors>[1] = { files }) {
  const lines = values.map((value) => `  http_anchors = ${value}\n`).join("");
  const config = parseKrb5Conf(`[realms]\n R = {\n${lines} }\n`, { file: "krb5.conf" });
  return loadAnchors(config.getRealm("R")?.httpAnchors ?? [], host);
}

describe("http_anchors", () => {
  it("are the certificates of files, of directories, and of what a variable names", async () => {
    expect(await load(["FILE:/a.pem", "DIR:/d", "ENV:ANCHORS"], { files, env: { ANCHORS: "FILE:/a.pem" } })).toEqual([
      pem("a"),
      pem("one"),
      pem("two"),
      pem("a"),
    ]);
    expect(await load([])).toEqual([]);
  });

  it.each([
    ["/a.pem", "expected FILE:path"],
    ["FILE:/none", "no such file"],
    ["DIR:/none", "no such directory"],
    ["DIR:/empty", "no PEM certificate"],
    ["FILE:/text", "no PEM certificate"],
    ["FILE:/denied", "cannot be read"],
    ["ENV:UNSET", "UNSET is not set"],
  ])("CF4: %s names file and line: %s", async (value, message) => {
    const error = await load([value]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      path: "krb5.conf",
      line: 3,
      key: "http_anchors",
      message: expect.stringContaining(message),
    });
  });

  it("say what to do where there are no files", async () => {
    await expect(load(["FILE:/a.pem"], {})).rejects.toThrow("give the option `trustAnchors`");
  });
});
