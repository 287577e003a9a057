// The one way in which tools read their command lines: `--help` tells the options, and what is not known ends with a plain
// message and status 2. No dependency of its own.

import process from "node:process";
import { parseArgs } from "node:util";

/**
 * @typedef {object} Option
 * @property {string} about what it does
 * @property {string} [value] what follows it, as DIR; without, it is a flag
 * @property {boolean} [isNumber] whether its value must be a whole number
 * @property {string} [default]
 */

/**
 * Reads `process.argv`. Ends the program after `--help`, and for what it does not know.
 * @param {object} tool
 * @param {string} tool.command as it is called, for example `npm run soak --`
 * @param {string} tool.about what it does, in a sentence
 * @param {string} [tool.names] what may follow beside options, as `[WORKLOAD...]`; without, nothing may
 * @param {Readonly<Record<string, Option>>} [tool.options]
 * @param {() => readonly string[]} [tool.known] the names that may follow, where they are known
 * @returns {{ values: Record<string, string | undefined>, flags: ReadonlySet<string>, names: string[] }}
 */
export function toolArguments(tool) {
  const found = readArguments(process.argv.slice(2), tool);
  if (found.help !== undefined) console.log(found.help);
  if (found.problem !== undefined) console.error(`${found.problem}\nSee ${tool.command} --help`);
  if (found.problem !== undefined || found.help !== undefined) process.exit(found.problem === undefined ? 0 : 2);
  return found;
}

/**
 * The same without ending the program: `help` or `problem` say why it shall.
 * @param {readonly string[]} words @param {Parameters<typeof toolArguments>[0]} tool
 * @returns {{ values: Record<string, string | undefined>, flags: ReadonlySet<string>, names: string[], help?: string, problem?: string }}
 */
export function readArguments(words, tool) {
  const options = { ...tool.options };
  const { tokens, positionals: names } = parseArgs({
    args: [...words],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(
        Object.entries(options).map(([name, { value }]) => [
          name,
          { type: value === undefined ? "boolean" : "string" },
        ]),
      ),
      help: { type: "boolean", short: "h" },
    },
  });
  /** @type {Record<string, string | undefined>} */
  const values = Object.fromEntries(Object.entries(options).map(([name, one]) => [name, one.default]));
  const flags = new Set(/** @type {string[]} */ ([]));
  const empty = { values, flags, names };
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return { ...empty, help: helpOf(tool) };
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) return { ...empty, problem: `${token.rawName} is not an option of this tool` };
    if (option.value === undefined) {
      if (token.value !== undefined) return { ...empty, problem: `${token.rawName} takes no value` };
      flags.add(token.name);
    } else if (token.value === undefined || token.value === "") {
      return { ...empty, problem: `${token.rawName} needs a value: ${option.value}` };
    } else if (option.isNumber === true && !/^\d+$/.test(token.value)) {
      return { ...empty, problem: `${token.rawName} takes a whole number` };
    } else values[token.name] = token.value;
  }
  if (tool.names === undefined && names.length > 0) {
    return { ...empty, problem: `${names[0]} is one word too many: this tool takes options alone` };
  }
  const known = names.length === 0 ? undefined : tool.known?.();
  const stranger = known && names.find((name) => !known.includes(name));
  if (known !== undefined && stranger !== undefined) {
    return { ...empty, problem: `${stranger} is not known here: the names are ${known.join(", ")}` };
  }
  return empty;
}

/** @param {Parameters<typeof toolArguments>[0]} tool */
function helpOf({ command, about, names, options = {} }) {
  const rows = Object.entries({ ...options, help: { about: "this text" } }).map(([name, option]) => {
    const { value, about: words, default: usual } = /** @type {Option} */ (option);
    return [`--${name}${value === undefined ? "" : ` ${value}`}`, usual === undefined ? words : `${words} (${usual})`];
  });
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  const lines = rows.map(([left = "", right]) => `  ${left.padEnd(width)}  ${right}`);
  return [`${command}${names === undefined ? "" : ` ${names}`} [OPTION...]`, about, "", ...lines].join("\n");
}
