import { concat, encodeText, equalConstantTime } from "../../bytes/index.ts";
import { type Checks, checkBoolean, checkMethods, checkOptions, checkWhole, refuse } from "../../checks/index.ts";
import type { Keytab, RawKey } from "../../credentials/index.ts";
import type { EncTypeSet, ProtocolKey, StringToKeyOptions } from "../../crypto/index.ts";
import { checkParsedPrincipal, type Principal } from "../../krb5/index.ts";
import type { KeyHint, PkinitIdentity, SecretKind } from "../../preauth/index.ts";

/** What a client logs in with: a password, the keys of a keytab, or what a mechanism proves without either. */
export interface Secret {
  /** What it is made of: it decides which mechanisms are tried. */
  readonly kind: SecretKind;
  /** Of the permitted enctypes, in their order, those for which there is a key. */
  etypes(encTypes: EncTypeSet): readonly number[];
  /**
   * The long-term key for a KDC's hint; `ask` shows a text and gives the user's password, for a secret that is not at
   * hand. Throws PreauthError if the secret lacks that key.
   */
  key(encTypes: EncTypeSet, hint: KeyHint, ask?: (text: string) => Promise<string>): Promise<ProtocolKey>;
  /** The salt of a password's keys, where it is known before a KDC says it. */
  readonly salt?: string;
  /** What PKINIT proves (kinds `certificate` and `anonymous`). */
  readonly pkinit?: PkinitIdentity;
  /**
   * Sentences for the KDC's error codes that are about this secret, by code: `{client}` and `{realm}` stand for names.
   * Such an error is a CredentialError `CERTIFICATE`.
   */
  readonly refusals?: ReadonlyMap<number, string>;
  /** Whether another secret is the same one: a rejected secret is not tried again by itself. */
  isSame(other: Secret): boolean;
  /**
   * Octets that are the secret's own: a secret too, for a keyed hash. For a keytab, the key that a login uses. Absent:
   * nobody can tell it from another, for example a one-time password, and its tickets are not shared.
   */
  identity?(): Uint8Array;
}

/** Options for {@link passwordSecret}: what is known of the password, and bounds on what a KDC may ask. */
export interface PasswordSecretOptions extends StringToKeyOptions {
  /** The salt of its keys, for `preauth: "timestamp-first"`. Default: the KDC says it. */
  readonly salt?: string | undefined;
}

const keyChecks: Checks<PasswordSecretOptions> = {
  maxIterations: [checkWhole, 1],
  allowWeakIterations: checkBoolean,
  salt: checkSalt,
};

/** Keys of a password that are kept, the newest: a hint is anybody's, and each salt makes another key. */
const MAX_MADE = 8;

/** The enctypes in the order in which logins ask for them: a keytab's key of the first is the one that is used. */
const USED_FIRST: readonly number[] = [18, 17, 20, 19];

/** The default salt: realm and components, joined (RFC 4120 section 4). */
export function defaultSalt(client: Principal): string {
  return client.realm + client.components.join("");
}

/**
 * Makes the long-term secret of a password (RFC 4120 section 3.1.3), for a {@link CredentialSource} of your own. Keys
 * made of it are kept, since string-to-key is meant to be slow.
 *
 * @param client whose password it is: its name is the default salt
 * @param password the password, text as UTF-8
 * @param options its salt, and bounds on what a KDC may ask of string-to-key
 * @returns the secret
 * @throws TypeError for a password that is neither text nor octets: the caller's mistake
 * @example
 * ```ts
 * import { createClient, type CredentialSource, parsePrincipal } from "krb5-remctl";
 * import { passwordSecret } from "krb5-remctl/credentials";
 *
 * const principal = parsePrincipal("alice@EXAMPLE.ORG");
 * const vault: CredentialSource = {
 *   kind: "vault",
 *   open: async () => ({ principal, loadSecret: async () => passwordSecret(principal, secret) }),
 * };
 * const client = createClient({ credentials: vault });
 * ```
 */
