import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isConfText, parseKrb5Conf } from "../../../src/config/index.ts";
import { ConfigError } from "../../../src/errors.ts";
import { createClient } from "../../../src/remctl-client/on-host.ts";

const parse = (...lines: string[]) => parseKrb5Conf(lines.join("\n"), { file: "test.conf" }).profile;

function refusal(...lines: string[]): ConfigError {
  try {
    parse(...lines);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("the grammar of krb5.conf", () => {
  it("reads sections, values and nested braces", () => {
    const profile = parse(
      "[realms]",
      " EXAMPLE.ORG = {",
      "  kdc = kdc1.example.org",
      "\tkdc=kdc2.example.org:750",
      "  v4_instance_convert = {",
      "    mit = mit.edu",
      "  }",
      "  admin_server = kadmin.example.org",
      " }",
      "[libdefaults]",
      "default_realm = EXAMPLE.ORG",
    );
    expect(profile.values(["realms", "EXAMPLE.ORG", "kdc"])).toEqual(["kdc1.example.org", "kdc2.example.org:750"]);
    expect(profile.values(["realms", "EXAMPLE.ORG", "v4_instance_convert", "mit"])).toEqual(["mit.edu"]);
    expect(profile.values(["realms", "EXAMPLE.ORG", "admin_server"])).toEqual(["kadmin.example.org"]);
    expect(profile.values(["libdefaults", "default_realm"])).toEqual(["EXAMPLE.ORG"]);
    expect(profile.values(["libdefaults", "kdc"])).toEqual([]);
  });

  it("takes a brace on the next line", () => {
    expect(parse("[a]", "b =", "  {", "c = d", "}", "e = f").values(["a", "b", "c"])).toEqual(["d"]);
    expect(refusal("[a]", "b =", "c = d").message).toMatch(/test.conf:3: expected a line with {/);
  });

  it("passes over comments, blank lines and what precedes the first section", () => {
    const profile = parse("hello", "x = y", "", "[a]", "# b = 1", "   ; b = 2", "   ", "b = 3 # not a comment");
    expect(profile.values(["a", "b"])).toEqual(["3 # not a comment"]);
    expect(profile.names([])).toEqual(["a"]);
  });

  it("reads lines that end as on Windows, and a byte order mark", () => {
    const profile = parseKrb5Conf("\ufeff[a]\r\nb = c \r\nd = {\r\n e = f\r\n}\r\n").profile;
    expect(profile.values(["a", "b"])).toEqual(["c"]);
    expect(profile.values(["a", "d", "e"])).toEqual(["f"]);
  });

  it("reads quoted values", () => {
    const profile = parse("[a]", 'b = "  two  "', 'c = "x\\"y\\\\z\\n\\t\\b" rest', 'd = "open', 'e = a"b"', 'f = ""');
    expect(profile.values(["a", "b"])).toEqual(["  two  "]);
    expect(profile.values(["a", "c"])).toEqual(['x"y\\z\n\t\b']);
    expect(profile.values(["a", "d"])).toEqual(["open"]);
    expect(profile.values(["a", "e"])).toEqual(['a"b"']);
    expect(profile.values(["a", "f"])).toEqual([""]);
  });

  it("takes braces with something after them for a value, as MIT does", () => {
    expect(parse("[a]", "b = { c = d }").values(["a", "b"])).toEqual(["{ c = d }"]);
  });

  it("makes one section of a name that comes twice", () => {
    const profile = parse("[a]", "b = 1", "c = {", "d = 1", "}", "[e]", "[a]", "b = 2", "c = {", "d = 2", "}");
    expect(profile.values(["a", "b"])).toEqual(["1", "2"]);
    expect(profile.values(["a", "c", "d"])).toEqual(["1", "2"]);
  });

  it("drops the * of a value, as MIT does: a KDC after it counts", () => {
    expect(parse("[a]", "b = 1", "b* = 2", "b = 3").values(["a", "b"])).toEqual(["1", "2", "3"]);
  });

  it("keeps unknown sections and tags", () => {
    const config = parseKrb5Conf("[logging]\n default = FILE:/x\n[libdefaults]\n nonsense = 7\n");
    expect(config.profile.values(["logging", "default"])).toEqual(["FILE:/x"]);
    expect(config.profile.values(["libdefaults", "nonsense"])).toEqual(["7"]);
  });

  it("CF4: names file and line in a syntax error", () => {
    const cases: [string[], number, RegExp][] = [
      [["[a"], 1, /\[section\]/],
      [["[a] b"], 1, /\[section\]/],
      [["[a]", "b"], 2, /tag = value/],
      [["[a]", "= b"], 2, /tag = value/],
      [["[a]", "b c = d"], 2, /tag = value/],
      [["[a]", "}"], 2, /no { opened/],
      [["[a]", "b = {", "c = d", "[e]"], 4, /line 2/],
      [["[a]", "", "b = c\0d"], 3, /NUL/],
    ];
    for (const [lines, line, message] of cases) {
      expect(refusal(...lines)).toMatchObject({ code: "CONFIG", path: "test.conf", line });
      expect(refusal(...lines).message).toMatch(message);
    }
    expect(refusal("[a]", "b").message.startsWith("test.conf:2: ")).toBe(true);
  });

  it("passes over a brace that is never closed and NULs at the end, as MIT does, and warns of it", () => {
    const read = (text: string) => {
      const { profile, warnings } = parseKrb5Conf(text, { file: "f" });
      return [profile.values(["a", "b", "c"]), warnings];
    };
    expect(read("[a]\nb = {\nc = d\n}\n")).toEqual([["d"], []]);
    expect(read("[a]\nb = {\nc = d\n")).toEqual([["d"], ["f:2: the { opened here is never closed"]]);
    for (const end of ["\0", "\n\0\0\0\n\0", " \0\0"]) {
      expect(read(`[a]\nb = {\nc = d\n}${end}`)).toEqual([["d"], ["f: the NULs at its end are passed over"]]);
    }
  });

  it("CF3: refuses what is too large, too deep, too long or too much, at once", () => {
    const start = performance.now();
    expect(refusal("[a]", `b = ${"x".repeat(70_000)}`).message).toContain("characters");
    expect(refusal("[a]", ...Array.from({ length: 40 }, () => "b = {")).message).toContain("deep");
    expect(refusal(`[a]\n${"b = c\n".repeat(60_000)}`).message).toContain("values");
    expect(refusal("[a]", "b = c".repeat(300_000)).message).toContain("octets");
    const spaces = " ".repeat(60_000);
    expect(refusal("[a]", `b${spaces}c${spaces}=`).message).toContain("characters");
    expect(refusal(`include ${"/".repeat(60_000)}x`).message).toContain("path");
    expect(parse("[a]", "b = 1\r".repeat(8_000)).values(["a", "b"])).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it("says that text alone includes nothing", () => {
    expect(refusal("include /etc/other.conf")).toMatchObject({ line: 1 });
    expect(refusal("[a]", "b = c", "includedir /etc/krb5.conf.d").message).toBe(
      "test.conf:3: includedir needs files: give the option config as { files: [...] }",
    );
    const named = () => parseKrb5Conf("include /x", { file: "my.conf" });
    expect(named).toThrow(expect.objectContaining({ path: "my.conf", line: 1 }));
    expect(() => parseKrb5Conf("[x")).toThrow("line 1 of the configuration: expected [section]");
  });

  it("passes over a module with a line in the trace", () => {
    const notes: unknown[] = [];
    const config = parseKrb5Conf("module /usr/lib/some.so:rest\n[a]\nb = c\n", {
      onTrace: (event) => notes.push(event),
    });
    expect(config.profile.values(["a", "b"])).toEqual(["c"]);
    expect(notes).toMatchObject([{ type: "note", text: expect.stringContaining("/usr/lib/some.so:rest") }]);
  });

  it("throws nothing but ConfigError for any text", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "[a]",
        "[",
        "]",
        "{",
        "}",
        "=",
        "b = {",
        "*",
        '"',
        "\\",
        "\n",
        "\r\n",
        " ",
        "include ",
        "#",
        "\0",
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join("");
        try {
          // A name of a file is refused before it is read as a text.
          parseKrb5Conf(isConfText(text) ? text : `\n${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuses every truncation that cuts a line, warns of one that cuts a brace, and never misreads one", () => {
    const text = "[realms]\nA = {\n kdc = one\n}\n[capaths]\nA = {\n B = C\n}\n";
    for (let length = 0; length < text.length; length++) {
      try {
        const { profile, warnings } = parseKrb5Conf(text.slice(0, length));
        for (const path of [
          ["realms", "A", "kdc"],
          ["capaths", "A", "B"],
        ]) {
          for (const value of profile.values(path)) expect(["o", "on", "one", "C"]).toContain(value);
        }
        const cut = text.slice(0, length);
        // A tag without a value is one whose brace is to come.
        const isWhole = cut.split("{").length === cut.split("}").length && !/A = ?$/.test(cut);
        expect(warnings).toEqual(isWhole ? [] : [expect.stringMatching(/:\d+: the \{ opened here is never closed/)]);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        expect(error.line).toBeGreaterThan(0);
      }
    }
  });
});

describe("what is not the text of a krb5.conf", () => {
  it.each([
    "/etc/krb5.conf",
    "krb5.conf",
    "C:\\Program Files\\krb5.ini",
    "~/my realm.conf",
    "default_realm = EXAMPLE.ORG",
  ])("%s is taken for the name of a file, and refused", (text) => {
    expect(() => parseKrb5Conf(text)).toThrow(TypeError);
    expect(() => parseKrb5Conf(text)).toThrow("text is a string: it must be what is in a krb5.conf, and not its name");
    expect(() => createClient({ config: text })).toThrow("config is a string: it must be the text of a krb5.conf");
  });

  it.each(["", " \t", "\n", "# nothing", "; nothing", "[libdefaults]", "some words\nof a file that sets nothing\n"])(
    "%j is a text that sets nothing, as with MIT",
    (text) => {
      expect(parseKrb5Conf(text).libdefaults.defaultRealm).toBeUndefined();
      expect(() => createClient({ config: text })).not.toThrow();
    },
  );

  it("a line that includes a file is one", () => {
    for (const word of ["include", "includedir"]) {
      expect(() => parseKrb5Conf(`${word} /etc/krb5.conf.d`)).toThrow(`${word} needs files`);
    }
    expect(() => parseKrb5Conf(5 as never)).toThrow("text is a number");
  });
});
