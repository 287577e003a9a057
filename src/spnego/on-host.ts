import { chooseProvider } from "../crypto/index.ts";
import { requireSharedReplays } from "../gssapi/index.ts";
import { acceptorHost } from "../runtime/index.ts";
import { createSpnegoAcceptor as acceptor, type SpnegoAcceptorOptions, type SpnegoContext } from "./index.ts";

/**
 * Begins a negotiated GSS-API context as its acceptor (RFC 4178, MS-SPNG): agrees on krb5, whatever else is offered. A
 * first step without a token gives what a server says that speaks first (`createNegotiationHints`).
 *
 * @param options the service's keys, what is asked of a client, and of the negotiation
 * @returns the context, before its first step. A step that refuses rejects with what the krb5 mechanism says, or with
 *   GssError `SPNEGO_NO_COMMON_MECHANISM` for a client that offers no krb5, `SPNEGO_BAD_MIC` if the list of mechanisms
 *   was changed, `GSS_DEFECTIVE_TOKEN`; its `token`, if there is one, is the answer to send before hanging up
 * @throws CredentialError `KEYTAB` for octets that are not a keytab, TypeError and RangeError for other options that
 *   make no acceptor; TypeError where other workers accept with the same keys and without a replay cache that they
 *   share: the caller's mistakes
 * @example
 * ```ts
 * import { createSpnegoAcceptor } from "krb5-remctl/spnego";
 *
 * const context = createSpnegoAcceptor({ keytab: octets, service: "HTTP" });
 * while (!context.isEstablished) {
 *   const reply = await context.step(await receive());
 *   if (reply !== undefined) await send(reply);
 * }
 * console.log(context.peer);
 * ```
 */
export function createSpnegoAcceptor(options: SpnegoAcceptorOptions): SpnegoContext {
  const host = acceptorHost();
  const context = acceptor(options, () => chooseProvider(host));
  requireSharedReplays(options.replayCache, host);
  return context;
}
