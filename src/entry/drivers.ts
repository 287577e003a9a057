/**
 * Kerberos for drivers that stay as they are: Kafka (`kafkajs`, `@platformatic/kafka`), LDAP (`ldapts`), mail
 * (`nodemailer`) and MariaDB (`mysql2`). PostgreSQL is in `krb5-remctl/postgres`, HTTP in `krb5-remctl/http`, and what
 * loads the native module `kerberos` in `krb5-remctl/kerberos`.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { kafkajs } from "krb5-remctl/drivers";
 *
 * const settings = { brokers: ["b1.example.org:9093"], ssl: true, sasl: kafkajs({ credential: createClient() }) };
 * ```
 *
 * @module
 */

export type {
  CbcCipher,
  CryptoProvider,
  DigestName,
  EncType,
  EncTypeSet,
  HashName,
  Mac,
  OtherCipher,
  ProtocolKey,
  StringToKeyOptions,
  UsageKey,
} from "../crypto/index.ts";
export {
  type KafkaJsArguments,
  type KafkaJsMechanism,
  type Mysql2Context,
  type Mysql2Options,
  mysql2Gssapi,
  type NodemailerContext,
  type NodemailerOptions,
  nodemailerGssapi,
  type PlatformaticCallback,
  type PlatformaticConnection,
  type PlatformaticMechanism,
  type SaslDriverOptions,
} from "../drivers/index.ts";
export { kafkajs, type LdapSocketOptions, ldapSocket, platformaticKafka } from "../drivers/on-host.ts";
export type {
  AnyKerberosError,
  Attempt,
  CommandState,
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  ErrorCode,
  ErrorCodes,
  ErrorName,
  GssError,
  KdcError,
  KerberosError,
  PasswordChangeError,
  PasswordPolicy,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../errors.ts";
export { isKerberosError } from "../errors.ts";
export type {
  ForwardedTicketOptions,
  GetTicketOptions,
  Principal,
  ServiceTicket,
  TicketElement,
  TicketSource,
} from "../krb5/index.ts";
export type { Layer } from "../sasl/index.ts";
export type { TraceContext, TracedOperation, TraceEvent, TraceListener, TraceStep } from "../trace.ts";
