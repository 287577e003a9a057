import type { Entry } from "./entry.ts";
import { tgsRealm } from "./names.ts";
import { isPasswordService } from "./password-service.ts";

/** What can stand alone at the left of a line of krb5.conf, where a space, `=` or `{` would make other lines of it. */
const writable = /^[\p{L}\p{N}._-]+$/u;

/** The hosts that services are named for (RFC 4120 section 6.2.1): the second of two components. */
export function hostsOf(entries: readonly Pick<Entry, "components">[]): string[] {
  const hosts = entries
    .filter((entry) => entry.components.length === 2 && tgsRealm(entry.components) === undefined)
    .filter((entry) => !isPasswordService(entry))
    .map(({ components }) => components[1] as string);
  return [...new Set(hosts)].filter((host) => writable.test(host));
}
