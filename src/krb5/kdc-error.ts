import { encodeText, printableLine, trimEndOf } from "../bytes/index.ts";
import {
  type AnyKerberosError,
  CredentialError,
  type ErrorCodes,
  KdcError,
  PreauthError,
  ProtocolError,
  ServiceError,
} from "../errors.ts";
import { KRB_ERROR, NT_STATUS } from "../iana/index.ts";
import type { KrbError } from "./messages/index.ts";
import { noCommonEnctype } from "./no-common-enctype.ts";
import { ntStatusOf } from "./nt-status.ts";
import type { Principal } from "./principal.ts";
import { formatPrincipal } from "./principal-text.ts";
import { numbersAsNames, type RegisteredNames } from "./registered-names.ts";

/** Characters of a peer's text that are looked at and shown. */
const MAX_TEXT = 256;

/** What was being asked when a KRB-ERROR came. */
export interface KrbErrorContext {
  readonly client?: Principal | undefined;
  readonly service?: Principal | undefined;
  /** The realm whose KDC was asked. */
  readonly realm?: string | undefined;
  /** Who sent it: a KDC (default), or the service in answer to an AP-REQ. */
  readonly from?: "kdc" | "service";
  /** The enctypes that were asked for. */
  readonly requested?: readonly number[] | undefined;
  /** Whether the client logged in: it is then its own key that a KDC may lack. */
  readonly isLogin?: boolean;
  /** Sentences by code for what a KDC refuses of the certificate with which the client logs in. Default: none. */
  readonly refusals?: ReadonlyMap<number, string> | undefined;
  /** What the codes are called. Default: numbers. */
  readonly names?: RegisteredNames | undefined;
}

/** What a sentence may say: who is meant. */
interface Who {
  readonly client: string;
  readonly service: string;
  /** The same, introduced: "the service host/a", or "the service" where its name is not known. */
  readonly theService: string;
  readonly realm: string;
  /** The realm whose KDC answered, whatever it names. */
  readonly answering: string;
  /** The peer's clock in text. */
  readonly time: string;
}

/** What an error is made from. */
interface From {
  readonly fields: ConstructorParameters<typeof KdcError>[2];
  /** The KRB-ERROR itself, for an error of another class. */
  readonly cause: () => KdcError;
  readonly who: Who;
  readonly context: KrbErrorContext;
}

/** Makes the error of a code. What is not of the class {@link KdcError} has the KRB-ERROR as its cause. */
type Make = (message: string, from: From) => AnyKerberosError;

const kdc =
  (code: ErrorCodes["KdcError"]): Make =>
  (message, { fields }) =>
    new KdcError(code, message, fields);
const server =
  (code: ErrorCodes["ServiceError"]): Make =>
  (message, { fields, cause }) =>
    new ServiceError(code, message, { service: fields.service, cause: cause() });
const preauth: Make = (message, { fields: { realm, principal }, cause }) =>
  new PreauthError("PREAUTH", message, { realm, principal, cause: cause() });
const certificate: Make = (message, { fields: { principal }, cause }) =>
  new CredentialError("CERTIFICATE", message, { reason: "rejected", principal, cause: cause() });
const noEtype: Make = (said, { cause, context, who: { client, service, realm } }) => {
  const { requested: permitted, isLogin, service: asked } = context;
  const isTrust = asked?.components[0] === "krbtgt" && asked.components[1] !== asked.realm;
  const holder = isLogin ? "client" : isTrust ? "trust" : "service";
  return noCommonEnctype({ holder, name: isLogin ? client : service, realm, permitted, said, cause: cause() });
};
const clockSkew: Make = (message, { fields: { realm, serverTime }, cause }) =>
  new ProtocolError("CLOCK_SKEW", message, { realm, serverTime, cause: cause() });
const expired: Make = (message, { fields: { principal, service }, cause }) =>
  new CredentialError("TICKET_EXPIRED", message, { principal, service, cause: cause() });

const serviceUnknown = kdc("SERVICE_UNKNOWN");
const clientExpired = kdc("CLIENT_EXPIRED");
const clientLocked = kdc("CLIENT_LOCKED");
const passwordExpired = kdc("PASSWORD_EXPIRED");
const keyChanged = server("SERVER_KEY_CHANGED");

/** Which error a code is; of a KDC, KdcError `KDC` where no row says otherwise. */
const FROM_KDC: Readonly<Record<number, Make>> = {
  [KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN]: kdc("CLIENT_UNKNOWN"),
  [KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN]: serviceUnknown,
  [KRB_ERROR.KDC_ERR_SERVER_NOMATCH]: serviceUnknown,
  [KRB_ERROR.KDC_ERR_NAME_EXP]: clientExpired,
  [KRB_ERROR.KDC_ERR_CLIENT_REVOKED]: clientLocked,
  [KRB_ERROR.KDC_ERR_CLIENT_NOTYET]: clientLocked,
  [KRB_ERROR.KDC_ERR_KEY_EXPIRED]: passwordExpired,
  [KRB_ERROR.KDC_ERR_PREAUTH_FAILED]: preauth,
  [KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED]: preauth,
  [KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED]: preauth,
  [KRB_ERROR.KDC_ERR_ETYPE_NOSUPP]: noEtype,
  [KRB_ERROR.KDC_ERR_WRONG_REALM]: kdc("WRONG_REALM"),
  [KRB_ERROR.KRB_AP_ERR_SKEW]: clockSkew,
  [KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED]: expired,
};

