import { concat, getUint32, setUint32 } from "../bytes/index.ts";
import { GssError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import type { Connection } from "../host/index.ts";
import { OctetReader } from "./octet-reader.ts";

/** Types of messages, and codes of authentication requests ("Message Formats" in PostgreSQL's documentation). */
const AUTHENTICATION = 0x52;
const ERROR = 0x45;
const NOTICE = 0x4e;
const VERSION = 0x76;
const OK = 0;
const GSS = 7;
const GSS_CONTINUE = 8;
const SSPI = 9;
const SSL_REQUEST = 80_877_103;
const CANCEL_REQUEST = 80_877_102;
/** Octets of a message that a server sends before it has let us in; libpq has about the same bound. */
const MAX_MESSAGE_BYTES = 65_536;
const HEAD_BYTES = 5;

/** Makes the context of an authentication. */
export type MakeContext = () => SecurityContext;

/** Hears that the server did not accept the ticket. */
export type OnRefused = () => Promise<void>;

/** The next step of a context whose ticket was sent; a failure is the server's refusal. */
export async function stepOrRefuse(
  context: SecurityContext,
  token: Uint8Array,
  onRefused: OnRefused,
): Promise<Uint8Array | undefined> {
  try {
    return await context.step(token);
  } catch (error) {
    await onRefused();
    throw error;
  }
}

/**
 * The connection as a driver sees it: requests for GSSAPI authentication are answered here; the driver hears that it
 * is let in. From then on octets pass as they are.
 */
export class AuthenticatedConnection implements Connection {
  readonly #raw: Connection;
  readonly #reader: OctetReader;
  readonly #makeContext: MakeContext;
  readonly #isTrusted: boolean;
  readonly #onRefused: OnRefused;
  #context: SecurityContext | undefined;
  #hasBegun = false;
  #isOpen = false;

  /** `isTrusted`: the connection is encrypted, and so the server has proved who it is. */
  constructor(raw: Connection, makeContext: MakeContext, isTrusted: boolean, onRefused: OnRefused) {
    this.#raw = raw;
    this.#reader = new OctetReader(raw);
    this.#makeContext = makeContext;
    this.#isTrusted = isTrusted;
    this.#onRefused = onRefused;
  }

  async read(): Promise<Uint8Array | undefined> {
    while (!this.#isOpen) {
      const message = await this.#message();
      // What ends a login whose ticket was sent refuses that ticket, until the server has proved that it took it.
      if ((message === undefined || message[0] === ERROR) && this.#context?.isEstablished === false) {
        await this.#onRefused();
      }
      if (message === undefined) return undefined;
      if (message[0] !== AUTHENTICATION) return message;
      const code = message.length < HEAD_BYTES + 4 ? -1 : getUint32(message, HEAD_BYTES);
      if (code === OK) {
        this.#checkOk();
        this.#isOpen = true;
        return message;
      }
      await this.#answer(code, message.subarray(HEAD_BYTES + 4));
    }
    return await this.#reader.some();
  }

  async write(octets: Uint8Array): Promise<void> {
    if (!this.#hasBegun) this.#look(octets);
    await this.#raw.write(octets);
  }

  close(): Promise<void> {
    this.#context?.dispose();
    return this.#raw.close();
  }

  abort(): void {
    this.#context?.dispose();
    this.#raw.abort();
  }

  /** The first message of the driver has no type. */
  #look(octets: Uint8Array): void {
    this.#hasBegun = true;
    const code = octets.length >= 8 ? getUint32(octets, 4) : 0;
    // Nobody is let in by it, and nothing comes back.
    if (code === CANCEL_REQUEST) this.#isOpen = true;
    if (code === SSL_REQUEST) {
      throw new TypeError("the driver asks for TLS over the GSSAPI stream: leave its option ssl out");
    }
  }

  async #message(): Promise<Uint8Array | undefined> {
    const head = await this.#reader.exactly(HEAD_BYTES);
    if (head === undefined) return undefined;
    const [type = 0] = head;
    const length = getUint32(head, 1);
    const isExpected = type === AUTHENTICATION || type === ERROR || type === NOTICE || type === VERSION;
    if (!isExpected || length < 4 || length > MAX_MESSAGE_BYTES) {
      throw refused("sent what is not a message of an authentication", "it may not be a PostgreSQL server");
    }
    const body = length === 4 ? new Uint8Array() : await this.#reader.exactly(length - 4);
    if (body === undefined) throw new Error("the connection ended in the middle of a message");
    // The parser of pg looks for the end of such fields for ever.
    if ((type === ERROR || type === NOTICE) && !areFields(body)) {
      throw refused("sent an error or a notice without its end", "it may not be a PostgreSQL server");
    }
    return concat(head, body);
  }

  async #answer(code: number, octets: Uint8Array): Promise<void> {
    if (code !== GSS && code !== SSPI && code !== GSS_CONTINUE) {
      // Rule PG5: a password is never sent to who asks for one in place of Kerberos.
      throw refused(
        `asks for another authentication than GSSAPI (request ${code})`,
        "give it a line with the method gss in pg_hba.conf",
      );
    }
    const isFirst = code !== GSS_CONTINUE;
    if (isFirst === (this.#context !== undefined)) {
      throw refused("asks for GSSAPI tokens out of turn", "it may not be a PostgreSQL server");
    }
    this.#context ??= this.#makeContext();
    const context = this.#context;
    const token = isFirst ? await context.step() : await stepOrRefuse(context, octets, this.#onRefused);
    if (token === undefined || token.length === 0) return;
    const message = new Uint8Array(HEAD_BYTES + token.length);
    message[0] = 0x70;
    setUint32(message, 1, 4 + token.length);
    message.set(token, HEAD_BYTES);
    await this.#raw.write(message);
  }

  /** Rule PG4: who lets us in without a proof may be anybody. */
  #checkOk(): void {
    if (this.#isTrusted || this.#context?.isEstablished === true) return;
    throw refused(
      "lets us in without GSSAPI, so it has not proved who it is",
      "give it a line with the method gss in pg_hba.conf",
    );
  }
}

/** Whether these are fields of an error or a notice: each a type and a text with a zero at its end; a zero ends all. */
function areFields(body: Uint8Array): boolean {
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    if (end < 0) return false;
    at = end + 1;
  }
  return at === body.length - 1;
}

/** The server did what ends the login. */
export function refused(what: string, advice: string): GssError {
  return new GssError("GSS", "GSS_S_FAILURE", `the PostgreSQL server ${what}: ${advice}`);
}
