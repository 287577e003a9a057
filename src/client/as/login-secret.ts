import { getUint32 } from "../../bytes/index.ts";
import { type EncTypeSet, type ProtocolKey, strongEncTypes } from "../../crypto/index.ts";
import { CredentialError, type KerberosError, PreauthError } from "../../errors.ts";
import { enctypeName, enctypeOf } from "../../iana/index.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import type { CompletePrompts, KeyHint } from "../../preauth/index.ts";
import type { Trace } from "../../trace.ts";
import { defaultSalt, type Secret } from "../credentials/secret.ts";
import type { AsExchangeOptions } from "./as-options.ts";
import { checkFloor, countOf } from "./key-floor.ts";

/** The client's secret, as one login uses it. */
export class LoginSecret {
  /** The enctypes to ask for: of those that are permitted and that the secret has a key of. */
  readonly requested: readonly number[];
  /** The enctypes that the request names: {@link requested}, and others that the session key may have. */
  readonly offered: readonly number[];
  /** Whether there is a reply to open, which proves nothing to the KDC. */
  isAnswered = false;
  readonly #options: AsExchangeOptions;
  readonly #ask: CompletePrompts;

  /** Throws CredentialError `KEYTAB_NO_KEY` where every key is of another enctype. */
  constructor(options: AsExchangeOptions, ask: CompletePrompts) {
    this.#options = options;
    this.#ask = ask;
    this.requested = provableOf(options);
    this.offered = withSessionEtypes(this.requested, options.encTypes);
    if (this.requested.length > 0) return;
    const client = formatPrincipal(options.client);
    const own = ownOf(options);
    throw new CredentialError(
      "KEYTAB_NO_KEY",
      own.length === 0
        ? `the keytab has no key of a permitted enctype for ${client}: write it anew with its keys of AES`
        : `${client} has no key of the enctypes that were asked for (${options.requested?.map(enctypeName).join(", ")}): add such a key, or ask for others`,
      { principal: client },
    );
  }

  get kind(): Secret["kind"] {
    return this.#options.secret.kind;
  }

  /** How the key is made if the KDC does not say: a keytab needs no salt (rule P4). */
  get hint(): KeyHint | undefined {
    return this.kind === "keytab" ? { etype: this.requested[0] as number } : undefined;
  }

  /** The long-term key. Throws if the KDC refused a proof a moment ago, or if a weaker one is wanted than before. */
  async key(hint: KeyHint): Promise<ProtocolKey> {
    const { secret, encTypes, refused, floor, client, given } = this.#options;
    if (!this.isAnswered) {
      // Rule P11: a second one would be counted again.
      if (refused !== undefined) throw this.#isSameKey(hint, refused.hint) ? refused.error : refused.other;
      // Rule DT3: of two proofs in one login, the second gives away nothing new.
      if (given?.hint !== undefined && !this.#isSameKey(hint, given.hint)) throw otherKey(client);
      checkFloor(hint, floor, this.requested, client);
    }
    return await secret.key(encTypes, hint, (text) => this.#ask.password({ client, text }));
  }

  /** Whether two hints make the same key of this secret: a keytab's keys have no salt. */
  #isSameKey(a: KeyHint, b: KeyHint): boolean {
    if (this.kind === "keytab") return a.etype === b.etype;
    const salt = defaultSalt(this.#options.client);
    return a.etype === b.etype && (a.salt ?? salt) === (b.salt ?? salt) && countOf(a) === countOf(b);
  }

  /** Reports the mechanism that was chosen; `hint` tells how the key that it proves is made, if it proves one. */
  report(trace: Trace, mechanism: string, hint: KeyHint | undefined, client: Principal): void {
    const params = hint?.s2kparams;
    const key = hint && {
      etype: this.#options.encTypes.get(hint.etype).name,
      salt: this.kind === "keytab" ? "" : (hint.salt ?? defaultSalt(client)),
      ...(params === undefined ? {} : { iterations: getUint32(params, 0) }),
    };
    trace({ type: "preauth-chosen", mechanism, ...key });
  }

  /** The error for a KDC that refused a proof of this secret. */
  rejected(client: Principal, cause: KerberosError): KerberosError {
    const name = formatPrincipal(client);
    return this.kind === "password"
      ? new PreauthError(
          "WRONG_PASSWORD",
          `the KDC rejected the password of ${name}: check it, and the realm; it was tried once and is not tried again by itself`,
          { principal: name, realm: client.realm, cause },
        )
      : new CredentialError(
          "KEYTAB",
          `the KDC rejected the keytab's key of ${name}: the key was changed since the keytab was written; write a new keytab`,
          { reason: "rejected", principal: name, cause },
        );
  }
}

function otherKey(client: Principal): PreauthError {
  const principal = formatPrincipal(client);
  return new PreauthError(
    "PREAUTH",
    `the KDC was given a proof of the key of ${principal}, and names another salt, enctype or count for it now: nothing ` +
      "is proven a second time; log in again, and the KDC is asked first",
    { principal, realm: client.realm },
  );
}

/** How the key is made as far as it is known before any contact: a keytab's key, a password with its salt. */
export function knownHint(options: AsExchangeOptions): KeyHint | undefined {
  const { kind, salt } = options.secret;
  const [etype] = provableOf(options);
  if (etype === undefined) return undefined;
  if (kind === "keytab") return { etype };
  return kind === "password" && salt !== undefined ? { etype, salt } : undefined;
}

/** The enctypes whose key a login may prove: of those of the secret, those that the login asks for. */
export function provableOf(options: AsExchangeOptions): readonly number[] {
  const own = ownOf(options);
  return options.requested?.filter((etype) => own.includes(etype)) ?? own;
}

/**
 * The enctypes whose key the secret may prove. Of a password, no deprecated one (RFC 8429) but by name (rule LE1): such
 * a proof is guessed offline in hours, and a KRB-ERROR with no MAC could ask for it.
 */
function ownOf({ secret, encTypes, weakLogin = [] }: AsExchangeOptions): readonly number[] {
  const own = secret.etypes(encTypes);
  if (secret.kind !== "password") return own;
  return own.filter((etype) => enctypeOf(etype)?.isDeprecated !== true || weakLogin.includes(etype));
}

/**
 * One list names the enctypes of the reply's key and of the session's (RFC 4120 section 5.4.1), and the KDC's own
 * service may have no key of a secret's rare one: then those that are built in follow. A reply under one of these is
 * refused: the secret has no key that opens it.
 */
function withSessionEtypes(requested: readonly number[], { permitted }: EncTypeSet): readonly number[] {
  const builtIn = strongEncTypes.map(({ etype }) => etype);
  if (requested.some((etype) => builtIn.includes(etype))) return requested;
  return [...requested, ...permitted.filter((etype) => builtIn.includes(etype))];
}
