import { concat, getUint32, setUint32 } from "../bytes/index.ts";
import { GssError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import type { Connection } from "../host/index.ts";
import { OctetReader } from "./octet-reader.ts";
import { type OnRefused, stepOrRefuse } from "./postgres-authentication.ts";

/** A request before everything else ("Message Formats" in PostgreSQL's documentation). */
interface Request {
  readonly name: string;
  readonly octets: Uint8Array;
  /** The octet that grants it. */
  readonly granted: number;
  readonly advice: string;
}

const GSSENC: Request = {
  name: "GSSAPI encryption",
  octets: Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30),
  granted: 0x47,
  advice: 'it may be older than version 12; use encryption: "disable" where the network is trusted',
};
const SSL: Request = {
  name: "TLS",
  octets: Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f),
  granted: 0x53,
  advice: "it may not be a PostgreSQL server",
};
/** Octets of a packet, its length among them, that either side takes. */
const MAX_PACKET_BYTES = 16_384;
const LENGTH_BYTES = 4;
const REFUSED = 0x4e;

/** Asks for GSSAPI encryption. True if the server grants it, false if it does not have it. */
export function requestEncryption(raw: Connection): Promise<boolean> {
  return request(raw, GSSENC);
}

/** Asks for TLS. True if the server is ready for it, false if it does not have it. */
export function requestTls(raw: Connection): Promise<boolean> {
  return request(raw, SSL);
}

async function request(raw: Connection, { name, octets, granted, advice }: Request): Promise<boolean> {
  await raw.write(octets);
  const answer = await raw.read();
  // Rule PG1: what comes with the answer came in the clear, and would be taken for what was encrypted.
  if (answer !== undefined && answer.length === 1) {
    if (answer[0] === granted) return true;
    if (answer[0] === REFUSED) return false;
  }
  // An old server answers with an error whose text nobody vouches for: it is not shown.
  const letters = `${String.fromCharCode(granted)} or N`;
  const what = answer === undefined ? "ended the connection" : `answered what is not the one octet ${letters}`;
  throw new GssError(
    "GSS_DEFECTIVE_TOKEN",
    "GSS_S_DEFECTIVE_TOKEN",
    `the PostgreSQL server ${what} when it was asked for ${name}: ${advice}`,
  );
}

/**
 * Asks for encryption, exchanges the tokens of a context in packets, and gives the connection in which every octet is
 * encrypted; undefined if the server does not have it. Where it is required the first token is made while the server
 * answers: PostgreSQL forks a process before it does.
 */
export async function encrypt(
  raw: Connection,
  context: SecurityContext,
  isRequired: boolean,
  onRefused: OnRefused,
): Promise<Connection | undefined> {
  const asked = requestEncryption(raw);
  const token = isRequired ? context.step() : undefined;
  // Of two failures that of the request counts.
  token?.catch(() => {});
  try {
    if (await asked) return await establish(raw, context, token ?? context.step(), onRefused);
  } catch (error) {
    context.dispose();
    throw error;
  }
  context.dispose();
  return undefined;
}

async function establish(
  raw: Connection,
  context: SecurityContext,
  first: ReturnType<SecurityContext["step"]>,
  onRefused: OnRefused,
): Promise<Connection> {
  const reader = new OctetReader(raw);
  let token = await first;
  for (;;) {
    if (token !== undefined && token.length > 0) await raw.write(packetOf(token));
    if (context.isEstablished) break;
    const answer = await readPacket(reader);
    if (answer === undefined) {
      await onRefused();
      throw new GssError(
        "GSS_DEFECTIVE_TOKEN",
        "GSS_S_DEFECTIVE_TOKEN",
        "the PostgreSQL server ended the connection instead of accepting the ticket: look at its log",
      );
    }
    token = await stepOrRefuse(context, answer, onRefused);
  }
  return new EncryptedConnection(raw, reader, context);
}

function packetOf(token: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  setUint32(length, 0, token.length);
  return concat(length, token);
}

/** Rule PG2: the length is compared with the bound before anything is waited for. */
async function readPacket(reader: OctetReader): Promise<Uint8Array | undefined> {
  const head = await reader.exactly(LENGTH_BYTES);
  if (head === undefined) return undefined;
  const length = getUint32(head, 0);
  if (length === 0 || length > MAX_PACKET_BYTES - LENGTH_BYTES) {
    throw new GssError(
      "GSS_DEFECTIVE_TOKEN",
      "GSS_S_DEFECTIVE_TOKEN",
      `a packet of the PostgreSQL server has ${length} octets: from 1 to ${MAX_PACKET_BYTES - LENGTH_BYTES} are allowed; check that a PostgreSQL server answers there`,
    );
  }
  const packet = await reader.exactly(length);
  if (packet === undefined) throw new Error("the connection ended in the middle of a message");
  return packet;
}

class EncryptedConnection implements Connection {
  readonly #raw: Connection;
  readonly #reader: OctetReader;
  readonly #context: SecurityContext;
  readonly #most: number;

  constructor(raw: Connection, reader: OctetReader, context: SecurityContext) {
    this.#raw = raw;
    this.#reader = reader;
    this.#context = context;
    this.#most = context.wrapSizeLimit(MAX_PACKET_BYTES - LENGTH_BYTES, { conf: true });
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const packet = await readPacket(this.#reader);
      if (packet === undefined) return undefined;
      // Rule PG3: what is not encrypted is refused.
      const message = this.#context.unwrap(packet, { requireConf: true });
      if (message.length > 0) return message;
    }
  }

  async write(octets: Uint8Array): Promise<void> {
    const pieces = Math.max(1, Math.ceil(octets.length / this.#most));
    const overhead = LENGTH_BYTES + this.#context.wrapOverhead;
    const out = new Uint8Array(octets.length + pieces * overhead);
    let at = 0;
    for (let from = 0; from < octets.length; from += this.#most) {
      const piece = octets.subarray(from, from + this.#most);
      const length = this.#context.wrapInto(out, at + LENGTH_BYTES, piece);
      setUint32(out, at, length);
      at += LENGTH_BYTES + length;
    }
    if (at > 0) await this.#raw.write(out.subarray(0, at));
  }

  async close(): Promise<void> {
    await this.#raw.close();
    this.#context.dispose();
  }

  abort(): void {
    this.#raw.abort();
    this.#context.dispose();
  }
}
