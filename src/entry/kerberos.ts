/**
 * The API of npm `kerberos` 7 with no native code: in its place for `mongodb`, `cassandra-driver`, `hive-driver` and
 * all that loads it. `require("krb5-remctl/kerberos")` gives the same object that `require("kerberos")` gives.
 *
 * ```ts
 * import { initializeClient } from "krb5-remctl/kerberos";
 *
 * const client = await initializeClient("HTTP@www.example.org");
 * const token = await client.step("");
 * ```
 *
 * @module
 */

export type { PacWish } from "../client/index.ts";
export type { MemoryCaches } from "../credentials/index.ts";
export type { DnsOption } from "../discovery/index.ts";
export type { AcceptorKeys } from "../gssapi/index.ts";
export {
  type AuthGssClientContext,
  type AuthGssServerContext,
  type Callback,
  type ConfigureOptions,
  definedNapiVersion,
  GSS_C_ANON_FLAG,
  GSS_C_CONF_FLAG,
  GSS_C_DELEG_FLAG,
  GSS_C_INTEG_FLAG,
  GSS_C_MUTUAL_FLAG,
  GSS_C_NO_OID,
  GSS_C_PROT_READY_FLAG,
  GSS_C_REPLAY_FLAG,
  GSS_C_SEQUENCE_FLAG,
  GSS_C_TRANS_FLAG,
  GSS_MECH_OID_KRB5,
  GSS_MECH_OID_SPNEGO,
  type InitializeClientOptions,
  type KerberosClient,
  type KerberosServer,
  type LegacyKerberos,
  NativeError,
  version,
  type WrapOptions,
} from "../kerberos/index.ts";
export {
  checkPassword,
  configure,
  initializeClient,
  initializeServer,
  Kerberos,
  nativeModule as default,
  nativeModule as "module.exports",
  principalDetails,
} from "../kerberos/on-host.ts";
export type { Enctypes, PaData, Principal } from "../krb5/index.ts";
export type { ExchangeOptions, FastPart, KerberosOptions, ServerLists } from "../library/index.ts";
export type { Credentials } from "../remctl-client/index.ts";
export type * from "./lists/accepting.ts";
export type * from "./lists/caches.ts";
export type * from "./lists/config.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/host.ts";
export type * from "./lists/keytabs.ts";
export type * from "./lists/mechanisms.ts";
export type * from "./lists/secrets.ts";
export type * from "./lists/sources.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
