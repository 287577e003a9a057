import { ENCTYPES, findEnctype } from "../iana/index.ts";

/** The numbers that a family stands for, in order of preference; undefined for an unknown family. */
function family(word: string): readonly number[] | undefined {
  const members = ENCTYPES.filter(({ families }) => families.includes(word));
  return members.length === 0 ? undefined : members.map(({ etype }) => etype);
}

/** The numbers that `DEFAULT` in a list stands for: the enctypes without known weaknesses, in libkrb5's order. */
export const DEFAULT_ENCTYPES: readonly number[] = /* @__PURE__ */ family("default") ?? [];

/** The number of an enctype by any of the names that configurations use, in any case; undefined if it is unknown. */
export function parseEnctype(name: string): number | undefined {
  return findEnctype(name, ENCTYPES)?.etype;
}

/**
 * Reads a list as `permitted_enctypes` has it: names, families (`aes`, `aes-sha2`, `rc4`, ...) and `DEFAULT`, separated
 * by blanks or commas, each after an optional `+`; a `-` takes away again. Numbers in order, each once. Words that are
 * unknown are in `unknown` and change nothing: a newer library's name must not make an older one fail.
 */
export function parseEnctypeList(
  text: string,
  defaults: readonly number[] = DEFAULT_ENCTYPES,
): { readonly enctypes: readonly number[]; readonly unknown: readonly string[] } {
  let enctypes: number[] = [];
  const unknown: string[] = [];
  for (const word of text.split(/[\s,]+/).filter((part) => part !== "")) {
    const name = word.replace(/^[+-]/, "").toLowerCase();
    const one = parseEnctype(name);
    const meant = name === "default" ? defaults : (family(name) ?? (one === undefined ? undefined : [one]));
    if (meant === undefined) unknown.push(word);
    else if (word.startsWith("-")) enctypes = enctypes.filter((etype) => !meant.includes(etype));
    else enctypes.push(...meant.filter((etype) => !enctypes.includes(etype)));
  }
  return { enctypes, unknown };
}
