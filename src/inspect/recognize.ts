import { equal, getUint32, Reader } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { APPLICATION, KEY_USAGE, KRB5_MECHANISM, MESSAGE_TYPE, TOKEN_ID } from "../iana/index.ts";
import {
  applicationTag,
  decodeApRep,
  decodeApReq,
  decodeAsRep,
  decodeAsReq,
  decodeAuthenticator,
  decodeEncApRepPart,
  decodeEncKdcRepPart,
  decodeEncKrbCredPart,
  decodeEncKrbPrivPart,
  decodeEncTicketPart,
  decodeKrbCred,
  decodeKrbError,
  decodeKrbPriv,
  decodeKrbSafe,
  decodeTgsRep,
  decodeTgsReq,
  decodeTicket,
} from "../krb5/index.ts";
import { attempt } from "./attempt.ts";
import { derTree } from "./der.ts";
import { messagesOf } from "./input.ts";
import type { KeyRing } from "./keys.ts";
import { negotiationTree } from "./negotiation.ts";
import type { TreeReader } from "./reader.ts";
import type { TreeNode } from "./tree.ts";

const MESSAGES: ReadonlyMap<number, readonly [name: string, decode: (octets: Uint8Array) => object]> = new Map([
  [MESSAGE_TYPE.asReq, ["AS-REQ", decodeAsReq]],
  [MESSAGE_TYPE.asRep, ["AS-REP", decodeAsRep]],
  [MESSAGE_TYPE.tgsReq, ["TGS-REQ", decodeTgsReq]],
  [MESSAGE_TYPE.tgsRep, ["TGS-REP", decodeTgsRep]],
  [MESSAGE_TYPE.apReq, ["AP-REQ", decodeApReq]],
  [MESSAGE_TYPE.apRep, ["AP-REP", decodeApRep]],
  [MESSAGE_TYPE.krbSafe, ["KRB-SAFE", decodeKrbSafe]],
  [MESSAGE_TYPE.krbPriv, ["KRB-PRIV", decodeKrbPriv]],
  [MESSAGE_TYPE.krbCred, ["KRB-CRED", decodeKrbCred]],
  [MESSAGE_TYPE.krbError, ["KRB-ERROR", decodeKrbError]],
  [APPLICATION.ticket, ["ticket", decodeTicket]],
  [APPLICATION.authenticator, ["Authenticator", decodeAuthenticator]],
  [APPLICATION.encTicketPart, ["EncTicketPart", decodeEncTicketPart]],
  [APPLICATION.encAsRepPart, ["EncASRepPart", decodeEncKdcRepPart]],
  [APPLICATION.encTgsRepPart, ["EncTGSRepPart", decodeEncKdcRepPart]],
  [APPLICATION.encApRepPart, ["EncAPRepPart", decodeEncApRepPart]],
  [APPLICATION.encKrbPrivPart, ["EncKrbPrivPart", decodeEncKrbPrivPart]],
  [APPLICATION.encKrbCredPart, ["EncKrbCredPart", decodeEncKrbCredPart]],
] as [number, readonly [string, (octets: Uint8Array) => object]][]);

/** What recognizing works with. */
export interface Tools {
  readonly reader: TreeReader;
  readonly keys: KeyRing;
  /** How many messages this one is in. */
  readonly depth?: number;
}

/** A message in a token in a packet, and some more. */
const MAX_DEPTH = 12;

/** Says what octets are, and gives their tree. Throws DecodeError with the offset. */
export function treeOf(octets: Uint8Array, outer: Tools): TreeNode {
  const { reader, depth = 0 } = outer;
  if (depth > MAX_DEPTH) throw new DecodeError(`more than ${MAX_DEPTH} messages within one another`, 0, "input");
  const tools = { ...outer, depth: depth + 1 };
  const tag = applicationTag(octets);
  if (tag === 0) return gssToken(octets, tools);
  const known = tag === undefined ? undefined : MESSAGES.get(tag);
  if (known !== undefined) return reader.message(known[0], known[1](octets));
  if (isPerMessageToken(octets)) return perMessageToken(octets, tools);
  const negotiation = negotiationToken(octets, tools);
  if (negotiation !== undefined) return negotiation;
  if (octets[0] === 5 && (octets[1] as number) >= 1 && (octets[1] as number) <= 4) {
    throw new DecodeError(
      "a credential cache or keytab, not a message: krb5-remctl klist shows it (-k for a keytab)",
      0,
      "input",
    );
  }
  return (
    passwordMessage(octets, tools) ??
    remctlPackets(octets, tools) ??
    proxyMessage(octets, tools) ??
    derTree(octets, reader)
  );
}

