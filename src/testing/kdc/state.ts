import type { EncTypeSet } from "../../crypto/index.ts";
import type { Group } from "../../curves/index.ts";
import { type Database, findKey } from "./database.ts";
import type { Entry, StoredKey } from "./entry.ts";
import type { PkinitFaultName } from "./fault-types.ts";
import { tgsRealm } from "./names.ts";
import type { KdcPolicy } from "./options.ts";
import type { Authority } from "./pkinit/authority.ts";

/** What the exchanges of one realm's KDC share. */
export interface KdcState {
  readonly realm: string;
  policy: KdcPolicy;
  /** The realm's enctypes, in its order of preference. */
  readonly encTypes: EncTypeSet;
  /** Everything that can be computed here, for faults that use what the realm does not permit. */
  readonly allEncTypes: EncTypeSet;
  readonly database: Database;
  /** The groups of SPAKE, where the realm offers it. */
  readonly groups?: readonly Group[];
  /** The authority of certificates, where the realm offers PKINIT. */
  readonly pkinit?: { readonly authority: Authority };
  /** A fault of PKINIT in the answer that is being made. */
  readonly mischief?: PkinitFaultName;
  /** Realms that share a key with this one. */
  readonly trusts: Map<string, Trust>;
  /** The KDC's clock, with milliseconds. */
  now(): Date;
}

/** A realm that shares keys with this one, each way. */
export interface Trust {
  readonly other: KdcState;
  /** `krbtgt/OTHER@THIS`: what this realm seals and the other opens. */
  readonly outgoing: Entry;
  /** `krbtgt/THIS@OTHER`: what the other seals and this realm opens. */
  readonly incoming: Entry;
}

/** The KDC's clock in whole seconds, as KerberosTime has them. */
export function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

/** The keys of the service that a shown ticket is for: this realm's own, or the TGS of a realm that shares a key. */
export function findServiceKey(
  state: KdcState,
  realm: string,
  sname: readonly string[],
  etype: number,
  kvno: number | undefined,
): { readonly entry: Entry | undefined; readonly key: StoredKey | undefined } {
  const isForeign = realm !== state.realm;
  const entry = isForeign
    ? tgsRealm(sname) === state.realm
      ? state.trusts.get(realm)?.incoming
      : undefined
    : (state.database.find(sname) ?? state.database.findAlias(sname));
  return { entry, key: entry === undefined ? undefined : findKey(entry, etype, kvno) };
}

/**
 * The realms that can be reached from here over shared keys, nearest first, each with the neighbour that leads there.
 */
export function reachable(state: KdcState): { readonly state: KdcState; readonly via: string }[] {
  const seen = new Set([state.realm]);
  const found: { state: KdcState; via: string }[] = [];
  const queue: { state: KdcState; via: string }[] = [...state.trusts.values()].map(({ other }) => ({
    state: other,
    via: other.realm,
  }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (seen.has(next.state.realm)) continue;
    seen.add(next.state.realm);
    found.push(next);
    for (const { other } of next.state.trusts.values()) queue.push({ state: other, via: next.via });
  }
  return found;
}

/** Gives two realms a shared key for each direction (RFC 4120 section 1.2). */
export function trustEachOther(one: KdcState, two: KdcState): void {
  const etypes = one.encTypes.permitted.filter((etype) => two.encTypes.has(etype));
  if (one.realm === two.realm || etypes.length === 0) {
    throw new RangeError(`${one.realm} and ${two.realm} cannot share a key: the same realm, or no enctype in common`);
  }
  if (one.trusts.has(two.realm)) return;
  const toTwo = one.database.addShared(["krbtgt", two.realm], one.database.makeSharedKeys(etypes));
  const toOne = two.database.addShared(["krbtgt", one.realm], two.database.makeSharedKeys(etypes));
  one.trusts.set(two.realm, { other: two, outgoing: toTwo, incoming: toOne });
  two.trusts.set(one.realm, { other: one, outgoing: toOne, incoming: toTwo });
}
