import {
  type Checks,
  checkBoolean,
  checkFunction,
  checkMethods,
  checkOptions,
  checkRequired,
  checkWord,
} from "../checks/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { acceptorChecks, type InitiatorOptions } from "../gssapi/index.ts";
import type { Enctypes, Principal, TicketSource } from "../krb5/index.ts";
import type { TraceListener } from "../trace.ts";
import { checkOrigins, type Origins } from "./origins.ts";

/** Options for `negotiateFetch` and `createNegotiator`. */
export interface NegotiateOptions {
  /** Where tickets come from: a client of this package, or anything with `getTicket`. */
  readonly credential: TicketSource;
  /**
   * Which servers get a token: their origins, for example `["https://intranet.example.org"]`, or a function of a URL
   * that has the origin alone. To every other one requests go as they are.
   */
  readonly origins: Origins;
  /**
   * Send a token with the first request. `"learned"`: once the origin has asked for one, of any credential that shares
   * the connections. False: whenever it asks; a server that authenticates connections may then take the request for
   * another client's that shares them. Default `"learned"`; true where `mutual` is `"required"`.
   */
  readonly preemptive?: boolean | "learned" | undefined;
  /**
   * Whether the server must prove itself. `"if-offered"`: its proof is checked where it sends one; `"required"`: an
   * answer without one is refused; `"off"`: it is not asked for. Default `"if-offered"`, since servers leave it out of
   * errors.
   */
  readonly mutual?: "if-offered" | "required" | "off" | undefined;
  /** The service of a URL. Default: `HTTP@` and the URL's host name, as it is written. */
  readonly target?: ((url: URL) => string | Principal) | undefined;
  /** `"policy"`: delegate to servers that the KDC trusts with it (`ok-as-delegate`). Default false. */
  readonly delegation?: false | "policy" | undefined;
  /** Whether tokens are negotiated (SPNEGO), as every server knows them. False: those of krb5 itself. Default true. */
  readonly useSpnego?: boolean | undefined;
  /** The enctypes permitted. Default: those of the credential. */
  readonly enctypes?: Enctypes | EncTypeSet | undefined;
  /** The local clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Gets each step as an event. */
  readonly onTrace?: TraceListener | undefined;
}

export const negotiateChecks: Checks<NegotiateOptions> = {
  credential: [checkMethods, "getTicket", "getForwardedTicket?", "loadEncTypes?"],
  origins: checkOrigins,
  preemptive: (name, value) => value === "learned" || checkBoolean(name, value),
  mutual: [checkWord, "if-offered", "required", "off"],
  target: checkFunction,
  delegation: (name, value) => value === false || checkWord(name, value, "policy"),
  useSpnego: checkBoolean,
  enctypes: acceptorChecks.enctypes,
  now: checkFunction,
  onTrace: checkFunction,
};

/** Checks the options that a function was given. Throws TypeError: the caller's mistakes. */
export function checkNegotiateOptions<T extends NegotiateOptions>(of: string, options: T, checks: Checks<T>): void {
  checkOptions(of, options, checks);
  checkRequired<NegotiateOptions>(options, checks as unknown as Checks<NegotiateOptions>, "credential", "origins");
  if (options.mutual === "required" && options.preemptive !== undefined && options.preemptive !== true) {
    throw new TypeError(
      `preemptive is ${options.preemptive} and mutual is "required": a server that need not ask would prove nothing; leave preemptive out`,
    );
  }
}

/** What of the options a context takes. */
export function initiatorOptions(options: NegotiateOptions): Omit<InitiatorOptions, "target"> {
  const { credential, delegation = false, mutual, enctypes, now, onTrace } = options;
  return { credential, enctypes, now, onTrace, flags: { mutual: mutual !== "off", delegation } };
}
