import { decodeText } from "../bytes/index.ts";
import type { Trace } from "../trace.ts";
import type { DnsAnswer } from "./dns/index.ts";

/** A domain with fewer labels does not belong to one organization. */
const minLabels = 2;
const maxLabels = 12;

/**
 * The realm of a host by TXT records: `_kerberos.` before its name, then before each parent domain. Undefined without
 * one. A record that is empty, or that cannot be a realm, is ignored.
 */
export async function realmByText(
  host: string,
  query: (name: string) => Promise<DnsAnswer<"txt">>,
  trace: Trace,
): Promise<string | undefined> {
  const labels = host.replace(/\.$/, "").toLowerCase().split(".").slice(-maxLabels);
  for (let first = 0; labels.length - first >= minLabels; first++) {
    const name = `_kerberos.${labels.slice(first).join(".")}`;
    const { records } = await query(name);
    for (const { data } of records) {
      const realm = decodeText(data[0] ?? new Uint8Array(0)).replace(/\.$/, "");
      if (/^[!-~]{1,255}$/.test(realm) && !/[/:\\"]/.test(realm)) return realm;
      trace({ type: "note", text: `a TXT record of ${name} passed over: it is not a realm` });
    }
  }
  return undefined;
}
