import { concatAll, equalConstantTime } from "../../bytes/index.ts";
import type { RemctlArgument } from "../../remctl/index.ts";
import type { CommandHost } from "../command.ts";

/** A piece of a file that is sent: as large as is good for both ends. */
const pieceBytes = 256 * 1024;

/** The command's arguments, as octets. With `isExpanding`, those that begin with @ stand for something else. */
export async function commandArguments(
  host: CommandHost,
  words: readonly string[],
  {
    isExpanding,
    isReused = false,
    hasReadInput: hasReadHosts = false,
  }: { readonly isExpanding: boolean; readonly isReused?: boolean; readonly hasReadInput?: boolean },
): Promise<RemctlArgument[]> {
  const args: RemctlArgument[] = [];
  const raw = rawWords(words);
  let hasReadInput = hasReadHosts;
  for (const [index, word] of words.entries()) {
    if (!isExpanding || !word.startsWith("@")) {
      args.push(raw[index] as string | Uint8Array);
    } else if (word.startsWith("@@")) {
      const octets = raw[index] as string | Uint8Array;
      args.push(octets.slice(1));
    } else if (word === "@-") {
      if (hasReadInput) throw new Error("@- stands for standard input, which can be read once, and is read already");
      hasReadInput = true;
      args.push(await readAll(host));
    } else if (word.startsWith("@?")) {
      args.push(await askTwice(host, word.slice(2) || `Argument ${index + 1}`));
    } else {
      args.push(await fileArgument(word.slice(1), isReused));
    }
  }
  return args;
}

async function readAll({ stdin }: CommandHost): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let piece = await stdin.read(); piece !== undefined; piece = await stdin.read()) pieces.push(piece);
  return concatAll(pieces);
}

async function askTwice(host: CommandHost, prompt: string): Promise<Uint8Array> {
  const first = await host.readSecret(`${prompt}: `, "stderr");
  if (first === undefined) throw new Error(`no input for "${prompt}"; nothing was sent`);
  const second = await host.readSecret(`${prompt} again: `, "stderr");
  if (second === undefined || !equalConstantTime(first, second)) {
    throw new Error(`the inputs for "${prompt}" differ; nothing was sent`);
  }
  return first;
}

/** A file is sent as it is read; what says nothing of its size, as a pipe, is read first. */
async function fileArgument(path: string, isReused: boolean): Promise<RemctlArgument> {
  const { createReadStream, promises, statSync } = process.getBuiltinModule("node:fs");
  const status = statSync(path);
  // Files of /proc say 0 and have more.
  if (!status.isFile() || status.size === 0) return await promises.readFile(path);
  if (isReused && status.size < pieceBytes) return await promises.readFile(path);
  return { size: status.size, stream: () => createReadStream(path, { highWaterMark: pieceBytes }) };
}

/**
 * The words as the octets that the process was given: JavaScript has put U+FFFD for what is not UTF-8. Linux still has
 * them; where they cannot be had, a word that was changed is refused, since the server would get another one than was
 * meant.
 */
function rawWords(words: readonly string[]): readonly (string | Uint8Array)[] {
  if (!words.some((word) => word.includes("\ufffd"))) return words;
  const given = processWords().slice(-words.length);
  return words.map((word, index) => {
    if (!word.includes("\ufffd")) return word;
    const octets = given[index];
    if (octets !== undefined && new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets) === word) return octets;
    throw new Error(
      `argument ${index + 1} of the command is not UTF-8: give it with --expand, for example @FILE or @-`,
    );
  });
}

function processWords(): Uint8Array[] {
  const words: Uint8Array[] = [];
  try {
    const all = process.getBuiltinModule("node:fs").readFileSync("/proc/self/cmdline");
    for (let at = 0, end = all.indexOf(0); end >= 0; at = end + 1, end = all.indexOf(0, at)) {
      words.push(Uint8Array.from(all.subarray(at, end)));
    }
  } catch {
    // Not Linux.
  }
  return words;
}
