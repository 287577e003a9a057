import { Reader } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";

/** One PAC_INFO_BUFFER (MS-PAC section 2.4) with its data. */
export interface PacBuffer {
  /** The number of its kind: see {@link PAC_TYPE}. */
  readonly type: number;
  /** Its octets, a view; empty where a KDC has nothing to say. */
  readonly data: Uint8Array;
  /** Where they begin in the PAC. */
  readonly offset: number;
}

/** Kinds of buffers (MS-PAC section 2.4). */
export const PAC_TYPE = {
  logonInfo: 1,
  credentials: 2,
  serverChecksum: 6,
  kdcChecksum: 7,
  clientInfo: 10,
  delegationInfo: 11,
  upnDnsInfo: 12,
  clientClaims: 13,
  deviceInfo: 14,
  deviceClaims: 15,
  ticketChecksum: 16,
  attributes: 17,
  requestor: 18,
  fullChecksum: 19,
} as const;

const HEADER_BYTES = 8;
const ENTRY_BYTES = 16;

/**
 * The buffers of a PACTYPE (MS-PAC section 2.3), by type: of two of one type, the first counts. Each bound is computed
 * in 64 bits and held against what is there before anything is cut (CVE-2022-42898).
 */
export function decodeFrame(octets: Uint8Array): ReadonlyMap<number, PacBuffer> {
  const reader = new Reader(octets, "PACTYPE", { littleEndian: true });
  const count = reader.uint32();
  if (reader.uint32() !== 0) reader.fail("a PAC of another version than 0", "version");
  const end = HEADER_BYTES + count * ENTRY_BYTES;
  if (end > octets.length) reader.fail(`${count} buffers in ${octets.length} octets`);
  const buffers = new Map<number, PacBuffer>();
  for (let i = 0; i < count; i++) {
    const type = reader.uint32();
    const size = reader.uint32();
    const offset = reader.uint64();
    if (offset % 8n !== 0n) reader.fail(`buffer ${type} is not at a multiple of 8`);
    if (offset < BigInt(end) || offset + BigInt(size) > BigInt(octets.length)) {
      reader.fail(`buffer ${type} is not within the PAC`);
    }
    const start = Number(offset);
    if (!buffers.has(type)) buffers.set(type, { type, data: octets.subarray(start, start + size), offset: start });
  }
  refuseOverlaps([...buffers.values()]);
  return buffers;
}

/** Two buffers over the same octets: what one checksum leaves out, another part would be read from. */
function refuseOverlaps(buffers: readonly PacBuffer[]): void {
  const inOrder = buffers.filter(({ data }) => data.length > 0).sort((a, b) => a.offset - b.offset);
  for (const [i, { offset }] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before !== undefined && before.offset + before.data.length > offset) {
      throw new DecodeError("two buffers overlap", offset, "PACTYPE");
    }
  }
}
