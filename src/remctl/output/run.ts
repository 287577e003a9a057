import type { OutputStream } from "../command/messages.ts";
import type { OutputChunk, OutputQueue } from "./output-queue.ts";
import { OutputStreams } from "./output-streams.ts";

/**
 * A command that is running: its output as it comes, and then its exit status. Iterate it once, or take its output as two web
 * streams, {@link stdout} and {@link stderr}. At most about 256 KiB of
 * output is held for a consumer that is slow; then the server is held back. So whoever wants the status alone of
 * a command that prints more calls {@link discard} first. Leaving the loop early discards the rest; the session is free
 * again when the command ends.
 *
 * ```ts
 * const run = session.stream(["log", "follow"]);
 * for await (const { stream, data } of run) write(stream, data);
 * const exit = await run.status;
 * ```
 */
export class RemctlRun implements AsyncIterable<OutputChunk> {
  /**
   * 0 to 255, when the command has ended. Rejects with what ended it otherwise: the loop over the output throws the same
   * error. It need not be awaited.
   */
  readonly status: Promise<number>;
  readonly #queue: OutputQueue;
  #streams: OutputStreams | undefined;
  #isIterated = false;

  /** {@link RemctlSession.stream} makes one. */
  constructor(queue: OutputQueue, status: Promise<number>) {
    this.#queue = queue;
    this.status = status;
    status.then(
      () => queue.end({}),
      (error) => queue.end({ error }),
    );
  }

  /**
   * The command's output as a stream of octets; always the same one. A read waits for output; unread, it holds the server
   * back, `stderr` included: read both, or cancel the one that is not wanted. One that is never asked for holds nothing back.
   * It ends when the command ends, or with the error that {@link status} rejects with.
   *
   * ```ts
   * await run.stdout.pipeTo(file);
   * ```
   */
  get stdout(): ReadableStream<Uint8Array> {
    return this.#stream("stdout");
  }

  /** The command's error output; as {@link stdout}. */
  get stderr(): ReadableStream<Uint8Array> {
    return this.#stream("stderr");
  }

  /**
   * Gives the output of both streams, in the order in which it comes.
   *
   * @returns the pieces of output, each with its stream
   */
  [Symbol.asyncIterator](): AsyncIterator<OutputChunk, undefined> {
    if (this.#streams !== undefined) throw new TypeError("the output is taken as streams: it cannot be iterated too");
    this.#isIterated = true;
    const queue = this.#queue;
    return {
      next: () => queue.next(),
      return: () => {
        queue.discard();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  #stream(name: OutputStream): ReadableStream<Uint8Array> {
    if (this.#isIterated) throw new TypeError("the output is iterated: it cannot be taken as streams too");
    this.#streams ??= new OutputStreams(this.#queue);
    return this.#streams.take(name);
  }

  /** Drops the output that is left and what will come. */
  discard(): void {
    this.#queue.discard();
  }
}
