// A little LDAP client (RFC 4511) for the tests: SASL binds, a search that counts, and whoami (RFC 4532), before and within a
// security layer.

import { connect } from "node:net";
import { type Duplex, Duplex as NodeDuplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { concat, decodeText, encodeText } from "../../src/bytes/index.ts";
import { type ByteStream, type SaslClient, saslDuplex } from "../../src/entry/sasl.ts";

export interface LdapResult {
  readonly code: number;
  readonly message: string;
  /** serverSaslCreds of a bind, the response value of an extended operation. */
  readonly value: Uint8Array | undefined;
}

interface Element {
  readonly tag: number;
  readonly contents: Uint8Array;
}

const BIND_IN_PROGRESS = 14;
const WHOAMI = "1.3.6.1.4.1.4203.1.11.3";

export class LdapPeer {
  readonly #socket: Duplex;
  /** What is spoken through; locked only while a request is under way. */
  stream: ByteStream;
  #unread: Uint8Array = new Uint8Array(0);
  #id = 0;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    this.stream = NodeDuplex.toWeb(socket) as unknown as ByteStream;
  }

  static async connect(port: number): Promise<LdapPeer> {
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new LdapPeer(socket);
  }

  /** With the certificate that the server showed. */
  static async connectTls(port: number, ca: string): Promise<{ peer: LdapPeer; socket: TLSSocket }> {
    const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", ca });
    await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    return { peer: new LdapPeer(socket), socket };
  }

  close(): void {
    this.#socket.destroy();
  }

  /** One bind request (RFC 4511 section 4.2). */
  async bind(mechanism: string, credentials: Uint8Array | undefined): Promise<LdapResult> {
    const sasl = [tlv(0x04, encodeText(mechanism)), ...(credentials === undefined ? [] : [tlv(0x04, credentials)])];
    await this.#send(tlv(0x60, tlv(0x02, Uint8Array.of(3)), tlv(0x04), tlv(0xa3, ...sasl)));
    return resultOf(await this.#receive(0x61), 0x87);
  }

  /** A whole exchange, and the layer on if there is one. The last result tells. */
  async saslBind(sasl: SaslClient): Promise<LdapResult> {
    let challenge: Uint8Array | undefined;
    for (;;) {
      const result = await this.bind(sasl.mechanism, await sasl.step(challenge));
      if (result.code === BIND_IN_PROGRESS) {
        challenge = result.value ?? new Uint8Array(0);
        continue;
      }
      if (result.code === 0) {
        this.stream = saslDuplex(this.stream, await sasl.finish(result.value));
      }
      return result;
    }
  }

  async whoami(): Promise<string> {
    await this.#send(tlv(0x77, tlv(0x80, encodeText(WHOAMI))));
    const { code, message, value } = resultOf(await this.#receive(0x78), 0x8b);
    if (code !== 0) throw new Error(`whoami failed: ${code} ${message}`);
    return decodeText(value ?? new Uint8Array(0));
  }

  /** Every entry below a name: how many there are, and of how many octets. */
  async search(base: string): Promise<{ entries: number; octets: number }> {
    const scope = tlv(0x0a, Uint8Array.of(base === "" ? 0 : 2));
    const limits = [tlv(0x0a, Uint8Array.of(0)), tlv(0x02, Uint8Array.of(0)), tlv(0x02, Uint8Array.of(0))];
    const filter = tlv(0x87, encodeText("objectClass"));
    const request = [tlv(0x04, encodeText(base)), scope, ...limits, tlv(0x01, Uint8Array.of(0)), filter, tlv(0x30)];
    await this.#send(tlv(0x63, ...request));
    let entries = 0;
    let octets = 0;
    for (;;) {
      const { tag, contents } = await this.#receive(0x64, 0x65);
      if (tag === 0x65) {
        const { code, message } = resultOf({ tag, contents }, 0);
        if (code !== 0) throw new Error(`search failed: ${code} ${message}`);
        return { entries, octets };
      }
      entries++;
      octets += contents.length;
    }
  }

  async #send(operation: Uint8Array): Promise<void> {
    const writer = this.stream.writable.getWriter();
    this.#id++;
    await writer.write(tlv(0x30, tlv(0x02, Uint8Array.of(this.#id)), operation));
    writer.releaseLock();
  }

  async #receive(...tags: readonly number[]): Promise<Element> {
    for (;;) {
      const found = elementAt(this.#unread, 0);
      if (found !== undefined) {
        this.#unread = this.#unread.slice(found.end);
        const [, operation] = elementsOf(found.contents);
        if (operation !== undefined && tags.includes(operation.tag)) return operation;
        throw new Error(`an LDAP message of another kind came: ${operation?.tag.toString(16)}`);
      }
      const reader = this.stream.readable.getReader();
      const { done, value } = await reader.read();
      reader.releaseLock();
      if (done) throw new Error("the LDAP server closed the connection");
      this.#unread = concat(this.#unread, value);
    }
  }
}

function resultOf({ contents }: Element, valueTag: number): LdapResult {
  const [code, , message, ...rest] = elementsOf(contents);
  return {
    code: code?.contents[0] ?? -1,
    message: decodeText(message?.contents ?? new Uint8Array(0)),
    value: rest.find(({ tag }) => tag === valueTag)?.contents,
  };
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = concat(...parts);
  const { length } = contents;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), contents);
  return concat(Uint8Array.of(tag, 0x84, length >>> 24, length >>> 16, length >>> 8, length), contents);
}

function elementAt(octets: Uint8Array, at: number): (Element & { readonly end: number }) | undefined {
  const [tag, first] = octets.subarray(at, at + 2);
  if (tag === undefined || first === undefined) return undefined;
  const count = first < 0x80 ? 0 : first & 0x7f;
  let length = count === 0 ? first : 0;
  for (const octet of octets.subarray(at + 2, at + 2 + count)) length = length * 256 + octet;
  const start = at + 2 + count;
  if (octets.length < start + length) return undefined;
  return { tag, contents: octets.subarray(start, start + length), end: start + length };
}

function elementsOf(octets: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < octets.length; ) {
    const element = elementAt(octets, at);
    if (element === undefined) throw new Error("an LDAP message is cut off");
    elements.push(element);
    at = element.end;
  }
  return elements;
}
