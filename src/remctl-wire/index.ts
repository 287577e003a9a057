/**
 * What both ends of the remctl protocol share: packets, flags, message types, sizes and error codes. Layer 3: it may
 * import `errors.ts`, `bytes` and `iana`, and knows neither a connection nor a security context.
 */
export {
  CONTEXT_FLAGS,
  DATA_FLAGS,
  MAX_MESSAGE_BYTES,
  MAX_PACKET_BYTES,
  MESSAGE,
  MESSAGE_SLACK_BYTES,
  OPENING_FLAGS,
  PACKET_FLAG,
  PACKET_HEADER_BYTES,
  REMCTL_PORT,
  VERSION_1_ANSWER_FLAGS,
  VERSION_1_COMMAND_FLAGS,
  VERSION_1_CONTEXT_FLAGS,
  VERSION_1_MIC_FLAGS,
  VERSION_1_OPENING_FLAGS,
} from "./constants.ts";
export { REMCTL_ERROR, remctlErrorName } from "./error-codes.ts";
export { encodePacket, type HeaderCheck, type Packet, PacketParser, writePacketHeader } from "./framing.ts";
