import { type Checks, checkBoolean, checkMethods, checkOptions, checkPart, checkRequired } from "../checks/index.ts";
import type { SecurityContext } from "./context.ts";
import { type InitiatorOptions, initiate } from "./initiator.ts";
import { contextChecks } from "./options.ts";
import { parseTarget } from "./target.ts";

const flagChecks: Checks<NonNullable<InitiatorOptions["flags"]>> = {
  mutual: checkBoolean,
  replay: checkBoolean,
  sequence: checkBoolean,
  confidentiality: checkBoolean,
  integrity: checkBoolean,
  delegation: (name, value) => value === "policy" || checkBoolean(name, value),
};

const initiatorChecks: Checks<InitiatorOptions> = {
  ...contextChecks,
  target: (_, value) => void parseTarget(value as string),
  credential: [checkMethods, "getTicket"],
  flags: (name, value) => checkPart(name, value, flagChecks),
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
  return initiate(options);
}
