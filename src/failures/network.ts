import type { ErrorCodes } from "./codes.ts";
import { type ErrorFields, KerberosError } from "./kerberos-error.ts";
import { plain } from "./plain-text.ts";

/** One try at one endpoint, for the report of a {@link TransportError}. */
export interface Attempt {
  /** For example `tcp://host:port`. */
  readonly endpoint: string;
  /** What failed, in words. */
  readonly reason: string;
  /**
   * What stood in the way. `here`: this machine, by its limits, its firewall or the address to connect from;
   * `refused`: nothing listens; `silent`: no answer in time; `unreachable`: no route; `name`: the name has no
   * address; `closed`: it hangs up; `stranger`: it answers in another protocol; `plain`: it answers, and not in TLS;
   * `other`: see `reason`.
   */
  readonly obstacle?:
    | "refused"
    | "silent"
    | "unreachable"
    | "name"
    | "closed"
    | "stranger"
    | "plain"
    | "here"
    | "other";
}

/** No endpoint could be reached, or a connection ended. `attempts` lists every endpoint tried, with its reason. */
export class TransportError extends KerberosError<ErrorCodes["TransportError"]> {
  /** The name of the class, which tells it as `code` does. */
  override readonly name: "TransportError" = "TransportError";
  /** Every endpoint tried, in order; empty for a connection that ended. */
  readonly attempts: readonly Attempt[];
  /** The realm whose KDCs were asked. */
  declare readonly realm?: string;

  /**
   * Makes the error, for a source, cache or dial of your own.
   *
   * @param code what went wrong
   * @param message what failed, and what to do
   * @param attempts every endpoint tried; the message gets them behind it
   * @param fields what is known of the failure, and the error behind it
   */
  constructor(
    code: ErrorCodes["TransportError"],
    message: string,
    attempts: readonly Attempt[] = [],
    fields: ErrorFields<TransportError, "realm"> = {},
  ) {
    super(code, message + toldOf(attempts), fields);
    this.attempts = plain(attempts);
  }
}

function toldOf(attempts: readonly Attempt[]): string {
  if (!Array.isArray(attempts)) return "";
  return attempts.length === 0 ? "" : `: ${attempts.map((a) => `${a.endpoint}: ${a.reason}`).join("; ")}`;
}
