import { equalConstantTime } from "../../bytes/index.ts";
import type { CryptoProvider, Mac } from "../../crypto/index.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import type { KeyHint } from "../../preauth/index.ts";
import type { Secret } from "../credentials/secret.ts";

/** A proof that the KDC took: by which mechanism, how its key was made, and how far the KDC's clock was from ours. */
export interface EarlierProof {
  /** The PA-DATA type of the mechanism. */
  readonly mechanism: number;
  readonly hint: KeyHint;
  readonly clockOffsetMs: number;
  /**
   * When the KDC was last asked what it offers, by the local clock: a proof is sent unasked for a week after that.
   * Undefined: it was never asked, and never has to be.
   */
  readonly askedAtMs?: number | undefined;
  /** Whether the next login asks before it proves: the KDC offers something from which nobody can guess a password. */
  readonly isAskedFirst?: boolean;
}

/** What is known of a secret by earlier logins. */
export interface EarlierLogin {
  /** What the next login may begin with; undefined after a KDC refused it. */
  readonly proof: EarlierProof | undefined;
  /**
   * How the key was made that a KDC proved before: no hint that makes a weaker one is followed (rule P15). Undefined:
   * no KDC has proved one yet.
   */
  readonly floor: KeyHint | undefined;
  /** Whether the KDC wants to be asked before each proof, as for its cookie: then no login begins with one. */
  readonly isAskedFirst?: boolean;
}

interface Entry {
  readonly fingerprint: Uint8Array;
  readonly login: EarlierLogin;
}

const MAX_REMEMBERED = 64;

/** For so long after a KDC was asked what it offers a proof is sent unasked: it may have learnt SPAKE since. */
export const UNASKED_MS: number = 7 * 86_400_000;

/**
 * Remembers how clients logged in, so that the next login of the same secret needs one round trip (RFC 4120 section
 * 3.1.1: pre-authentication data may be in the first request). A guess that is wrong counts as a failed login, so that
 * only what a KDC took is used again, and only for the secret that it took. Of that, a hash under a random key is kept.
 */
export class EarlierLogins {
  readonly #provider: CryptoProvider;
  readonly #known = new Map<string, Entry>();
  #hmac: Mac | undefined;

  constructor(provider: CryptoProvider) {
    this.#provider = provider;
  }

  /** What is known for one login of a secret: its hash is made once, and not before it is needed. */
  of(client: Principal, secret: Secret): LoginRecord {
    const name = formatPrincipal(client);
    let fingerprint: Uint8Array | undefined;
    const identify = (): Uint8Array | undefined => {
      fingerprint ??= this.#fingerprint(secret);
      return fingerprint;
    };
    const known = this.#known.get(name);
    const own = known === undefined ? undefined : identify();
    const isSame = known !== undefined && own !== undefined && equalConstantTime(known.fingerprint, own);
    return {
      login: isSame ? known.login : undefined,
      keep: (login) => {
        const kept = identify();
        if (kept === undefined) return false;
        // Those that were used last stay.
        this.#known.delete(name);
        this.#known.set(name, { fingerprint: kept, login });
        if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value as string);
        return true;
      },
    };
  }

  #fingerprint(secret: Secret): Uint8Array | undefined {
    const identity = secret.identity?.();
    if (identity === undefined) return undefined;
    this.#hmac ??= this.#provider.hmac("sha256", this.#provider.randomBytes(32));
    // The key is random and this process's own: what the host's digest leaves as text tells no more than what is kept.
    return this.#hmac.tag(identity);
  }
}

/** The memory of one secret's logins, as one login reads and writes it. */
export interface LoginRecord {
  /** As it was when this login began; undefined if nothing is known of this secret. */
  readonly login: EarlierLogin | undefined;
  /** Keeps what the next login shall know; false if nobody can tell this secret from another. */
  keep(login: EarlierLogin): boolean;
}

/**
 * What logins leave for those of other processes: the note of a sealed store, beside the tickets. Gives the memory of
 * one login with that note, which it takes away first, so that a proof that fails is made by one process, once. It
 * throws nothing.
 */
export type KeptLogins = (own: LoginRecord, now: () => number) => Promise<LoginRecord>;

/** Takes note of a proof that the KDC took. */
export function keepProof(record: LoginRecord, proof: EarlierProof): void {
  const isAskedFirst = record.login?.isAskedFirst === true;
  record.keep({ proof: isAskedFirst || proof.isAskedFirst ? undefined : proof, floor: proof.hint, isAskedFirst });
}

/**
 * Lets the next login ask first, or with `isAskedFirst` each one; what a KDC proved before stays known. False if that
 * cannot be kept.
 */
export function forgetProof(record: LoginRecord, isAskedFirst = false): boolean {
  return record.keep({ proof: undefined, floor: record.login?.floor, isAskedFirst });
}
