import { GrowingOctets } from "../../bytes/index.ts";
import { RemctlError } from "../../errors.ts";
import type { OutputStream } from "../command/messages.ts";

/** What a command gave: its exit status and all of its output. A status other than 0 is a result too. */
export class RemctlResult {
  /** 0 to 255. */
  readonly status: number;
  /** All of its standard output. */
  readonly stdout: Uint8Array;
  /** All of its error output. */
  readonly stderr: Uint8Array;

  /** The octets are kept, not copied. */
  constructor(status: number, stdout: Uint8Array, stderr: Uint8Array) {
    this.status = status;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Whether the status is 0. */
  get isSuccess(): boolean {
    return this.status === 0;
  }

  /**
   * Gives output as text: UTF-8, with U+FFFD for octets that are not. The text is the command's, as it came: it may
   * hold control characters.
   *
   * @param stream which of the two outputs
   * @returns the text
   */
  text(stream: OutputStream = "stdout"): string {
    return new TextDecoder().decode(stream === "stdout" ? this.stdout : this.stderr);
  }
}

/** What takes a command's output as it comes. */
export interface OutputSink {
  /** Takes octets that nobody changes afterwards. */
  push(stream: OutputStream, data: Uint8Array): void;
  /** Something to wait for before more is read, if the consumer is behind. */
  paused?(): Promise<void> | undefined;
}

/** Collects both streams up to a limit of octets together. */
export class OutputCollector implements OutputSink {
  readonly #max: number;
  readonly #stdout = new GrowingOctets();
  readonly #stderr = new GrowingOctets();

  constructor(maxOutputBytes: number) {
    this.#max = maxOutputBytes;
  }

  push(stream: OutputStream, data: Uint8Array): void {
    const room = this.#max - this.#stdout.length - this.#stderr.length;
    const octets = stream === "stdout" ? this.#stdout : this.#stderr;
    if (data.length > room) {
      octets.append(data.subarray(0, room));
      throw new RemctlError(
        "REMCTL_OUTPUT_LIMIT",
        `the command's output is longer than ${this.#max} octets; raise maxOutputBytes, or take it with stream()`,
      );
    }
    octets.append(data);
  }

  get stdout(): Uint8Array {
    return this.#stdout.take();
  }

  get stderr(): Uint8Array {
    return this.#stderr.take();
  }
}
