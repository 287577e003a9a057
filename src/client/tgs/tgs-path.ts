/**
 * The realms from a client's to a service's, both included: those that `[capaths]` names between them (none: the two
 * share a key), else the hierarchy of their names (RFC 4120 section 1.2): up to what the names end with together, and
 * down. Names that end differently have no realm between them.
 *
 * ```ts
 * realmPath("A.EXAMPLE.ORG", "B.EXAMPLE.ORG"); // ["A.EXAMPLE.ORG", "EXAMPLE.ORG", "B.EXAMPLE.ORG"]
 * ```
 */
export function realmPath(client: string, server: string, between?: readonly string[]): readonly string[] {
  if (client === server) return [client];
  const middle = between ?? hierarchy(client, server);
  return [client, ...new Set(middle.filter((realm) => realm !== client && realm !== server)), server];
}

function hierarchy(client: string, server: string): readonly string[] {
  const up = ancestors(client);
  const down = ancestors(server);
  const common = up.find((realm) => down.includes(realm));
  if (common === undefined) return [];
  return [...up.slice(0, up.indexOf(common)), common, ...down.slice(0, down.indexOf(common)).reverse()];
}

/** The realm and what is left of its name after each dot. */
function ancestors(realm: string): readonly string[] {
  const labels = realm.split(".");
  return labels.map((_, index) => labels.slice(index).join("."));
}

/**
 * The realm that a host's domain would be, in capitals, as libkrb5 falls back to; undefined for a name with no domain.
 */
export function realmOfDomain(host: string): string | undefined {
  if (/^[\d.]+$|:/.test(host)) return undefined;
  const dot = host.indexOf(".");
  const domain = dot < 0 ? "" : host.slice(dot + 1).replace(/\.$/, "");
  return domain === "" ? undefined : domain.toUpperCase();
}
