import { type ElementNode, element } from "../../src/diagram/index.ts";

const LINE = 16;
/** More than a person reads. */
const MAX_LINES = 256;

/** Octets as a dump: offset, hexadecimal, text. */
export function octetsView(octets: Uint8Array): ElementNode {
  const lines: string[] = [];
  for (let at = 0; at < octets.length && lines.length < MAX_LINES; at += LINE) {
    const row = [...octets.subarray(at, at + LINE)];
    const hex = row.map((octet) => octet.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : ".")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(LINE * 3)} ${text}`);
  }
  if (octets.length > MAX_LINES * LINE) lines.push(`... ${octets.length - MAX_LINES * LINE} more octets`);
  // A line an element: a text of an element has a limit.
  return element(
    "pre",
    { class: "octets", tabindex: "0", role: "region", "aria-label": "octets" },
    ...lines.map((line) => element("span", { class: "row" }, line)),
  );
}
