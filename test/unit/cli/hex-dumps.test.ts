// Hex dumps as the programs write them: every octet comes back, whatever the text behind looks like.

import fc from "fast-check";
import { expect, it } from "vitest";
import { octetsOfInput } from "../../../src/inspect/index.ts";

interface Form {
  readonly group: number;
  readonly line: number;
  readonly offset: (at: number) => string;
  /** The text behind the octets. */
  readonly text: (text: string) => string;
  /** A wider gap in the middle of a line. */
  readonly hasGap?: boolean;
  readonly hasEnd?: boolean;
}

const hex = (digits: number, end: string) => (at: number) => at.toString(16).padStart(digits, "0") + end;
const xxd = (group: number, line = 16): Form => ({ group, line, offset: hex(8, ": "), text: (text) => text });
const bars = (text: string): string => (text === "" ? "" : `|${text}|`);
const forms: Record<string, Form> = {
  xxd: xxd(2),
  "xxd -g1": xxd(1),
  "xxd -g4": xxd(4),
  "xxd -g8": xxd(8),
  "xxd -c8": xxd(2, 8),
  "hexdump -C": { group: 1, line: 16, offset: hex(8, "  "), text: bars, hasGap: true, hasEnd: true },
  "od -tx1": {
    group: 1,
    line: 16,
    offset: (at) => `${at.toString(8).padStart(7, "0")} `,
    text: () => "",
    hasEnd: true,
  },
  "od -Ax -tx1z": {
    group: 1,
    line: 16,
    offset: hex(6, " "),
    text: (text) => (text === "" ? "" : `>${text}<`),
    hasEnd: true,
  },
  "tcpdump -X": { group: 2, line: 16, offset: (at) => `\t0x${hex(4, ":  ")(at)}`, text: (text) => text },
};

function dump(octets: Uint8Array, { group, line, offset, text, hasGap, hasEnd }: Form): string {
  const lines: string[] = [];
  const row = (part: Uint8Array): string =>
    Array.from(part, (octet, i) => {
      const before = i === 0 || i % group > 0 ? "" : hasGap && i === line / 2 ? "  " : " ";
      return before + octet.toString(16).padStart(2, "0");
    }).join("");
  const width = row(new Uint8Array(line)).length;
  for (let at = 0; at < octets.length; at += line) {
    const part = octets.subarray(at, at + line);
    const shown = String.fromCharCode(...part).replace(/[^ -~]/g, ".");
    lines.push(`${offset(at)}${row(part).padEnd(width)}  ${text(shown)}`.trimEnd());
  }
  if (hasEnd) lines.push(offset(octets.length).trim());
  return `${lines.join("\n")}\n`;
}

// Octets whose text looks like hexadecimal are the hard ones.
const octets = fc.oneof(
  fc.uint8Array({ minLength: 3, maxLength: 80 }),
  fc.stringMatching(/^[0-9a-f ]{3,80}$/).map((text) => new TextEncoder().encode(text)),
);

it.each(Object.entries(forms))("%s: every octet", (_name, form) => {
  fc.assert(
    fc.property(octets, (all) => {
      // A single group is as well hexadecimal alone; behind a single line of eight octets the text may look like more.
      fc.pre(all.length > (form.line < 16 ? form.line : form.group));
      expect(octetsOfInput(new TextEncoder().encode(dump(all, form)))).toEqual(all);
    }),
    { numRuns: 300 },
  );
});

it("the lines of the programs themselves", () => {
  const wanted = "7e81ea3081e7a003020105a10302011e7e4d4954ab";
  const texts = [
    "00000000: 7e81 ea30 81e7 a003 0201 05a1 0302 011e  ~..0............\n00000010: 7e4d 4954 ab                             ~MIT.\n",
    "00000000  7e 81 ea 30 81 e7 a0 03  02 01 05 a1 03 02 01 1e  |~..0............|\n00000010  7e 4d 49 54 ab                                    |~MIT.|\n00000015\n",
    "0000000 7e 81 ea 30 81 e7 a0 03 02 01 05 a1 03 02 01 1e\n0000020 7e 4d 49 54 ab\n0000025\n",
    // Words of two octets, the second one first.
    "0000000 817e 30ea e781 03a0 0102 a105 0203 1e01\n0000010 4d7e 5449 00ab                         \n0000015\n",
    "0000000 817e 30ea e781 03a0 0102 a105 0203 1e01\n0000020 4d7e 5449 00ab\n0000025\n",
  ];
  for (const text of texts) {
    expect(Buffer.from(octetsOfInput(new TextEncoder().encode(text))).toString("hex")).toBe(wanted);
  }
});

it("lines that are the same are read as often as they were", () => {
  const wanted = `7e81ea3081e7a003020105a10302011e${"00".repeat(64)}7e81ea3081`;
  const texts = [
    "00000000  7e 81 ea 30 81 e7 a0 03  02 01 05 a1 03 02 01 1e  |~..0............|\n00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000050  7e 81 ea 30 81                                    |~..0.|\n00000055\n",
    "0000000 7e 81 ea 30 81 e7 a0 03 02 01 05 a1 03 02 01 1e\n0000020 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n*\n0000120 7e 81 ea 30 81\n0000125\n",
    "0000000 817e 30ea e781 03a0 0102 a105 0203 1e01\n0000010 0000 0000 0000 0000 0000 0000 0000 0000\n*\n0000050 817e 30ea 0081                         \n0000055\n",
  ];
  for (const text of texts) {
    expect(Buffer.from(octetsOfInput(new TextEncoder().encode(text))).toString("hex")).toBe(wanted);
  }
});

it.each([
  ["before any line", "*\n00000010\n"],
  ["at the end", "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n"],
  [
    "for a part of a line",
    "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000018\n",
  ],
  [
    "for more than a megabyte",
    "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\nfffffff0\n",
  ],
])("a star %s is no line of a dump", (_, text) => {
  expect(() => octetsOfInput(new TextEncoder().encode(text))).toThrow(NEITHER);
});

it("a dump with a line that is missing is none", () => {
  const text = dump(new Uint8Array(48).fill(1), xxd(1)).split("\n");
  expect(() => octetsOfInput(new TextEncoder().encode([text[0], text[2]].join("\n")))).toThrow(NEITHER);
});

const NEITHER = /input: text that is neither hexadecimal, nor a hex dump, nor base64 .*check that it is whole/;

it.each(["hello there", "abc!", "abcd=efg", "-----BEGIN X-----", "A"])("%j is none of them", (text) => {
  expect(() => octetsOfInput(new TextEncoder().encode(text))).toThrow(NEITHER);
});
