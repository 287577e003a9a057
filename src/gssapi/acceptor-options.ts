import { type Checks, checkBoolean, checkMethods, checkNumber } from "../checks/index.ts";
import { Keytab } from "../credentials/index.ts";
import {
  checkPrincipal,
  etypeOf,
  formatPrincipal,
  type KeySource,
  type Principal,
  principalOf,
  type ReplayCache,
} from "../krb5/index.ts";
import { type AcceptorKeys, checkKeys } from "./key-source.ts";
import { type ContextOptions, contextChecks } from "./options.ts";

/** Options for `createAcceptor`. */
export interface AcceptorOptions extends ContextOptions {
  /** The service's keys: octets of a keytab file, a `Keytab`, or a key source. */
  readonly keytab: AcceptorKeys;
  /**
   * Accept only tickets that a key of this service opens. Default: those that any key of the keytab opens, whatever
   * name they have, as libkrb5 does, keys of `krbtgt` and `kadmin` excepted. Names under one key are one service: a
   * ticket does not prove which of them was asked for. A name without a realm is that of the one principal of the
   * keytab that has it.
   */
  readonly service?: string | Principal | undefined;
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
  service: checkPrincipal,
  replayCache: [checkMethods, "remember"],
  // NaN would leave no authenticator too old (RFC 4120 section 3.2.3).
  skewSeconds: [checkNumber, 0],
  takeDelegation: checkBoolean,
  subkeyEnctype: (name, value) => void etypeOf(name, value),
};

/**
 * The keys and the service of an acceptor, or of a server that makes them. Throws CredentialError `KEYTAB` for octets
 * that are not a keytab, TypeError for the rest: the caller's mistakes.
 */
export function checkAcceptorKeys(options: Pick<AcceptorOptions, "keytab" | "service">): {
  readonly keytab: Keytab | KeySource;
  readonly service: Principal | undefined;
} {
  const { service } = options;
  const keytab = checkKeys(options.keytab);
  return { keytab, service: service === undefined ? undefined : serviceOf(service, keytab) };
}

/**
 * A ticket's service has a realm always: a name without one, which would fit none, gets that of the keytab's one such
 * principal.
 */
function serviceOf(service: string | Principal, keytab: Keytab | KeySource): Principal {
  const name = principalOf("service", service);
  if (name.realm !== "") return name;
  const text = formatPrincipal({ ...name, realm: "" });
  const all = keytab instanceof Keytab ? keytab.principals : [];
  const [found, ...others] = all.filter((own) => formatPrincipal({ ...own, realm: "" }) === text);
  if (found !== undefined && others.length === 0) return found;
  throw new TypeError(`service must name its realm, as ${text}REALM: the keytab does not tell which is meant`);
}
