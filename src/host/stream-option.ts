import { checkSignal, refuse } from "../checks/index.ts";
import type { ByteStream, Connection } from "./runtime.ts";

/** Checks a byte stream that a caller gives. Throws TypeError: the caller's mistake. */
export function checkStream(name: string, value: unknown): void {
  const { readable, writable, read, write } = Object(value) as Partial<ByteStream & Connection>;
  if (typeof read === "function" && typeof write === "function") return;
  if (typeof readable?.getReader === "function" && typeof writable?.getWriter === "function") return;
  refuse(name, value, "an object with a ReadableStream as readable and a WritableStream as writable");
}

/**
 * The signal in the options of a dial. Other names pass: a client of another version may know more of them. Throws
 * TypeError for what is not a signal.
 */
export function signalOf(options: { readonly signal?: AbortSignal | undefined } | undefined): AbortSignal | undefined {
  const signal = options?.signal;
  if (signal !== undefined) checkSignal("signal", signal);
  return signal;
}
