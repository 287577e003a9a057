import { encodeHex } from "../bytes/index.ts";
import { dotted, OIDS } from "../x509/index.ts";

/** OBJECT IDENTIFIERs of PKINIT beside those that certificates need (RFC 4556, RFC 8636, RFC 3279). */
const OF_PKINIT: Readonly<Record<string, string>> = {
  "2b060105020301": "id-pkinit-authData",
  "2b060105020302": "id-pkinit-DHKeyData",
  "2b060105020303": "id-pkinit-rkeyData",
  "2b060105020304": "id-pkinit-KPClientAuth",
  "2b06010502030601": "id-pkinit-kdf-ah-sha1",
  "2b06010502030602": "id-pkinit-kdf-ah-sha256",
  "2b06010502030603": "id-pkinit-kdf-ah-sha512",
  "2b06010502030604": "id-pkinit-kdf-ah-sha384",
  "2a8648ce3e0201": "dhpublicnumber",
  "2b060104018237140202": "msSmartcardLogin",
};

const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(OIDS).map(([name, oid]) => [oid, name] as const),
  ...Object.entries(OF_PKINIT),
]);

/** Fields that are an OBJECT IDENTIFIER. */
const FIELDS: ReadonlySet<string> = new Set(["algorithm", "kdfId"]);

export function isAlgorithm(label: string): boolean {
  return FIELDS.has(label);
}

/** An OBJECT IDENTIFIER of its contents octets, dotted and by name. */
export function algorithmWords(octets: Uint8Array): string {
  return oidWords(encodeHex(octets));
}

/** The same of the hexadecimal. */
export function oidWords(oid: string): string {
  const name = NAMES.get(oid);
  return name === undefined ? dotted(oid) : `${dotted(oid)} (${name})`;
}
