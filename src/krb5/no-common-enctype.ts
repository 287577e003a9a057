import { CryptoError } from "../errors.ts";
import { enctypeName } from "../iana/index.ts";

/** Who lacks a key that both sides could use. */
export interface KeyLack {
  /** The client that logs in, a service, or the trust between two realms (`krbtgt/OTHER@REALM`). */
  readonly holder: "client" | "service" | "trust";
  /** The holder's principal. */
  readonly name: string;
  /** The realm whose KDC says so. */
  readonly realm: string;
  /** The enctypes that are permitted here, if they are known. */
  readonly permitted?: readonly number[] | undefined;
  /** The enctypes that the KDC has keys of, if it says. */
  readonly has?: readonly number[];
  /** What it said, in brackets. */
  readonly said?: string;
  readonly cause?: unknown;
}

const inDirectory = "; in Active Directory its msDS-SupportedEncryptionTypes must allow AES";
const REMEDIES: Readonly<Record<KeyLack["holder"], string>> = {
  client: `set a new password, so that the KDC makes AES keys${inDirectory}`,
  service: `give it new keys (AES) and write its keytab anew${inDirectory}`,
  trust: `give the trust AES keys${inDirectory}, or its properties say that the other domain supports AES`,
};

/** What may have RC4 alone: how it is permitted, and why it is not by default (RFC 8429). */
const RC4 = 23;
const permitRc4 =
  "; RC4, which others can break, has to be permitted: arcfourHmac in `enctypes`, and `login`, or allow_rc4";

/** The error where a KDC and we have no enctype in common: one diagnosis, however the KDC says it. */
export function noCommonEnctype({ holder, name, realm, permitted, has = [], said = "", cause }: KeyLack): CryptoError {
  const names = (etypes: readonly number[]): string => etypes.map(enctypeName).join(", ");
  const ours = permitted === undefined ? "" : ` (${names(permitted)})`;
  const theirs = has.length === 0 ? "" : `, only of ${names(has)}`;
  const isRc4 = permitted?.includes(RC4) !== true && (has.length === 0 || has.includes(RC4));
  const whose = holder === "service" ? `the service ${name}` : name;
  return new CryptoError(
    "ETYPE_NOT_PERMITTED",
    `the KDC of ${realm} has no key of ${whose} of an enctype that is permitted here${ours}${theirs}: ${REMEDIES[holder]}${isRc4 ? permitRc4 : ""}${said}`,
    { realm, ...(has[0] === undefined ? {} : { etype: has[0] }), ...(cause === undefined ? {} : { cause }) },
  );
}
