export { currentKeys, Database } from "./database.ts";
export { checkKerberosDate } from "./date-check.ts";
export type { Delivery } from "./delivery.ts";
export type { Entry, StoredKey } from "./entry.ts";
export type { FaultHandle } from "./fault-box.ts";
export type { FastFaultName, Fault, FaultName, FaultTarget, PkinitFaultName, PlainFaultName } from "./fault-types.ts";
export { hostsOf } from "./hosts.ts";
export { type Issued, issueTicket } from "./issue.ts";
export { type RequestContext, TestKdc } from "./kdc.ts";
export { nameTypeOf, parseComponents } from "./names.ts";
export {
  checkPolicy,
  checkPreauthName,
  issueChecks,
  policyChecks,
  saidOf,
} from "./option-check.ts";
export {
  defaultPolicy,
  type IssueOptions,
  type KdcPolicy,
  type PolicyChange,
  type PreauthName,
  type PrincipalChange,
  type ProofName,
  type TestOtp,
  type TestPrincipalOptions,
} from "./options.ts";
export { passwordServiceName } from "./password-service.ts";
export { anonymousPrincipal, createAuthority, issueWithKey, pem, validityFrom } from "./pkinit/index.ts";
export { type KdcState, trustEachOther } from "./state.ts";
