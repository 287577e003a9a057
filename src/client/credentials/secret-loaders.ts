import { refuse } from "../../checks/index.ts";
import {
  checkKeytab,
  decodeKeytabEntries,
  isKeytabText,
  type Keytab,
  type KeytabKeys,
  type KeytabText,
  keysOf,
  keytabOctets,
} from "../../credentials/index.ts";
import { equalPrincipals, type Principal } from "../../krb5/index.ts";
import { type Deferred, resolveDeferred } from "./deferred.ts";
import { keytabSecret, passwordSecret, type Secret } from "./secret.ts";

const KEYTAB = "credentials.keytab";

/** Loads a client's password, as it is at each call. */
export function passwordLoader(
  client: Principal,
  password: Deferred<string | Uint8Array | undefined>,
  salt?: string,
): () => Promise<Secret> {
  const options = salt === undefined ? {} : { salt };
  return async () => passwordSecret(client, await resolveDeferred(password, "password"), options);
}

/** Loads the keys of a client from a keytab that is a value, as they are at each call. */
export function keytabLoader(
  client: Principal,
  keytab: Deferred<Uint8Array | KeytabText | Keytab>,
): () => Promise<Secret> {
  if (typeof keytab !== "function") checkKeytab(KEYTAB, keytab);
  const memory = new KeytabMemory<KeytabKeys>((octets) => keysOf(decodeKeytabEntries(octets)));
  return async () => memory.secretOf(client, memory.decode(await resolveDeferred(keytab, "keytab")));
}

/**
 * The last keytab: octets that are the same ones as before are not read again, and what was derived of their keys is
 * kept.
 */
export class KeytabMemory<T extends KeytabKeys> {
  readonly #read: (octets: Uint8Array) => T;
  #source: Uint8Array | string | undefined;
  #keytab: T | undefined;
  #kept: { readonly keytab: KeytabKeys; readonly client: Principal; readonly secret: Secret } | undefined;

  /** `read` makes what is kept of octets. */
  constructor(read: (octets: Uint8Array) => T) {
    this.#read = read;
  }

  /** Reads octets or base64 once. Throws TypeError for what is not a keytab: the caller's mistake. */
  decode(value: Uint8Array | KeytabText | Keytab): T | Keytab {
    checkKeytab(KEYTAB, value);
    if (!(value instanceof Uint8Array) && !isKeytabText(value)) return value;
    const source = value instanceof Uint8Array ? value : value.base64;
    if (this.#keytab === undefined || this.#source !== source) this.#keytab = this.#read(octetsOf(value));
    this.#source = source;
    return this.#keytab;
  }

  /** Another client may have another default realm. `keys` are those of the keytab. */
  secretOf(client: Principal, keytab: KeytabKeys, keys: KeytabKeys = keytab): Secret {
    const kept = this.#kept;
    if (kept?.keytab === keytab && equalPrincipals(kept.client, client)) return kept.secret;
    const secret = keytabSecret(client, keys);
    this.#kept = { keytab, client, secret };
    return secret;
  }
}

/**
 * Checks a password, or the function that gives it; undefined and null fail where it is asked for, as a function's
 * are. It is never quoted. Throws TypeError: the caller's mistake.
 */
export function checkPassword(name: string, value: unknown): void {
  if (typeof value === "string" || typeof value === "function" || value instanceof Uint8Array) return;
  if (value !== undefined && value !== null)
    refuse(name, value, "a string, a Uint8Array, or a function that gives one");
}

function octetsOf(value: Uint8Array | KeytabText): Uint8Array {
  return value instanceof Uint8Array ? value : keytabOctets(value);
}
