import type { KdcState } from "../state.ts";
import type { Authority } from "./authority.ts";
import type { SignatureTools } from "./signatures.ts";

/** What computes signatures in a realm. */
export function toolsOf({ encTypes, groups = [] }: Pick<KdcState, "encTypes" | "groups">): SignatureTools {
  return { provider: encTypes.provider, groups };
}

/** The authority of a realm that has PKINIT. */
export function authorityOf({ pkinit }: Pick<KdcState, "pkinit">): Authority {
  return (pkinit as NonNullable<typeof pkinit>).authority;
}
