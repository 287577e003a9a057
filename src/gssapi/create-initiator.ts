import { type Checks, checkBoolean, checkMethods, checkOptions, checkPart, checkRequired } from "../checks/index.ts";
import { isKerberosError } from "../errors.ts";
import { TICKET_FLAG } from "../iana/index.ts";
import {
  type AuthenticatorClock,
  checkServiceName,
  createAuthenticatorClock,
  type Principal,
  registeredNames,
  type ServiceTicket,
  sealCred,
  serviceNameOf,
  type TicketSource,
} from "../krb5/index.ts";
import { createTrace, type Trace } from "../trace.ts";
import { announcement } from "./binding-announcement.ts";
import { hashChannelBindings } from "./channel-bindings.ts";
import type { ContextFlags, SecurityContext } from "./context.ts";
import { InitiatorHandshake } from "./initiator.ts";
import { Krb5Context } from "./krb5-context.ts";
import { type ContextOptions, contextChecks, permittedIn } from "./options.ts";

/** Options for {@link createInitiator}. */
export interface InitiatorOptions extends ContextOptions {
  /** `service@host`, `service/host@REALM`, or a principal. */
  readonly target: string | Principal;
  /**
   * The initiator's credential of RFC 2743 section 1.1.1, which gives the ticket: a client of this package, or anything
   * with `getTicket`.
   */
  readonly credential: TicketSource;
  /**
   * What the context shall have. Each is true unless said, but `delegation` (rule C9 in SECURITY.md): true hands a
   * forwarded ticket-granting ticket to the service, `"policy"` does if the KDC says that the service may have it
   * (`ok-as-delegate`). Where the credential cannot delegate, there is a context without: `flags.delegation` of the
   * context tells.
   */
  readonly flags?:
    | ({ readonly [name in Exclude<keyof ContextFlags, "delegation" | "channelBound">]?: boolean | undefined } & {
        readonly delegation?: boolean | "policy" | undefined;
      })
    | undefined;
  /**
   * Tell the acceptor that contexts from here are bound to their channel wherever they have one (MS-KILE section
   * 3.2.5.8): it then refuses one without bindings, even where it requires none. Default: true where `channelBindings`
   * is given.
   */
  readonly announceChannelBindings?: boolean | undefined;
  /** Gives the authenticator's time, for a replay that must be the same octet for octet. Default: one over `now`. */
  readonly clock?: AuthenticatorClock | undefined;
}

const flagChecks: Checks<NonNullable<InitiatorOptions["flags"]>> = {
  mutual: checkBoolean,
  replay: checkBoolean,
  sequence: checkBoolean,
  confidentiality: checkBoolean,
  integrity: checkBoolean,
  delegation: (name, value) => value === "policy" || checkBoolean(name, value),
};

/** For the options of an initiator. */
export const initiatorChecks: Checks<InitiatorOptions> = {
  ...contextChecks,
  target: checkServiceName,
  credential: [checkMethods, "getTicket", "getForwardedTicket?", "loadEncTypes?"],
  flags: (name, value) => checkPart(name, value, flagChecks),
  announceChannelBindings: checkBoolean,
  clock: [checkMethods, "next"],
};

/**
 * Begins a GSS-API context of the krb5 mechanism as its initiator (RFC 4121 section 4.1). `step()` gives the first
 * token; `step(token)` takes the acceptor's. Nothing is asked of the credential before the first step.
 *
 * @param options the service, where its ticket comes from, and what the context shall have
 * @returns the context, before its first step. That step rejects with what the credential throws, or GssError
 *   `TICKET_EXPIRED`. The second step rejects with GssError: `SERVER_REJECTED_TICKET`, `SERVER_CLOCK_SKEW`,
 *   `SERVER_KEY_CHANGED`, `TICKET_EXPIRED` or `REPLAY` if the acceptor refused (with its KRB-ERROR as the cause),
 *   `GSS_DEFECTIVE_TOKEN` for octets that are not a reply, or the code of the check that an AP-REP failed
 * @throws TypeError for options that make no initiator, for example a target that is not a name: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createInitiator } from "krb5-remctl/gssapi";
 *
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const context = createInitiator({ target: "host@server.example.org", credential: client });
 * await send(await context.step());
 * await context.step(await receive());
 * await send(context.wrap(new TextEncoder().encode("hello")));
 * ```
 */
export function createInitiator(options: InitiatorOptions): SecurityContext {
  checkOptions("createInitiator", options, initiatorChecks);
  checkRequired(options, initiatorChecks, "target", "credential");
  const { credential, channelBindings, enctypes, clock, now } = options;
  const { announceChannelBindings = channelBindings !== undefined } = options;
  const { flags = {} } = options;
  // What is undefined is as what is left out: a spread would turn mutual authentication off.
  const { delegation = false, mutual = true, replay = true, sequence = true, confidentiality = true } = flags;
  const target = serviceNameOf("target", options.target);
  const trace = createTrace(options.onTrace, now);
  const handshake = new InitiatorHandshake({
    target,
    // Confidentiality without integrity is nothing that RFC 4121 has.
    flags: {
      ...{ mutual, replay, sequence, confidentiality },
      integrity: flags.integrity !== false || confidentiality,
      delegation: false,
      channelBound: false,
    },
    async load(peer, signal) {
      const encTypes = await permittedIn(enctypes, credential);
      return { ticket: await credential.getTicket(peer, signal === undefined ? {} : { signal }), encTypes };
    },
    bindings: channelBindings && ((provider) => hashChannelBindings(provider, channelBindings)),
    authorizationData: announceChannelBindings ? announcement() : undefined,
    delegate: (ticket, signal) => delegate(options, delegation, ticket, trace, signal),
    clock,
    now,
    trace,
    legacyTokens: options.legacyTokens,
    names: registeredNames(),
  });
  return new Krb5Context(handshake, options.legacyTokens);
}

/**
 * The KRB-CRED of a forwarded ticket-granting ticket, under the session key of the ticket (RFC 4121 section 4.1.1);
 * undefined if nobody asked for it, or it cannot be had.
 */
async function delegate(
  { credential, now = Date.now }: InitiatorOptions,
  delegation: boolean | "policy",
  ticket: ServiceTicket,
  trace: Trace,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const isTrusted = (ticket.flags & TICKET_FLAG.okAsDelegate) !== 0;
  if (delegation === false || (delegation === "policy" && !isTrusted)) return undefined;
  let forwarded: ServiceTicket | undefined;
  try {
    forwarded = await credential.getForwardedTicket?.({
      client: ticket.client,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (!isKerberosError(error) || signal?.aborted) throw error;
    trace({ type: "note", text: `no delegation: ${error.message}` });
    return undefined;
  }
  if (forwarded === undefined) {
    trace({ type: "note", text: "no delegation: the ticket-granting ticket is not forwardable" });
    return undefined;
  }
  const clock = createAuthenticatorClock(now);
  return sealCred(ticket.sessionKey, [forwarded], clock.next(ticket.clockOffsetMs));
}
