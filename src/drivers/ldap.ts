import { concat, decodeText, encodeText } from "../bytes/index.ts";
import { GssError } from "../errors.ts";
import type { Connection } from "../host/index.ts";
import type { SaslClient, SecurityLayer } from "../sasl/index.ts";
import { OctetReader } from "./octet-reader.ts";
import { refusedBy } from "./sasl-driver.ts";

/** RFC 4511: tags of a bind, and results. */
const SEQUENCE = 0x30;
const BIND_REQUEST = 0x60;
const BIND_RESPONSE = 0x61;
const SASL = 0xa3;
const SERVER_CREDENTIALS = 0x87;
const SUCCESS = 0;
const AUTH_METHOD_NOT_SUPPORTED = 7;
const STRONGER_AUTH_REQUIRED = 8;
const BIND_IN_PROGRESS = 14;
const INSUFFICIENT_ACCESS_RIGHTS = 50;
const UNWILLING_TO_PERFORM = 53;
/** Octets of an answer to a bind. */
const MAX_ANSWER_BYTES = 262_144;

/**
 * Binds with SASL (RFC 4511 section 4.2), and gives the connection that the driver speaks through: under the layer, if
 * one was agreed. `isTls` is for what an error advises. The keys end with the login, or with the connection.
 */
export async function bindLdap(raw: Connection, sasl: SaslClient, isTls = false): Promise<Connection> {
  let layer: SecurityLayer | undefined;
  try {
    layer = await bind(raw, sasl, isTls);
  } finally {
    if (layer === undefined) sasl.dispose();
  }
  return layer === undefined ? raw : new LayeredConnection(raw, layer, () => sasl.dispose());
}

async function bind(raw: Connection, sasl: SaslClient, isTls: boolean): Promise<SecurityLayer | undefined> {
  const reader = new OctetReader(raw);
  let challenge: Uint8Array | undefined;
  for (let id = 1; ; id++) {
    await raw.write(bindRequest(id, sasl.mechanism, await sasl.step(challenge)));
    const { code, text, value } = await readAnswer(reader);
    if (code === BIND_IN_PROGRESS) {
      challenge = value ?? new Uint8Array(0);
      continue;
    }
    if (code !== SUCCESS) {
      throw refusedBy("the LDAP server", `result ${code} ${text}`, adviceFor(code, isTls));
    }
    const layer = await sasl.finish(value);
    // RFC 4513 section 5.2.1.5: the layer begins with the octets after the answer.
    if (reader.buffered > 0) throw malformed("sent something with its answer to the bind");
    return layer;
  }
}

/** The rules of an Active Directory (MS-ADTS section 5.1.1.1.2), and what others mean by the same results. */
function adviceFor(code: number, isTls: boolean): string {
  if (code === STRONGER_AUTH_REQUIRED && !isTls) {
    return "it wants what follows the login signed or encrypted: leave out the option layer, which then encrypts";
  }
  if (code === STRONGER_AUTH_REQUIRED) {
    return "it takes no SASL login within TLS: use ldap: in place of ldaps:, where Kerberos encrypts what follows";
  }
  if (code === AUTH_METHOD_NOT_SUPPORTED) return "it has no SASL GSSAPI: install that mechanism there";
  if (code === INSUFFICIENT_ACCESS_RIGHTS) {
    return "you may not act there as the option authorizationId says: leave it out, or have the server allow it";
  }
  if (code === UNWILLING_TO_PERFORM) {
    return "it does not take such a login: signing and encryption by Kerberos go with ldap: and not with TLS; else its log says why";
  }
  return "its log says why; the principal ldap/HOST must be in its keytab";
}

function bindRequest(id: number, mechanism: string, credentials: Uint8Array): Uint8Array {
  const sasl = tlv(SASL, tlv(0x04, encodeText(mechanism)), tlv(0x04, credentials));
  const bind = tlv(BIND_REQUEST, tlv(0x02, Uint8Array.of(3)), tlv(0x04), sasl);
  return tlv(SEQUENCE, tlv(0x02, Uint8Array.of(id)), bind);
}

