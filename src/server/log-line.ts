import { printableText } from "../bytes/index.ts";

/** What an argument that is not shown becomes, as in remctld's log. */
const MASKED = "**MASKED**";
const maxArgumentText = 256;
const maxArgumentsShown = 64;

/**
 * The words of a command for one line of a log. `mask` is {@link RemctlCommand.logmask}; `"all"` shows the first
 * argument alone, for a command that nobody has configured: a password may have been typed in the wrong place.
 */
export function formatCommand(args: readonly Uint8Array[], mask: readonly (number | string)[] | "all"): string {
  const words: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (index === maxArgumentsShown) {
      words.push(`... (${args.length - index} more)`);
      break;
    }
    words.push(mask === "all" ? maskAll(index, arg) : maskOne(args, index, mask));
  }
  return words.join(" ");
}

function maskAll(index: number, arg: Uint8Array): string {
  return index === 0 ? wordOf(arg) : MASKED;
}

function maskOne(args: readonly Uint8Array[], index: number, mask: readonly (number | string)[]): string {
  // The command itself cannot be masked, as in remctld.
  const word = wordOf(args[index] as Uint8Array);
  if (index === 0) return word;
  if (mask.includes(index)) return MASKED;
  const before = index > 1 ? wordOf(args[index - 1] as Uint8Array) : undefined;
  for (const name of mask) {
    if (typeof name !== "string") continue;
    if (before === name) return MASKED;
    if (word.startsWith(`${name}=`)) return `${name}=${MASKED}`;
  }
  return word;
}

/** One line, no terminal escapes; a tab stays. */
function wordOf(arg: Uint8Array): string {
  const text = printableText(arg.subarray(0, 4 * maxArgumentText), maxArgumentText);
  return text.replace(/[\n\r\u2028\u2029]/g, "?");
}
