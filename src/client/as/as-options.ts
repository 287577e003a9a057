import type { EncTypeSet } from "../../crypto/index.ts";
import type { KerberosError } from "../../errors.ts";
import type { PaData, Principal, RegisteredNames, ServiceTicket, TicketElement } from "../../krb5/index.ts";
import {
  type Envelope,
  type HiddenTypes,
  type KeyHint,
  type PreauthMechanism,
  type Prompts,
  preauthMechanisms,
} from "../../preauth/index.ts";
import type { Trace } from "../../trace.ts";
import type { Secret } from "../credentials/secret.ts";
import type { TicketOptions } from "../kdc-request.ts";

/** Options for an AsExchange. */
export interface AsExchangeOptions extends TicketOptions {
  readonly client: Principal;
  /** Usually `krbtgt/REALM@REALM`. */
  readonly service: Principal;
  readonly secret: Secret;
  readonly encTypes: EncTypeSet;
  readonly trace: Trace;
  /** The local clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly skewMs: number;
  /** When a postdated ticket shall begin. */
  readonly startTime?: Date;
  readonly addresses?: readonly TicketElement[];
  /** The enctypes to ask for, best first; default: all that are permitted and that the secret has. */
  readonly requested?: readonly number[];
  /** Whether the KDC's clock is adopted, as its reply proves it (rule A11). Default true. */
  readonly isTimeLearned?: boolean;
  /** The mechanisms of pre-authentication, best first. Default: PA-ENC-TIMESTAMP. */
  readonly preauth?: readonly PreauthMechanism[] | undefined;
  /** Types of pre-authentication that are not used, as `disable_encrypted_timestamp` asks. */
  readonly disabledPreauth?: readonly number[];
  /** Types of pre-authentication that come before the others, as `preferred_preauth_types` asks. */
  readonly preferredPreauth?: readonly number[];
  /** PA-DATA of every request beside the proofs. Default: none. */
  readonly wishes?: readonly PaData[];
  /** More KDC options, as bits. */
  readonly kdcOptions?: number;
  /** Deprecated enctypes (RFC 8429) whose key, made of a password, may be proven. Default: none (rule LE1). */
  readonly weakLogin?: readonly number[] | undefined;
  /** How the user is asked for what a mechanism needs. Default: nobody is asked. */
  readonly prompts?: Prompts | undefined;
  /** What goes around the messages. Default: nothing. */
  readonly envelope?: Envelope;
  /** Makes an envelope for a realm: after a referral, or where a KDC offers FAST to a login without armor. */
  readonly rearm?: (realm: string) => Promise<Envelope>;
  /** A proof that the KDC refused a moment ago: no other is made, and the error says whether it would differ. */
  readonly refused?: { readonly hint: KeyHint; readonly error: KerberosError; readonly other: KerberosError };
  /** What the login before this one, which is a part of the same, gave away: nothing else is. */
  readonly given?: GivenProof | undefined;
  /** Whether the first request has a timestamp that nobody has asked for, where the key is known without a KDC. */
  readonly isTimestampFirst?: boolean | undefined;
  /** What errors and the trace call numbers. Default: numbers. */
  readonly names?: RegisteredNames | undefined;
  /** How the key was made that a KDC proved before: no weaker one is proven (rule P15). */
  readonly floor?: KeyHint | undefined;
  /** What an earlier login hid, and this one does not give away (rule P17). */
  readonly hidden?: HiddenTypes | undefined;
  /** Whether a weaker mechanism may be used than at an earlier login. Default false. */
  readonly allowPreauthDowngrade?: boolean | undefined;
}

/** What a login gave away of its secret, though it failed. */
export interface GivenProof {
  /** The PA-DATA type of the mechanism. */
  readonly mechanism: number;
  /** How the key was made that it proved; undefined: it proved none that has a hint. */
  readonly hint: KeyHint | undefined;
  /** Whether the mechanism may prove the secret once more: it then gives away nothing new. */
  readonly isRepeatable: boolean;
  /** Whether it went out before the KDC asked for it, how far its clock was from ours, and when it was asked before. */
  readonly unasked: { readonly clockOffsetMs: number; readonly askedAtMs?: number | undefined } | undefined;
}

/** What to do next: send a request to the KDC of a realm, or stop, with a ticket. */
export type AsStep =
  | { readonly type: "send"; readonly realm: string; readonly request: Uint8Array }
  | { readonly type: "done"; readonly ticket: ServiceTicket };

/** The secrets that are a long-term key. */
const WITH_KEY: readonly Secret["kind"][] = ["password", "keytab"];

/** The mechanisms that a login may use, best first (rule P6). */
export function usableMechanisms({
  preauth = preauthMechanisms,
  disabledPreauth = [],
  preferredPreauth = [],
  secret,
  given,
}: Pick<AsExchangeOptions, "preauth" | "disabledPreauth" | "preferredPreauth" | "given"> & {
  /** Default: a password. */
  readonly secret?: Secret;
}): readonly PreauthMechanism[] {
  const kind = secret?.kind ?? "password";
  const usable = preauth.filter(
    ({ type, secrets = WITH_KEY }) =>
      // Rule P5: after a proof no other mechanism.
      (given === undefined || given.mechanism === type) && secrets.includes(kind) && !disabledPreauth.includes(type),
  );
  const preferred = preferredPreauth.flatMap((type) => usable.filter((one) => one.type === type));
  return [...new Set([...preferred, ...usable])];
}
