import type { EncTypeSet } from "../../crypto/index.ts";
import type { AuthenticatorClock } from "../../krb5/index.ts";
import type { Envelope, TgsEnvelopeParts } from "../../preauth/index.ts";
import type { Trace } from "../../trace.ts";

/** What armor is made with. */
export interface ArmorUse {
  readonly encTypes: EncTypeSet;
  readonly clock: AuthenticatorClock;
  readonly trace: Trace;
  readonly signal: AbortSignal | undefined;
}

/** Where the armor of logins comes from (RFC 6113 section 5.4.1). The code of FAST stands behind it. */
export interface LoginArmor {
  /** Whether nothing is sent without armor; else only where the KDC offers FAST. */
  readonly isRequired: boolean;
  /** Makes new armor for a login in a realm. */
  envelope(realm: string, use: ArmorUse): Promise<Envelope>;
  /** Forgets the ticket that armor in the realm is made of: the KDC refused it. */
  forget(realm: string): Promise<void>;
  /** Goes around a TGS-REQ. */
  wrap(parts: TgsEnvelopeParts, encTypes: EncTypeSet): Envelope;
}
