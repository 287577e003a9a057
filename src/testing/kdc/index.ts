export type { Entry, StoredKey } from "./database.ts";
export { currentKeys, Database } from "./database.ts";
export type { Delivery } from "./delivery.ts";
export type { FaultHandle } from "./fault-box.ts";
export type { Fault, FaultName, FaultTarget, PlainFaultName } from "./faults.ts";
export { type RequestContext, TestKdc } from "./kdc.ts";
export { nameTypeOf, parseComponents } from "./names.ts";
export { defaultPolicy, type KdcPolicy, type TestPrincipalOptions } from "./options.ts";
export { type KdcState, trustEachOther } from "./state.ts";
