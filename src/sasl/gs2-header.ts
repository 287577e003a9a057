import { DerInput, DerOutput } from "../asn1/index.ts";
import { concat, encodeText } from "../bytes/index.ts";
import { KRB5_MECHANISM } from "../iana/index.ts";

const COLON = 0x3a;
/** More than any registered name has. */
const MAX_TYPE_BYTES = 64;
/** The tag of a context token (RFC 2743 section 3.1). */
const TAG = 0x60;
const MECHANISM = Uint8Array.from([0x06, KRB5_MECHANISM.length, ...KRB5_MECHANISM]);

/** Channel bindings (RFC 5056): the type's registered name, and the data. */
export interface NamedBindings {
  readonly type: string;
  readonly data: Uint8Array;
}

/** The name and the data of `name:data`. Throws TypeError for other octets: the caller's mistake. */
export function namedBindings(octets: Uint8Array): NamedBindings {
  const at = octets.indexOf(COLON);
  const type = at < 0 ? "" : String.fromCharCode(...octets.subarray(0, Math.min(at, MAX_TYPE_BYTES + 1)));
  if (isBindingsType(type)) return { type, data: octets.subarray(at + 1) };
  throw new TypeError(
    "channelBindings has no type: give its name, a colon and the data, as tlsServerEndPoint of krb5-remctl/gssapi does",
  );
}

/** RFC 5801 section 4: cb-name. */
export function isBindingsType(text: string): boolean {
  return text.length <= MAX_TYPE_BYTES && /^[A-Za-z0-9.-]+$/.test(text);
}

/** What precedes the first token (RFC 5801 section 4). */
export interface Gs2Header {
  /** The type of channel bindings that are used; `y`: the client could, `n`: it cannot. */
  readonly flag: "n" | "y" | { readonly type: string };
  /** Empty: the client acts as itself. */
  readonly authorizationId: string;
}

/** The header of a token in standard framing. */
export function encodeGs2Header({ flag, authorizationId }: Gs2Header): Uint8Array {
  const name = authorizationId.replaceAll("=", "=3D").replaceAll(",", "=2C");
  const start = typeof flag === "string" ? flag : `p=${flag.type}`;
  return encodeText(`${start},${name === "" ? "" : `a=${name}`},`);
}

/** The application data of the context's channel bindings, which are always there (RFC 5801 section 5.1). */
export function gs2Bindings(header: Uint8Array, bindings: NamedBindings | undefined): Uint8Array {
  return bindings === undefined ? header : concat(header, bindings.data);
}

/** Takes the framing of RFC 2743 section 3.1 off the first token (RFC 5801 section 4). */
export function withoutFraming(token: Uint8Array): Uint8Array {
  const input = new DerInput(token, "the context token");
  input.header(TAG);
  return token.subarray(input.at + MECHANISM.length);
}

/** Puts the framing back. */
export function withFraming(token: Uint8Array): Uint8Array {
  const out = new DerOutput("context token", token.length + 32);
  out.bytes(token);
  out.bytes(MECHANISM);
  out.header(TAG, 0);
  return out.finish();
}
