import type { ErrorCodes } from "./codes.ts";
import { type ErrorFields, KerberosError } from "./kerberos-error.ts";

/** A configuration that cannot be used. */
export class ConfigError extends KerberosError<ErrorCodes["ConfigError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "ConfigError" = "ConfigError";
  /** The file, if the configuration came from one. */
  declare readonly path?: string;
  /** The line in the configuration, from 1. */
  declare readonly line?: number;
  /** The relation, for example `permitted_enctypes`. */
  declare readonly key?: string;
  /** The realm whose KDC is not known. */
  declare readonly realm?: string;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param message what failed, and what to do
   * @param fields where, and the error behind it; `code` is `CONFIG` by default
   */
  constructor(
    message: string,
    fields: ErrorFields<ConfigError, "path" | "line" | "key" | "realm"> & {
      readonly code?: ErrorCodes["ConfigError"];
    } = {},
  ) {
    const { code = "CONFIG", ...rest } = fields ?? {};
    const { path, line } = rest;
    const place =
      path === undefined ? `line ${line} of the configuration` : line === undefined ? path : `${path}:${line}`;
    super(code, path === undefined && line === undefined ? message : `${place}: ${message}`, rest);
  }
}

/** A keytab, cache, ticket or secret that is missing or does not fit. */
export class CredentialError extends KerberosError<ErrorCodes["CredentialError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "CredentialError" = "CredentialError";
  /**
   * What is wrong with a keytab or a cache. `missing`: it is absent; `unreadable` and `unwritable`: the host refuses,
   * and `cause` says why; `damaged`: its octets are not what the format says, and `cause` is the DecodeError; `type`: a
   * type that cannot be had here; `name`: a name that a cache of its type cannot have; `unreachable`: the daemon that
   * keeps it does not answer; `rejected`: the KDC refuses the key; `principal`: it is another's; `primary`: the file
   * that says which cache of a directory is the primary one says nothing usable, and `path` is that file. Of a
   * certificate or its key, `passphrase`: it is wrong; `mismatch`: the key is another's; `expired`: it is past its time
   * or not valid yet.
   */
  declare readonly reason?:
    | "missing"
    | "unreadable"
    | "unwritable"
    | "damaged"
    | "type"
    | "name"
    | "unreachable"
    | "rejected"
    | "principal"
    | "primary"
    | "passphrase"
    | "mismatch"
    | "expired";
  /** The keytab or cache by its name, for example `FILE:/etc/krb5.keytab`. */
  declare readonly path?: string;
  /** The client. */
  declare readonly principal?: string;
  /** The service of a ticket. */
  declare readonly service?: string;
  /** The version of the key that is missing. */
  declare readonly kvno?: number;
  /** The number of the enctype of the key that is missing. */
  declare readonly etype?: number;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["CredentialError"],
    message: string,
    fields: ErrorFields<
      CredentialError,
      "reason" | "path" | "principal" | "service" | "kvno" | "etype" | "retryAfter"
    > = {},
  ) {
    super(code, message, fields);
  }
}

/** What this host cannot do, or does not let this program do. */
export class UnsupportedError extends KerberosError<ErrorCodes["UnsupportedError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "UnsupportedError" = "UnsupportedError";

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param message what failed, and what to do
   * @param fields the error behind it
   */
  constructor(message: string, fields: ErrorFields<UnsupportedError> = {}) {
    super("UNSUPPORTED_BY_RUNTIME", message, fields);
  }
}
