import { concat, encodeText, Reader, Writer } from "../../bytes/index.ts";
import { DecodeError } from "../../errors.ts";
import { type Connection, onAbort, withDeadline } from "../../host/index.ts";
import type { CacheHost } from "./cache-type.ts";
import { cacheError } from "./failure.ts";
import type { CacheOptions } from "./types.ts";

/** Operations of the KCM daemon, Heimdal's protocol version 2.0, with the two that MIT added. */
export const KCM = {
  genNew: 3,
  initialize: 4,
  destroy: 5,
  store: 6,
  getPrincipal: 8,
  getCredUuidList: 9,
  getCredByUuid: 10,
  getCacheUuidList: 18,
  getCacheByUuid: 19,
  getDefaultCache: 20,
  setDefaultCache: 21,
  getKdcOffset: 22,
  setKdcOffset: 23,
  getCredList: 13001,
  replace: 13002,
} as const;

/** Statuses of replies: com_err codes of libkrb5. */
export const KCM_STATUS = {
  notFound: -1765328243,
  end: -1765328242,
  noFile: -1765328189,
} as const;

export const UUID_BYTES = 16;

const VERSION = [2, 0] as const;
const DEFAULT_SOCKET = "/var/run/.heim_org.h5l.kcm-socket";
const MAX_REPLY_BYTES = 10 * 1024 * 1024;
/** Of all replies to one operation of ours, as a cache in a file has: each of 10,000 tickets is a reply. */
const MAX_REPLIES_BYTES = 16 * 1024 * 1024;
const HEADER_BYTES = 8;
const TIMEOUT_MS = 10_000;

/** A reply: its status, 0 for success, and what comes after it. */
export interface KcmReply {
  readonly status: number;
  readonly payload: Reader;
}

/** Asks the daemon several things in a row over one connection. */
export async function withKcm<T>(
  name: string,
  host: CacheHost,
  { signal }: CacheOptions,
  use: (call: (operation: number, ...payload: readonly Uint8Array[]) => Promise<KcmReply>) => Promise<T>,
): Promise<T> {
  const { connectUnix, kcmSocket = DEFAULT_SOCKET } = host;
  if (connectUnix === undefined)
    throw cacheError(name, "this host has no Unix sockets: use a FILE cache or a store", { reason: "type" });
  return await withDeadline(
    async (inner) => {
      const connection = await connect(name, connectUnix, kcmSocket, inner);
      const forget = onAbort(inner, () => connection.abort());
      try {
        const room = { left: MAX_REPLIES_BYTES };
        return await use((operation, ...payload) => call(connection, room, operation, payload));
      } finally {
        forget();
        connection.abort();
      }
    },
    { timeoutMs: TIMEOUT_MS, signal, what: `asking the KCM daemon at ${kcmSocket}` },
  );
}

/** A name as the daemon takes it. */
export function kcmName(text: string): Uint8Array {
  if (text.includes("\0")) throw new TypeError("a NUL in the name of a cache");
  return concat(encodeText(text), Uint8Array.of(0));
}

/** A name that a reply holds. */
export function readName(from: Reader): Uint8Array {
  const end = from.octets.indexOf(0, from.offset);
  if (end < 0) from.fail("a name without its final zero");
  const name = from.bytes(end - from.offset);
  from.bytes(1);
  return name;
}

async function connect(
  name: string,
  connectUnix: NonNullable<CacheHost["connectUnix"]>,
  path: string,
  signal: AbortSignal,
): Promise<Connection> {
  try {
    return await connectUnix(path, { signal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = "is sssd-kcm or heimdal-kcm running, and kcm_socket right? Or name another cache with KRB5CCNAME";
    throw cacheError(name, `no KCM daemon answers at ${path}: ${reason}; ${advice}`, {
      reason: "unreachable",
      cause: error,
    });
  }
}

/** A request is its length and itself; a reply is its length, a status of the transport, and itself. */
async function call(
  connection: Connection,
  room: { left: number },
  operation: number,
  payload: readonly Uint8Array[],
): Promise<KcmReply> {
  const body = concat(...payload);
  const request = new Writer(body.length + HEADER_BYTES);
  request
    .uint32(body.length + 4)
    .uint8(VERSION[0])
    .uint8(VERSION[1])
    .uint16(operation)
    .bytes(body);
  await connection.write(request.finish());
  // Copied into one place that grows: joining anew for each piece would cost the square of what came.
  const received = new Writer(HEADER_BYTES);
  let octets = received.finish();
  let wanted = HEADER_BYTES;
  while (octets.length < wanted) {
    const more = await connection.read();
    if (more === undefined) throw new DecodeError("the KCM daemon closed the connection", octets.length, "kcm");
    octets = received.bytes(more).finish();
    if (wanted > HEADER_BYTES || octets.length < HEADER_BYTES) continue;
    const header = new Reader(octets, "kcm");
    const length = header.uint32();
    if (length > MAX_REPLY_BYTES) header.fail(`a reply of ${length} octets; at most ${MAX_REPLY_BYTES}`);
    const status = header.int32();
    if (status !== 0) return { status, payload: new Reader(new Uint8Array()) };
    room.left -= length;
    if (room.left < 0) header.fail(`replies of more than ${MAX_REPLIES_BYTES} octets`);
    wanted += length;
  }
  if (octets.length !== wanted) throw new DecodeError("octets after the reply", wanted, "kcm");
  const reply = new Reader(octets, "kcm");
  reply.bytes(HEADER_BYTES);
  const status = reply.int32();
  return { status, payload: reply };
}
