import { concat } from "../../bytes/index.ts";
import { ProtocolError, RemctlProtocolError } from "../../errors.ts";
import type { ContextFlags, SealingContext } from "../../gssapi/index.ts";
import {
  CONTEXT_FLAGS,
  encodePacket,
  OPENING_FLAGS,
  PACKET_FLAG,
  type Packet,
  VERSION_1_CONTEXT_FLAGS,
  VERSION_1_OPENING_FLAGS,
} from "../../remctl-wire/index.ts";
import type { Trace } from "../../trace.ts";
import type { Deadline } from "./deadline.ts";
import type { Link } from "./link.ts";

/** Context tokens that a server may send: krb5 needs one, the rest is room for other mechanisms. */
const maxRounds = 10;

const required = [
  "mutual",
  "replay",
  "sequence",
  "confidentiality",
  "integrity",
] as const satisfies readonly (keyof ContextFlags)[];

/** Options for {@link establish}. */
export interface HandshakeOptions {
  /** Default 2. */
  readonly protocol?: 1 | 2;
  /** Default false. */
  readonly allowVersion1?: boolean;
  readonly trace?: Trace | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The client's side of the security context (remctl protocol section 2.1 steps 1 to 5, section 3 steps 2 to 6): the
 * opening packet and the first token in one write, then tokens for as long as GSS-API asks for more. Gives the version
 * that both ends speak. Throws RemctlProtocolError (`REMCTL_DOWNGRADE` for an answer of version 1 that was not
 * allowed), what `context.step` throws, and TransportError.
 */
export async function establish(
  link: Link,
  context: SealingContext,
  deadline: Deadline,
  { protocol = 2, allowVersion1 = false, trace, signal }: HandshakeOptions = {},
): Promise<1 | 2> {
  const options = signal === undefined ? {} : { signal };
  const version = new VersionCheck(protocol, allowVersion1);
  link.parser.checkHeader = (flags) => version.check(flags);
  const first = await deadline.hold(context.step(undefined, options));
  if (first === undefined || first.length === 0) throw new TypeError("the context gave no first token: is it new?");
  trace?.({ type: "context-token", direction: "sent", octets: first.length });
  // Section 2.1 steps 1 and 2. The server answers the first packet with nothing: waiting for that would last forever.
  const openingFlags = protocol === 1 ? VERSION_1_OPENING_FLAGS : OPENING_FLAGS;
  const opening = concat(encodePacket(openingFlags, new Uint8Array(0)), encodePacket(version.contextFlags, first));
  await deadline.wait(link.write(opening));
  for (let round = 0; !context.isEstablished; round++) {
    if (round === maxRounds) {
      throw new ProtocolError(
        "TOO_MANY_ROUNDS",
        `no security context after ${maxRounds} tokens of the server: look at its log`,
      );
    }
    const { payload } = await readContextPacket(link, deadline);
    trace?.({ type: "context-token", direction: "received", octets: payload.length });
    const token = await deadline.hold(context.step(payload, options));
    // The last step of krb5 gives an empty token or none: remctld would take an empty packet for a message.
    if (token === undefined || token.length === 0) continue;
    trace?.({ type: "context-token", direction: "sent", octets: token.length });
    await deadline.wait(link.write(encodePacket(version.contextFlags, token)));
  }
  checkProtections(context.flags);
  if (link.hasUnread) {
    throw new RemctlProtocolError(
      "REMCTL_PROTOCOL",
      "the server sent unexpected octets after the security context: look at the server",
    );
  }
  if (version.protocol === 1) trace?.({ type: "note", text: "The server speaks version 1 of the remctl protocol" });
  return version.protocol;
}

/**
 * Section 2.1 step 5, and section 4: replay and sequence protection are required here too. Version 1 does not ask for
 * the check, and needs the protections as much.
 */
function checkProtections(flags: ContextFlags): void {
  const missing = required.filter((flag) => !flags[flag]);
  if (missing.length > 0) {
    throw new RemctlProtocolError(
      "REMCTL_PROTOCOL",
      `the security context lacks ${missing.join(", ")}: remctl needs all of ${required.join(", ")}; update the server`,
    );
  }
}

/**
 * Which version the packets of the security context are of: the server's first one decides, and no later one changes
 * it.
 */
class VersionCheck {
  protocol: 1 | 2;
  #mayFallBack: boolean;

  constructor(protocol: 1 | 2, allowVersion1: boolean) {
    this.protocol = protocol;
    this.#mayFallBack = protocol === 2 && allowVersion1;
  }

  get contextFlags(): number {
    return this.protocol === 1 ? VERSION_1_CONTEXT_FLAGS : CONTEXT_FLAGS;
  }

  /** Section 2.1 steps 3 and 5: exactly 0x42. What lacks PROTOCOL is version 1, or someone who wants it to look so. */
  check(flags: number): void {
    if (this.#mayFallBack && flags === VERSION_1_CONTEXT_FLAGS) this.protocol = 1;
    // Section 2.1 step 5: PROTOCOL dropped later is an attack, also where version 1 is allowed.
    this.#mayFallBack = false;
    if (flags === this.contextFlags) return;
    if (this.protocol === 2 && (flags & PACKET_FLAG.protocol) === 0) {
      throw new RemctlProtocolError(
        "REMCTL_DOWNGRADE",
        `the server answered as protocol version 1 (packet flags 0x${hex(flags)}, 0x42 expected): it is older than 2007, or ` +
          "someone on the way forces a downgrade; set `allowVersion1` or `protocol: 1` if it is that old",
        { flags },
      );
    }
    throw new RemctlProtocolError(
      "REMCTL_PROTOCOL",
      `a packet with flags 0x${hex(flags)} in the security context, 0x${hex(this.contextFlags)} expected: is this a remctl server?`,
      { flags },
    );
  }
}

async function readContextPacket(link: Link, deadline: Deadline): Promise<Packet> {
  for (;;) {
    const packet = link.parser.next();
    if (packet !== undefined) return packet;
    await link.receive(deadline, closedEarly);
  }
}

const closedEarly =
  "the server closed the connection before the security context was complete: is this a remctl server, and does it take " +
  "this client's protections?";

function hex(octet: number): string {
  return octet.toString(16).padStart(2, "0");
}
