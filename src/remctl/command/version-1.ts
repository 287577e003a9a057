import { getUint32, setUint32 } from "../../bytes/index.ts";
import { type CommandState, RemctlError } from "../../errors.ts";
import { createSigningInitiator, type SecurityContext } from "../../gssapi/index.ts";
import {
  MAX_MESSAGE_BYTES,
  PACKET_HEADER_BYTES,
  type Packet,
  VERSION_1_ANSWER_FLAGS,
  VERSION_1_COMMAND_FLAGS,
  VERSION_1_MIC_FLAGS,
} from "../../remctl-wire/index.ts";
import type { Link } from "../session/link.ts";
import type { Turn } from "../session/turns.ts";
import type { Argument } from "./argument.ts";
import { commandBytes } from "./arguments.ts";
import type { CommandParts, Exchange } from "./exchange.ts";
import { refuse } from "./messages.ts";
import type { Protocol, RemctlProtocol } from "./protocol.ts";

/** A MIC of RFC 4121 has 28 to 40 octets; libremctl reads up to this many. */
const maxMicBytes = 10_240;

const closedText = "the server closed the connection before the command's answer came; look at the server's log";

/**
 * Makes the part that speaks version 1 of the protocol, for the option `protocols`: `protocol: 1` and `allowVersion1`
 * need it. The main entry has it in place.
 *
 * @returns a value for `protocols`
 * @example
 * ```ts
 * import { createClient, version1 } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["tcp://kdc.example.org"],
 *   protocols: [version1()],
 * });
 * await client.remctl("old.example.org", ["account", "list"], { protocol: 1 });
 * ```
 */
export function version1(): RemctlProtocol {
  const protocol: Protocol = {
    version: 1,
    createContext: createSigningInitiator,
    exchange: (link, context, turn, parts) => new Version1Exchange(link, context as SecurityContext, turn, parts),
  };
  return protocol;
}

/**
 * The one command of a connection of version 1 (remctl protocol section 3 steps 7 to 10): the command in one packet, a
 * MIC over it back, and one answer with a status of 32 bits and both outputs in one. The server's errors are answers
 * too: status -1, with the text as output.
 */
class Version1Exchange implements Exchange {
  state: CommandState = "not-sent";
  readonly isReusable = false;
  readonly #link: Link;
  readonly #context: SecurityContext;
  readonly #turn: Turn;
  readonly #parts: CommandParts;

  constructor(link: Link, context: SecurityContext, turn: Turn, parts: CommandParts) {
    this.#link = link;
    this.#context = context;
    this.#turn = turn;
    this.#parts = parts;
  }

  async perform(): Promise<number> {
    const { deadline } = this.#turn;
    const { args, sink, trace } = this.#parts;
    const startedAt = performance.now();
    const command = await encodeCommand(args, deadline);
    const link = this.#link;
    const packet = link.seal(command, VERSION_1_COMMAND_FLAGS);
    this.state = "maybe-executed";
    await deadline.wait(link.write(packet));
    trace?.({ type: "command-sent", arguments: args.length, octets: command.length, messages: 1 });

    // Step 8: the MIC is over the octets of the command; it takes a number of the server's own sequence.
    const mic = await this.#packet(VERSION_1_MIC_FLAGS, maxMicBytes);
    this.#context.verifyMic(command, mic.payload);
    trace?.({ type: "check", what: "the server's MIC over the command" });

    // Step 9.
    const answer = await this.#packet(VERSION_1_ANSWER_FLAGS, MAX_MESSAGE_BYTES + this.#context.wrapOverhead);
    const { status, data } = decodeAnswer(this.#context.unwrap(answer.payload, { requireConf: true }));
    this.state = "completed";
    trace?.({ type: "output", stream: "stdout", octets: data.length });
    if (data.length > 0) sink.push("stdout", data);
    trace?.({ type: "status", status, milliseconds: performance.now() - startedAt });
    return status;
  }

  end(): void {}

  /** The next packet, which has these flags and no others (section 4: they are protected by nothing). */
  async #packet(flags: number, maxPayloadBytes: number): Promise<Packet> {
    const { parser } = this.#link;
    parser.maxPacketBytes = PACKET_HEADER_BYTES + maxPayloadBytes;
    parser.checkHeader = (found) => {
      if (found !== flags) refuse(`a packet with flags 0x${hex(found)}, 0x${hex(flags)} expected`);
    };
    for (;;) {
      const packet = parser.next();
      if (packet !== undefined) return packet;
      await this.#link.receive(this.#turn.deadline, closedText);
    }
  }
}

/** Step 7: count, lengths and octets, all in one message. */
async function encodeCommand(args: readonly Argument[], deadline: Turn["deadline"]): Promise<Uint8Array> {
  const bytes = commandBytes(args);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new RemctlError(
      "REMCTL_UNSUPPORTED_VERSION",
      `a command of ${bytes} octets: the server speaks remctl protocol version 1, which takes ${MAX_MESSAGE_BYTES} at most: send less, or update the server`,
    );
  }
  const command = new Uint8Array(bytes);
  setUint32(command, 0, args.length);
  let at = 4;
  for (const arg of args) {
    setUint32(command, at, arg.length);
    at += 4;
    if (arg instanceof Uint8Array) {
      command.set(arg, at);
      at += arg.length;
      continue;
    }
    for await (const piece of arg.pieces((next) => deadline.hold(next))) {
      command.set(piece, at);
      at += piece.length;
    }
  }
  return command;
}

function decodeAnswer(octets: Uint8Array): { readonly status: number; readonly data: Uint8Array } {
  if (octets.length < 8) refuse(`an answer of ${octets.length} octets, 8 are the least`);
  const dataBytes = getUint32(octets, 4);
  if (dataBytes !== octets.length - 8) refuse(`an answer that says ${dataBytes} octets and has ${octets.length - 8}`);
  // remctld says -1 where it refuses.
  return { status: getUint32(octets, 0) | 0, data: octets.subarray(8) };
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, "0");
}
