import { decodeBase64, isEncodedKeytab } from "../bytes/index.ts";
import { kindOf } from "../checks/index.ts";

/** The contents of a keytab file as text: base64, as an environment variable holds them. */
export interface KeytabText {
  /** The octets of the file in base64; white space around them is let pass. */
  readonly base64: string;
}

/** What to write instead, for messages. */
export const KEYTAB_FORMS = "the octets of its file (a Uint8Array), { base64: text }, or a Keytab";

const GIVE = "give what `base64 -w0 FILE` prints";

/** Whether a value is meant as a keytab in base64: of a variable that is not set, the text is undefined. */
export function isKeytabText(value: unknown): value is KeytabText {
  return typeof value === "object" && value !== null && "base64" in value;
}

/** The octets. Throws TypeError, which does not quote the text: the caller's mistake. */
export function keytabOctets({ base64 }: KeytabText): Uint8Array {
  const text = typeof base64 === "string" ? base64.replace(/\s+/g, "") : base64;
  if (typeof text !== "string" || text === "") {
    throw new TypeError(`keytab.base64 is ${kindOf(text)}: ${GIVE} (is its environment variable or secret missing?)`);
  }
  try {
    return decodeBase64(text);
  } catch {
    throw new TypeError(`keytab.base64 is not base64: ${GIVE}`);
  }
}

/**
 * Refuses a text that begins as an encoded keytab does where the name of a file belongs. It is not taken for one: a
 * path may be valid base64 (write `./BQI...` for such a file).
 */
export function refuseEncodedKeytab(name: string): void {
  if (!isEncodedKeytab(name.replace(/^(?:WR)?FILE:/, ""))) return;
  throw new TypeError(
    "keytab is a text that begins as an encoded keytab does, where the name of a file is expected: give the contents as { keytab: { base64: text } }",
  );
}
