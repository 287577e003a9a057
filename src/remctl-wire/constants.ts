/** Flags of a packet's first octet (remctl protocol section 1). */
export const PACKET_FLAG = {
  noop: 0x01,
  context: 0x02,
  data: 0x04,
  mic: 0x08,
  contextNext: 0x10,
  sendMic: 0x20,
  protocol: 0x40,
} as const;

/** The first packet of a client: NOOP, CONTEXT_NEXT and PROTOCOL (section 2.1 step 1). */
export const OPENING_FLAGS = 0x51;
/** Every packet of the security context: CONTEXT and PROTOCOL (section 2.1 steps 2 to 5). */
export const CONTEXT_FLAGS = 0x42;
/** Every packet after that: DATA and PROTOCOL (section 2.1 step 6). */
export const DATA_FLAGS = 0x44;

/** Version 1: the first packet of a client (section 3 step 2). */
export const VERSION_1_OPENING_FLAGS = 0x11;
/** Version 1: every packet of the security context (section 3 steps 3 to 6). */
export const VERSION_1_CONTEXT_FLAGS = 0x02;
/** Version 1: the command, which asks for a MIC (section 3 step 7). */
export const VERSION_1_COMMAND_FLAGS = 0x24;
/** Version 1: that MIC (section 3 step 8). */
export const VERSION_1_MIC_FLAGS = 0x08;
/** Version 1: the answer (section 3 step 9). */
export const VERSION_1_ANSWER_FLAGS = 0x04;

/** Octets before a packet's payload: flags and length. */
export const PACKET_HEADER_BYTES = 5;
/** The longest packet, with its five octets (section 1). */
export const MAX_PACKET_BYTES = 1_048_576;
/** The most octets that go into one wrap (section 1). */
export const MAX_MESSAGE_BYTES = 65_536;
/**
 * What a received message may be longer than {@link MAX_MESSAGE_BYTES}: the seven octets before the data of an OUTPUT,
 * for a server that counts its data alone. remctld itself stays under the limit.
 */
export const MESSAGE_SLACK_BYTES = 7;

/** Message types (section 2.2; NOOP since the 2014 revision). */
export const MESSAGE = {
  command: 1,
  quit: 2,
  output: 3,
  status: 4,
  error: 5,
  version: 6,
  noop: 7,
} as const;

/** The IANA-registered port. */
export const REMCTL_PORT = 4373;
