/** How well the version of a key fits one that is asked for; the lower the better. */
export const VERSION_FIT = { same: 0, lowOctet: 1, unknown: 2 } as const;

/**
 * How well a key of version `has` fits the version `wanted`; undefined: it does not. As libkrb5 has it: 0, on either
 * side, is a version that is not known, and a keytab of before MIT krb5 1.14 keeps the low eight bits of one alone.
 */
export function versionFit(wanted: number | undefined, has: number | undefined): number | undefined {
  if (wanted === undefined || wanted === 0 || has === wanted) return VERSION_FIT.same;
  if (wanted > 0xff && has === (wanted & 0xff)) return VERSION_FIT.lowOctet;
  return has === undefined || has === 0 ? VERSION_FIT.unknown : undefined;
}
