import type { ServerLists } from "./kerberos-options.ts";

/** The KDCs that an option names for a realm; a plain list is of the client's own. */
export function kdcsOf(kdc: ServerLists, realm: string, home: string | undefined): readonly string[] {
  if (Array.isArray(kdc)) return realm === home ? kdc : [];
  const lists = kdc as Readonly<Record<string, readonly string[]>>;
  return Object.hasOwn(lists, realm) ? (lists[realm] ?? []) : [];
}
