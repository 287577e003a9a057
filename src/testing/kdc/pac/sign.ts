import { concat } from "../../../bytes/index.ts";
import type { ProtocolKey } from "../../../crypto/index.ts";
import { KEY_USAGE } from "../../../iana/index.ts";
import { encodeAuthorizationData, encodeEncTicketPart } from "../../../krb5/index.ts";
import type { EncTicketPartDraft } from "../drafts.ts";
import type { PacBuffer } from "./buffers.ts";

/** AD-IF-RELEVANT, and AD-WIN2K-PAC within it (RFC 4120 section 7.5.4). */
export const AD_IF_RELEVANT = 1;
export const AD_PAC = 128;

const SERVER = 6;
const KDC = 7;
const TICKET = 16;
const FULL = 19;

/** What a PAC is made of, when its ticket is sealed. */
export interface PacDraft {
  buffers: readonly PacBuffer[];
  /** The key of the ticket-granting service. */
  readonly kdcKey: ProtocolKey;
  /** Whether it has the checksums that a ticket-granting ticket lacks (MS-PAC sections 2.8.2 and 2.8.3). */
  readonly isOfService: boolean;
  /** Changes the octets after they are signed: a fault. */
  alter?: (pac: Uint8Array) => Uint8Array;
}

/** The ticket with its PAC first among its authorization data (MS-PAC section 2.8). */
export function withPac(part: EncTicketPartDraft, draft: PacDraft, serviceKey: ProtocolKey): EncTicketPartDraft {
  const { kdcKey, isOfService, buffers, alter } = draft;
  const ofPart = (pac: Uint8Array): EncTicketPartDraft => ({
    ...part,
    authorizationData: [
      { adType: AD_IF_RELEVANT, adData: encodeAuthorizationData([{ adType: AD_PAC, adData: pac }]) },
      ...(part.authorizationData ?? []),
    ],
  });
  const places = new Map<number, number>();
  const signers: readonly (readonly [number, ProtocolKey])[] = [
    [SERVER, serviceKey],
    [KDC, kdcKey],
    ...(isOfService ? ([TICKET, FULL] as const).map((type) => [type, kdcKey] as const) : []),
  ];
  const empty = signers.map(([type, key]) => ({ type, data: emptySignature(key) }));
  const pac = layOut([...buffers, ...empty], places);
  const sign = (type: number, key: ProtocolKey, octets: Uint8Array): Uint8Array => {
    const checksum = key.usage(KEY_USAGE.nonKerberosChecksum).checksum(octets);
    pac.set(checksum, (places.get(type) as number) + 4);
    return checksum;
  };
  if (isOfService) {
    sign(TICKET, kdcKey, encodeEncTicketPart(ofPart(new Uint8Array(1))));
    sign(FULL, kdcKey, pac.slice());
  }
  // The checksums of the service and of the KDC are over the PAC without both.
  const server = sign(SERVER, serviceKey, pac.slice());
  sign(KDC, kdcKey, server);
  return ofPart(alter?.(pac) ?? pac);
}

function emptySignature(key: ProtocolKey): Uint8Array {
  const data = new Uint8Array(4 + key.usage(KEY_USAGE.nonKerberosChecksum).checksum(new Uint8Array(0)).length);
  new DataView(data.buffer).setInt32(0, key.encType.checksumType, true);
  return data;
}

/** PACTYPE (MS-PAC section 2.3): each buffer begins at a multiple of 8. */
function layOut(buffers: readonly PacBuffer[], places: Map<number, number>): Uint8Array {
  const head = new Uint8Array(8 + 16 * buffers.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, buffers.length, true);
  let at = head.length;
  const octets = [head];
  for (const [i, { type, data }] of buffers.entries()) {
    view.setUint32(8 + 16 * i, type, true);
    view.setUint32(12 + 16 * i, data.length, true);
    view.setBigUint64(16 + 16 * i, BigInt(at), true);
    places.set(type, at);
    const padded = new Uint8Array(Math.ceil(data.length / 8) * 8);
    padded.set(data);
    octets.push(padded);
    at += padded.length;
  }
  return concat(...octets);
}
