import { TransportError } from "../../errors.ts";
import { readBody } from "../../host/index.ts";
import { type DnsQuery, type DnsResponse, decodeResponse } from "./message.ts";
import type { DnsHost } from "./server.ts";

const contentType = "application/dns-message";
const maxMessageOctets = 65_535;

/** Asks one resolver over HTTPS (RFC 8484), by POST: a query in a URL stays in the logs of what is on the way. */
export async function askByHttps(
  { url }: { readonly url: string },
  query: DnsQuery,
  octets: Uint8Array,
  host: DnsHost,
  signal: AbortSignal,
): Promise<DnsResponse> {
  const fetch = host.fetch ?? host.runtime.fetch;
  if (fetch === undefined) throw new TypeError("no fetch: not asked");
  const headers = { "content-type": contentType, accept: contentType };
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: octets as Uint8Array<ArrayBuffer>,
    signal,
    redirect: "manual",
  });
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => {});
    throw refused(`HTTP ${response.status}`);
  }
  const type = response.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== contentType) {
    await response.body?.cancel().catch(() => {});
    throw refused(`what it sends is ${JSON.stringify(type ?? "without a type").slice(0, 80)}, not ${contentType}`);
  }
  const message = await readBody(response, maxMessageOctets);
  if (message === undefined) throw refused(`its answer is longer than ${maxMessageOctets} octets`);
  return decodeResponse(message, query);
}

function refused(reason: string): TransportError {
  return new TransportError("DNS", `the resolver gave no DNS message: ${reason}; check its URL`);
}