const CONTEXT_TOKENS: ReadonlyMap<number, string> = new Map([
  [TOKEN_ID.apReq, "AP-REQ"],
  [TOKEN_ID.apRep, "AP-REP"],
  [TOKEN_ID.error, "KRB-ERROR"],
]);

/** A context token (RFC 4121 section 4.1); of another mechanism, its ASN.1. */
function gssToken(octets: Uint8Array, tools: Tools): TreeNode {
  const from = new Reader(octets, "GSS token");
  from.bytes(1);
  skipLength(from);
  const mechanism = from.uint8() === 6 ? from.bytes(from.uint8()) : new Uint8Array();
  if (!equal(mechanism, Uint8Array.from(KRB5_MECHANISM))) {
    return (
      negotiationToken(octets, tools) ?? {
        label: "GSS token of another mechanism",
        children: [derTree(octets, tools.reader)],
      }
    );
  }
  const id = from.uint16();
  const rest = octets.subarray(from.offset);
  return {
    label: "GSS context token",
    children: [
      { label: "mechanism", value: "1.2.840.113554.1.2.2 (Kerberos 5)" },
      { label: "tokenId", value: `0x${id.toString(16).padStart(4, "0")} (${CONTEXT_TOKENS.get(id) ?? "unknown"})` },
      treeOf(rest, tools),
    ],
  };
}

/** A token of SPNEGO, with the mechanism's within, or a message of NTLM; undefined for another. */
function negotiationToken(octets: Uint8Array, tools: Tools): TreeNode | undefined {
  return negotiationTree(octets, (token) => treeOf(token, tools));
}

const HEADER_BYTES = 16;

function isPerMessageToken(octets: Uint8Array): boolean {
  const id = ((octets[0] ?? 0) << 8) | (octets[1] ?? 0);
  return octets.length >= HEADER_BYTES && octets[3] === 0xff && (id === TOKEN_ID.wrap || id === TOKEN_ID.mic);
}

/** A Wrap or MIC token (RFC 4121 section 4.2). */
function perMessageToken(octets: Uint8Array, { keys, reader }: Tools): TreeNode {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const isWrap = octets[0] === 5;
  const flags = octets[2] as number;
  const isSealed = (flags & 2) !== 0;
  const names = [(flags & 1) !== 0 ? "sent by acceptor" : "sent by initiator"];
  if (isSealed) names.push("sealed");
  if ((flags & 4) !== 0) names.push("acceptor subkey");
  const body = octets.subarray(HEADER_BYTES);
  const children: TreeNode[] = [
    { label: "flags", value: `${flags} (${names.join(", ")})` },
    ...(isWrap
      ? [
          { label: "EC", value: String(view.getUint16(4)) },
          { label: "RRC", value: String(view.getUint16(6)) },
        ]
      : []),
    { label: "sequenceNumber", value: String(view.getBigUint64(8)) },
    { label: isSealed ? "cipher" : "body", value: isSealed ? `${body.length} octets` : reader.octets(body) },
  ];
  if (isWrap && isSealed) {
    const by = body.length === 0 ? 0 : view.getUint16(6) % body.length;
    const straight = Uint8Array.from([...body.subarray(by), ...body.subarray(0, by)]);
    const opened = keys.openOctets(straight, [KEY_USAGE.initiatorSeal, KEY_USAGE.acceptorSeal]);
    if (opened !== undefined) {
      const message = opened.plaintext.subarray(
        0,
        Math.max(0, opened.plaintext.length - HEADER_BYTES - view.getUint16(4)),
      );
      children.push({ label: "opened with", value: opened.name }, reader.secret("message", message));
    }
  }
  return { label: isWrap ? "GSS Wrap token" : "GSS MIC token", children };
}

