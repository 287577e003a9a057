import { concat, getUint32, setUint32 } from "../bytes/index.ts";
import type { Connection } from "../host/index.ts";
import type { Delivery, TestKdc } from "./kdc/index.ts";

/** Longer requests are refused (RFC 4120 section 7.2.2 has a reserved bit for it). */
const maxRequestBytes = 2 ** 20;
const prefixBytes = 4;

/** Waits, unless the realm is closed meanwhile. */
export type Sleep = (ms: number) => Promise<void>;

/** Answers the requests of one stream, one after another, until it ends (RFC 4120 section 7.2.2). */
export async function serveStream(connection: Connection, kdc: TestKdc, sleep: Sleep): Promise<void> {
  let buffer = new Uint8Array(0);
  try {
    for (;;) {
      const chunk = await connection.read();
      if (chunk === undefined) break;
      buffer = concat(buffer, chunk) as Uint8Array<ArrayBuffer>;
      for (let length = wholeLength(buffer); length !== undefined; length = wholeLength(buffer)) {
        if (length > maxRequestBytes) {
          await send(connection, { octets: kdc.refuseTooLong(), delayMs: 0, manner: "whole" });
          await connection.close();
          return;
        }
        const request = buffer.subarray(prefixBytes, prefixBytes + length);
        const delivery = kdc.deliver(request, { transport: "tcp" });
        if (delivery.delayMs > 0) await sleep(delivery.delayMs);
        await send(connection, delivery);
        if (delivery.manner === "drop" || delivery.manner === "half") {
          await connection.close();
          return;
        }
        buffer = buffer.slice(prefixBytes + length);
      }
    }
    await connection.close();
  } catch {
    // The client has gone; so does its connection.
    connection.abort();
  }
}

/** The length of the first request in the buffer: if all of it is there, or if it is too long to wait for. */
function wholeLength(buffer: Uint8Array): number | undefined {
  if (buffer.length < prefixBytes) return undefined;
  const length = getUint32(buffer, 0);
  return length > maxRequestBytes || buffer.length >= prefixBytes + length ? length : undefined;
}

async function send(connection: Connection, { octets, manner, lengthWord }: Delivery): Promise<void> {
  if (octets === undefined) return;
  const framed = new Uint8Array(prefixBytes + octets.length);
  setUint32(framed, 0, lengthWord ?? octets.length);
  framed.set(octets, prefixBytes);
  if (manner === "dribble") {
    for (let i = 0; i < framed.length; i++) await connection.write(framed.slice(i, i + 1));
  } else {
    await connection.write(manner === "half" ? framed.subarray(0, framed.length >> 1) : framed);
  }
}

/** Answers one datagram (RFC 4120 section 7.2.1). */
export async function serveDatagram(
  datagram: Uint8Array,
  reply: (datagram: Uint8Array) => void,
  kdc: TestKdc,
  sleep: Sleep,
): Promise<void> {
  const { octets, delayMs, manner } = kdc.deliver(datagram, { transport: "udp" });
  if (delayMs > 0) await sleep(delayMs);
  if (octets !== undefined) reply(manner === "half" ? octets.subarray(0, octets.length >> 1) : octets);
}
