import { DNS_RCODE } from "../../iana/index.ts";
import type { DnsRecord, DnsResponse } from "./message.ts";
import type { RecordType } from "./records.ts";

/** What DNS says about a name: its records, perhaps an empty list. */
export interface DnsAnswer<T extends RecordType = RecordType> {
  /** In the order of the message; empty: the name lacks that kind of record. */
  readonly records: readonly DnsRecord<T>[];
  /** The name at the end of the aliases (CNAME). */
  readonly canonicalName: string;
  /** How long it may be kept. */
  readonly ttlSeconds: number;
}

/** What a response says; `alias`: the name that the last alias leads to and that this response says nothing of. */
export interface Reading<T extends RecordType> extends DnsAnswer<T> {
  readonly alias: string | undefined;
}

/** No chain of honest names is longer. */
const maxAliases = 8;
const maxTtlSeconds = 86_400;
/** RFC 2308 section 5. */
const maxNegativeTtlSeconds = 3600;
/** Where the SOA record that says how long is missing, it should not be kept at all: long enough for one login. */
const unknownTtlSeconds = 5;

/**
 * Reads the records of `type` that a response has for `name`, through the aliases in it (RFC 1034 section 3.6.2).
 * Records for other names count for nothing. A chain that is too long or goes in a circle ends with no records.
 */
export function readAnswer<T extends RecordType>(response: DnsResponse, name: string, type: T): Reading<T> {
  let canonicalName = name;
  let ttlSeconds = maxTtlSeconds;
  for (let aliases = 0; aliases <= maxAliases; aliases++) {
    const own = response.answers.filter((record) => record.name === canonicalName);
    const records = own.filter((record): record is DnsRecord<T> => record.type === type);
    if (records.length > 0) {
      for (const record of records) ttlSeconds = Math.min(ttlSeconds, record.ttlSeconds);
      return { records, canonicalName, ttlSeconds, alias: undefined };
    }
    const alias = own.find((record): record is DnsRecord<"cname"> => record.type === "cname");
    if (alias === undefined) {
      const isDangling = aliases > 0 && response.rcode === DNS_RCODE.noError && !hasSoa(response);
      const negative = Math.min(ttlSeconds, negativeTtl(response));
      return { records: [], canonicalName, ttlSeconds: negative, alias: isDangling ? canonicalName : undefined };
    }
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds);
    canonicalName = alias.data;
  }
  return { records: [], canonicalName: name, ttlSeconds: unknownTtlSeconds, alias: undefined };
}

function hasSoa({ authorities }: DnsResponse): boolean {
  return authorities.some(({ type }) => type === "soa");
}

/** RFC 2308 section 5: the lesser of the SOA record's own lifetime and its MINIMUM. */
function negativeTtl({ authorities }: DnsResponse): number {
  const soa = authorities.find((record): record is DnsRecord<"soa"> => record.type === "soa");
  if (soa === undefined) return unknownTtlSeconds;
  return Math.min(soa.ttlSeconds, soa.data.minimumSeconds, maxNegativeTtlSeconds);
}
