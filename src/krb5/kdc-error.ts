import { encodeText, printableLine, trimEndOf } from "../bytes/index.ts";
import { type ErrorCode, KdcError } from "../errors.ts";
import { KRB_ERROR, krbErrorName } from "../iana/index.ts";
import type { KrbError } from "./messages/index.ts";
import type { Principal } from "./principal.ts";
import { formatPrincipal } from "./principal-text.ts";

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
}

/** What a row of the tables may say: who is meant. */
interface Who {
  readonly client: string;
  readonly service: string;
  readonly realm: string;
  /** The peer's clock in text. */
  readonly time: string;
}

type Row = readonly [code: ErrorCode, say: (who: Who) => string];

const FROM_KDC: Readonly<Record<number, Row>> = {
  [KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN]: [
    "CLIENT_UNKNOWN",
    ({ client, realm }) => `the KDC of ${realm} does not know ${client}: check the name and the realm`,
  ],
  [KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN]: [
    "SERVICE_UNKNOWN",
    ({ service, realm }) =>
      `the KDC of ${realm} does not know the service ${service}: check the host's name, or add the principal to the KDC`,
  ],
  [KRB_ERROR.KDC_ERR_SERVER_NOMATCH]: [
    "SERVICE_UNKNOWN",
    ({ service, realm }) => `the KDC of ${realm} gives no ticket for ${service} to this client`,
  ],
  [KRB_ERROR.KDC_ERR_NAME_EXP]: [
    "CLIENT_EXPIRED",
    ({ client }) => `the account ${client} has expired: its administrator can extend it`,
  ],
  [KRB_ERROR.KDC_ERR_SERVICE_EXP]: ["KDC", ({ service }) => `the service ${service} has expired on the KDC`],
  [KRB_ERROR.KDC_ERR_CLIENT_REVOKED]: [
    "CLIENT_LOCKED",
    ({ client }) => `the account ${client} is locked or disabled: its administrator can unlock it`,
  ],
  [KRB_ERROR.KDC_ERR_CLIENT_NOTYET]: ["CLIENT_LOCKED", ({ client }) => `the account ${client} is not valid yet`],
  [KRB_ERROR.KDC_ERR_KEY_EXPIRED]: [
    "PASSWORD_EXPIRED",
    ({ client }) =>
      `the password of ${client} has expired: set a new one with client.changePassword(newPassword), or with kpasswd`,
  ],
  [KRB_ERROR.KDC_ERR_PREAUTH_FAILED]: [
    "PREAUTH",
    ({ client, realm }) => `the KDC of ${realm} rejected the pre-authentication of ${client}`,
  ],
  [KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED]: [
    "PREAUTH",
    ({ client, realm }) => `the KDC of ${realm} wants more pre-authentication of ${client}`,
  ],
  [KRB_ERROR.KDC_ERR_ETYPE_NOSUPP]: [
    "ETYPE_NOT_PERMITTED",
    ({ realm }) =>
      `the KDC of ${realm} has no key of an encryption type that is permitted here: set new keys (AES) for the client and the service`,
  ],
  [KRB_ERROR.KDC_ERR_WRONG_REALM]: [
    "WRONG_REALM",
    ({ client, realm }) => `${client} is in another realm than the one asked; the KDC says: ${realm}`,
  ],
  [KRB_ERROR.KRB_AP_ERR_SKEW]: [
    "CLOCK_SKEW",
    ({ realm, time }) => `the clocks of this host and of the KDC of ${realm} differ by too much; the KDC has ${time}`,
  ],
  [KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED]: ["TICKET_EXPIRED", () => "the ticket has expired: log in again"],
  [KRB_ERROR.KDC_ERR_NEVER_VALID]: [
    "KDC",
    ({ time }) => `the KDC says that the ticket would never be valid: check the times asked for; the KDC has ${time}`,
  ],
  [KRB_ERROR.KDC_ERR_POLICY]: [
    "KDC",
    ({ client, service }) => `the KDC's policy does not allow a ticket for ${service} to ${client}`,
  ],
};

const FROM_SERVICE: Readonly<Record<number, Row>> = {
  [KRB_ERROR.KRB_AP_ERR_SKEW]: [
    "SERVER_CLOCK_SKEW",
    ({ service, time }) => `the clock of ${service} differs from its KDC's by too much: it has ${time}`,
  ],
  [KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED]: ["TICKET_EXPIRED", () => "the service says that the ticket has expired"],
  [KRB_ERROR.KRB_AP_ERR_REPEAT]: ["REPLAY", ({ service }) => `${service} has seen this authenticator before`],
};
const keyChanged: Row = [
  "SERVER_KEY_CHANGED",
  ({ service }) =>
    `${service} cannot open the ticket: its key differs from the KDC's; write its keytab anew, or get a new ticket if the key was changed after this one`,
];
const KEY_CHANGED: ReadonlySet<number> = new Set([
  KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY,
  KRB_ERROR.KRB_AP_ERR_MODIFIED,
  KRB_ERROR.KRB_AP_ERR_BADKEYVER,
  KRB_ERROR.KRB_AP_ERR_NOKEY,
]);

/**
 * The error for a KRB-ERROR (RFC 4120 section 5.9.1), with a `code` for what programs act on and words for people. A KRB-ERROR
 * has no MAC (rule P1): whoever sees it may end what it is doing or try another way, and must believe nothing else of it. Its text
 * comes with control characters taken out.
 */
export function krbErrorToError(error: KrbError, context: KrbErrorContext = {}): KdcError {
  const { errorCode, stime, susec } = error;
  const errorName = krbErrorName(errorCode);
  const text = error.eText === undefined ? undefined : clean(trimEndOf(error.eText.slice(0, MAX_TEXT), "\0"));
  const serverTime = new Date(stime.getTime() + Math.floor(susec / 1000));
  const who: Who = {
    client: context.client === undefined ? "the client" : clean(formatPrincipal(context.client)),
    service: context.service === undefined ? "the service" : clean(formatPrincipal(context.service)),
    // RFC 6806 section 7: a KDC that does not serve the client names the realm that does in crealm. Heimdal's KDC has none to
    // name in an error of the TGS: then the realm is the one that was asked.
    realm: clean(
      errorCode === KRB_ERROR.KDC_ERR_WRONG_REALM
        ? (error.crealm ?? "none")
        : (realmOf(error) ?? context.realm ?? error.realm),
    ),
    time: serverTime.toISOString(),
  };
  const [code, say] = rowOf(errorCode, context.from ?? "kdc");
  const said = text === undefined || text === "" ? errorName : `${errorName}: ${text}`;
  return new KdcError(code, `${say(who)} (${said})`, {
    errorCode,
    errorName,
    realm: clean(error.realm),
    serverTime,
    text,
  });
}

function realmOf({ realm }: KrbError): string | undefined {
  return realm === "" || realm.startsWith("<") ? undefined : realm;
}

function rowOf(errorCode: number, from: "kdc" | "service"): Row {
  if (from === "kdc") return FROM_KDC[errorCode] ?? ["KDC", ({ realm }) => `the KDC of ${realm} refused the request`];
  if (KEY_CHANGED.has(errorCode)) return keyChanged;
  return FROM_SERVICE[errorCode] ?? ["SERVER_REJECTED_TICKET", ({ service }) => `${service} refused the ticket`];
}

/** A line for people; what was no UTF-8 becomes U+FFFD. */
function clean(text: string): string {
  return printableLine(encodeText(text.slice(0, MAX_TEXT)), MAX_TEXT);
}
