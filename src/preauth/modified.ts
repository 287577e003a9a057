import { ProtocolError } from "../errors.ts";

/** A reply that decodes, decrypts, and says something else than it must, where nothing vouches for what it says. */
export function modified(what: string, subject = "the KDC's reply", cause?: unknown): ProtocolError {
  return new ProtocolError(
    "REPLY_MODIFIED",
    `${subject} cannot be trusted: ${what}; someone may be changing messages on the way, or the KDC is broken: look at its log`,
    { cause },
  );
}
