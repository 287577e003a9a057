import { getUint32 } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { MESSAGE_TYPE } from "../iana/index.ts";
import { decodeApReq, decodeAsReq, decodeTgsReq, type Principal, toPrincipal } from "../krb5/index.ts";

/** What a client asks a KDC through a proxy. */
export interface KdcMessage {
  /** A login, a ticket, or a new password. */
  readonly kind: "AS-REQ" | "TGS-REQ" | "password";
  /** The realm whose servers are asked, as the message itself says. */
  readonly realm: string;
  /** Who asks, where the message says it: that of an AS-REQ. Nobody has proved it. */
  readonly client: Principal | undefined;
}

const APPLICATION = 0x60;
/** RFC 3244 section 2: the length, the version and the length of the AP-REQ. */
const HEADER_BYTES = 6;
const PASSWORD_VERSIONS: ReadonlySet<number> = new Set([0x0001, 0xff80]);

/** Reads a message as far as a proxy has to know it. Throws DecodeError for what is not one of the three. */
export function readKdcMessage(octets: Uint8Array): KdcMessage {
  switch (octets[0]) {
    case APPLICATION | MESSAGE_TYPE.asReq: {
      const { realm, cname } = decodeAsReq(octets).reqBody;
      return { kind: "AS-REQ", realm, client: cname === undefined ? undefined : toPrincipal(realm, cname) };
    }
    case APPLICATION | MESSAGE_TYPE.tgsReq:
      return { kind: "TGS-REQ", realm: decodeTgsReq(octets).reqBody.realm, client: undefined };
    default:
      return readPasswordRequest(octets);
  }
}

/** RFC 3244 section 2: an AP-REQ for the service of passwords, and a KRB-PRIV. */
function readPasswordRequest(octets: Uint8Array): KdcMessage {
  const fail = (why: string): never => {
    throw new DecodeError(`not an AS-REQ, TGS-REQ or password request: ${why}`, 0, "KDC-PROXY-MESSAGE");
  };
  const head = getUint32(octets, 0);
  const apReqBytes = ((octets[4] as number) << 8) | (octets[5] as number);
  if (head >>> 16 !== octets.length || !PASSWORD_VERSIONS.has(head & 0xffff)) fail("no header of RFC 3244");
  if (HEADER_BYTES + apReqBytes >= octets.length) fail("the AP-REQ does not lie within it");
  const { ticket } = decodeApReq(octets.subarray(HEADER_BYTES, HEADER_BYTES + apReqBytes));
  if (ticket.sname.nameString.join("/") !== "kadmin/changepw") fail("a ticket for another service");
  return { kind: "password", realm: ticket.realm, client: undefined };
}
