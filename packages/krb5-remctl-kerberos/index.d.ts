// The declarations of npm kerberos 7, and the callbacks of versions 1 and 2; index.line-2.d.ts has those of the line 2.

export const GSS_C_DELEG_FLAG: number;
export const GSS_C_MUTUAL_FLAG: number;
export const GSS_C_REPLAY_FLAG: number;
export const GSS_C_SEQUENCE_FLAG: number;
export const GSS_C_CONF_FLAG: number;
export const GSS_C_INTEG_FLAG: number;
export const GSS_C_ANON_FLAG: number;
export const GSS_C_PROT_READY_FLAG: number;
export const GSS_C_TRANS_FLAG: number;
export const GSS_C_NO_OID: number;
export const GSS_MECH_OID_KRB5: number;
export const GSS_MECH_OID_SPNEGO: number;
export const version: string;
export function definedNapiVersion(): string;

/** Takes a result or an error. */
export type Callback<T> = (error: Error | null, value?: T) => void;

/** The last message of a SASL login. */
export interface WrapOptions {
  /** The authorization identity. */
  user?: string;
  /** Encrypt the message. */
  protect?: boolean;
}

/** How a client's context begins. */
export interface InitializeClientOptions {
  /** The client's principal. */
  principal?: string;
  /** GSS_C flags. */
  flags?: number;
  /** As `flags`. */
  gssFlag?: number;
  /** As `flags`. */
  gssFlags?: number;
  /** GSS_MECH_OID_KRB5 or GSS_MECH_OID_SPNEGO. */
  mechOID?: number;
  /** Who logs in, after `configure({ passwords: true })` of krb5-remctl/kerberos. */
  user?: string;
  /** The realm of a user without one. */
  domain?: string;
  /** The user's password. */
  password?: string;
  /** As `password`. */
  pass?: string;
}

/** The client side of a context. */
export interface KerberosClient {
  readonly username: string;
  readonly response: string;
  readonly responseConf: number;
  readonly contextComplete: boolean;
  step(challenge: string, callback?: Callback<string>): Promise<string>;
  wrap(challenge: string, options?: WrapOptions | null, callback?: Callback<string>): Promise<string>;
  unwrap(challenge: string, callback?: Callback<string>): Promise<string>;
}

/** The server side of a context. */
export interface KerberosServer {
  readonly username: string;
  readonly response: string;
  readonly targetName: string;
  readonly contextComplete: boolean;
  step(challenge: string, callback?: Callback<string>): Promise<string>;
}

export function checkPassword(
  username: string,
  password: string,
  service: string,
  defaultRealm?: string,
  callback?: Callback<null>,
): Promise<void>;
export function principalDetails(service: string, hostname: string, callback?: Callback<string>): Promise<string>;
export function initializeClient(
  service: string,
  options?: InitializeClientOptions | null,
  callback?: Callback<KerberosClient>,
): Promise<KerberosClient>;
export function initializeServer(service: string, callback?: Callback<KerberosServer>): Promise<KerberosServer>;