/** Codes of errors with which an Active Directory says more of the account, and what it says then. */
const ABOUT_ACCOUNTS: ReadonlySet<number> = new Set([
  KRB_ERROR.KDC_ERR_NAME_EXP,
  KRB_ERROR.KDC_ERR_POLICY,
  KRB_ERROR.KDC_ERR_CLIENT_REVOKED,
  KRB_ERROR.KDC_ERR_KEY_EXPIRED,
]);
const FROM_ACTIVE_DIRECTORY: Readonly<Record<number, Make>> = {
  [NT_STATUS.STATUS_ACCOUNT_DISABLED]: kdc("CLIENT_DISABLED"),
  [NT_STATUS.STATUS_ACCOUNT_EXPIRED]: clientExpired,
  [NT_STATUS.STATUS_ACCOUNT_LOCKED_OUT]: clientLocked,
  [NT_STATUS.STATUS_INVALID_LOGON_HOURS]: kdc("CLIENT_HOURS"),
  [NT_STATUS.STATUS_PASSWORD_EXPIRED]: passwordExpired,
  [NT_STATUS.STATUS_PASSWORD_MUST_CHANGE]: kdc("PASSWORD_MUST_CHANGE"),
};

/** The same of a service: ServiceError `SERVER_REJECTED_TICKET` where no row says otherwise. */
const FROM_SERVICE: Readonly<Record<number, Make>> = {
  [KRB_ERROR.KRB_AP_ERR_SKEW]: server("SERVER_CLOCK_SKEW"),
  [KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED]: expired,
  [KRB_ERROR.KRB_AP_ERR_REPEAT]: server("REPLAY"),
  [KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY]: keyChanged,
  [KRB_ERROR.KRB_AP_ERR_MODIFIED]: keyChanged,
  [KRB_ERROR.KRB_AP_ERR_BADKEYVER]: keyChanged,
  [KRB_ERROR.KRB_AP_ERR_NOKEY]: keyChanged,
};

/** What a KRB-ERROR says that a trace shows: its text comes with control characters taken out. */
export interface KrbErrorDetails {
  readonly errorCode: number;
  readonly errorName: string;
  readonly text?: string;
  readonly ntStatus?: number;
}

/** Reads what a trace shows of a KRB-ERROR. */
export function krbErrorDetails(error: KrbError, names: RegisteredNames = numbersAsNames): KrbErrorDetails {
  const { errorCode, eText } = error;
  const ntStatus = ABOUT_ACCOUNTS.has(errorCode) ? ntStatusOf(error) : undefined;
  return {
    errorCode,
    errorName: names.krbError(errorCode),
    ...(eText === undefined ? {} : { text: clean(trimEndOf(eText.slice(0, MAX_TEXT), "\0")) }),
    ...(ntStatus === undefined ? {} : { ntStatus }),
  };
}

/**
 * The error for a KRB-ERROR (RFC 4120 section 5.9.1), with a `code` for what programs act on and words for people. A
 * KRB-ERROR has no MAC (rule P1): its receiver may end what it is doing or try another way, and must believe nothing
 * else of it. Where the code is not of {@link KdcError}, `cause` is one, with the number and the text.
 */
export function krbErrorToError(error: KrbError, context: KrbErrorContext = {}): AnyKerberosError {
  const { stime, susec } = error;
  const details = krbErrorDetails(error, context.names);
  const { errorCode, errorName, text, ntStatus } = details;
  const answering = clean(realmOf(error) ?? context.realm ?? error.realm);
  const serverTime = new Date(stime.getTime() + Math.floor(susec / 1000));
  const client = context.client && clean(formatPrincipal(context.client));
  const service = context.service && clean(formatPrincipal(context.service));
  const who: Who = {
    client: client ?? "the client",
    service: service ?? "the service",
    theService: service === undefined ? "the service" : `the service ${service}`,
    time: serverTime.toISOString(),
    answering,
    // RFC 6806 section 7: a KDC that does not serve the client names the realm that does in crealm. Heimdal's KDC has
    // none to name in an error of the TGS: then the realm is the one that was asked.
    realm: errorCode === KRB_ERROR.KDC_ERR_WRONG_REALM ? clean(error.crealm ?? "none") : answering,
  };
  const { from = "kdc", names } = context;
  const ofCertificate = context.refusals?.get(errorCode);
  const make = ofCertificate === undefined ? makeOf(errorCode, from, ntStatus) : certificate;
  const sentence =
    ofCertificate ??
    names?.sentence?.(from, errorCode, ntStatus, context.client?.components.length === 2) ??
    (from === "kdc"
      ? "the KDC of {answering} refused the request: look at its log, and at `code`"
      : "{service} refused the ticket: look at its log");
  const words = sentence.replace(/\{(\w+)\}/g, (_, name: keyof Who) => who[name]);
  const status = ntStatus === undefined ? "" : `, NTSTATUS 0x${ntStatus.toString(16)}`;
  const said = `${errorName}${status}${text === undefined || text === "" ? "" : `: ${text}`}`;
  const fields = { ...details, realm: clean(error.realm), principal: client, service, serverTime };
  // One diagnosis, in its own words, wherever enctypes are not in common.
  return make(make === noEtype ? ` (${said})` : `${words} (${said})`, {
    fields,
    cause: () => new KdcError("KDC", said, fields),
    who,
    context,
  });
}

function realmOf({ realm }: KrbError): string | undefined {
  return realm === "" || realm.startsWith("<") ? undefined : realm;
}

function makeOf(errorCode: number, from: "kdc" | "service", ntStatus = 0): Make {
  return from === "kdc"
    ? (FROM_ACTIVE_DIRECTORY[ntStatus] ?? FROM_KDC[errorCode] ?? kdc("KDC"))
    : (FROM_SERVICE[errorCode] ?? server("SERVER_REJECTED_TICKET"));
}

/** A line for people; what was not UTF-8 becomes U+FFFD. */
function clean(text: string): string {
  return printableLine(encodeText(text.slice(0, MAX_TEXT)), MAX_TEXT);
}
