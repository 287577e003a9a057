import type { ProtocolKey } from "../../crypto/index.ts";
import { PreauthError } from "../../errors.ts";
import { KRB_ERROR, PADATA } from "../../iana/index.ts";
import { formatPrincipal, type PaData } from "../../krb5/index.ts";
import type { Armor } from "../envelope.ts";
import type { LoginContext, OpenedReply, PreauthMechanism, PreauthRound, PreauthRun } from "../mechanism.ts";
import type { OtpExchange } from "./exchange.ts";

const NAME = "PA-OTP-CHALLENGE";

/** What makes the exchange of a login. */
export type OtpProgram = typeof OtpExchange;

/** One-time passwords, with what gives the program of a login: the main client loads it at its first one. */
export function otpWith(load: () => Promise<OtpProgram>): PreauthMechanism {
  return {
    type: PADATA.otpChallenge,
    name: NAME,
    // Rule OT1: a listener who hears a code outside the armor can use it first.
    place: "inside FAST",
    secrets: ["password", "otp"],
    canAnswer: () => true,
    begin: (login) => new OtpRun(login, load),
  };
}

class OtpRun implements PreauthRun {
  readonly #login: LoginContext;
  readonly #load: () => Promise<OtpProgram>;
  #exchange: OtpExchange | undefined;
  #isFinal = false;

  constructor(login: LoginContext, load: () => Promise<OtpProgram>) {
    this.#login = login;
    this.#load = load;
  }

  get isFinal(): boolean {
    return this.#isFinal;
  }

  /** A token that has drifted: the KDC wants its next value too (RFC 6560 section 2.4), which the user is asked for. */
  goesOn(errorCode: number): boolean {
    return (
      errorCode === KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED || errorCode === KRB_ERROR.KDC_ERR_MORE_PREAUTH_DATA_REQUIRED
    );
  }

  async answer(round: PreauthRound): Promise<readonly PaData[]> {
    const { key } = this.#armor;
    this.#exchange ??= new (await this.#load())(this.#login, key);
    const padata = await this.#exchange.answer(round);
    this.#isFinal = true;
    return padata;
  }

  /** RFC 6560 section 3.6: where the value is sent, the armor key is the reply key. */
  async replyKey(): Promise<ProtocolKey> {
    return this.#armor.key;
  }

  async check(reply: OpenedReply): Promise<void> {
    await this.#exchange?.check(reply);
  }

  explain(errorCode: number, offer: readonly PaData[], cause: Error): Error | undefined {
    return this.#exchange?.explain(errorCode, offer, cause);
  }

  /** An answer does not say whether it was the code or the PIN, and a code is spent whatever comes of it. */
  refused(cause: Error): Error {
    const principal = formatPrincipal(this.#login.client);
    const words =
      `the KDC rejected the one-time password of ${principal}, or its PIN: it was sent once and is not sent again; ` +
      "wait for the token's next one, and log in again";
    return new PreauthError("OTP_REFUSED", words, {
      principal,
      realm: this.#login.client.realm,
      mechanism: NAME,
      cause,
    });
  }

  get #armor(): Armor {
    const { armor } = this.#login;
    if (armor !== undefined) return armor;
    throw new PreauthError("PREAUTH", "a one-time password goes inside FAST alone: give the option `armor`", {
      mechanism: NAME,
    });
  }
}
