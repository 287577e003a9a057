import { protocolError } from "./failure.ts";
import { isBindingsType, type NamedBindings } from "./gs2-header.ts";
import { decodeAuthorizationId } from "./size-message.ts";

const COMMA = 0x2c;
/** Flag, name of the bindings, authorization identity: more than any client has. */
const MAX_HEADER_BYTES = 4096;

/** A client's first message (RFC 5801 section 4). */
export interface Gs2Request {
  /** The type of channel bindings that are used; `y`: the client could, `n`: it cannot. */
  readonly flag: "n" | "y" | Pick<NamedBindings, "type">;
  readonly authorizationId: string;
  /** The header as it is part of the context's channel bindings: without the flag of the framing (section 5.1). */
  readonly header: Uint8Array;
  /** Whether the token is without the framing of RFC 2743 section 3.1. */
  readonly isStandard: boolean;
  readonly token: Uint8Array;
}

/** Takes a client's first message apart. Throws GssError `SASL_PROTOCOL`. */
export function decodeGs2Request(message: Uint8Array): Gs2Request {
  const isStandard = !(message[0] === 0x46 && message[1] === COMMA);
  const start = isStandard ? 0 : 2;
  const first = message.indexOf(COMMA, start);
  const second = first < 0 ? -1 : message.indexOf(COMMA, first + 1);
  if (second < 0 || second > MAX_HEADER_BYTES) throw malformed();
  return {
    flag: flagOf(String.fromCharCode(...message.subarray(start, first))),
    authorizationId: authorizationIdOf(message.subarray(first + 1, second)),
    header: message.subarray(start, second + 1),
    isStandard,
    token: message.subarray(second + 1),
  };
}

function flagOf(text: string): Gs2Request["flag"] {
  if (text === "n" || text === "y") return text;
  const type = text.slice(2);
  if (!text.startsWith("p=") || !isBindingsType(type)) throw malformed();
  return { type };
}

/** RFC 5801 section 4: a saslname, in which a comma and an equals sign are escaped and nothing else is. */
function authorizationIdOf(octets: Uint8Array): string {
  if (octets.length === 0) return "";
  const text = decodeAuthorizationId(octets);
  const name = text.slice(2);
  if (!/^a=(?:[^=,]|=2C|=3D)+$/.test(text)) throw malformed();
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

function malformed(): Error {
  return protocolError("the client's message does not begin with the header of RFC 5801 section 4");
}
