import { decodeKeytab, type Keytab } from "../../credentials/index.ts";
import { equalPrincipals, type Principal } from "../../krb5/index.ts";
import { type Deferred, resolveDeferred } from "./deferred.ts";
import { keytabSecret, passwordSecret, type Secret } from "./secret.ts";

/** Loads a client's password, as it is at each call. */
export function passwordLoader(client: Principal, password: Deferred<string | Uint8Array>): () => Promise<Secret> {
  return async () => passwordSecret(client, await resolveDeferred(password, "password"));
}

/** Loads the keys of a client from a keytab that is a value, as they are at each call. */
export function keytabLoader(client: Principal, keytab: Deferred<Uint8Array | Keytab>): () => Promise<Secret> {
  const memory = new KeytabMemory();
  return async () => memory.secretOf(client, memory.decode(await resolveDeferred(keytab, "keytab")));
}

/**
 * The last keytab: octets that are the same ones as before are not read again, and what was derived of their keys is
 * kept.
 */
export class KeytabMemory {
  #octets: Uint8Array | undefined;
  #keytab: Keytab | undefined;
  #kept: { readonly keytab: Keytab; readonly client: Principal; readonly secret: Secret } | undefined;

  decode(value: Uint8Array | Keytab): Keytab {
    if (!(value instanceof Uint8Array)) return value;
    if (this.#keytab === undefined || this.#octets !== value) this.#keytab = decodeKeytab(value);
    this.#octets = value;
    return this.#keytab;
  }

  /** Another client may have another default realm. */
  secretOf(client: Principal, keytab: Keytab): Secret {
    const kept = this.#kept;
    if (kept?.keytab === keytab && equalPrincipals(kept.client, client)) return kept.secret;
    const secret = keytabSecret(client, keytab);
    this.#kept = { keytab, client, secret };
    return secret;
  }
}
