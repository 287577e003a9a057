import { encodeHex } from "../../bytes/index.ts";
import type { Keytab } from "../../credentials/index.ts";
import type { ParsedArgs } from "../getopt.ts";
import { etypeText, nameOf, TIME_WIDTH, timeText } from "../text.ts";

const WIDTH = 74;

/** A keytab's keys as `klist -k` shows them; `-K` alone shows the keys themselves. */
export function keytabLines(keytab: Keytab, args: Pick<ParsedArgs, "has">): string[] {
  const withTime = args.has("t");
  const lines = withTime
    ? [
        `KVNO ${"Timestamp".padEnd(TIME_WIDTH)} Principal`,
        `---- ${"-".repeat(TIME_WIDTH)} ${"-".repeat(WIDTH - TIME_WIDTH - 1)}`,
      ]
    : ["KVNO Principal", `---- ${"-".repeat(WIDTH)}`];
  // A version above 2^31 is a negative number to MIT's klist, and to scripts that know it: -1 for "any".
  for (const { principal, timestamp, kvno, keyBlock } of keytab.entries) {
    const time = withTime ? `${timeText(timestamp)} ` : "";
    const etype = args.has("e") ? ` (${etypeText(keyBlock.etype)}) ` : "";
    const key = args.has("K") ? ` (0x${encodeHex(keyBlock.octets)})` : "";
    lines.push(`${String(kvno | 0).padStart(4)} ${time}${nameOf(principal)}${etype}${key}`);
  }
  return lines;
}
