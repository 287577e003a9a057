import { equalConstantTime } from "../../bytes/index.ts";
import type { CryptoProvider, Mac } from "../../crypto/index.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import type { KeyHint } from "../../preauth/index.ts";
import type { Secret } from "../credentials/secret.ts";

/** The proof that a KDC took: by which mechanism, how its key was made, and how far the KDC's clock was from ours. */
export interface EarlierProof {
  /** The PA-DATA type of the mechanism. */
  readonly mechanism: number;
  readonly hint: KeyHint;
  readonly clockOffsetMs: number;
}

/** What is known of a secret by earlier logins. */
export interface EarlierLogin {
  /** What the next login may begin with; undefined after a KDC refused it. */
  readonly proof: EarlierProof | undefined;
  /** How the key was made that a KDC proved to have: no hint that makes a weaker one is followed (rule P15). */
  readonly floor: KeyHint;
  /** Whether the KDC wants to be asked before each proof, as for its cookie: then no login begins with one. */
  readonly isAskedFirst?: boolean;
}

const MAX_REMEMBERED = 64;

/**
 * With what clients logged in before, so that the next login of the same secret needs one round trip (RFC 4120 section
 * 3.1.1: pre-authentication data may be in the first request). A guess that is wrong counts as a failed login, so there
 * is none: only what a KDC took is used again, and only for the secret that it took. Of that, a hash under a random key
 * is kept.
 */
export class EarlierLogins {
  readonly #hmac: Mac;
  readonly #known = new Map<string, { readonly fingerprint: Uint8Array; readonly login: EarlierLogin }>();

  constructor(provider: CryptoProvider) {
    this.#hmac = provider.hmac("sha256", provider.randomBytes(32));
  }

  find(client: Principal, secret: Secret): EarlierLogin | undefined {
    const known = this.#known.get(formatPrincipal(client));
    const fingerprint = this.#fingerprint(secret);
    if (known === undefined || fingerprint === undefined) return undefined;
    return equalConstantTime(known.fingerprint, fingerprint) ? known.login : undefined;
  }

  note(client: Principal, secret: Secret, proof: EarlierProof): void {
    const fingerprint = this.#fingerprint(secret);
    if (fingerprint === undefined) return;
    const name = formatPrincipal(client);
    const isAskedFirst = this.find(client, secret)?.isAskedFirst === true;
    // Those that were used last stay.
    this.#known.delete(name);
    const login = { proof: isAskedFirst ? undefined : proof, floor: proof.hint, isAskedFirst };
    this.#known.set(name, { fingerprint, login });
    if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value as string);
  }

  /** Lets the next login ask first, or with `isAskedFirst` each one; what a KDC proved before stays known. */
  forgetProof(client: Principal, isAskedFirst = false): void {
    const name = formatPrincipal(client);
    const known = this.#known.get(name);
    if (known === undefined) return;
    const { fingerprint, login } = known;
    this.#known.set(name, { fingerprint, login: { ...login, proof: undefined, isAskedFirst } });
  }

  #fingerprint(secret: Secret): Uint8Array | undefined {
    const identity = secret.identity?.();
    return identity === undefined ? undefined : this.#hmac.mac(identity);
  }
}
