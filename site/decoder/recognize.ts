import { decodeBase64 } from "../../src/bytes/index.ts";
import { messagesOf, octetsOfInput } from "../../src/inspect/index.ts";

/** What was pasted or dropped. */
export type Input =
  | { readonly kind: "krb5.conf"; readonly text: string }
  | { readonly kind: "keytab" | "credential cache"; readonly octets: Uint8Array }
  | { readonly kind: "messages"; readonly messages: readonly Uint8Array[]; readonly from: string };

/** The limit of `krb5-remctl decode` is larger; a page has one thread. */
export const MAX_BYTES: number = 4 * 1024 * 1024;

const HEADER = /^(?:(?:proxy-)?authorization|(?:www|proxy)-authenticate)\s*:\s*/i;
const SCHEME = /^negotiate\s+([A-Za-z0-9+/_=-]+)\s*$/i;

/** The same octets, if they are not too many. Throws RangeError. */
export function bounded(octets: Uint8Array): Uint8Array {
  if (octets.length > MAX_BYTES) {
    throw new RangeError(`${octets.length} octets: this page takes ${MAX_BYTES}; krb5-remctl decode takes more`);
  }
  return octets;
}

/** Says what octets are. Throws DecodeError, or RangeError for too many. */
export function recognize(octets: Uint8Array): Input {
  const text = textOf(bounded(octets));
  if (text !== undefined) {
    const token = SCHEME.exec(text.trim().replace(HEADER, ""))?.[1];
    if (token !== undefined) {
      return { kind: "messages", messages: [decodeBase64(standard(token))], from: "a Negotiate header" };
    }
    if (/^\s*\[(?:libdefaults|realms|domain_realm|capaths|appdefaults|plugins|logging|dbmodules)\]/m.test(text)) {
      return { kind: "krb5.conf", text };
    }
  }
  const packed = octetsOfInput(octets);
  if (packed[0] === 5 && (packed[1] === 1 || packed[1] === 2)) return { kind: "keytab", octets: packed };
  if (packed[0] === 5 && (packed[1] === 3 || packed[1] === 4) && packed[3] !== 0xff) {
    return { kind: "credential cache", octets: packed };
  }
  const { messages, isFramed } = messagesOf(packed);
  return { kind: "messages", messages, from: isFramed ? "messages as on TCP" : "one message" };
}

/** The text, if it is one. */
function textOf(octets: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(octets);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function standard(text: string): string {
  const digits = text.replace(/-/g, "+").replace(/_/g, "/").replace(/=/g, "");
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, "=");
}
