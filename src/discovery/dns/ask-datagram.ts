import { hasCode } from "../../errors.ts";
import { onAbort } from "../../host/index.ts";
import { type DnsQuery, type DnsResponse, decodeResponse } from "./message.ts";
import type { DnsHost } from "./server.ts";

/**
 * Asks one resolver by UDP, from a port of the host's choice and with the socket connected, so that only its address is
 * heard (RFC 5452). What does not answer this question is ignored: a forged datagram must not end the wait.
 * `signal` ends it.
 */
export async function askByDatagram(
  server: { readonly host: string; readonly port: number },
  query: DnsQuery,
  octets: Uint8Array,
  { runtime }: DnsHost,
  signal: AbortSignal,
): Promise<DnsResponse> {
  const { connectUdp } = runtime;
  if (connectUdp === undefined) throw new TypeError("no UDP: not asked");
  const socket = await connectUdp.call(runtime, server.host, server.port, { signal });
  const forget = onAbort(signal, () => socket.close());
  try {
    await socket.send(octets);
    for (;;) {
      const datagram = await socket.receive();
      try {
        return decodeResponse(datagram, query);
      } catch (error) {
        if (!hasCode(error, "DECODE")) throw error;
      }
    }
  } finally {
    forget();
    socket.close();
  }
}
