import { RemctlError } from "../../errors.ts";
import type { OutputStream } from "../command/messages.ts";
import type { OutputQueue } from "./output-queue.ts";

/** What is kept of a stream that is not read at the moment: above it, the server is held back. */
const highWaterBytes = 256 * 1024;

/**
 * A command's output as two web streams. Both come over one connection: one that is taken and not read holds the other
 * back once 256 KiB of it wait. One that nobody has taken holds nothing back: up to 256 KiB are kept for a later
 * reader.
 */
export class OutputStreams {
  readonly #queue: OutputQueue;
  readonly #sides: Readonly<Record<OutputStream, Side>> = { stdout: new Side(), stderr: new Side() };
  #isPumping = false;

  constructor(queue: OutputQueue) {
    this.#queue = queue;
  }

  take(name: OutputStream): ReadableStream<Uint8Array> {
    const side = this.#sides[name];
    side.stream ??= new ReadableStream<Uint8Array>(
      {
        start: (controller) => side.begin(controller),
        pull: () => {
          side.pull();
          void this.#pump();
        },
        cancel: () => this.#cancel(side),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
    );
    return side.stream;
  }

  #cancel(side: Side): void {
    side.drop();
    if (this.#all.every(({ isDropped }) => isDropped)) this.#queue.discard();
    else void this.#pump();
  }

  get #all(): readonly Side[] {
    return [this.#sides.stdout, this.#sides.stderr];
  }

  /** Moves output for as long as a reader waits for some and no reader is too far behind. */
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#all.some((side) => side.isWaiting) && !this.#all.some((side) => side.isFull)) {
        const { done, value } = await this.#queue.next();
        if (done) {
          for (const side of this.#all) side.end({});
          return;
        }
        this.#sides[value.stream].push(value.data);
      }
    } catch (error) {
      for (const side of this.#all) side.end({ error });
    } finally {
      this.#isPumping = false;
    }
  }
}

/** One of the two. */
class Side {
  stream: ReadableStream<Uint8Array> | undefined;
  isDropped = false;
  /** Whether a read is pending. */
  isWaiting = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #end: { readonly error?: unknown } | undefined;
  /** What came before anybody took the stream. */
  #kept: Uint8Array[] = [];
  #keptBytes = 0;

  get isFull(): boolean {
    return !this.isDropped && (this.#controller?.desiredSize ?? 0) <= -highWaterBytes;
  }

  begin(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    for (const data of this.#kept) controller.enqueue(data);
    this.#kept = [];
    if (this.#keptBytes > highWaterBytes) {
      controller.error(
        new RemctlError(
          "REMCTL_OUTPUT_LIMIT",
          `more than ${highWaterBytes} octets came before this stream was taken: take both before reading either`,
        ),
      );
    } else if (this.#end !== undefined && !("error" in this.#end)) {
      controller.close();
    }
  }

  /** A read waits, and nothing is there for it. */
  pull(): void {
    if (this.#end === undefined) this.isWaiting = true;
    else if ("error" in this.#end) this.#controller?.error(this.#end.error);
  }

  push(data: Uint8Array): void {
    if (this.isDropped) return;
    if (this.#controller !== undefined) {
      this.isWaiting = false;
      this.#controller.enqueue(data);
      return;
    }
    this.#keptBytes += data.length;
    // Not the beginning of it: half an output must not look like a whole one.
    if (this.#keptBytes > highWaterBytes) this.#kept = [];
    else this.#kept.push(data);
  }

  end(outcome: { readonly error?: unknown }): void {
    const wasWaiting = this.isWaiting;
    this.#end = outcome;
    this.isWaiting = false;
    if (this.isDropped || this.#controller === undefined) return;
    // An error would throw away what is queued: it comes with the read after that.
    if (!("error" in outcome)) this.#controller.close();
    else if (wasWaiting) this.#controller.error(outcome.error);
  }

  drop(): void {
    this.isDropped = true;
    this.isWaiting = false;
    this.#kept = [];
  }
}
