import { hasCode, isKerberosError, type KdcError, kdcErrorOf } from "../../errors.ts";
import { KRB_ERROR } from "../../iana/index.ts";
import { formatPrincipal, type ServiceTicket } from "../../krb5/index.ts";
import { VERSION_1_CONTEXT_FLAGS } from "../../remctl-wire/index.ts";
import { messageOf } from "../program.ts";

/** What is known of a remctl login that failed. */
export interface FailedSession {
  /** As `server:4373`. */
  readonly place: string;
  readonly ticket: ServiceTicket;
  /** This host's clock, in milliseconds. */
  readonly now: number;
  /** Whether a packet of the security context came: only a remctl server sends one. */
  readonly hasSpoken: boolean;
}

/** What a failed remctl login says of the server. */
export type SessionWords = readonly [check: string, detail: string, advice: string];

/** Reads it off an error. */
export function sessionWords(error: unknown, failed: FailedSession): SessionWords {
  const refusal = kdcErrorOf(error);
  const ofTicket = refusal === undefined ? undefined : wordsOfRefusal(refusal, failed);
  if (ofTicket !== undefined) return ofTicket;
  const name = formatPrincipal(failed.ticket.service);
  const message = messageOf(error);
  const code = isKerberosError(error) ? error.code : undefined;
  switch (code) {
    case "SERVER_KEY_CHANGED":
      return [
        "service key",
        `the server cannot open the ticket for ${name}: it has an old key`,
        "write the server's keytab anew (kadmin ktadd), or, if it is new, drop the old ticket: kdestroy, kinit",
      ];
    case "REMCTL_DOWNGRADE":
      // Anything else without the newer versions' flag is another protocol's octet.
      if (!isOfVersion1(error)) return noRemctld(failed);
      return ["remctl", message, "the server is older than remctl 2, or its messages are changed on the way"];
    case "REMCTL_PROTOCOL":
      if (!failed.hasSpoken) return noRemctld(failed);
      break;
    case "CONNECTION_CLOSED":
      return [
        "remctl",
        `the server closed the connection during the login: it has no key for ${name}, an old one, or it is not a remctld`,
        "look at its log, and at its keytab with klist -k",
      ];
    case "TIMEOUT":
      return [
        "remctl",
        "the server accepts the connection and does not answer",
        "it is not a remctld, or it is overloaded: check the port and its log",
      ];
  }
  return ["remctl", message, "look at the server's log; krb5-remctl trace remctl shows every step here"];
}

/** What the server's KRB-ERROR means; undefined for one that says no more than its own text. */
function wordsOfRefusal(refusal: KdcError, failed: FailedSession): SessionWords | undefined {
  const name = formatPrincipal(failed.ticket.service);
  switch (refusal.errorCode) {
    case KRB_ERROR.KRB_AP_ERR_SKEW:
    // The ticket is minutes old and lives for some more: a clock that is far enough off sees it ended, or not begun.
    case KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED:
    case KRB_ERROR.KRB_AP_ERR_TKT_NYV:
      return clockWords(refusal, failed);
    case KRB_ERROR.KRB_AP_ERR_NOT_US:
      return [
        "service key",
        `the server has no key of ${name}, or runs for another principal (${refusal.errorName})`,
        "look at its keytab with klist -k, and write the key to it (kadmin ktadd); or name the principal that it runs for with -s",
      ];
    default:
      return undefined;
  }
}

function clockWords({ errorCode, errorName, serverTime }: KdcError, { ticket, now }: FailedSession): SessionWords {
  const { clockOffsetMs, endTime } = ticket;
  const expected = now + clockOffsetMs;
  // The ticket that was there may simply have ended on the way.
  if (errorCode === KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED && endTime.getTime() <= expected) {
    return ["ticket", "the ticket ended just now", "log in again with kinit"];
  }
  const seconds = serverTime === undefined ? 0 : Math.round((serverTime.getTime() - expected) / 1000);
  // Where the KDC's clock is known, that is what this host goes by.
  const other = clockOffsetMs === 0 ? "this one" : "the KDC's";
  // Nobody vouches for a KRB-ERROR: its time may be none.
  const difference =
    seconds === 0
      ? `differs too much from ${other}`
      : `is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} ${other}`;
  return ["clock", `the server's clock ${difference} (${errorName})`, "set the server's clock (NTP)"];
}

function noRemctld({ place }: FailedSession): SessionWords {
  return [
    "remctl",
    `what answers at ${place} is not a remctld`,
    "something else listens there: is it the right host and port (-p gives another; remctl's is 4373)?",
  ];
}

/** Whether what came is a token of a server that speaks version 1 alone. */
function isOfVersion1(error: unknown): boolean {
  return hasCode(error, "REMCTL_DOWNGRADE") && error.flags === VERSION_1_CONTEXT_FLAGS;
}
