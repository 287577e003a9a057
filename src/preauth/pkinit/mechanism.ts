import type { ProtocolKey } from "../../crypto/index.ts";
import { PreauthError } from "../../errors.ts";
import { KRB_ERROR, PADATA } from "../../iana/index.ts";
import type { PaData } from "../../krb5/index.ts";
import type {
  LoginContext,
  OpenedReply,
  PreauthMechanism,
  PreauthReply,
  PreauthRound,
  PreauthRun,
} from "../mechanism.ts";
import type { PkinitExchange } from "./exchange.ts";

const NAME = "PA-PK-AS-REQ";

/** What makes the exchange of a login. */
export type PkinitProgram = typeof PkinitExchange;

/** PKINIT, with what loads the program of a login. */
export function pkinitWith(load: () => Promise<PkinitProgram>): PreauthMechanism {
  const prepared = new WeakMap<LoginContext, PkinitRun>();
  return {
    type: PADATA.pkAsReq,
    name: NAME,
    place: "any",
    secrets: ["certificate", "anonymous"],
    canAnswer: () => true,
    prepare(login) {
      const run = new PkinitRun(login, load);
      prepared.set(login, run);
      return run.prepare();
    },
    begin(login) {
      const run = prepared.get(login) ?? new PkinitRun(login, load);
      // Of one attempt: the next one begins anew.
      prepared.delete(login);
      return run;
    },
  };
}

/** A login whose code is loaded when it first answers, or before. */
class PkinitRun implements PreauthRun {
  /** A signature tells nothing of its key, and a fresh token may have become old while a passphrase was typed. */
  readonly isRepeatable = true;
  readonly #login: LoginContext;
  readonly #program: () => Promise<PkinitProgram>;
  #exchange: Promise<PkinitExchange> | undefined;
  #isFinal = false;

  constructor(login: LoginContext, load: () => Promise<PkinitProgram>) {
    this.#login = login;
    this.#program = load;
  }

  get isFinal(): boolean {
    return this.#isFinal;
  }

  /** Another group (RFC 4556 section 3.2.2), or the second checksum, once each. */
  goesOn(errorCode: number): boolean {
    return errorCode === KRB_ERROR.KDC_ERR_KEY_TOO_WEAK || errorCode === KRB_ERROR.KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED;
  }

  async prepare(): Promise<void> {
    await (await this.#load()).prepare();
  }

  async answer(round: PreauthRound): Promise<readonly PaData[]> {
    const padata = await (await this.#load()).answer(round);
    this.#isFinal = true;
    return padata;
  }

  async replyKey(reply: PreauthReply): Promise<ProtocolKey> {
    return (await this.#load()).replyKey(reply);
  }

  async check(reply: OpenedReply): Promise<void> {
    await (await this.#load()).check(reply);
  }

  #load(): Promise<PkinitExchange> {
    this.#exchange ??= this.#begin();
    return this.#exchange;
  }

  async #begin(): Promise<PkinitExchange> {
    const { identity, client } = this.#login;
    if (identity !== undefined) return new (await this.#program())(this.#login, identity);
    throw new PreauthError("PREAUTH", `${NAME} needs a certificate: log in with certificate() or anonymous()`, {
      realm: client.realm,
      mechanism: NAME,
    });
  }
}
