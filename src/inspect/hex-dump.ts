import { decodeHex } from "../bytes/index.ts";

interface Line {
  readonly offset: string;
  readonly rest: string;
}

/** The most octets on a line. */
const MOST = 64;
/** And on one that stands alone, where the text behind could look like more. */
const MOST_ALONE = 16;
/** In place of lines that are the same as the one before: hexdump and od. */
const SAME = "*";
/** The most octets that those stand for together: an offset is written fast. */
const MOST_SAME = 1 << 20;

/**
 * The octets of a hex dump, as xxd, hexdump -C, od -tx1, tcpdump -X and Wireshark write them: an offset, octets in
 * groups, and text behind; or hexdump and od -x: words of two octets, the second one first. Undefined if it is
 * something else.
 */
export function hexDump(text: string): Uint8Array | undefined {
  const lines: Line[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    if (line.trim() === SAME) {
      lines.push({ offset: SAME, rest: "" });
      continue;
    }
    const match = /^\s*(?:0x)?([0-9a-fA-F]{4,8})(?::\s*|\s+|$)/.exec(line);
    if (match === null) return undefined;
    lines.push({ offset: match[1] as string, rest: line.slice(match[0].length) });
  }
  // od counts in octal, of seven digits.
  return octetsOf(lines, 16) ?? (lines[0]?.offset.length === 7 ? octetsOf(lines, 8) : undefined);
}

function octetsOf(lines: readonly Line[], radix: number): Uint8Array | undefined {
  const rows: string[] = [];
  let at = 0;
  let width = Number.POSITIVE_INFINITY;
  let same = 0;
  // The tools that write words have offsets of seven digits; xxd, which writes groups in order, has eight and a colon.
  const isWords = lines[0]?.offset.length === 7 && /^[0-9a-fA-F]{4}(?:\s|$)/.test(lines[0].rest);
  for (const [i, { offset, rest }] of lines.entries()) {
    const next = lines[i + 1];
    if (offset === SAME) {
      const row = rows.at(-1) ?? "";
      const count = (2 * (Number.parseInt(next?.offset ?? "", radix) - at)) / row.length;
      same += (count * row.length) / 2;
      if (!Number.isInteger(count) || count < 1 || same > MOST_SAME) return undefined;
      rows.push(row.repeat(count));
      at += (count * row.length) / 2;
      continue;
    }
    if (Number.parseInt(offset, radix) !== at) return undefined;
    // hexdump and od end with the length alone.
    if (next === undefined && rest === "" && i > 0) break;
    // How many octets a line has is known by the next one's offset: the text behind may look like octets. That of the
    // last line begins where it does on the first.
    const size =
      next === undefined ? undefined : next.offset === SAME ? MOST_ALONE : Number.parseInt(next.offset, radix) - at;
    const row = rowOf(
      next === undefined ? rest.slice(0, width) : rest,
      isWords && size !== undefined ? size + (size % 2) : size,
      lines.length === 1 ? MOST_ALONE : MOST,
    );
    if (row === undefined) return undefined;
    // Hexadecimal in words, and no dump: `0000 6a81`.
    if (lines.length === 1 && row.groups === 1) return undefined;
    if (i === 0 && next !== undefined) width = row.end;
    const digits = isWords ? row.digits.replace(/(..)(..)/g, "$2$1").slice(0, 2 * (size ?? MOST)) : row.digits;
    rows.push(digits);
    at += digits.length / 2;
  }
  return at === 0 ? undefined : decodeHex(rows.join(""));
}

/** The digits of a line: groups of one length, the last may be shorter. */
function rowOf(
  rest: string,
  size: number | undefined,
  atMost: number,
): { readonly digits: string; readonly groups: number; readonly end: number } | undefined {
  if (size !== undefined && !(size > 0 && size <= atMost)) return undefined;
  const most = 2 * (size ?? atMost);
  const group = /((?:[0-9a-fA-F]{2}){1,16})([ \t]+|$)/y;
  let digits = "";
  let groups = 0;
  let first = 0;
  let end = 0;
  while (digits.length < most) {
    const match = group.exec(rest);
    if (match === null) break;
    const [, octets = "", gap = ""] = match;
    first ||= octets.length;
    if (octets.length > first) break;
    digits += octets;
    groups += 1;
    end = group.lastIndex - gap.length;
    // Text comes behind a wider gap; hexdump has two spaces in the middle.
    if (size === undefined && (octets.length < first || gap.length > 2)) break;
  }
  const isWhole = size === undefined ? digits !== "" : digits.length === size * 2;
  return isWhole ? { digits, groups, end } : undefined;
}
