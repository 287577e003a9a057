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
export { isKerberosError } from "../errors.ts";
export type { Principal } from "../krb5/index.ts";
export type { Layer } from "../sasl/index.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
