import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "../../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file: file.replaceAll("\\", "/"), text: withoutComments(readFileSync(join(src, file), "utf8")) }));

/** What was written more than once before: where its one copy is, and what another copy would look like. */
const copies: readonly (readonly [string, RegExp, string])[] = [
  [
    "the longest delay of a timer",
    /setTimeout[\s\S]*(?:0x7fff_?ffff|2 \*\* 31)|(?:0x7fff_?ffff|2 \*\* 31)[\s\S]*setTimeout|LONGEST_TIMER_MS:/,
    "host/timers.ts",
  ],
  ["waiting for an abort", /addEventListener\("abort"/, "host/on-abort.ts"],
  ["four octets in network order", />>> 24|<< 24/, "bytes/uint32.ts"],
  ["four octets in network order, by a view made for them", /new DataView\([^)]*\)\.[gs]etUint32\(/, ""],
  ["a length in DER", /0x80 \| \w/, "asn1/output.ts"],
  ["the skew of clocks that is allowed", /SKEW_SECONDS = 300|[sS]kewSeconds\w*[^;\n*]*\b300\b/, "krb5/clock-skew.ts"],
];

describe("there is one copy of", () => {
  it.each(copies)("%s", (_, pattern, home) => {
    const found = files.filter(({ file, text }) => pattern.test(text) && !file.startsWith("crypto/"));
    expect(found.map(({ file }) => file).filter((file) => file !== home)).toEqual([]);
    if (home !== "") expect(found.map(({ file }) => file)).toContain(home);
  });
});

function withoutComments(text: string): string {
  return text.replace(/^\s*(?:\/\/|\/\*|\*).*$/gm, "");
}
