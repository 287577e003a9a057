import { Writer } from "../../bytes/index.ts";
import { DecodeError } from "../../errors.ts";
import { type Connection, connectionOf, onAbort } from "../../host/index.ts";
import { type DnsQuery, type DnsResponse, decodeResponse } from "./message.ts";
import type { DnsHost } from "./server.ts";

const prefixOctets = 2;

/**
 * Asks one resolver over TCP (RFC 7766): one connection, one question. Throws DecodeError for anything but its answer.
 */
export async function askByStream(
  server: { readonly host: string; readonly port: number },
  query: DnsQuery,
  octets: Uint8Array,
  host: DnsHost,
  signal: AbortSignal,
): Promise<DnsResponse> {
  const connection = await open(server, host, signal);
  const forget = onAbort(signal, () => connection.abort());
  try {
    await connection.write(new Writer(prefixOctets + octets.length).data16(octets).finish());
    return decodeResponse(await readMessage(connection), query);
  } finally {
    forget();
    connection.abort();
  }
}

async function open(
  { host, port }: { readonly host: string; readonly port: number },
  { dial, runtime }: DnsHost,
  signal: AbortSignal,
): Promise<Connection> {
  if (dial !== undefined) return connectionOf(await dial(host, port, { signal }));
  if (runtime.connectTcp === undefined) throw new TypeError("no TCP: not asked");
  return runtime.connectTcp(host, port, { signal });
}

/** One message with its length of two octets before it; memory grows with what has come. */
async function readMessage(connection: Connection): Promise<Uint8Array> {
  let received = new Writer(512);
  for (;;) {
    const chunk = await connection.read();
    if (chunk === undefined) {
      throw new DecodeError("the connection was closed before the message ended", received.length, "DNS message");
    }
    received = received.bytes(chunk);
    const octets = received.finish();
    if (octets.length < prefixOctets) continue;
    const wanted = prefixOctets + new DataView(octets.buffer, octets.byteOffset).getUint16(0);
    if (octets.length > wanted) throw new DecodeError("octets follow the message", wanted, "DNS message");
    if (octets.length === wanted) return octets.subarray(prefixOctets);
  }
}
