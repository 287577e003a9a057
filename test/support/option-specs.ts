// The options of each command, as its source declares them.

import fs from "node:fs";
import path from "node:path";

const folder = path.join(import.meta.dirname, "../../src/cli/commands");
const source = (file: string): string => fs.readFileSync(path.join(folder, file), "utf8");

/** Every command's name. */
export const COMMANDS: readonly string[] = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && /^const program: Program = \{$/m.test(source(file)))
  .map((file) => file.replace(/\.ts$/, ""));

export interface OptionSpecs {
  readonly options: readonly string[];
  /** Those that say that they have no effect. */
  readonly unused: readonly string[];
  /** Long names, with the option that each is. */
  readonly long: readonly (readonly [name: string, option: string])[];
}

/** Reads a command's options. */
export function specOf(command: string): OptionSpecs {
  const text = source(`${command}.ts`);
  const short = /^ {2}short: "([^"]*)"/m.exec(text)?.[1] ?? "";
  const long = /^ {2}long: \{([^}]*)\}/m.exec(text)?.[1] ?? "";
  const unused = /^ {2}unused: \{([^}]*)\}/m.exec(text)?.[1] ?? "";
  return {
    options: [
      ...new Set([
        ...short.replaceAll(":", ""),
        ...[...long.matchAll(/: "([^":]+):?"/g)].map(([, name]) => name as string),
      ]),
    ],
    long: [...long.matchAll(/"?([\w-]+)"?: "([^":]+):?"/g)].map(([, name = "", option = ""]) => [name, option]),
    unused: [...unused.matchAll(/"?([\w-]+)"?: "/g)].map(([, name]) => name as string),
  };
}
