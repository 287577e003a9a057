/**
 * Pre-authentication (RFC 4120 section 5.2.7): one mechanism a file, best first in {@link preauthMechanisms}.
 *
 * Layer 4: it may import `krb5`, `crypto` and what is below them; it knows no transport.
 */
import { encTimestamp } from "./enc-timestamp.ts";
import type { PreauthMechanism } from "./mechanism.ts";

export { chooseEtypeInfo, findPaData, type KeyHint } from "./etype-info.ts";
export type { PreauthContext, PreauthMechanism } from "./mechanism.ts";
export { reqEncPaRep, verifyEncPaRep } from "./req-enc-pa-rep.ts";

/** Every mechanism, best first. */
export const preauthMechanisms: readonly PreauthMechanism[] = [encTimestamp];
