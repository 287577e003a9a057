import type { Trace } from "../trace.ts";
import type { DnsAnswer } from "./dns/index.ts";
import { isHostName } from "./dns/name.ts";

/**
 * What DNS calls a host: the name at the end of its aliases, then, with `rdns`, the name of its first address. Nothing
 * of this is proven. The name as it was where DNS has no other.
 */
export async function canonicalHost(
  host: string,
  isReversed: boolean,
  query: <T extends "a" | "aaaa" | "ptr">(name: string, type: T) => Promise<DnsAnswer<T>>,
  trace: Trace,
): Promise<string> {
  const ipv6 = query(host, "aaaa").catch(() => undefined);
  // Where the first has an answer, the second is not waited for: some resolvers drop questions for IPv6.
  for (const asked of [query(host, "a").catch(() => undefined), ipv6]) {
    const answer = await asked;
    if (answer === undefined || answer.records.length === 0) continue;
    const { canonicalName, records } = answer;
    const address = records[0]?.data;
    const reversed = isReversed && address !== undefined ? await nameOf(address, query) : undefined;
    const name = reversed ?? canonicalName;
    if (!isHostName(name)) continue;
    if (name !== host) trace({ type: "note", text: `${host} is ${name} in DNS (dns_canonicalize_hostname)` });
    return name;
  }
  return host;
}

async function nameOf(
  address: string,
  query: (name: string, type: "ptr") => Promise<DnsAnswer<"ptr">>,
): Promise<string | undefined> {
  try {
    return (await query(reverseName(address), "ptr")).records[0]?.data;
  } catch {
    // As libkrb5 has it: without a reverse name, the forward one.
    return undefined;
  }
}

/** The name that an address has a PTR record at (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function reverseName(address: string): string {
  if (!address.includes(":")) return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
  const [head = "", tail] = address.split("::");
  const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const all = [...before, ...new Array<string>(8 - before.length - after.length).fill("0"), ...after];
  const digits = all.map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}
