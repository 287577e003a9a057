import { checkFunction, checkMethods, kindOf } from "../../checks/index.ts";
import type { Environment, Krb5Config } from "../../config/index.ts";
import type { CacheContents, CacheHost, CredentialCache } from "../../credentials/index.ts";
import { checkParsedPrincipal, type Principal } from "../../krb5/index.ts";
import type { Secret } from "./secret.ts";

/** The host, environment and configuration with which {@link CredentialSource.open} opens the credentials. */
export interface CredentialHost extends CacheHost {
  /** Variables and users, for default names. */
  readonly environment: Environment;
  /** The client's configuration, for default names and the default realm. */
  readonly config: Krb5Config;
}

/** Credentials as one client has opened them: who it is, what it can log in with, and where its tickets are kept. */
export interface OpenedCredentials {
  /** Who logs in. */
  readonly principal: Principal;
  /**
   * The long-term secret as it is now: asked for before each login, so that a changed one is seen. Absent without
   * one: then the tickets of `cache` are all there is, renewed while they can be.
   */
  readonly loadSecret?: (() => Promise<Secret>) | undefined;
  /** Where tickets are read from and kept. Absent: in memory, or where the client's option `cache` says. */
  readonly cache?: CredentialCache | undefined;
  /** Whether a new ticket is got when half of the old one's life is over, like libkrb5 with a client keytab. */
  readonly isRefreshedAtHalf?: boolean;
}

/** What the cache held when it was opened: the call that opened it need not read it a second time. */
export const READ_AT_OPENING: unique symbol = Symbol("read at opening");

/** Credentials whose cache was read to find whose they are. */
export interface ReadCredentials extends OpenedCredentials {
  readonly [READ_AT_OPENING]?: CacheContents | undefined;
}

/**
 * The interface behind every form of the option `credentials`: who logs in and with what, as a value that a client
 * opens. `password()`, `keytab()`, `ccache()` and `fromEnvironment()` make one. It holds no ticket and no state, so
 * that one value may serve many clients; each client opens it when it first needs a ticket. A single ticket is a
 * `Credential`.
 */
export interface CredentialSource {
  /** For messages, for example `password`, `keytab`, `ccache` or `environment`. */
  readonly kind: string;
  /** The principal, if it is known before the credentials are opened. */
  readonly principal?: Principal | undefined;
  /**
   * Finds what is there. Throws CredentialError `NO_CREDENTIAL`, `CCACHE`, `KEYTAB` or `KEYTAB_NO_KEY` with what was
   * looked for, where, and what to do.
   */
  open(host: CredentialHost): Promise<OpenedCredentials>;
  /**
   * Chooses other credentials for a service, where who asks depends on whom the ticket is for. They name their
   * principal. Undefined: these.
   */
  forService?(service: Principal, host: CredentialHost): Promise<CredentialSource | undefined>;
}

/** Whether a value is a {@link CredentialSource}. */
export function isCredentialSource(value: unknown): value is CredentialSource {
  return typeof value === "object" && value !== null && typeof (value as CredentialSource).open === "function";
}

/**
 * Opens credentials. A source may be anyone's: throws TypeError, which names the part, for one that gives something
 * else.
 */
export async function openSource(source: CredentialSource, host: CredentialHost): Promise<ReadCredentials> {
  const opened = await source.open(host);
  const kind = kindOf(opened);
  if (kind !== "an object") {
    throw new TypeError(`open() of the credentials gave ${kind}: it must give { principal, loadSecret, cache }`);
  }
  const {
    principal,
    loadSecret,
    cache,
    isRefreshedAtHalf = false,
    [READ_AT_OPENING]: read,
  } = opened as ReadCredentials;
  checkParsedPrincipal("the principal that open() of the credentials gave", principal);
  if (loadSecret !== undefined) checkFunction("the loadSecret that open() of the credentials gave", loadSecret);
  if (cache !== undefined) {
    checkMethods("the cache that open() of the credentials gave", cache, "read", "initialize", "store", "remove");
  }
  const own = { principal, loadSecret: loadSecret && (() => secretOf(opened)), cache, isRefreshedAtHalf };
  return read === undefined ? own : { ...own, [READ_AT_OPENING]: read };
}

async function secretOf(opened: OpenedCredentials): Promise<Secret> {
  const secret = await opened.loadSecret?.();
  checkMethods("what loadSecret() of the credentials gave", secret, "etypes", "key", "isSame");
  return secret as Secret;
}
