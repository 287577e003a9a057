import { type Element, INTEGER, OCTET_STRING } from "./ber.ts";
import { type OlderCiphers, unknownTo } from "./cbc.ts";
import { ownProblem } from "./failure.ts";

const MIB = 1_048_576;
/** As much as OpenSSL takes for a key, so that what it writes opens, and nothing that it would refuse. */
const MAX_BYTES = 32 * MIB;
/** What the stretching of a block of 128 octets before and after costs, in blocks that are mixed. */
const STRETCHED = 32;
/** Blocks: four times what OpenSSL's keys have, and less than a second. */
const MAX_WORK = 525_312;

/**
 * A key of a passphrase by scrypt (RFC 7914 section 7), where the host has it. Its memory and its work are bounded
 * before any is done. Throws CredentialError: `damaged` for parameters that cannot be, `type` for those that cost more.
 */
export async function scryptKey(
  parameters: Element,
  secret: Uint8Array,
  bytes: number,
  what: string,
  host: OlderCiphers,
): Promise<Uint8Array> {
  const salt = parameters.at(0, "salt", OCTET_STRING).contents;
  const number = (index: number, name: string): number => parameters.at(index, name, INTEGER).small(name);
  const [N, r, p] = [number(1, "costParameter"), number(2, "blockSize"), number(3, "parallelizationParameter")];
  const named = `${what}: scrypt with N=${N}, r=${r}, p=${p}`;
  const isPower = N > 1 && (N & (N - 1)) === 0;
  const keyLength = parameters.children.length > 4 ? number(4, "keyLength") : bytes;
  if (!isPower || r < 1 || p < 1 || keyLength !== bytes) {
    throw ownProblem("damaged", `${named} and a key of ${keyLength} octets cannot be: take the file as it was written`);
  }
  const memory = 128 * r * (N + p + 2);
  const work = r * p * (N + STRETCHED);
  if (memory > MAX_BYTES || work > MAX_WORK) {
    const needs = `needs ${Math.ceil(memory / MIB)} MiB and the work of ${work} blocks`;
    const allowed = `${MAX_BYTES / MIB} MiB and ${MAX_WORK} blocks are allowed`;
    throw ownProblem("type", `${named} ${needs}, ${allowed}: seal it with less, as openssl pkcs8 -topk8 -scrypt does`);
  }
  const key = host.scrypt?.(secret, salt, bytes, { N, r, p, maxmem: 2 * MAX_BYTES });
  if (key === undefined) throw unknownTo("scrypt, which this host does not have", what);
  return await key;
}
