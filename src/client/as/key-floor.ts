import { getUint32 } from "../../bytes/index.ts";
import { PreauthError } from "../../errors.ts";
import { enctypeName } from "../../iana/index.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import type { KeyHint } from "../../preauth/index.ts";

/** The counts where a hint names none (RFC 3962 section 4, RFC 8009 section 4). */
const DEFAULT_COUNTS: ReadonlyMap<number, number> = new Map([
  [17, 4_096],
  [18, 4_096],
  [19, 32_768],
  [20, 32_768],
]);

/**
 * Rule P15: refuses a hint that makes a key which is easier to guess than the one that a KDC proved to have before: a
 * hint is not authenticated. `requested` are the enctypes that this login asks for, best first.
 */
export function checkFloor(
  hint: KeyHint,
  floor: KeyHint | undefined,
  requested: readonly number[],
  client: Principal,
): void {
  if (floor === undefined || !requested.includes(floor.etype)) return;
  if (hint.etype === floor.etype) {
    const [count, least] = [countOf(hint), countOf(floor)];
    if (count >= least) return;
    throw weaker(client, `${count} iterations`, `${least}`);
  }
  if (requested.indexOf(hint.etype) < requested.indexOf(floor.etype)) return;
  throw weaker(client, `a key of ${enctypeName(hint.etype)}`, enctypeName(floor.etype));
}

/** The count of string-to-key: the one that a hint names, or its enctype's own. */
export function countOf({ etype, s2kparams }: KeyHint): number {
  return s2kparams?.length === 4 ? getUint32(s2kparams, 0) : (DEFAULT_COUNTS.get(etype) ?? 0);
}

function weaker(client: Principal, now: string, before: string): PreauthError {
  const principal = formatPrincipal(client);
  return new PreauthError(
    "PREAUTH",
    `the KDC, or someone in its place, wants ${now} for ${principal}, and the KDC proved ${before} at an earlier login: nothing ` +
      "is proven to it; if an administrator made the keys weaker, begin with a new client",
    { principal, realm: client.realm },
  );
}
