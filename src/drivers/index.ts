/**
 * What drivers of other protocols need to log in by Kerberos, without any change of theirs: PostgreSQL's GSSAPI
 * authentication and encryption beneath `pg` and `postgres`, SASL for Kafka, LDAP and mail, and MariaDB's plug-in.
 *
 * Layer 8: it may import every room below it; the host is given to it, except in `on-host.ts`.
 */
export {
  authenticateKafka,
  type KafkaJsArguments,
  type KafkaJsMechanism,
  type PlatformaticCallback,
  type PlatformaticConnection,
  type PlatformaticMechanism,
  withLength,
  withoutLength,
} from "./kafka.ts";
export { bindLdap } from "./ldap.ts";
export { type Mysql2Context, type Mysql2Options, mysql2Gssapi } from "./mysql.ts";
export {
  checkEncryption,
  type GssEncryption,
  type GssStreamOptions,
  gssStreamChecks,
  securePostgres,
} from "./postgres.ts";
export { checkDriver, type SaslDriverOptions, saslDriverChecks, withOwnError, withSasl } from "./sasl-driver.ts";
export { type NodemailerContext, type NodemailerOptions, nodemailerGssapi } from "./smtp.ts";
