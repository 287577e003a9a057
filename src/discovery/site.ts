import { refuse } from "../checks/index.ts";
import { isSite, SITE_FORM } from "../config/index.ts";

/** Throws TypeError for what cannot be the name of a site: the caller's mistake. */
export function checkSite(name: string, value: unknown): void {
  if (typeof value === "string" && isSite(value)) return;
  refuse(name, value, SITE_FORM);
}

/** The SRV records of the domain controllers of a site (MS-ADTS section 6.3.2.3). */
export function siteRecords(site: string, realm: string): string {
  return `_kerberos._tcp.${site}._sites.dc._msdcs.${realm}`;
}

/**
 * The servers of a site first, each with the transports that the whole realm's records give it; the others stay behind
 * them, for when no server of the site answers.
 */
export function nearFirst(site: readonly string[], all: readonly string[]): readonly string[] {
  const placeOf = (endpoint: string): string => endpoint.replace(/^[a-z]+:\/\//, "");
  const near = new Set(site.map(placeOf));
  const ofSite = site.map((one) => all.find((other) => placeOf(other) === placeOf(one)) ?? one);
  return [...ofSite, ...all.filter((one) => !near.has(placeOf(one)))];
}
