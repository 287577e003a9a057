import type { OutputChunk, OutputQueue } from "./output-queue.ts";

/**
 * A command that is running: its output as it comes, and then its exit status. Iterate it once. At most about 256 KiB of
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

  constructor(queue: OutputQueue, status: Promise<number>) {
    this.#queue = queue;
    this.status = status;
    status.then(
      () => queue.end({}),
      (error) => queue.end({ error }),
    );
  }

  [Symbol.asyncIterator](): AsyncIterator<OutputChunk, undefined> {
    const queue = this.#queue;
    return {
      next: () => queue.next(),
      return: () => {
        queue.discard();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  /** Drops the output that is left and what will come. */
  discard(): void {
    this.#queue.discard();
  }
}
