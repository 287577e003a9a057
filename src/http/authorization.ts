import { hasCode } from "../errors.ts";
import type { NotAuthenticated } from "./authentication.ts";
import { decodeToken, NEGOTIATE } from "./field.ts";

/** What an `Authorization` field has, or why it is of no use. */
export type Authorization = { readonly token: Uint8Array } | Pick<NotAuthenticated, "status" | "code" | "reason">;

/** Reads the field of a client (RFC 4559 section 4.2). It never throws. */
export function readAuthorization(value: string, maxTokenBytes: number): Authorization {
  const space = value.indexOf(" ");
  const scheme = space < 0 ? value : value.slice(0, space);
  if (scheme.toLowerCase() !== NEGOTIATE.toLowerCase()) {
    return { status: 401, code: "OTHER_SCHEME", reason: "the client authenticates by another scheme than Negotiate" };
  }
  const text = space < 0 ? "" : value.slice(space).replace(/^[ \t]+/, "");
  // Before any of it is decoded.
  if (text.length > 4 * Math.ceil(maxTokenBytes / 3)) {
    const code = "TOKEN_TOO_LARGE";
    return { status: 431, code, reason: `the client's token is longer than ${maxTokenBytes} octets (maxTokenBytes)` };
  }
  const code = "DEFECTIVE_TOKEN";
  if (text === "") return { status: 401, code, reason: "the client sends Negotiate without a token" };
  try {
    return { token: decodeToken(text) };
  } catch (error) {
    if (!hasCode(error, "GSS_DEFECTIVE_TOKEN")) throw error;
    return { status: 401, code, reason: error.message };
  }
}
