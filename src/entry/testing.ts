/**
 * A Kerberos realm in a box, for tests: an embedded KDC with principals, keytabs and faults on demand, over loopback
 * sockets or with no socket at all. Not for production: keys are in memory only, and nobody has looked for what an
 * attacker could do to it.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createTestRealm } from "krb5-remctl/testing";
 *
 * await using realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" } } });
 * const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
 * const client = createClient({ credentials, kdc: realm.kdc, dial: realm.dial });
 * await client.getTicket("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
 * ```
 *
 * @module
 */
export { isKerberosError } from "../errors.ts";
export type { ByteStream } from "../host/index.ts";
export type { Enctypes } from "../krb5/index.ts";
export type {
  CcacheOptions,
  FastFaultName,
  Fault,
  FaultHandle,
  FaultName,
  FaultTarget,
  IssueOptions,
  KdcPolicy,
  Krb5ConfOptions,
  PkinitFaultName,
  PlainFaultName,
  PolicyChange,
  PreauthName,
  PrincipalChange,
  ProofName,
  TestCertificateOptions,
  TestOtp,
  TestPrincipalOptions,
  TestRealm,
  TestRealmOptions,
} from "../testing/index.ts";
export { createTestRealm } from "../testing/on-host.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
