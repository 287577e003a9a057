// What a message may quote: paths and places, and nothing that may be a key, a password or a token.

import { describe, expect, it } from "vitest";
import {
  isEncodedKeytab,
  looksEncoded,
  looksLikePath,
  shownCause,
  shownPath,
  shownPlace,
} from "../../../src/bytes/index.ts";

const MIXED = "Ab3".repeat(7);
const KEYTAB = "BQIAAABHAAEAC0VYQU1QTEUuT1JH";

describe("a path", () => {
  it.each([
    ["/etc/krb5.keytab", true],
    ["./x", true],
    ["../x", true],
    ["~/x", true],
    ["C:\\x", true],
    ["C:/x", true],
    ["robot.keytab", true],
    ["dir/robot.KT", true],
    ["a/b.conf", true],
    ["secret", false],
    ["robot.key", false],
    ["a b.keytab", false],
    [".../x", false],
    ["CC:/x", false],
    ["", false],
    [`/${"x/".repeat(511)}y`, true],
    [`/${"x/".repeat(512)}`, false],
    ["/a\nb", false],
    ["/a\x1fb", false],
    ["/a b", true],
    ["BQI.keytab", false],
    ["BQA.keytab", true],
    [KEYTAB, false],
    [` ${KEYTAB}`, false],
    [`/x/${MIXED}`, false],
    [`/x/${MIXED.slice(0, 19)}`, true],
    [`/x/${"a".repeat(40)}`, true],
    [`/x/${"a".repeat(41)}`, false],
    [`/x/${"AB".repeat(12)}`, true],
    [`/x/${"Ab".repeat(12)}`, true],
    [`/x/${"a1".repeat(12)}`, true],
    [`/x/${"A1".repeat(12)}`, true],
  ])("%j: %s", (text, wanted) => {
    expect(looksLikePath(text)).toBe(wanted);
    expect(shownPath(text, "something else")).toBe(wanted ? text : "something else");
  });

  it("is told from octets as text", () => {
    for (const text of [KEYTAB, MIXED, "a".repeat(41), "BQE=", " BQI"])
      expect([text, looksEncoded(text)]).toEqual([text, true]);
    for (const text of ["", "secret", `/${MIXED}`, `./${KEYTAB}`, "robot.keytab"]) {
      expect([text, looksEncoded(text)]).toEqual([text, false]);
    }
    for (const [text, wanted] of [
      ["BQE", true],
      ["BQI", true],
      ["\n BQI", true],
      ["BQA", false],
      ["xBQI", false],
    ] as const) {
      expect([text, isEncodedKeytab(text)]).toEqual([text, wanted]);
    }
  });
});

describe("the error of a host", () => {
  const error = Object.assign(new Error("EIO: open 'secret'"), { code: "EIO", path: "secret" });
  it("is the cause as it is where its path may be quoted, and its code alone where not", () => {
    expect(shownCause(error, "/etc/x")).toBe(error);
    expect(shownCause("words", "/etc/x")).toBe("words");
    const shown = shownCause(error, "secret") as Error & { code: string; path?: string };
    expect([shown.message, shown.code, shown.path]).toEqual(["EIO", "EIO", undefined]);
    expect(shownCause(new Error("open 'secret'"), "secret")).toBeUndefined();
    expect(shownCause("no secret", "secret")).toBeUndefined();
  });
});

describe("a place", () => {
  it.each([
    ["kdc.example.org:88", "kdc.example.org:88"],
    ["[2001:db8::1]:88", "[2001:db8::1]:88"],
    ["https://u:p@h.example/x?token=1", "https://h.example/x"],
    ["https://h.example/x#part", "https://h.example/x"],
    ["https://u@v@h.example", "https://h.example"],
    ["u:p@h.example", "h.example"],
    ["https://h.example/a@b", "https://h.example/a@b"],
    // A password may have a slash, a question mark or a hash that was not written in percents.
    ["u:p@h/a@b", "..."],
    ["http://user:p/ss!w0rd@proxy.example", "..."],
    ["http://user:p?ssw0rd@proxy.example", "..."],
    ["http://user:p#ssw0rd@proxy.example", "..."],
    ["user:88/w0rd@proxy.example", "..."],
    ["[2001:db8::1]:88/x", "[2001:db8::1]:88/x"],
    ["https://*.example.org", "https://*.example.org"],
    ["two words", "two words"],
    ["Tr0ub4dor&3", "..."],
    ["pass:w0rd!", "..."],
    ["o'er", "..."],
    ["{hunter}", "..."],
    ["", ""],
    ["/run/kcm", "/run/kcm"],
    ["https:///x", "https:///x"],
    ["BQIAAAB", "..."],
    [KEYTAB, "..."],
    [`https://h/${MIXED}`, "..."],
    ["h\n", "..."],
    ["h.".repeat(150), "h.".repeat(150)],
    [`${"h.".repeat(150)}x`, "..."],
  ])("%j is shown so: %j", (text, wanted) => {
    expect(shownPlace(text)).toBe(wanted);
  });
});
