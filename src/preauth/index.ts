import { encTimestamp } from "./enc-timestamp.ts";
import type { PreauthMechanism } from "./mechanism.ts";

export { chooseEtypeInfo, findPaData, type KeyHint } from "./etype-info.ts";
export type { PreauthContext, PreauthMechanism } from "./mechanism.ts";
export { reqEncPaRep, verifyEncPaRep } from "./req-enc-pa-rep.ts";

/** Every mechanism, best first. */
export const preauthMechanisms: readonly PreauthMechanism[] = [encTimestamp];
