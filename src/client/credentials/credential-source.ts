import type { Environment, Krb5Config } from "../../config/index.ts";
import type { CacheHost, CredentialCache } from "../../credentials/index.ts";
import type { Principal } from "../../krb5/index.ts";
import type { Secret } from "./secret.ts";

/** What a credential is opened with: the host, its environment and its configuration. */
export interface CredentialHost extends CacheHost {
  /** Variables and users, for default names. */
  readonly environment: Environment;
  /** The client's configuration, for default names and the default realm. */
  readonly config: Krb5Config;
}

/** A credential as one client sees it: who it is, what it can log in with, and where its tickets are kept. */
export interface OpenedCredential {
  /** Who logs in. */
  readonly principal: Principal;
  /**
   * The long-term secret as it is now: asked for before each login, so that a changed one is seen. Absent if there is none: then
   * the tickets of `cache` are all there is, renewed while they can be.
   */
  readonly loadSecret?: (() => Promise<Secret>) | undefined;
  /** Where tickets are read from and kept. Absent: in memory, or where the client's option `cache` says. */
  readonly cache?: CredentialCache | undefined;
  /** Whether a ticket is to be had again when half its life is over, as libkrb5 does with a client keytab. */
  readonly isRefreshedAtHalf?: boolean;
}

/**
 * Who logs in and with what, as a value: `password()`, `keytab()`, `ccache()` and `fromEnvironment()` make one. It holds no
 * ticket and no state, so that one value may serve many clients; each client opens it when it first needs a ticket.
 */
export interface CredentialSource {
  /** For messages, as `password`, `keytab`, `ccache` or `environment`. */
  readonly kind: string;
  /** The principal, if it is known before the credential is opened. */
  readonly principal?: Principal;
  /**
   * Looks what there is. Throws CredentialError `NO_CREDENTIAL`, `CCACHE`, `KEYTAB` or `KEYTAB_NO_KEY` with what was looked for,
   * where, and what to do.
   */
  open(host: CredentialHost): Promise<OpenedCredential>;
}

/** Whether a value is a {@link CredentialSource}. */
export function isCredentialSource(value: unknown): value is CredentialSource {
  return typeof value === "object" && value !== null && typeof (value as CredentialSource).open === "function";
}
