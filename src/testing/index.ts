/**
 * A Kerberos realm in a box, for tests: an embedded KDC with principals, keytabs and faults on demand, over loopback
 * sockets or with no socket at all. Not for production: keys are in memory only, and nobody has looked for what an
 * attacker could do to it.
 *
 * The room may import every room below it but `client` and `preauth`; the host is given to it, except in `on-host.ts`.
 */

export type { TestRealmOptions } from "./create-realm.ts";
export type {
  FastFaultName,
  Fault,
  FaultHandle,
  FaultName,
  FaultTarget,
  IssueOptions,
  KdcPolicy,
  PkinitFaultName,
  PlainFaultName,
  PolicyChange,
  PreauthName,
  PrincipalChange,
  ProofName,
  TestOtp,
  TestPrincipalOptions,
} from "./kdc/index.ts";
export type { Krb5ConfOptions } from "./krb5-conf.ts";
export type { CcacheOptions, TestCertificateOptions } from "./option-checks.ts";
export type { TestRealm } from "./realm.ts";
