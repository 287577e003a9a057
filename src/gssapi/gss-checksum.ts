import { Reader } from "../bytes/index.ts";
import { GSS_FLAG } from "../iana/index.ts";
import type { ContextFlags } from "./context.ts";
import { defectiveToken } from "./failure.ts";

const BINDINGS_BYTES = 16;
const CHECKSUM_BYTES = 24;

/** The checksum field of the authenticator (RFC 4121 section 4.1.1), which is not a checksum. */
export interface GssChecksum {
  /** MD5 of the channel bindings; 16 zeros for none. */
  readonly bindings: Uint8Array;
  /** GSS_FLAG bits. */
  readonly flags: number;
  /** The KRB-CRED of an initiator that delegates: a view. */
  readonly delegated?: Uint8Array;
}

const DELEGATION = 1;
const MAX_DELEGATED_BYTES = 0xffff;

/**
 * The checksum of an initiator: 24 octets, and 4 more with the KRB-CRED of one that delegates. `bindings` has 16
 * octets; absent: the context has none.
 */
export function encodeGssChecksum(flags: number, bindings?: Uint8Array, delegated?: Uint8Array): Uint8Array {
  const out = new Uint8Array(CHECKSUM_BYTES + (delegated === undefined ? 0 : 4 + delegated.length));
  const view = new DataView(out.buffer);
  view.setUint32(0, BINDINGS_BYTES, true);
  if (bindings !== undefined) out.set(bindings, 4);
  view.setUint32(20, flags, true);
  if (delegated !== undefined) {
    if (delegated.length > MAX_DELEGATED_BYTES)
      throw new RangeError("a delegated credential has at most 65,535 octets");
    view.setUint16(24, DELEGATION, true);
    view.setUint16(26, delegated.length, true);
    out.set(delegated, CHECKSUM_BYTES + 4);
  }
  return out;
}

/**
 * Reads what {@link encodeGssChecksum} and other initiators write. Extensions are ignored, as the RFC asks. Throws
 * GssError `GSS_DEFECTIVE_TOKEN`.
 */
export function decodeGssChecksum(octets: Uint8Array): GssChecksum {
  if (octets.length < CHECKSUM_BYTES) {
    throw defectiveToken(`the checksum of the authenticator has ${octets.length} octets, 24 are the least`);
  }
  const fields = new Reader(octets, "gss-checksum", { littleEndian: true });
  if (fields.uint32() !== BINDINGS_BYTES) {
    throw defectiveToken("the checksum of the authenticator does not hold 16 octets of channel bindings");
  }
  const bindings = fields.bytes(BINDINGS_BYTES);
  const flags = fields.uint32();
  if ((flags & GSS_FLAG.deleg) === 0) return { bindings, flags };
  return { bindings, flags, delegated: readDelegation(fields) };
}

function readDelegation(fields: Reader): Uint8Array {
  if (fields.remaining < 4) throw defectiveToken("the delegation fields of the authenticator's checksum are cut off");
  if (fields.uint16() !== DELEGATION)
    throw defectiveToken("the delegation option of the authenticator's checksum is not 1");
  const length = fields.uint16();
  if (length > fields.remaining) throw defectiveToken("the delegated credential of the checksum is cut off");
  return fields.bytes(length);
}

/** Flags as bits. */
export function flagBits(flags: ContextFlags): number {
  return (
    (flags.delegation ? GSS_FLAG.deleg : 0) |
    (flags.mutual ? GSS_FLAG.mutual : 0) |
    (flags.replay ? GSS_FLAG.replay : 0) |
    (flags.sequence ? GSS_FLAG.sequence : 0) |
    (flags.confidentiality ? GSS_FLAG.conf : 0) |
    (flags.integrity ? GSS_FLAG.integ : 0)
  );
}

/**
 * Bits as flags; unknown ones are ignored. Delegation is there where it was taken, and a
 * channel is bound where it was compared: the acceptor decides.
 */
export function flagsOfBits(bits: number): ContextFlags {
  return {
    mutual: (bits & GSS_FLAG.mutual) !== 0,
    replay: (bits & GSS_FLAG.replay) !== 0,
    sequence: (bits & GSS_FLAG.sequence) !== 0,
    confidentiality: (bits & GSS_FLAG.conf) !== 0,
    integrity: (bits & GSS_FLAG.integ) !== 0,
    delegation: false,
    channelBound: false,
  };
}