/**
 * A request or reply of a password change (RFC 3244 section 2): its length, a version, the AP message's
 * length.
 */
function passwordMessage(octets: Uint8Array, tools: Tools): TreeNode | undefined {
  if (octets.length < 6) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const [length, version, apBytes] = [view.getUint16(0), view.getUint16(2), view.getUint16(4)];
  if (length !== octets.length || (version !== 1 && version !== 0xff80) || apBytes > octets.length - 6)
    return undefined;
  return {
    label: "password change message",
    children: [
      { label: "version", value: `0x${version.toString(16).padStart(4, "0")}` },
      ...(apBytes === 0 ? [] : [treeOf(octets.subarray(6, 6 + apBytes), tools)]),
      treeOf(octets.subarray(6 + apBytes), tools),
    ],
  };
}

const REMCTL_FLAGS = [
  "TOKEN_NOOP",
  "TOKEN_CONTEXT",
  "TOKEN_DATA",
  "TOKEN_MIC",
  "TOKEN_CONTEXT_NEXT",
  "TOKEN_SEND_MIC",
  "TOKEN_PROTOCOL",
];

/** Packets of the remctl protocol: flags, a length of four octets, a GSS token. */
function remctlPackets(octets: Uint8Array, tools: Tools): TreeNode | undefined {
  const packets: TreeNode[] = [];
  let at = 0;
  while (at < octets.length) {
    if (octets.length - at < 5) return undefined;
    const flags = octets[at] as number;
    const length = getUint32(octets, at + 1);
    if (flags === 0 || flags > 0x7f || length > octets.length - at - 5) return undefined;
    const payload = octets.subarray(at + 5, at + 5 + length);
    const names = REMCTL_FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0).join(" | ");
    packets.push({
      label: "packet",
      value: `flags 0x${flags.toString(16).padStart(2, "0")} (${names}), ${length} octets`,
      children: length === 0 ? [] : [innerTree(payload, tools)],
    });
    at += 5 + length;
  }
  return packets.length === 0 ? undefined : { label: "remctl packets", children: packets };
}

/** MS-KKDCP section 2.2.2: a SEQUENCE whose [0] is an octet string with a framed message. */
function proxyMessage(octets: Uint8Array, tools: Tools): TreeNode | undefined {
  if (octets[0] !== 0x30) return undefined;
  return attempt(
    () => proxyTree(octets, tools),
    () => undefined,
  );
}

function proxyTree(octets: Uint8Array, tools: Tools): TreeNode | undefined {
  const from = new Reader(octets, "KDC-PROXY-MESSAGE");
  for (const tag of [0x30, 0xa0, 0x04]) {
    if (from.uint8() !== tag) return undefined;
    skipLength(from);
  }
  const start = from.offset;
  const end = start + 4 + from.uint32();
  const { messages, isFramed } = messagesOf(octets.subarray(start, end));
  const [message] = messages as readonly [Uint8Array];
  if (!isFramed || applicationTag(message) === undefined) return undefined;
  const rest = octets.subarray(end);
  const domain = rest[0] === 0xa1 ? new TextDecoder().decode(rest.subarray(4)) : undefined;
  return {
    label: "KDC-PROXY-MESSAGE",
    children: [
      ...(domain === undefined ? [] : [{ label: "targetDomain", value: JSON.stringify(domain) }]),
      treeOf(message, tools),
    ],
  };
}

function skipLength(from: Reader): void {
  const first = from.uint8();
  if (first >= 0x80) from.bytes(first & 0x7f);
}

/** What is inside something that was recognized: octets, if they are nothing that is known. */
function innerTree(octets: Uint8Array, tools: Tools): TreeNode {
  return attempt(
    () => treeOf(octets, tools),
    () => ({ label: "octets", value: tools.reader.octets(octets) }),
  );
}
