/**
 * A Kerberos realm in a box, for tests: an embedded KDC with principals, keytabs and faults on demand, over loopback sockets or with no
 * socket at all. Not for production: keys are in memory only, and nobody has looked for what an attacker could do to it.
 *
 * @module
 */
export type { ByteStream } from "../host/index.ts";
export type {
  CcacheOptions,
  Fault,
  FaultHandle,
  FaultName,
  FaultTarget,
  IssueOptions,
  KdcPolicy,
  Krb5ConfOptions,
  PlainFaultName,
  TestPrincipalOptions,
  TestRealm,
  TestRealmOptions,
} from "../testing/index.ts";
export { createTestRealm } from "../testing/on-host.ts";
