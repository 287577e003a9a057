/**
 * krb5.conf: its grammar, its typed view, where its files are, and the enctypes, durations and addresses in it.
 *
 * Layer 3: it may import `host`, `iana`, `bytes`, `errors.ts` and `trace.ts`; it takes file access from its caller.
 */
export { type AnchorHost, loadAnchors } from "./anchors.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export { parseEnctype, parseEnctypeList } from "./enctype-list.ts";
export {
  defaultCcacheName,
  defaultClientKeytabName,
  defaultKeytabName,
  type Environment,
  expandPath,
  krb5ConfPaths,
} from "./environment.ts";
export { parseServerAddress, type ServerAddress } from "./kdc-address.ts";
export { Krb5Config } from "./krb5-config.ts";
export type { Libdefaults } from "./libdefaults.ts";
export { isConfText, type LoadOptions, loadKrb5Config, type ParseOptions, parseKrb5Conf } from "./load.ts";
export { PkinitConfig } from "./pkinit.ts";
export { Profile, type Relation, Section } from "./profile.ts";
export type { RealmConfig } from "./realm.ts";
export { isSite, SITE_FORM } from "./site.ts";
export { parseBoolean } from "./values.ts";
