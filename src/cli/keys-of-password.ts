import { encodeText, setUint32 } from "../bytes/index.ts";
import { KeyBlock, type KeytabEntry } from "../credentials/index.ts";
import { strongEncTypes } from "../crypto/index.ts";
import { kdcErrorOf } from "../errors.ts";
import { KRB_ERROR } from "../iana/index.ts";
import type { Principal } from "../krb5/index.ts";
import type { KeyHint } from "../preauth/index.ts";
import type { CommandHost } from "./command.ts";
import { allEncTypes, kerberosOf, sourceOf } from "./kerberos.ts";
import type { Local } from "./local.ts";

/** Options for {@link keysOfPassword}. */
export interface KeyOptions {
  readonly kvno: number;
  /** Default: those of `hints`, or the strong ones. */
  readonly etypes?: readonly number[] | undefined;
  readonly salt?: string | undefined;
  readonly iterations?: number | undefined;
  /** How the KDC makes the keys ({@link askKeyHints}): each is one key. */
  readonly hints?: readonly KeyHint[] | undefined;
}

/** The keys of a principal by its password, one an enctype (RFC 3962 section 4, RFC 8009 section 4). */
export async function keysOfPassword(
  host: CommandHost,
  principal: Principal,
  password: Uint8Array,
  options: KeyOptions,
): Promise<KeytabEntry[]> {
  const { kvno, etypes, iterations } = options;
  const encTypes = await allEncTypes(host);
  const parameters = iterations === undefined ? undefined : new Uint8Array(4);
  if (parameters !== undefined) setUint32(parameters, 0, iterations as number);
  const hints: readonly KeyHint[] =
    options.hints ?? (etypes ?? strongEncTypes.map((type) => type.etype)).map((etype) => ({ etype }));
  const timestamp = new Date(Math.floor(host.now() / 1000) * 1000);
  const entries: KeytabEntry[] = [];
  for (const { etype, salt, s2kparams } of hints) {
    const text = options.salt ?? salt ?? principal.realm + principal.components.join("");
    const octets = await encTypes
      .get(etype)
      .stringToKey(encTypes.provider, password, encodeText(text), parameters ?? s2kparams);
    entries.push({ principal, kvno, timestamp, keyBlock: new KeyBlock(etype, octets) });
  }
  return entries;
}

/** Stands in the place of a key: what it is made of is all that is wanted. */
class HintFound extends Error {}

/**
 * Asks the KDC how the keys of a principal are made of its password: salt, iterations and enctype, of each enctype that
 * is named and the KDC has a key of. No proof is sent, so that no login fails.
 */
export async function askKeyHints(
  host: CommandHost,
  local: Local,
  client: Principal,
  etypes: readonly number[],
): Promise<readonly KeyHint[]> {
  const hints: KeyHint[] = [];
  let refusal: unknown;
  for (const etype of etypes) {
    try {
      hints.push(await askKeyHint(host, local, client, [etype]));
    } catch (error) {
      if (kdcErrorOf(error)?.errorCode !== KRB_ERROR.KDC_ERR_ETYPE_NOSUPP) throw error;
      refusal ??= error;
    }
  }
  if (hints.length === 0) throw refusal;
  return hints;
}

/** The same of the first of these enctypes that the KDC has a key of. */
export async function askKeyHint(
  host: CommandHost,
  local: Local,
  client: Principal,
  etypes: readonly number[],
): Promise<KeyHint> {
  let found: KeyHint | undefined;
  const secret = {
    kind: "password",
    etypes: () => etypes,
    key: (_encTypes: unknown, hint: KeyHint) => {
      found = hint;
      return Promise.reject(new HintFound());
    },
    isSame: () => false,
  } as const;
  try {
    await kerberosOf(host, local).login(sourceOf("password", client, secret), { enctypes: etypes });
  } catch (error) {
    if (found === undefined) throw error;
  }
  return found as unknown as KeyHint;
}

/**
 * The salt of an account of Active Directory, which all its service names share (MS-KILE section 3.1.1.2): of a
 * computer (`WEB$`) its host name, of any other its name, in the letters that it was made with.
 */
export function accountSalt(account: string, realm: string): string {
  const upper = realm.toUpperCase();
  if (!account.endsWith("$")) return upper + account;
  return `${upper}host${account.slice(0, -1).toLowerCase()}.${realm.toLowerCase()}`;
}
