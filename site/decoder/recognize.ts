import { headerTokens, messagesOf, octetsOfInput } from "../../src/inspect/index.ts";

/** What was pasted or dropped. */
export type Input =
  | { readonly kind: "krb5.conf"; readonly text: string }
  | { readonly kind: "keytab" | "credential cache"; readonly octets: Uint8Array }
  | { readonly kind: "messages"; readonly messages: readonly Uint8Array[]; readonly from: string };

/** The limit of `krb5-remctl decode` is larger; a page has one thread. */
export const MAX_BYTES: number = 4 * 1024 * 1024;

/** A field of a header, also as curl -v shows it. */
const HEADER = /^(?:[<>]\s*)?(?:(?:proxy-)?authorization|(?:www|proxy)-authenticate)\s*:\s*/i;
/** What people paste, and this page cannot show: what it is, and what to paste. */
const OTHERS: readonly (readonly [form: RegExp, words: string])[] = [
  [/^negotiate$/i, "a Negotiate header without a token: the server asks for one; paste the header of the answer"],
  [
    /^(?:[<>]\s*)?(?:[A-Z]+ \S+ HTTP\/|HTTP\/\d)/,
    "an HTTP message without a Negotiate token; paste the line that has Authorization: Negotiate and the token",
  ],
  [/^(?:basic|bearer|digest)\s/i, "a header of another scheme than Negotiate: there is no Kerberos in it"],
  [
    /^-----BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE|KEY)/,
    "a certificate or its key; this page reads Kerberos messages: paste one, or show this with openssl",
  ],
  [/^eyJ[\w-]*\.[\w-]+\./, "a JSON web token; this page reads Kerberos messages: paste one"],
];

/** The same octets, if they are not too many. Throws RangeError. */
export function bounded(octets: Uint8Array): Uint8Array {
  if (octets.length > MAX_BYTES) {
    throw new RangeError(`${octets.length} octets: this page takes ${MAX_BYTES}; krb5-remctl decode takes more`);
  }
  return octets;
}

/** Says what octets are. Throws DecodeError, or RangeError for too many and for what is not Kerberos. */
export function recognize(octets: Uint8Array): Input {
  const text = textOf(bounded(octets));
  if (text !== undefined) {
    const field = text.trim().replace(HEADER, "");
    const tokens = headerTokens(octets);
    if (tokens.length > 0) {
      const scheme = tokens.every((token) => /^ntlm$/i.test(token.scheme)) ? "an NTLM" : "a Negotiate";
      const from = tokens.length === 1 ? `${scheme} header` : `${tokens.length} headers`;
      return { kind: "messages", messages: tokens.map((token) => token.octets), from };
    }
    const [, other] = OTHERS.find(([form]) => form.test(field)) ?? [];
    if (other !== undefined) throw new RangeError(`this is ${other}`);
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
