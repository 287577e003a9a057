import { hasName } from "../errors.ts";
import { type Element, INTEGER, KEY_LIMITS, parseBer, SEQUENCE } from "./ber.ts";
import { DIGESTS, type Digest, OIDS } from "./oids.ts";

/** What RSASSA-PSS needs to know beside the key (RFC 4055 section 3.1). */
export interface Pss {
  readonly hash: Digest;
  readonly saltLength: number;
}

const HASH = 0xa0;
const MASK = 0xa1;
const SALT_LENGTH = 0xa2;
const TRAILER = 0xa3;

/** Reads RSASSA-PSS-params; undefined for those that are not here: two hashes, or anything that is not said. */
export function readPss(parameters: Uint8Array | undefined): Pss | undefined {
  if (parameters === undefined) return undefined;
  try {
    const given = parseBer(parameters, "RSASSA-PSS-params", KEY_LIMITS).as(SEQUENCE, "RSASSA-PSS-params");
    // What is absent is SHA-1 (section 3.1), which counts nowhere.
    const hash = DIGESTS[oidOf(given.find(HASH)?.at(0, "hashAlgorithm"))];
    const mask = given.find(MASK)?.at(0, "maskGenAlgorithm", SEQUENCE);
    const isMgf1 = oidOf(mask) === OIDS.mgf1 && DIGESTS[oidOf(mask?.at(1, "hash"))] === hash;
    const saltLength = given.find(SALT_LENGTH)?.at(0, "saltLength", INTEGER).small("saltLength") ?? 20;
    // Section 3.1: 1 is the only trailer field.
    const trailer = given.find(TRAILER)?.at(0, "trailerField", INTEGER).small("trailerField") ?? 1;
    return hash !== undefined && isMgf1 && saltLength <= 64 && trailer === 1 ? { hash, saltLength } : undefined;
  } catch (error) {
    if (!hasName(error, "DecodeError")) throw error;
    return undefined;
  }
}

function oidOf(algorithm: Element | undefined): string {
  return algorithm?.as(SEQUENCE, "algorithm").at(0, "algorithm").oid("algorithm") ?? "";
}
