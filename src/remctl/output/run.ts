import type { OutputStream } from "../command/messages.ts";
import type { OutputChunk, OutputQueue } from "./output-queue.ts";
import { OutputStreams } from "./output-streams.ts";

/**
 * Has `release` run when a command has ended, however it did; {@link RemctlRun.cancel} waits for it. For what a run was
 * given for itself alone: a session, a place in a pool.
 */
export let afterRun: (run: RemctlRun, release: () => Promise<void>) => void;

/**
 * A command that is running: its output as it comes, and then its exit status. Iterate it once, or take its output as
 * two web streams, {@link stdout} and {@link stderr}. At most about 256 KiB of output is held for a consumer that is
 * slow; then the server is held back. So a caller that wants the status alone of a command that prints more calls
 * {@link discard} first. Leaving the loop early discards the rest; the session is free again when the command ends.
 * {@link cancel}, or leaving the block of an `await using`, ends the command at once, and its session with it: the
 * protocol has nothing that would end one alone.
 *
 * ```ts
 * const run = session.stream(["log", "follow"]);
 * for await (const { stream, data } of run) write(stream, data);
 * const exit = await run.status;
 * ```
 */
export class RemctlRun implements AsyncIterable<OutputChunk>, AsyncDisposable {
  static {
    afterRun = (run, release) => {
      run.#over = run.#over.then(release);
    };
  }

  /**
   * 0 to 255, when the command has ended. Rejects with what ended it otherwise: the loop over the output throws the
   * same error. It need not be awaited.
   */
  readonly status: Promise<number>;
  readonly #queue: OutputQueue;
  readonly #cancel: () => void;
  #over: Promise<void>;
  #streams: OutputStreams | undefined;
  #isIterated = false;

  /**
   * {@link RemctlSession.stream} makes one. `cancel` makes `status` reject while the command runs, and does nothing
   * later.
   */
  constructor(queue: OutputQueue, status: Promise<number>, cancel: () => void) {
    this.#queue = queue;
    this.#cancel = cancel;
    this.status = status;
    this.#over = status.then(
      () => queue.end({}),
      (error) => queue.end({ error }),
    );
  }

  /**
   * The command's output as a stream of octets; always the same one. A read waits for output; unread, it holds the
   * server back, `stderr` included: read both, or cancel the one that is not wanted. One that is never asked for holds
   * nothing back. It ends when the command ends, or with the error that {@link status} rejects with.
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

  /**
   * Ends the command if it runs, and its session: the server may run it to its end all the same. {@link status} and
   * all who still take output get a TransportError `ABORTED` with `commandState`. A command of a pipeline that was not
   * sent yet leaves the session as it is. Resolves when the command is over and its session, if it was for this command
   * alone, is closed, or its place in a pool free. Never rejects; may be called at any time.
   *
   * @returns a promise of the end of what the command held
   * @example
   * ```ts
   * const run = session.stream(["log", "follow"]);
   * setTimeout(() => run.cancel(), 60_000);
   * ```
   */
  cancel(): Promise<void> {
    this.#cancel();
    return this.#over;
  }

  /**
   * As {@link cancel}; after the command's end it waits for its session to be closed, or its place in a pool to be
   * free.
   *
   * @returns as {@link cancel}
   * @example
   * ```ts
   * await using run = await client.stream("server.example.org", ["log", "follow"]);
   * for await (const { data } of run) if (data.includes(0x0a)) break;
   * ```
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel();
  }
}
