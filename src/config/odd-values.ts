import { parseDuration } from "./duration.ts";
import type { Profile, Relation } from "./profile.ts";
import { parseBoolean, parseFlagBits, plainDuration } from "./values.ts";

/** Booleans of `[libdefaults]`: any other word counts as false, as with MIT. */
const BOOLEANS: readonly string[] = [
  "dns_lookup_kdc",
  "dns_lookup_realm",
  "dns_fallback",
  "dns_uri_lookup",
  "rdns",
  "forwardable",
  "proxiable",
  "noaddresses",
  "canonicalize",
  "verify_ap_req_nofail",
];

const isBoolean = (text: string): boolean => parseBoolean(text) !== undefined;
const isSpan = (text: string): boolean => (parseDuration(text) ?? -1) >= 0;
const isInteger = (text: string): boolean => /^-?\d{1,10}$/.test(text);
const isNumbers = (text: string): boolean => text.split(/[\s,]+/).every((word) => word === "" || isInteger(word));

/** Tags of `[libdefaults]` that keep their default where the value does not read, as with MIT. */
const DEFAULTED: readonly (readonly [tag: string, reads: (text: string) => boolean])[] = [
  ["kdc_timesync", (text) => isInteger(text) || isBoolean(text)],
  ["clockskew", (text) => isSpan(plainDuration(text))],
  ["request_timeout", (text) => isSpan(plainDuration(text))],
  ["realm_try_domains", isInteger],
  ["preferred_preauth_types", isNumbers],
  ["kdc_default_options", (text) => parseFlagBits(text) !== undefined],
];

/** Names of the groups of SPAKE, which is without case. */
const SPAKE_GROUPS: readonly string[] = ["edwards25519", "p-256", "p-384", "p-521"];

/** Spans of time: what stands behind a `#` is ignored. */
const SPANS: readonly string[] = ["ticket_lifetime", "renew_lifetime", "clockskew", "request_timeout"];

/** Tells, a sentence each, which values of `[libdefaults]` do not read and what is done instead. */
export function oddValues(profile: Profile): readonly string[] {
  const blocks = [["libdefaults"], ...profile.sectionNames(["libdefaults"]).map((realm) => ["libdefaults", realm])];
  const odd: string[] = [];
  const look = (tag: string, isOdd: (text: string) => boolean, what: string): void => {
    for (const block of blocks) {
      const relation = profile.first([...block, tag]);
      if (relation !== undefined && isOdd(relation.value)) odd.push(`${placeOf(relation)}: ${what}`);
    }
  };
  for (const tag of BOOLEANS) {
    look(tag, (text) => !isBoolean(text), "expected true or false, and nothing behind it; it counts as false");
  }
  for (const [tag, reads] of DEFAULTED) {
    look(tag, (text) => !reads(text), "it does not read, so that the default counts");
  }
  const isGroup = (word: string): boolean => word === "" || SPAKE_GROUPS.includes(word.toLowerCase());
  const isOddList = (text: string): boolean => text.trim() === "" || !text.split(/[\s,]+/).every(isGroup);
  look("spake_preauth_groups", isOddList, "it has words that are not groups of SPAKE, which are passed over");
  for (const tag of SPANS) {
    look(tag, (text) => plainDuration(text) !== text, "what stands behind the value is passed over");
  }
  return odd;
}

/** A value with its place, for a message. */
export function placeOf({ name, value, file = "krb5.conf", line }: Relation): string {
  return `${file}:${line}: ${name} = ${value.length > 60 ? `${value.slice(0, 60)}...` : value}`;
}
