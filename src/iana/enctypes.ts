import * as CHECKSUM from "./checksum-types.ts";

/** What is registered of an encryption type, and how configurations call it. */
export interface EnctypeRow {
  /** The registered number. */
  readonly etype: number;
  /** The registered name, in lower case. */
  readonly name: string;
  /** Other names that configurations use, for example `aes256-sha1`. */
  readonly aliases: readonly string[];
  /** The number of the associated checksum type. */
  readonly checksumType: number;
  /** Words of krb5.conf that stand for several types, this one among them: `default`, `aes`, `rc4` and so on. */
  readonly families: readonly string[];
  /** Broken or too short (RFC 6649, RFC 8429). */
  readonly isDeprecated: boolean;
}

/**
 * The registered encryption types (IANA registry; RFC 3961 section 8, RFC 8009 section 5), each once: all other code
 * reads these rows. The order is that of preference, in which a family stands for its members. A program can use only
 * those for which `crypto/enctypes` has a file.
 */
export const ENCTYPES: readonly EnctypeRow[] = [
  row(18, "aes256-cts-hmac-sha1-96", "aes256-cts aes256-sha1", CHECKSUM.hmacSha196Aes256, "default aes aes-sha1"),
  row(17, "aes128-cts-hmac-sha1-96", "aes128-cts aes128-sha1", CHECKSUM.hmacSha196Aes128, "default aes aes-sha1"),
  row(20, "aes256-cts-hmac-sha384-192", "aes256-sha2", CHECKSUM.hmacSha384192Aes256, "default aes aes-sha2"),
  row(19, "aes128-cts-hmac-sha256-128", "aes128-sha2", CHECKSUM.hmacSha256128Aes128, "default aes aes-sha2"),
  row(26, "camellia256-cts-cmac", "camellia256-cts", CHECKSUM.cmacCamellia256, "camellia"),
  row(25, "camellia128-cts-cmac", "camellia128-cts", CHECKSUM.cmacCamellia128, "camellia"),
  row(16, "des3-cbc-sha1", "des3-hmac-sha1 des3-cbc-sha1-kd", CHECKSUM.hmacSha1Des3Kd, "des3", true),
  row(23, "arcfour-hmac", "rc4-hmac arcfour-hmac-md5", CHECKSUM.hmacMd5, "rc4", true),
  row(24, "arcfour-hmac-exp", "rc4-hmac-exp arcfour-hmac-md5-exp", CHECKSUM.hmacMd5, "", true),
  row(3, "des-cbc-md5", "des", CHECKSUM.rsaMd5Des, "", true),
  row(2, "des-cbc-md4", "", CHECKSUM.rsaMd4Des, "", true),
  row(1, "des-cbc-crc", "", CHECKSUM.rsaMd5Des, "", true),
];

function row(
  etype: number,
  name: string,
  aliases: string,
  checksumType: number,
  families: string,
  isDeprecated = false,
): EnctypeRow {
  return { etype, name, aliases: words(aliases), checksumType, families: words(families), isDeprecated };
}

function words(text: string): readonly string[] {
  return text === "" ? [] : text.split(" ");
}

/** The row with a number; undefined if it is not registered. */
export function enctypeOf(etype: number): EnctypeRow | undefined {
  return ENCTYPES.find((type) => type.etype === etype);
}

/** The registered name of an encryption type, or `etype <number>`. */
export function enctypeName(etype: number): string {
  return enctypeOf(etype)?.name ?? `etype ${etype}`;
}

/**
 * The entry of `types` with a registered name or an alias, in any case, for example `AES256-SHA1`; undefined for an
 * unknown one.
 */
export function findEnctype<T extends Pick<EnctypeRow, "name" | "aliases">>(
  name: string,
  types: readonly T[],
): T | undefined {
  const wanted = name.toLowerCase();
  return types.find((type) => type.name === wanted || type.aliases.includes(wanted));
}

/** The row with this registered name. Throws `TypeError` if none has it. For names written in code. */
export function registeredEnctype(name: string): EnctypeRow {
  const found = ENCTYPES.find((type) => type.name === name);
  if (found === undefined) throw new TypeError(`no enctype is registered as ${name}: look at its spelling`);
  return found;
}
