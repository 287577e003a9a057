import { decodeBase64, encodeBase64 } from "../bytes/index.ts";
import type { SaslClient } from "../sasl/index.ts";
import {
  checkDriver,
  refusedBy,
  type SaslDriverOptions,
  saslDriverChecks,
  withOwnError,
  withSasl,
} from "./sasl-driver.ts";

/** Options for {@link nodemailerGssapi}. */
export interface NodemailerOptions extends SaslDriverOptions {
  /** The mail server's host, by the name that its principal has: nodemailer does not tell it. */
  readonly host: string;
}

/** What nodemailer gives a handler of its option `customAuth`. */
export interface NodemailerContext {
  /** Sends a line, and gives the server's answer. */
  sendCommand(line: string): Promise<{ readonly response: string }>;
}

/**
 * Makes a handler for the option `customAuth` of nodemailer: SASL GSSAPI (RFC 4954, RFC 4752). Use it with TLS
 * (`secure` or `requireTLS`), which protects the mail.
 *
 * @param options where tickets come from, and the mail server's host
 * @returns the handler
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { nodemailerGssapi } from "krb5-remctl/drivers";
 *
 * const host = "mail.example.org";
 * const settings = {
 *   host,
 *   requireTLS: true,
 *   auth: { type: "custom", method: "GSSAPI", user: "alice" },
 *   customAuth: { GSSAPI: nodemailerGssapi({ credential: createClient(), host }) },
 * };
 * ```
 */
export function nodemailerGssapi(options: NodemailerOptions): (context: NodemailerContext) => Promise<void> {
  checkDriver("nodemailerGssapi", options, saslDriverChecks, "host");
  const { host } = options;
  return (context) =>
    withOwnError(() =>
      withSasl(options, "smtp", host, { layers: ["none"] }, (sasl) => logIn(context, sasl, options.service)),
    );
}

async function logIn(context: NodemailerContext, sasl: SaslClient, service = "smtp"): Promise<void> {
  // RFC 4954 section 4: an initial response would make the command longer than 512 octets.
  let answer = answerOf((await context.sendCommand("AUTH GSSAPI")).response);
  let advice = "it has no SASL GSSAPI: turn that mechanism on there";
  try {
    while (answer.status === 334) {
      advice = `the server's log says why; its keytab must have the principal ${service}/HOST`;
      const response = await sasl.step(decodeBase64(answer.text));
      answer = answerOf((await context.sendCommand(encodeBase64(response))).response);
    }
    if (answer.status !== 235) {
      throw refusedBy("the mail server", `${answer.status} ${answer.text}`, advice);
    }
    // Rule SM1 in SECURITY.md.
    await sasl.finish();
  } finally {
    sasl.dispose();
  }
}

/** RFC 5321 section 4.2: a code of three digits, and text, which may be missing with its blank. */
function answerOf(line: string): { readonly status: number; readonly text: string } {
  const [, status = "0", text = ""] = /^(\d{3})(?:[ -]([^\r\n]*))?/.exec(line) ?? [];
  return { status: Number(status), text: text.trim() };
}
