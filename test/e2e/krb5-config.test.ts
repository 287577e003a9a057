// krb5.conf from the files of a host: KRB5_CONFIG with several, include, includedir, and what is wrong with one, by file and line.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKerberos, type KerberosOptions, type TraceEvent } from "../../src/entry/index.ts";

let folder: string;
const file = (name: string) => path.join(folder, name);
const put = (name: string, text: string | Uint8Array) => {
  writeFileSync(file(name), text);
  return file(name);
};
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-conf-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (KRB5_CONFIG: string, options: KerberosOptions = {}) =>
  createKerberos({ environment: { env: { KRB5_CONFIG } }, ...options }).config();

describe("KRB5_CONFIG", () => {
  it("names several files: the first comes first, and what they include is theirs", async () => {
    mkdirSync(file("more"));
    put("more/20-realm.conf", "[realms]\n EXAMPLE.ORG = {\n  kdc = included.example.org\n }\n");
    put("more/10-old.conf~", "[libdefaults]\n default_realm = EDITOR.EXAMPLE\n");
    put("lib.conf", "[libdefaults]\n forwardable = true\n default_realm = LATE.EXAMPLE\n");
    const first = put("first.conf", `[libdefaults]\n default_realm = EXAMPLE.ORG\ninclude ${file("lib.conf")}\n`);
    const second = put(
      "second.conf",
      `includedir ${file("more")}\n[libdefaults]\n default_realm = SECOND.EXAMPLE\n clockskew = 60\n[realms]\n EXAMPLE.ORG = {\n  kdc = second.example.org\n }\n`,
    );
    const config = await load(`${first}:${file("none.conf")}:${second}`);
    const { defaultRealm, forwardable, clockskewSeconds } = config.libdefaults;
    expect([defaultRealm, forwardable, clockskewSeconds]).toEqual(["EXAMPLE.ORG", true, 60]);
    expect(config.kdcs("EXAMPLE.ORG").map(({ host }) => host)).toEqual(["included.example.org", "second.example.org"]);
  });

  it("of files that are not there is an empty configuration", async () => {
    expect((await load(file("none.conf"))).libdefaults.defaultRealm).toBeUndefined();
  });

  it.each<[string, () => string, RegExp]>([
    ["a syntax error", () => put("a.conf", "[libdefaults]\n default_realm\n"), /a\.conf:2: expected/],
    ["octets that are cut off", () => put("b.conf", "[realms]\n R = {\n  kdc"), /b\.conf:3: expected tag = value/],
    ["a loop of includes", () => put("c.conf", `include ${file("c.conf")}\n`), /c\.conf:1: .*includes itself/],
    [
      "two that include each other",
      () => {
        put("d2.conf", `include ${file("d1.conf")}\n`);
        return put("d1.conf", `include ${file("d2.conf")}\n`);
      },
      /d2\.conf:1: .*includes itself/,
    ],
    [
      "braces without end",
      () => put("e.conf", `[realms]\n${" a = {\n".repeat(10_000)}`),
      /e\.conf:\d+: braces nested more than 32 deep/,
    ],
    [
      "too many octets",
      () => put("f.conf", new Uint8Array(2_000_000).fill(0x20)),
      /f\.conf: .*cannot be read|more than/,
    ],
    ["a line without end", () => put("g.conf", `[libdefaults]\n a = ${"x".repeat(100_000)}\n`), /g\.conf:2: a line of/],
    ["a NUL", () => put("h.conf", "[libdefaults]\n a = b\0c\n"), /h\.conf:2: a NUL/],
    [
      "a directory that includes itself by a link",
      () => {
        mkdirSync(file("i.d"));
        put("i.conf", `includedir ${file("i.d")}\n`);
        symlinkSync(file("i.conf"), file("i.d/again"));
        return file("i.conf");
      },
      /includes|deep|more than/,
    ],
  ])("CF4: with %s is refused, by file and line", async (_, make, message) => {
    const startedMs = performance.now();
    await expect(load(make())).rejects.toMatchObject({ code: "CONFIG", message: expect.stringMatching(message) });
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  it("tells of modules and plug-ins that it passes over", async () => {
    const notes: string[] = [];
    const onTrace = (event: TraceEvent): void => void (event.type === "note" && notes.push(event.text));
    const conf = put("j.conf", "module /x.so:y\n[plugins]\n pwqual = {\n  disable = dict\n }\n");
    await load(conf, { onTrace });
    expect(notes).toEqual([
      expect.stringContaining("module /x.so:y passed over"),
      "[plugins] pwqual passed over: there are no plug-ins",
    ]);
  });
});
