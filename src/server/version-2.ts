import { encodeText, setUint32 } from "../bytes/index.ts";
import { hasName } from "../errors.ts";
import { DATA_FLAGS, MESSAGE, type Packet } from "../remctl-wire/index.ts";
import type { ServedClient } from "./client.ts";
import { CommandAssembler } from "./command-decoder.ts";
import { Hangup, REFUSAL, type Refusal, Unfinished } from "./failure.ts";
import { MessageOutput } from "./output.ts";

/** The highest version of a message that is understood. */
const highestVersion = 3;

const VERSION_MESSAGE = Uint8Array.of(2, MESSAGE.version, highestVersion);
const NOOP_MESSAGE = Uint8Array.of(3, MESSAGE.noop);

/** Whether the connection goes on, and if not, why. */
type Next = { readonly ends: string } | undefined;

/** The messages of one client, after the security context (remctl protocol sections 2.2 to 2.7). Gives why it ended. */
export async function serveVersion2(client: ServedClient): Promise<string> {
  const session = new Version2(client);
  client.parser.checkHeader = checkDataHeader;
  try {
    for (;;) {
      const next = await serveMessage(client, session);
      if (next !== undefined) return next.ends;
    }
  } finally {
    session.end();
  }
}

/**
 * A call a message: a function that waits keeps what it has in hand, and an idle connection shall not hold a message.
 */
async function serveMessage(client: ServedClient, session: Version2): Promise<Next> {
  let packet: Packet | undefined;
  try {
    packet = await client.nextPacket();
  } catch (error) {
    await refusePacket(client, error);
    throw error;
  }
  if (packet === undefined) return { ends: "the client closed the connection" };
  return session.take(await client.unwrap(packet.payload, encodeError(REFUSAL.badToken)));
}

/** Section 2.1 step 6: flags exactly 0x44, since nothing else protects them. remctld takes any. */
function checkDataHeader(flags: number): void {
  if (flags !== DATA_FLAGS) throw new Hangup(`a packet with flags 0x${flags.toString(16)}, 0x44 expected`);
}

/**
 * A packet over 1 MB is answered like a bad token before the connection ends; one for which memory is full, or a
 * command that does not become whole, with its own error.
 */
async function refusePacket(client: ServedClient, error: unknown): Promise<void> {
  const isUnfinished = error instanceof Unfinished;
  if (isUnfinished) client.parts.report({ type: "error", user: client.user ?? "", ...error.refusal });
  else if (!hasName(error, "RemctlProtocolError")) return;
  await client.outbox.seal(encodeError(isUnfinished ? error.refusal : REFUSAL.badToken));
  await client.outbox.drain();
}

class Version2 {
  readonly #client: ServedClient;
  readonly #assembler: CommandAssembler;
  /** Errors since a command last succeeded. */
  #errors = 0;

  constructor(client: ServedClient) {
    const { limits, budget } = client.parts;
    this.#client = client;
    this.#assembler = new CommandAssembler(limits, budget.of(client.user ?? ""));
  }

  /** Takes one message, and answers it. */
  async take(message: Uint8Array): Promise<Next> {
    // Section 2.2: a version and a type are the least. An empty message has no version to answer it in: remctld dies of
    // it.
    if (message.length === 0) {
      await this.#refuse(REFUSAL.badToken);
      return { ends: "an empty message" };
    }
    if (message[0] !== 2 && message[0] !== highestVersion) return this.#otherVersion();
    const type = message[1];
    if (type === MESSAGE.command) return this.#command(message.subarray(2));
    if (type === MESSAGE.quit) return { ends: "QUIT" };
    // Section 2.4 (2014): between the messages of a command, only COMMAND and QUIT. The command is lost.
    if (this.#assembler.isContinued) {
      this.#interrupt();
      return this.#refuse(REFUSAL.unexpectedMessage);
    }
    if (type !== MESSAGE.noop) return this.#refuse(REFUSAL.unknownMessage);
    return this.#send(NOOP_MESSAGE);
  }

  end(): void {
    this.#assembler.reset();
  }

  /**
   * Section 2.3, and 2.2 (1 is invalid here): the content is ignored, so that a command it may have belonged to is
   * lost.
   */
  #otherVersion(): Promise<Next> {
    if (this.#assembler.isContinued) this.#interrupt();
    return this.#send(VERSION_MESSAGE);
  }

  #interrupt(): void {
    this.#assembler.interrupt();
    this.#client.awaitsMore(false);
  }

  async #command(body: Uint8Array): Promise<Next> {
    const assembled = this.#assembler.take(body);
    this.#client.awaitsMore(this.#assembler.isContinued);
    if (assembled.type === "nothing") return assembled.closes ? { ends: "keep-alive is 0" } : undefined;
    if (assembled.type === "refused") {
      const next = await this.#refuse(assembled.refusal);
      // Section 2.6: keep-alive counts for an error too. While messages of the command may still come, its last one
      // says it.
      return assembled.keepAlive || assembled.isPartial ? next : { ends: "keep-alive is 0" };
    }
    try {
      const next = await this.#run(assembled.args);
      return assembled.keepAlive ? next : { ends: "keep-alive is 0" };
    } finally {
      assembled.release();
    }
  }

  async #run(args: readonly Uint8Array[]): Promise<Next> {
    const { outbox, parts } = this.#client;
    const output = new MessageOutput(outbox, parts.plain);
    const outcome = await this.#client.runCommand(args, output, () => output.probe());
    await output.end();
    if (typeof outcome !== "number") return this.#refuse(outcome);
    this.#errors = 0;
    return this.#send(Uint8Array.of(2, MESSAGE.status, outcome));
  }

  async #refuse(refusal: Refusal): Promise<Next> {
    const { report, limits } = this.#client.parts;
    report({ type: "error", user: this.#client.user ?? "", code: refusal.code, text: refusal.text });
    await this.#send(encodeError(refusal));
    // Section 2.6: the server may end the connection after an unreasonable number of errors.
    this.#errors++;
    return this.#errors >= limits.maxErrors ? { ends: `${this.#errors} errors in a row` } : undefined;
  }

  async #send(message: Uint8Array): Promise<undefined> {
    const { outbox } = this.#client;
    await outbox.seal(message);
    outbox.flush();
    return undefined;
  }
}

/** ERROR: code, length and text (section 2.6). */
function encodeError({ code, text }: Refusal): Uint8Array {
  const octets = encodeText(text);
  const message = new Uint8Array(10 + octets.length);
  message[0] = 2;
  message[1] = MESSAGE.error;
  setUint32(message, 2, code);
  setUint32(message, 6, octets.length);
  message.set(octets, 10);
  return message;
}
