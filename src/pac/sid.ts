import { Reader } from "../bytes/index.ts";

const MAX_SUB_AUTHORITIES = 15;

/** The text of a SID (MS-DTYP section 2.4.2), for example `S-1-5-21-1004336348-1177238915-682003330-512`. */
export function sidFrom(octets: Uint8Array): string {
  const reader = new Reader(octets, "SID", { littleEndian: true });
  const revision = reader.uint8();
  if (revision !== 1) reader.fail(`a SID of revision ${revision}`, "version");
  const count = reader.uint8();
  if (count > MAX_SUB_AUTHORITIES) reader.fail(`a SID of ${count} sub-authorities`);
  let authority = 0;
  for (const octet of reader.bytes(6)) authority = authority * 256 + octet;
  const parts = Array.from({ length: count }, () => reader.uint32());
  if (reader.remaining !== 0) reader.fail("octets behind a SID");
  return ["S", revision, authority, ...parts].join("-");
}
