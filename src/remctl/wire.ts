/** What both ends of the remctl protocol have in common: packets, flags, message types and sizes. */
export {
  CONTEXT_FLAGS,
  DATA_FLAGS,
  MAX_MESSAGE_BYTES,
  MAX_PACKET_BYTES,
  MESSAGE,
  OPENING_FLAGS,
  PACKET_FLAG,
  PACKET_HEADER_BYTES,
  REMCTL_PORT,
} from "./constants.ts";
export { REMCTL_ERROR, remctlErrorName } from "./error-codes.ts";
export { encodePacket, type Packet, PacketParser, uint32, writePacketHeader } from "./framing.ts";
