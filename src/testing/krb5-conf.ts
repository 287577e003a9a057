/** Options for {@link TestRealm.krb5Conf}. */
export interface Krb5ConfOptions {
  /** Whose file it is: the two write a KDC's transport in different ways. Default `"mit"`. */
  readonly for?: "mit" | "heimdal" | undefined;
  /** Makes the tools use only this; default: UDP first. */
  readonly transport?: "tcp" | "udp" | undefined;
  /** More lines for `[libdefaults]`, as `default_tkt_enctypes = ...`. */
  readonly libdefaults?: readonly string[] | undefined;
}

/** What is known of one realm. */
export interface RealmAddress {
  readonly realm: string;
  /** `host:port`. */
  readonly address: string;
  /** Names of hosts whose services are in the realm. */
  readonly hosts: readonly string[];
}

/** A krb5.conf of test realms, for native tools: no DNS, no canonical host names. The first realm is the default. */
export function formatKrb5Conf(realms: readonly RealmAddress[], options: Krb5ConfOptions = {}): string {
  const { for: dialect = "mit", transport, libdefaults = [] } = options;
  const isHeimdal = dialect === "heimdal";
  // MIT chooses by the size of the request: above 1 octet means always TCP, and UDP is never given up below 32700.
  const preference = transport === "tcp" ? 1 : 32_700;
  const lines = [
    "[libdefaults]",
    `  default_realm = ${realms[0]?.realm ?? ""}`,
    "  dns_lookup_realm = false",
    "  dns_lookup_kdc = false",
    "  dns_canonicalize_hostname = false",
    "  rdns = false",
    ...(transport === undefined || isHeimdal ? [] : [`  udp_preference_limit = ${preference}`]),
    ...libdefaults.map((line) => `  ${line}`),
    "[realms]",
    ...realms.flatMap(({ realm, address }) => [
      `  ${realm} = {`,
      `    kdc = ${isHeimdal && transport !== undefined ? `${transport}/` : ""}${address}`,
      "  }",
    ]),
    "[domain_realm]",
    ...realms.flatMap(({ realm, hosts }) => hosts.map((host) => `  ${host} = ${realm}`)),
  ];
  return `${lines.join("\n")}\n`;
}
