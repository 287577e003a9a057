// What the reader of drivers copies, counted by the memory that its answers lie in.

import { expect, it } from "vitest";
import { OctetReader } from "../../../src/drivers/octet-reader.ts";
import type { Connection } from "../../../src/host/index.ts";

const CHUNK_BYTES = 65_536;
const PACKET_BYTES = 16_380;
const PACKETS = 128;

it("copies a packet that lies in two reads, and nothing else", async () => {
  const stream = Uint8Array.from({ length: PACKETS * PACKET_BYTES }, (_, index) => index % 251);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += CHUNK_BYTES) chunks.push(stream.slice(at, at + CHUNK_BYTES));
  const buffers = new Set(chunks.map(({ buffer }) => buffer));
  const connection: Connection = {
    read: async () => chunks.shift(),
    write: async () => {},
    close: async () => {},
    abort() {},
  };
  const reader = new OctetReader(connection);
  let copied = 0;
  let straddling = 0;
  for (let index = 0; index < PACKETS; index++) {
    const from = index * PACKET_BYTES;
    const packet = (await reader.exactly(PACKET_BYTES)) as Uint8Array;
    expect(Buffer.compare(packet, stream.subarray(from, from + PACKET_BYTES))).toBe(0);
    if (Math.floor(from / CHUNK_BYTES) !== Math.floor((from + PACKET_BYTES - 1) / CHUNK_BYTES)) straddling++;
    if (!buffers.has(packet.buffer)) copied++;
  }
  expect(straddling).toBeGreaterThan(0);
  expect(copied).toBe(straddling);
  expect(await reader.exactly(1)).toBeUndefined();
});
