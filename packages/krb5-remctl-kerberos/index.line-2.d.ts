// The declarations of npm kerberos 1 and 2 (those of @types/kerberos), and of the older shapes that these versions have.

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

/** Takes an error or null, and a result. The declarations that programs were written for call the error a string. */
// biome-ignore lint/suspicious/noExplicitAny: a program's own word for the error must compile
export type Callback<T> = (error: any, value: T) => unknown;

/** The last message of a SASL login. */
export interface WrapOptions {
  /** The authorization identity. */
  user?: string | undefined;
  /** Encrypt the message. */
  protect?: boolean | undefined;
}

/** How a client's context begins. */
export interface InitializeClientOptions {
  /** The client's principal. */
  principal?: string | undefined;
  /** GSS_C flags. */
  flags?: number | undefined;
  /** As `flags`. */
  gssFlag?: number | undefined;
  /** As `flags`. */
  gssFlags?: number | undefined;
  /** GSS_MECH_OID_KRB5 or GSS_MECH_OID_SPNEGO. */
  mechOID?: number | undefined;
  /** Who logs in, after `configure({ passwords: true })` of krb5-remctl/kerberos. */
  user?: string | undefined;
  /** The realm of a user without one. */
  domain?: string | undefined;
  /** The user's password. */
  password?: string | undefined;
  /** As `password`. */
  pass?: string | undefined;
}

/** The client side of a context. */
export interface KerberosClient {
  readonly username: string;
  readonly response: string;
  readonly responseConf: number;
  readonly contextComplete: boolean;
  step(challenge: string): Promise<string>;
  step(challenge: string, callback: Callback<string>): void;
  wrap(challenge: string, options?: WrapOptions | null): Promise<string>;
  wrap(challenge: string, callback: Callback<string>): void;
  wrap(challenge: string, options: WrapOptions | null | undefined, callback: Callback<string>): void;
  unwrap(challenge: string): Promise<string>;
  unwrap(challenge: string, callback: Callback<string>): void;
}

/** The server side of a context. */
export interface KerberosServer {
  readonly username: string;
  readonly response: string;
  readonly targetName: string;
  readonly contextComplete: boolean;
  step(challenge: string): Promise<string>;
  step(challenge: string, callback: Callback<string>): void;
}

export function checkPassword(
  username: string,
  password: string,
  service: string,
  defaultRealm?: string | null,
): Promise<void>;
export function checkPassword(username: string, password: string, service: string, callback: Callback<null>): void;
export function checkPassword(
  username: string,
  password: string,
  service: string,
  defaultRealm: string | null | undefined,
  callback: Callback<null>,
): void;
export function principalDetails(service: string, hostname: string): Promise<string>;
export function principalDetails(service: string, hostname: string, callback: Callback<string>): void;
export function initializeClient(service: string, options?: InitializeClientOptions | null): Promise<KerberosClient>;
export function initializeClient(service: string, callback: Callback<KerberosClient>): void;
export function initializeClient(
  service: string,
  options: InitializeClientOptions | null | undefined,
  callback: Callback<KerberosClient>,
): void;
export function initializeServer(service: string): Promise<KerberosServer>;
export function initializeServer(service: string, callback: Callback<KerberosServer>): void;

/** A client's context of 0.x. */
export interface AuthGssClientContext {
  username: string | null;
  response: string | null;
}

/** A server's context of 0.x. */
export interface AuthGssServerContext {
  username: string | null;
  response: string | null;
  targetname: string | null;
  delegatedCredentialsCache: string | null;
}

/** The class of 0.x. */
export interface LegacyKerberos {
  authGSSClientInit(service: string, callback: Callback<AuthGssClientContext>): void;
  authGSSClientInit(service: string, flags: number, callback: Callback<AuthGssClientContext>): void;
  authGSSClientInit(service: string, flags: number, cache: string, callback: Callback<AuthGssClientContext>): void;
  authGSSClientStep(context: AuthGssClientContext, callback: Callback<number>): void;
  authGSSClientStep(context: AuthGssClientContext, challenge: string, callback: Callback<number>): void;
  authGSSClientUnwrap(context: AuthGssClientContext, callback: Callback<number>): void;
  authGSSClientUnwrap(context: AuthGssClientContext, challenge: string, callback: Callback<number>): void;
  authGSSClientWrap(context: AuthGssClientContext, challenge: string, callback: Callback<number>): void;
  authGSSClientWrap(
    context: AuthGssClientContext,
    challenge: string,
    user: string | null,
    callback: Callback<number>,
  ): void;
  authGSSClientClean(context: AuthGssClientContext, callback: Callback<number>): void;
  authGSSServerInit(service: string, callback: Callback<AuthGssServerContext>): void;
  authGSSServerInit(
    service: string,
    isDelegationWanted: boolean | null | undefined,
    callback: Callback<AuthGssServerContext>,
  ): void;
  authGSSServerStep(context: AuthGssServerContext, challenge: string, callback: Callback<number>): void;
  authGSSServerClean(context: AuthGssServerContext, callback: Callback<number>): void;
  authUserKrb5Password(username: string, password: string, service: string, callback: Callback<boolean>): void;
}

/** In versions 1 and 2 the module itself; in 0.x a class. */
export const Kerberos: {
  new (): LegacyKerberos;
  readonly AUTH_GSS_CONTINUE: number;
  readonly AUTH_GSS_COMPLETE: number;
  readonly GSS_C_DELEG_FLAG: number;
  readonly GSS_C_MUTUAL_FLAG: number;
  readonly GSS_C_REPLAY_FLAG: number;
  readonly GSS_C_SEQUENCE_FLAG: number;
  readonly GSS_C_CONF_FLAG: number;
  readonly GSS_C_INTEG_FLAG: number;
  readonly GSS_C_ANON_FLAG: number;
  readonly GSS_C_PROT_READY_FLAG: number;
  readonly GSS_C_TRANS_FLAG: number;
  readonly GSS_C_NO_OID: number;
  readonly GSS_MECH_OID_KRB5: number;
  readonly GSS_MECH_OID_SPNEGO: number;
  readonly initializeClient: typeof initializeClient;
  readonly initializeServer: typeof initializeServer;
  readonly principalDetails: typeof principalDetails;
  readonly checkPassword: typeof checkPassword;
};

/** The login of mongodb before 3.6. */
export interface MongoAuthProcess {
  readonly host: string;
  readonly port: unknown;
  readonly serviceName: string;
  readonly canonicalizeHostName: boolean;
  init(username: string, password: string | null | undefined, callback: Callback<KerberosClient>): void;
  transition(payload: string, callback: Callback<string | true>): void;
}

export const processes: {
  readonly MongoAuthProcess: new (
    host: string,
    port?: number | string,
    serviceName?: string | null,
    options?: {
      readonly gssapiServiceName?: string | undefined;
      readonly gssapiCanonicalizeHostName?: boolean | undefined;
    } | null,
  ) => MongoAuthProcess;
};
