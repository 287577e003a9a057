/**
 * SPNEGO (RFC 4178, MS-SPNG): the negotiation in front of a context, both sides, and what a token of any mechanism is.
 * A negotiated context is a {@link SecurityContext}; the one mechanism that it agrees on is krb5.
 *
 * Layer 6: it may import `gssapi` and what is below it.
 */
export { createSpnegoAcceptor, type SpnegoAcceptorOptions, serviceWords, spnegoAcceptorChecks } from "./acceptor.ts";
export { describeToken, type TokenDescription, type TokenMechanism, tokenOf, tokenWords } from "./describe.ts";
export { createNegotiationHints } from "./hints.ts";
export { createSpnegoInitiator, type SpnegoInitiatorOptions, spnegoInitiatorChecks } from "./initiator.ts";
export type { SpnegoContext } from "./negotiated-context.ts";
