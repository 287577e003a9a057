import { ENCTYPE } from "../iana/index.ts";

const {
  des3CbcSha1,
  aes128CtsHmacSha196: aes128Sha1,
  aes256CtsHmacSha196: aes256Sha1,
  aes128CtsHmacSha256128: aes128Sha2,
  aes256CtsHmacSha384192: aes256Sha2,
  rc4Hmac,
  rc4HmacExp,
  camellia128CtsCmac,
  camellia256CtsCmac,
} = ENCTYPE;

/** What `DEFAULT` in a list stands for: the enctypes without known weaknesses, in libkrb5's order. */
export const DEFAULT_ENCTYPES: readonly number[] = [aes256Sha1, aes128Sha1, aes256Sha2, aes128Sha2];

const families: ReadonlyMap<string, readonly number[]> = new Map([
  ["aes", DEFAULT_ENCTYPES],
  ["aes-sha1", [aes256Sha1, aes128Sha1]],
  ["aes-sha2", [aes256Sha2, aes128Sha2]],
  ["des3", [des3CbcSha1]],
  ["rc4", [rc4Hmac]],
  ["camellia", [camellia256CtsCmac, camellia128CtsCmac]],
]);

const names: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, "des-cbc-crc"],
      [2, "des-cbc-md4"],
      [3, "des-cbc-md5 des"],
      [des3CbcSha1, "des3-cbc-sha1 des3-hmac-sha1 des3-cbc-sha1-kd"],
      [aes128Sha1, "aes128-cts-hmac-sha1-96 aes128-cts aes128-sha1"],
      [aes256Sha1, "aes256-cts-hmac-sha1-96 aes256-cts aes256-sha1"],
      [aes128Sha2, "aes128-cts-hmac-sha256-128 aes128-sha2"],
      [aes256Sha2, "aes256-cts-hmac-sha384-192 aes256-sha2"],
      [rc4Hmac, "arcfour-hmac rc4-hmac arcfour-hmac-md5"],
      [rc4HmacExp, "arcfour-hmac-exp rc4-hmac-exp arcfour-hmac-md5-exp"],
      [camellia128CtsCmac, "camellia128-cts-cmac camellia128-cts"],
      [camellia256CtsCmac, "camellia256-cts-cmac camellia256-cts"],
    ] as const
  ).flatMap(([etype, all]) => all.split(" ").map((name): [string, number] => [name, etype])),
);

/** The number of an enctype by any of the names that configurations use, in any case; undefined if it is unknown. */
export function parseEnctype(name: string): number | undefined {
  return names.get(name.toLowerCase());
}

/**
 * A list as `permitted_enctypes` has it: names, families (`aes`, `aes-sha2`, `rc4`, ...) and `DEFAULT`, separated by
 * blanks or commas, each after an optional `+`; a `-` takes away again. Numbers in order, each once. What is unknown is
 * in `unknown` and changes nothing: a newer library's name must not make an older one fail.
 */
export function parseEnctypeList(
  text: string,
  defaults: readonly number[] = DEFAULT_ENCTYPES,
): { readonly etypes: readonly number[]; readonly unknown: readonly string[] } {
  let etypes: number[] = [];
  const unknown: string[] = [];
  for (const word of text.split(/[\s,]+/).filter((part) => part !== "")) {
    const name = word.replace(/^[+-]/, "").toLowerCase();
    const one = names.get(name);
    const meant = name === "default" ? defaults : (families.get(name) ?? (one === undefined ? undefined : [one]));
    if (meant === undefined) unknown.push(word);
    else if (word.startsWith("-")) etypes = etypes.filter((etype) => !meant.includes(etype));
    else etypes.push(...meant.filter((etype) => !etypes.includes(etype)));
  }
  return { etypes, unknown };
}