function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = concat(...parts);
  const { length } = contents;
  const size =
    length < 0x80
      ? [length]
      : length < 0x1_0000
        ? [0x82, length >> 8, length]
        : [0x83, length >> 16, length >> 8, length];
  return concat(Uint8Array.of(tag, ...size), contents);
}

interface Answer {
  readonly code: number;
  readonly text: string;
  /** serverSaslCreds, which are octets and no text. */
  readonly value: Uint8Array | undefined;
}

async function readAnswer(reader: OctetReader): Promise<Answer> {
  const head = await reader.exactly(2);
  if (head === undefined) throw malformed("ended the connection instead of answering the bind");
  const [tag = 0, first = 0] = head;
  if (tag !== SEQUENCE) throw malformed("answered the bind with what is not LDAP");
  const extra = first < 0x80 ? new Uint8Array(0) : await reader.exactly(first & 0x7f);
  const length = first < 0x80 ? first : numberOf(extra ?? new Uint8Array(0));
  // Rule LD1: the length is compared with the bound before anything is waited for.
  if (first === 0x80 || length > MAX_ANSWER_BYTES) throw malformed("announces an answer longer than any to a bind");
  const [, answer] = elements((await reader.exactly(length)) ?? new Uint8Array(0));
  const [code, , text, ...rest] = elements(answer?.tag === BIND_RESPONSE ? answer.contents : new Uint8Array(0));
  if (code === undefined || text === undefined) throw malformed("answered the bind with another message");
  return {
    // As a whole, so that a failure with a zero before it is not read as success.
    code: code.contents.length === 0 ? -1 : numberOf(code.contents),
    text: decodeText(text.contents),
    value: rest.find((one) => one.tag === SERVER_CREDENTIALS)?.contents,
  };
}

interface Element {
  readonly tag: number;
  readonly contents: Uint8Array;
}

/** BER with lengths of any form, which servers write as they like (RFC 4511 section 5.1). */
function elements(octets: Uint8Array): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at + 2 <= octets.length) {
    const tag = octets[at] ?? 0;
    let length = octets[at + 1] ?? 0;
    at += 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      length = numberOf(octets.subarray(at, at + count));
      at += count;
    }
    if (at + length > octets.length) throw malformed("answered the bind with what is not LDAP");
    found.push({ tag, contents: octets.subarray(at, at + length) });
    at += length;
  }
  return found;
}

function numberOf(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function malformed(what: string): GssError {
  const advice = "it may not be an LDAP server, or one that wants TLS (use ldaps)";
  return new GssError("GSS_DEFECTIVE_TOKEN", "GSS_S_DEFECTIVE_TOKEN", `the LDAP server ${what}: ${advice}`);
}

/** What is written and read goes through the security layer (RFC 4752 section 3.3). */
class LayeredConnection implements Connection {
  readonly #raw: Connection;
  readonly #layer: SecurityLayer;
  readonly #dispose: () => void;
  readonly #deframer: ReturnType<SecurityLayer["createDeframer"]>;

  constructor(raw: Connection, layer: SecurityLayer, dispose: () => void) {
    this.#raw = raw;
    this.#layer = layer;
    this.#dispose = dispose;
    this.#deframer = layer.createDeframer();
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const octets = await this.#raw.read();
      if (octets === undefined) {
        // Rule LD2: a cut within a frame is not an end.
        if (this.#deframer.isWithinFrame) throw new Error("the connection ended within a frame of the security layer");
        return undefined;
      }
      const messages = this.#deframer.push(octets);
      if (messages.length > 0) return concat(...messages);
    }
  }

  async write(octets: Uint8Array): Promise<void> {
    if (octets.length > 0) await this.#raw.write(this.#layer.frame(octets));
  }

  close(): Promise<void> {
    return this.#raw.close();
  }

  /** The driver's stream calls it at every end, also after `close`, which the server's last octets may follow. */
  abort(): void {
    this.#raw.abort();
    this.#dispose();
  }
}