export function passwordSecret(
  client: Principal,
  password: string | Uint8Array,
  options: PasswordSecretOptions = {},
): Secret {
  checkParsedPrincipal("client", client);
  checkOptions("passwordSecret", options, keyChecks);
  const isText = typeof password === "string";
  if (!isText && !(password instanceof Uint8Array)) refuse("password", password, "a string or a Uint8Array");
  const octets = isText ? new TextEncoder().encode(password) : password.slice();
  const made: { readonly hint: KeyHint; readonly key: ProtocolKey }[] = [];
  return {
    kind: "password",
    ...(options.salt === undefined ? {} : { salt: options.salt }),
    etypes: (encTypes) => encTypes.permitted,
    async key(encTypes, hint) {
      const known = made.find((entry) => isSameHint(entry.hint, hint));
      if (known !== undefined) return known.key;
      const type = encTypes.get(hint.etype);
      const salt = encodeText(hint.salt ?? defaultSalt(client));
      const keyOctets = await type.stringToKey(encTypes.provider, octets, salt, hint.s2kparams, options);
      const key = type.importKey(encTypes.provider, keyOctets);
      keyOctets.fill(0);
      made.push({ hint, key });
      if (made.length > MAX_MADE) made.shift();
      return key;
    },
    isSame: (other) => other.kind === "password" && isSameOctets(other, octets),
    identity: () => octets,
  };
}

/**
 * Makes the long-term secret of a keytab's keys of one principal, for a {@link CredentialSource} of your own. Each key
 * is imported once.
 *
 * @param client whose keys they are
 * @param keytab the keytab
 * @returns the secret
 * @throws CredentialError `KEYTAB_NO_KEY` if the keytab has no key of the client
 * @example
 * ```ts
 * import { createClient, type CredentialSource, parsePrincipal } from "krb5-remctl";
 * import { decodeKeytab, keytabSecret } from "krb5-remctl/credentials";
 *
 * const principal = parsePrincipal("robot@EXAMPLE.ORG");
 * const vault: CredentialSource = {
 *   kind: "vault",
 *   open: async () => ({ principal, loadSecret: async () => keytabSecret(principal, decodeKeytab(octets)) }),
 * };
 * const client = createClient({ credentials: vault });
 * ```
 */
export function keytabSecret(client: Principal, keytab: Pick<Keytab, "find" | "get">): Secret {
  checkParsedPrincipal("client", client);
  checkMethods("keytab", keytab, "get", "find");
  keytab.get({ principal: client });
  const identity = (): Uint8Array => {
    const used = USED_FIRST.find((etype) => keytab.find({ principal: client, etype }) !== undefined);
    const { keyBlock } = keytab.get(used === undefined ? { principal: client } : { principal: client, etype: used });
    return concat(Uint8Array.of((keyBlock.etype >> 8) & 0xff, keyBlock.etype & 0xff), keyBlock.octets);
  };
  const made = new Map<RawKey, { readonly encTypes: EncTypeSet; readonly key: ProtocolKey }>();
  return {
    kind: "keytab",
    etypes: (encTypes) => encTypes.permitted.filter((etype) => keytab.find({ principal: client, etype }) !== undefined),
    async key(encTypes, { etype }) {
      const { keyBlock } = keytab.get({ principal: client, etype });
      const known = made.get(keyBlock);
      if (known?.encTypes === encTypes) return known.key;
      const key = encTypes.importKey(keyBlock.etype, keyBlock.octets);
      made.set(keyBlock, { encTypes, key });
      return key;
    },
    // A keytab with newer keys is another secret.
    isSame: (other) => other.kind === "keytab" && isSameOctets(other, identity()),
    identity,
  };
}

/** Checks a salt, which may be empty. Throws TypeError: the caller's mistake. */
export function checkSalt(name: string, value: unknown): void {
  if (typeof value !== "string") refuse(name, value, "a string: the salt that the KDC makes the keys with");
}

function isSameOctets(other: Secret, octets: Uint8Array): boolean {
  const others = other.identity?.();
  return others !== undefined && equalConstantTime(others, octets);
}

/** Whether two hints make the same key of a password. */
export function isSameHint(a: KeyHint, b: KeyHint): boolean {
  return a.etype === b.etype && a.salt === b.salt && String(a.s2kparams ?? "") === String(b.s2kparams ?? "");
}
