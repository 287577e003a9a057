import { encodeText, setUint32 } from "../bytes/index.ts";
import { MAX_MESSAGE_BYTES, PACKET_FLAG } from "../remctl-wire/index.ts";
import type { ServedClient } from "./client.ts";
import { decodeArguments, sourceOf } from "./command-decoder.ts";
import { Hangup, REFUSAL, type Refusal } from "./failure.ts";
import { JoinedOutput } from "./output.ts";

/** Section 3 step 7. */
const COMMAND_FLAGS = PACKET_FLAG.data | PACKET_FLAG.sendMic;

/** The one command of a client of version 1 (remctl protocol section 3 steps 7 to 10). Gives why it ended. */
export async function serveVersion1(client: ServedClient): Promise<string> {
  const { context, outbox, parser, parts } = client;
  outbox.dataFlags = PACKET_FLAG.data;
  parser.checkHeader = (flags) => {
    if (flags !== COMMAND_FLAGS) throw new Hangup(`a packet with flags 0x${flags.toString(16)}, 0x24 expected`);
  };
  const packet = await client.nextPacket();
  if (packet === undefined) return "the client closed the connection";
  const message = await client.unwrap(packet.payload, encodeError(REFUSAL.badToken));
  // Step 8: a MIC over the plaintext, in the one packet that is not wrapped.
  await outbox.packet(PACKET_FLAG.mic, context.getMic(message));
  outbox.flush();
  const output = new JoinedOutput(() => client.isGone);
  const outcome = await run(client, message, output);
  if (typeof outcome !== "number") parts.report({ type: "error", user: client.user ?? "", ...outcome });
  await outbox.seal(typeof outcome === "number" ? encodeAnswer(outcome, output.data) : encodeError(outcome));
  await outbox.drain();
  return "the one command of protocol version 1 is done";
}

async function run(client: ServedClient, message: Uint8Array, output: JoinedOutput): Promise<number | Refusal> {
  if (message.length > MAX_MESSAGE_BYTES) return REFUSAL.tooMuchData;
  const args = decodeArguments(sourceOf(message), client.parts.limits);
  if (!Array.isArray(args)) return args as Refusal;
  const outcome = await client.runCommand(args, output);
  await output.end();
  return outcome;
}

/** Step 9: status, length and data. */
function encodeAnswer(status: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(8 + data.length);
  setUint32(message, 0, status);
  setUint32(message, 4, data.length);
  message.set(data, 8);
  return message;
}

/** Version 1 has no errors: remctld's status for one is -1, and its text a line of output. */
function encodeError({ text }: Refusal): Uint8Array {
  return encodeAnswer(-1, encodeText(`${text}\n`));
}
