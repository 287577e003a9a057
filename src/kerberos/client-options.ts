import { kindOf, refuse } from "../checks/index.ts";
import type { InitiatorOptions } from "../gssapi/index.ts";
import { GSS_C_DELEG_FLAG, GSS_C_MUTUAL_FLAG, GSS_C_REPLAY_FLAG, GSS_C_SEQUENCE_FLAG } from "./constants.ts";
import type { Wanted } from "./ticket-sources.ts";

/** Options of `initializeClient`, in every spelling that documentation, types and code of npm `kerberos` use. */
export interface InitializeClientOptions {
  /** The client's principal: its tickets of a collection of caches, and never another's. */
  readonly principal?: string | undefined;
  /** GSS_C flags. Default: mutual and sequence. Integrity and confidentiality are asked for always. */
  readonly flags?: number | undefined;
  /** As `flags`: the types of npm `kerberos` call it so. */
  readonly gssFlag?: number | undefined;
  /** As `flags`: cassandra-driver calls it so. */
  readonly gssFlags?: number | undefined;
  /** `GSS_C_NO_OID`, `GSS_MECH_OID_KRB5` or `GSS_MECH_OID_SPNEGO`. */
  readonly mechOID?: number | undefined;
  /** Who logs in, with `configure({ passwords: true })`. */
  readonly user?: string | undefined;
  /** The realm of a user without one. */
  readonly domain?: string | undefined;
  /** The user's password. */
  readonly password?: string | undefined;
  /** As `password`: documentation and types call it so. */
  readonly pass?: string | undefined;
}

/** The options of a call, which a callback or nothing may stand in place of. */
export function optionsOf(options: unknown): InitializeClientOptions {
  if (options === undefined || options === null || typeof options === "function") return {};
  if (kindOf(options) !== "an object") refuse("options", options, "an object");
  return options as InitializeClientOptions;
}

/** What a client's context is to be, by the first of the three spellings that is there. */
export function flagsOf(options: InitializeClientOptions): InitiatorOptions["flags"] {
  const flags = options.flags ?? options.gssFlag ?? options.gssFlags ?? GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    mutual: has(GSS_C_MUTUAL_FLAG),
    replay: has(GSS_C_REPLAY_FLAG),
    sequence: has(GSS_C_SEQUENCE_FLAG),
    delegation: has(GSS_C_DELEG_FLAG),
    // The native module wraps without having asked for them: MIT does not look.
    integrity: true,
    confidentiality: true,
  };
}

/**
 * Rule NK4: who the client is to be. Without `configure({ passwords: true })` a password is passed over, like in the
 * native module on Unix.
 */
export function wantedOf(options: InitializeClientOptions, takesPasswords: boolean): Wanted {
  const { principal, user, domain, password = options.pass } = options;
  if (takesPasswords && typeof user === "string" && user !== "" && typeof password === "string") {
    const isWhole = typeof domain !== "string" || domain === "" || user.includes("@");
    return { principal: isWhole ? user : `${user}@${domain}`, password };
  }
  return typeof principal === "string" && principal !== "" ? { principal } : {};
}
