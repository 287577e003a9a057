import { type Checks, checkBoolean, checkMethods, checkNumber, refuse } from "../checks/index.ts";
import type { Keytab } from "../credentials/index.ts";
import {
  etypeOf,
  type KeySource,
  type ReplayCache,
  type ServiceKey,
  type ServiceTicket,
  type WantedServices,
} from "../krb5/index.ts";
import type { AuthorizationReader } from "../pac/index.ts";
import { type AcceptorKeys, checkKeys } from "./key-source.ts";
import { type ContextOptions, contextChecks } from "./options.ts";
import { type AcceptorService, checkAcceptorService, servicesOf } from "./service-option.ts";

/** Options for `createAcceptor`. */
export interface AcceptorOptions extends ContextOptions {
  /** The service's keys: octets of a keytab file, a `Keytab`, or a key source. Required, unless there is a `ticket`. */
  readonly keytab?: AcceptorKeys | undefined;
  /**
   * The ticket-granting ticket of a user who has no keytab: initiators then need tickets under its session key
   * (user-to-user, RFC 4120 section 3.7), and no others are accepted. Send them the ticket itself first, never its key.
   */
  readonly ticket?: ServiceTicket | undefined;
  /**
   * Reads what tickets say of their clients beside the name, for `pac`, `sids` and `indicators` of the context: what
   * `ticketAuthorization()` of `krb5-remctl/pac` gives. Default: nothing of it is read.
   */
  readonly authorizationData?: AuthorizationReader | undefined;
  /**
   * Accept only tickets that a key of this service opens: `"HTTP@www.example.org"`, `"HTTP/www.example.org@REALM"`,
   * `"HTTP"` for any host, a principal, a list of these, or a function that gets the names of the keytab's keys.
   * Default: tickets that any key of the keytab opens, whatever name they have, like libkrb5, keys of `krbtgt` and
   * `kadmin` excepted. Names under one key are one service: a ticket does not prove which of them was asked for. A name
   * without a realm is that of the one principal of the keytab that has it.
   */
  readonly service?: AcceptorService | undefined;
  /**
   * Refuse initiators that send no channel bindings, where the option `channelBindings` is given (RFC 4121 section
   * 4.1.1.2). Default true. False accepts them, unless they announce that they would have sent some (MS-KILE section
   * 3.4.5); `flags.channelBound` of the context tells. Bindings of another channel are refused always.
   */
  readonly requireChannelBindings?: boolean | undefined;
  /**
   * Where authenticators are remembered (RFC 4120 section 3.2.3). Default: one in memory for the whole process, which
   * begins empty: what was accepted before a restart may be accepted once more. Processes that have the same key need
   * one that they share (`fileReplayCache` or {@link storeReplayCache}): without it each accepts once what another has
   * accepted.
   */
  readonly replayCache?: ReplayCache | undefined;
  /** The difference between clocks that is allowed, in seconds. Default 300. */
  readonly skewSeconds?: number | undefined;
  /**
   * Takes the credentials that an initiator delegates, as `delegated` of the context (RFC 4121 section 4.1.1). Default
   * false: they are ignored.
   */
  readonly takeDelegation?: boolean | undefined;
  /** The enctype of the acceptor's subkey, by name or number. Default: that of the initiator's. */
  readonly subkeyEnctype?: string | number | undefined;
}

/** For the options of an acceptor, whose mistakes would show only when a client comes. */
export const acceptorChecks: Checks<AcceptorOptions> = {
  ...contextChecks,
  // Read once, by checkAcceptorKeys.
  keytab: () => {},
  ticket: checkOwnTicket,
  authorizationData: [checkMethods, "read"],
  service: checkAcceptorService,
  requireChannelBindings: checkBoolean,
  replayCache: [checkMethods, "remember"],
  // NaN would leave no authenticator too old (RFC 4120 section 3.2.3).
  skewSeconds: [checkNumber, 0],
  takeDelegation: checkBoolean,
  subkeyEnctype: (name, value) => void etypeOf(name, value),
};

/** Throws TypeError where bindings are required and none are given: the caller's mistake. */
export function checkBindings(options: { requireChannelBindings?: unknown; channelBindings?: unknown }): void {
  if (options.requireChannelBindings !== true || options.channelBindings !== undefined) return;
  throw new TypeError("requireChannelBindings needs the option channelBindings: give it, or nothing is compared");
}

/**
 * The keys and the service of an acceptor, or of a server that makes them. Throws CredentialError `KEYTAB` for octets
 * that are not a keytab, TypeError for the rest: the caller's mistakes.
 */
export function checkAcceptorKeys(options: Pick<AcceptorOptions, "keytab" | "service" | "ticket">): {
  readonly keytab: Keytab | KeySource;
  readonly service: WantedServices | undefined;
} {
  const { service, ticket } = options;
  if (ticket !== undefined && options.keytab !== undefined) {
    throw new TypeError("keytab and ticket are two ways to be a service: give one of them");
  }
  const keytab = ticket === undefined ? checkKeys(options.keytab as AcceptorKeys) : sessionKeyOf(ticket);
  return { keytab, service: service === undefined ? undefined : servicesOf(service, keytab) };
}

/** The one key of a user-to-user acceptor. */
function sessionKeyOf({ client, sessionKey }: ServiceTicket): KeySource {
  const keys: readonly ServiceKey[] = [{ kvno: 0, key: sessionKey, services: [client] }];
  return { keysOf: () => keys, keysFor: (etype) => (etype === sessionKey.encType.etype ? keys : []) };
}

function checkOwnTicket(name: string, value: unknown): void {
  const { service, sessionKey } = Object(value) as Partial<ServiceTicket>;
  if (sessionKey === undefined || service?.components[0] !== "krbtgt") {
    refuse(name, value, "a ticket-granting ticket that this package gave");
  }
}
