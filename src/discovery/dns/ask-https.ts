import { Writer } from "../../bytes/index.ts";
import { TransportError } from "../../errors.ts";
import type { Fetch } from "../../host/index.ts";
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
  return decodeResponse(await readBody(response), query);
}

function refused(reason: string): TransportError {
  return new TransportError("DNS", `the resolver gave no DNS message: ${reason}; check its URL`);
}

async function readBody(response: Awaited<ReturnType<Fetch>>): Promise<Uint8Array> {
  const { body } = response;
  const tooLong = (): TransportError => refused(`its answer is longer than ${maxMessageOctets} octets`);
  if (body === undefined || body === null) {
    const octets = new Uint8Array(await response.arrayBuffer());
    if (octets.length > maxMessageOctets) throw tooLong();
    return octets;
  }
  const reader = body.getReader();
  const message = new Writer(512);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return message.finish();
    if (message.length + value.length > maxMessageOctets) {
      await reader.cancel().catch(() => {});
      throw tooLong();
    }
    message.bytes(value);
  }
}
