import { encodeHex } from "../../src/bytes/index.ts";
import { type Krb5Config, parseKrb5Conf } from "../../src/config/index.ts";
import { type Credential, decodeCcacheFile, decodeKeytab, type RawKey } from "../../src/credentials/index.ts";
import { enctypeName, TICKET_FLAG } from "../../src/iana/index.ts";
import { type KeyRing, type TreeNode, type TreeReader, treeOf } from "../../src/inspect/index.ts";
import { formatPrincipal } from "../../src/krb5/index.ts";

/** What reading works with. */
export interface Tools {
  readonly keys: KeyRing;
  readonly reader: TreeReader;
  readonly withSecrets: boolean;
}

/** A keytab as a tree. Its keys open what is read after it. */
export function keytabTree(octets: Uint8Array, { keys, withSecrets }: Tools): TreeNode {
  const children = decodeKeytab(octets).entries.map(({ principal, kvno, timestamp, keyBlock }): TreeNode => {
    const name = formatPrincipal(principal);
    keys.add(keyBlock.etype, keyBlock.octets, `the key of ${name}, kvno ${kvno}`);
    return {
      label: "entry",
      value: name,
      children: [
        { label: "kvno", value: String(kvno) },
        { label: "timestamp", value: timestamp.toISOString() },
        ...keyTree(keyBlock, withSecrets),
      ],
    };
  });
  return { label: "keytab", value: countOf(children.length, "entry", "entries"), children };
}

/** A credential cache as a tree, with the tickets opened whose keys are known. */
export function cacheTree(octets: Uint8Array, tools: Tools): TreeNode {
  const { principal, credentials } = decodeCcacheFile(octets);
  for (const { key, server } of credentials) {
    tools.keys.add(key.etype, key.octets, `the session key of ${formatPrincipal(server)}`);
  }
  return {
    label: "credential cache",
    value: formatPrincipal(principal),
    children: credentials.map((one) => credentialTree(one, tools)),
  };
}

const countOf = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

/** The realm of notes that a cache has beside its tickets, with a value in a ticket's place (MIT's ccache_file_format). */
const NOTES_REALM = "X-CACHECONF:";

function credentialTree(one: Credential, tools: Tools): TreeNode {
  if (one.server.realm === NOTES_REALM) {
    const value = `${countOf(one.ticket.length, "octet", "octets")} for the programs that use it`;
    return {
      label: "note of the cache",
      value: one.server.components.slice(1).join(" "),
      children: [{ label: "value", value }],
    };
  }
  const flags = Object.entries(TICKET_FLAG).flatMap(([name, bit]) => ((one.flags & bit) !== 0 ? [name] : []));
  const time = (label: string, at: Date | undefined): TreeNode[] =>
    at === undefined ? [] : [{ label, value: at.toISOString() }];
  return {
    label: "credential",
    value: formatPrincipal(one.server),
    children: [
      { label: "client", value: formatPrincipal(one.client) },
      ...time("authtime", one.authTime),
      ...time("starttime", one.startTime),
      ...time("endtime", one.endTime),
      ...time("renewTill", one.renewTill),
      { label: "flags", value: flags.join(", ") },
      ...keyTree(one.key, tools.withSecrets),
      ...ticketTree(one.ticket, tools),
    ],
  };
}

function ticketTree(ticket: Uint8Array, { keys, reader }: Tools): TreeNode[] {
  if (ticket.length === 0) return [];
  try {
    return [treeOf(ticket, { keys, reader })];
  } catch {
    return [{ label: "value", value: `${countOf(ticket.length, "octet", "octets")}, not a ticket` }];
  }
}

function keyTree({ etype, octets }: RawKey, withSecrets: boolean): TreeNode[] {
  return [
    { label: "etype", value: `${etype} (${enctypeName(etype)})` },
    { label: "keyvalue", value: withSecrets ? encodeHex(octets) : `${octets.length} octets, a secret: covered` },
  ];
}

/** A krb5.conf as a tree, with what does not read. */
export function configTree(text: string): TreeNode {
  const config = parseKrb5Conf(text, { file: "krb5.conf" });
  const sections = sectionsOf(config, [], 0);
  const warnings = config.warnings.map((value): TreeNode => ({ label: "ignored", value }));
  return { label: "krb5.conf", children: [...sections, ...warnings] };
}

const MAX_DEPTH = 8;

function sectionsOf({ profile }: Krb5Config, path: readonly string[], depth: number): TreeNode[] {
  return profile.names(path).map((name) => {
    const here = [...path, name];
    const values = profile.values(here);
    if (values.length > 0) return { label: name, value: values.join(", ") };
    const children = depth < MAX_DEPTH ? sectionsOf({ profile } as Krb5Config, here, depth + 1) : [];
    return { label: depth === 0 ? `[${name}]` : name, children };
  });
}
