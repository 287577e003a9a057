import type { Trace } from "../trace.ts";
import type { Krb5Config } from "./krb5-config.ts";
import { placeOf } from "./odd-values.ts";
import type { Relation } from "./profile.ts";
import { parseBoolean } from "./values.ts";

/** Whether the value of a tag asks for something that is not done; `true`: any value does. */
type IsAsked = true | ((value: string) => boolean);

/** What libkrb5 would do and this library does not, by the tag that asks for it. */
type Unsupported = Readonly<Record<string, readonly [isAsked: IsAsked, what: string]>>;

const isYes = (value: string): boolean => parseBoolean(value) === true;
const isNo = (value: string): boolean => parseBoolean(value) !== true;

const NO_CHECKSUM: readonly [true, string] = [true, "checksums are those of the enctypes"];
const NO_PKINIT: readonly [true, string] = [true, "for kinit alone: a program gives certificates itself"];

/** Tags of `[libdefaults]`. */
const LIBDEFAULTS: Unsupported = {
  allow_weak_crypto: [isYes, "DES is not built in"],
  allow_rc4: [isYes, "for the tools alone, and not for passwords: a program names RC4 in its options"],
  allow_des3: [isYes, "for the tools alone, and not for passwords: a program names triple DES in its options"],
  ap_req_checksum_type: NO_CHECKSUM,
  kdc_req_checksum_type: NO_CHECKSUM,
  safe_checksum_type: NO_CHECKSUM,
  ccache_type: [(value) => value !== "4", "new caches are written in version 4 of the format"],
  default_rcache_name: [true, "the replay cache is that of the acceptor's options"],
  dns_canonicalize_hostname: [
    (value) => value.toLowerCase() === "fallback",
    "counts as false: DNS chooses no principal",
  ],
  enforce_ok_as_delegate: [isYes, "a program that delegates says so itself"],
  err_fmt: [true, "messages are in our words"],
  extra_addresses: [true, "for kinit -a alone: a program's logins name their addresses"],
  ignore_acceptor_hostname: [isYes, "an acceptor takes the services that its options name"],
  k5login_authoritative: [true, "users are not mapped to local accounts"],
  k5login_directory: [true, "users are not mapped to local accounts"],
  kcm_mach_service: [true, "KCM is reached by its socket"],
  noaddresses: [isNo, "tickets are asked for without addresses, unless a login names some"],
  plugin_base_dir: [true, "there are no plug-ins"],
  qualify_shortname: [(value) => value !== "", "host names are used as they are given"],
  realm_try_domains: [true, "the realm of a host is by [domain_realm], referral or its own domain"],
  verify_ap_req_nofail: [true, "a login's ticket is not verified against a keytab"],
};

/** Tags of a realm's block. */
const REALMS: Unsupported = {
  auth_to_local: [true, "users are not mapped to local accounts"],
  auth_to_local_names: [true, "users are not mapped to local accounts"],
  default_domain: [true, "there are no names of Kerberos 4"],
  v4_instance_convert: [true, "there are no names of Kerberos 4"],
  v4_realm: [true, "there are no names of Kerberos 4"],
};

/** Tags of `[libdefaults]` that have an effect. */
const KNOWN: ReadonlySet<string> = new Set([
  "canonicalize",
  "clockskew",
  "default_ccache_name",
  "default_client_keytab_name",
  "default_keytab_name",
  "default_realm",
  "default_tgs_enctypes",
  "default_tkt_enctypes",
  "dns_fallback",
  "dns_lookup_kdc",
  "dns_lookup_realm",
  "dns_site",
  "dns_uri_lookup",
  "forwardable",
  "kcm_socket",
  "kdc_default_options",
  "kdc_timesync",
  "permitted_enctypes",
  "preferred_preauth_types",
  "proxiable",
  "rdns",
  "renew_lifetime",
  "request_timeout",
  "spake_preauth_groups",
  "ticket_lifetime",
  "udp_preference_limit",
]);

/** Tells, one trace line each, what of a configuration does not read, and what asks for something that is not done. */
export function noteUnsupported(config: Krb5Config, trace: Trace): void {
  const { profile } = config;
  for (const text of config.warnings) trace({ type: "note", text });
  for (const kind of profile.names(["plugins"])) {
    trace({ type: "note", text: `[plugins] ${kind} passed over: there are no plug-ins` });
  }
  const note = (relation: Relation | undefined, [isAsked, what]: Unsupported[string]): void => {
    if (relation === undefined || !(isAsked === true || isAsked(relation.value))) return;
    trace({ type: "note", text: `${placeOf(relation)}: ${what}` });
  };
  const realms = new Set(profile.sectionNames(["libdefaults"]));
  for (const block of [["libdefaults"], ...[...realms].map((realm) => ["libdefaults", realm])]) {
    for (const [tag, relation] of profile.firsts(block)) {
      const unsupported = unsupportedIn(LIBDEFAULTS, tag);
      if (unsupported !== undefined) note(relation, unsupported);
      else if (!KNOWN.has(tag)) note(relation, [true, "this tag is not known and changes nothing"]);
    }
  }
  for (const realm of config.realms) {
    const blocks = new Set(profile.sectionNames(["realms", realm]));
    for (const tag of profile.names(["realms", realm])) {
      const unsupported = unsupportedIn(REALMS, tag);
      if (unsupported === undefined) continue;
      if (blocks.has(tag)) trace({ type: "note", text: `[realms] ${realm}: ${tag}: ${unsupported[1]}` });
      else note(profile.first(["realms", realm, tag]), unsupported);
    }
  }
}

function unsupportedIn(table: Unsupported, tag: string): Unsupported[string] | undefined {
  if (tag.startsWith("pkinit_")) return NO_PKINIT;
  return Object.hasOwn(table, tag) ? table[tag] : undefined;
}
