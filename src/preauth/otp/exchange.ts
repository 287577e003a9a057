import { encodeText } from "../../bytes/index.ts";
import type { ProtocolKey } from "../../crypto/index.ts";
import type { PreauthError } from "../../errors.ts";
import { KEY_USAGE, PADATA } from "../../iana/index.ts";
import { type PaData, sealData } from "../../krb5/index.ts";
import type { LoginContext, OpenedReply, PreauthRound } from "../mechanism.ts";
import { findPaData } from "../methods.ts";
import type { CompletePrompts } from "../prompts.ts";
import { otpFailure } from "./failure.ts";
import { type OtpChallenge, otpMessages } from "./messages.ts";
import { pinError, pinNoticeIn } from "./pin-change.ts";
import { has, TOKEN_FLAG, type Token, usableTokens } from "./token.ts";

/** The passwords of a login that went out, so that none goes out again: a code is spent by being sent. */
const SPENT = new WeakMap<CompletePrompts, Set<string>>();

/** The client's half of one-time passwords (RFC 6560 section 3.3), the value sent as it is. */
export class OtpExchange {
  readonly #login: LoginContext;
  readonly #key: ProtocolKey;
  #rounds = 0;

  constructor(login: LoginContext, key: ProtocolKey) {
    this.#login = login;
    this.#key = key;
  }

  /** PA-OTP-REQUEST for the KDC's challenge; asks for the code, and for the PIN if the token has one. */
  async answer({ offer }: PreauthRound): Promise<readonly PaData[]> {
    const challenge = this.#challengeIn(offer);
    this.#rounds += 1;
    const usable = usableTokens(challenge);
    const drifted = usable.filter(({ info }) => has(info, TOKEN_FLAG.nextOtp));
    // RFC 6560 section 2.4: a second code is for a token whose clock or counter has drifted; it is wanted once.
    if (this.#rounds > 1 && (drifted.length === 0 || this.#rounds > 2)) {
      throw this.#refuse("the KDC wants another one-time password without a reason: none is sent");
    }
    const token = await this.#choose(this.#rounds > 1 ? drifted : usable);
    const value = await this.#askOtp(token);
    const { info } = token;
    const isSeparate = has(info, TOKEN_FLAG.separatePin);
    const isPinWanted = (isSeparate || has(info, TOKEN_FLAG.collectPin)) && !has(info, TOKEN_FLAG.doNotCollectPin);
    const pin = isPinWanted ? await this.#askPin() : undefined;
    const nonce = otpMessages.encode("PA-OTP-ENC-REQUEST", { nonce: challenge.nonce });
    const { otpChallenge, otpTokenID, otpAlgID, otpVendor } = info;
    const padataValue = otpMessages.encode("PA-OTP-REQUEST", {
      otpFlags: info.otpFlags & (TOKEN_FLAG.nextOtp | TOKEN_FLAG.combine),
      encData: sealData(this.#key, KEY_USAGE.otpRequest, nonce),
      otpValue: encodeText(isSeparate || pin === undefined ? value : pin + value),
      otpPin: isSeparate ? pin : undefined,
      otpChallenge,
      otpTokenID,
      otpAlgID,
      otpVendor,
    });
    return [{ padataType: PADATA.otpRequest, padataValue }];
  }

  /** What the KDC says of the PIN, in a reply that has passed every check: the user is shown it. */
  async check({ padata }: Pick<OpenedReply, "padata">): Promise<void> {
    const { ask, client, trace } = this.#login;
    const notice = pinNoticeIn(padata, client);
    if (notice === undefined) return;
    const isLost = notice.newPin !== undefined && ask.pinNotice === undefined;
    const lost = isLost ? ", and nobody is shown it: give the prompt `pinNotice`" : "";
    const words = notice.newPin === undefined ? "what it says of the token's PIN" : "a new PIN for the token";
    trace({ type: "note", text: `OTP: the KDC sends ${words}${lost}` });
    await ask.pinNotice?.(notice);
  }

  /** The PIN has expired, or is wanted apart; undefined: neither. */
  explain(errorCode: number, offer: readonly PaData[], cause: Error): Error | undefined {
    return pinError(errorCode, offer, this.#login.client, cause);
  }

  #challengeIn(offer: readonly PaData[]): OtpChallenge {
    const value = findPaData(offer, PADATA.otpChallenge)?.padataValue;
    if (value === undefined) throw this.#refuse("the KDC's answer to a one-time password has no new challenge");
    try {
      return otpMessages.decode("PA-OTP-CHALLENGE", value);
    } catch (cause) {
      throw this.#refuse("the KDC's challenge for a one-time password does not decode", cause);
    }
  }

  async #choose(tokens: readonly Token[]): Promise<Token> {
    const { ask, client } = this.#login;
    const [first] = tokens as readonly [Token, ...Token[]];
    if (tokens.length === 1 || ask.token === undefined) return first;
    const shown = tokens.map((token) => token.shown);
    const index = await ask.token({ client, text: "Please choose from the following:", tokens: shown });
    const chosen = tokens[index];
    if (chosen !== undefined) return chosen;
    throw new RangeError(`ask.token gave ${String(index)}: it must be the place of a token in the list, from 0`);
  }

  async #askOtp({ shown }: Token): Promise<string> {
    const { ask, client } = this.#login;
    const value: unknown = await ask.otp({ client, text: "Enter OTP Token Value", ...shown });
    if (typeof value !== "string")
      throw new TypeError("ask.otp gave something else than a string: let it give the code");
    if (value === "") throw this.#refuse("no one-time password was given");
    // Rule OT2.
    const spent = SPENT.get(ask) ?? new Set();
    if (spent.has(value)) throw this.#refuse("the prompt gave a one-time password twice: it is not sent again");
    SPENT.set(ask, spent.add(value));
    return value;
  }

  async #askPin(): Promise<string> {
    const { ask, client } = this.#login;
    const pin: unknown = await ask.pin({ client, text: "OTP Token PIN" });
    if (typeof pin !== "string") throw new TypeError("ask.pin gave something else than a string: let it give the PIN");
    return pin;
  }

  #refuse(words: string, cause?: unknown): PreauthError {
    return otpFailure("PREAUTH", this.#login.client, (us) => `${words} (${us}); log in again with a new one`, cause);
  }
}
