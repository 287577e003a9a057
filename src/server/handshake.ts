import { isKerberosError } from "../errors.ts";
import type { ContextFlags, SecurityContext } from "../gssapi/index.ts";
import { withDeadline } from "../host/index.ts";
import { CONTEXT_FLAGS, OPENING_FLAGS, PACKET_FLAG } from "../remctl-wire/index.ts";
import type { ServedClient } from "./client.ts";
import { Hangup } from "./failure.ts";

/** Context tokens that a client may send: krb5 needs one. */
const maxRounds = 10;

const VERSION_1_OPENING = PACKET_FLAG.noop | PACKET_FLAG.contextNext;

/**
 * The server's side of the security context (remctl protocol section 2.1 steps 1 to 5, section 3 steps 2 to 6). Gives
 * the version of the protocol that both ends speak. `onEstablished` is called before the last token goes out. Throws
 * Hangup for a client that is to be left without a word: rules 2.2, 2.6, 2.7 and 9.2 of remctl.
 */
export async function acceptContext(
  client: ServedClient,
  onEstablished: (context: SecurityContext) => void,
): Promise<1 | 2> {
  const { context, outbox, parser, parts } = client;
  const { version1 } = parts.limits;
  parser.checkHeader = checkOpening;
  const opening = await client.nextPacket();
  if (opening === undefined) throw new Hangup("the client closed the connection before it said anything");
  const isNewer = opening.flags === OPENING_FLAGS;
  if (!isNewer && version1 === "refuse")
    throw new Hangup("the client speaks protocol version 1, which is refused here");
  const protocol = isNewer && version1 !== "only" ? 2 : 1;
  outbox.contextFlags = protocol === 2 ? CONTEXT_FLAGS : PACKET_FLAG.context;
  // Section 2.1 step 5: PROTOCOL dropped on the way is an attack. A client that was answered as version 1 drops it
  // rightly.
  let allowed: readonly number[] = [isNewer ? CONTEXT_FLAGS : PACKET_FLAG.context];
  parser.checkHeader = (flags) => {
    if (!allowed.includes(flags)) throw new Hangup(`a packet with flags ${hex(flags)} in the security context`);
  };
  for (let round = 0; !context.isEstablished; round++) {
    if (round === maxRounds) throw new Hangup(`there is no security context after ${maxRounds} tokens`);
    const packet = await client.nextPacket();
    if (packet === undefined)
      throw new Hangup("the client closed the connection before the security context was complete");
    const reply = await step(client, packet.payload);
    if (context.isEstablished) {
      checkProtections(context.flags, parts.limits.requireReplayProtection);
      onEstablished(context);
    }
    if (reply !== undefined) await outbox.sendToken(reply);
    if (protocol === 1) allowed = isNewer ? [CONTEXT_FLAGS, PACKET_FLAG.context] : [PACKET_FLAG.context];
  }
  return protocol;
}

/** Section 2.1 step 1: flags exactly 0x51, or 0x11 of version 1, and no payload. */
function checkOpening(flags: number, payloadBytes: number): void {
  if (flags !== OPENING_FLAGS && flags !== VERSION_1_OPENING) {
    throw new Hangup(`the first packet has flags ${hex(flags)}: is this a remctl client?`);
  }
  if (payloadBytes !== 0) throw new Hangup("the first packet is not empty");
}

/**
 * One step; the initiator that is refused gets the KRB-ERROR that says why. A replay cache or a keytab of the caller's
 * own may never answer: the step is waited for while the client is there, or each such client would hold its place.
 */
async function step({ context, outbox, gone }: ServedClient, token: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await withDeadline(() => context.step(token), { signal: gone, what: "making the security context" });
  } catch (error) {
    if (isKerberosError(error) && error.token !== undefined) await outbox.sendToken(error.token);
    throw error;
  }
}

/**
 * Section 2.1 step 5: mutual authentication, confidentiality and integrity; section 4 lets a server ask for the rest.
 */
function checkProtections(flags: ContextFlags, requireReplayProtection: boolean): void {
  const required: (keyof ContextFlags)[] = ["mutual", "confidentiality", "integrity"];
  if (requireReplayProtection) required.push("replay", "sequence");
  const missing = required.filter((flag) => !flags[flag]);
  if (missing.length > 0) throw new Hangup(`the security context lacks ${missing.join(", ")}`);
}

function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, "0")}`;
}
