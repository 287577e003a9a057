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

/**
 * Makes the mechanism PKINIT (RFC 4556): a certificate proves the client, and another one the KDC. It serves the
 * credentials of `certificate()` and `anonymous()`; what it needs to read certificates is loaded at its first login.
 *
 * @returns the mechanism, for the option `preauth`
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 * import { certificate, pkinit } from "krb5-remctl/pkinit";
 *
 * const client = createClient({
 *   credentials: certificate("robot@EXAMPLE.ORG", { certificate: pem, key: keyPem, anchors: caPem }),
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [pkinit()],
 * });
 * ```
 */
export function pkinit(): PreauthMechanism {
  const prepared = new WeakMap<LoginContext, PkinitRun>();
  return {
    type: PADATA.pkAsReq,
    name: NAME,
    place: "any",
    secrets: ["certificate", "anonymous"],
    canAnswer: () => true,
    prepare(login) {
      const run = new PkinitRun(login);
      prepared.set(login, run);
      return run.prepare();
    },
    begin(login) {
      const run = prepared.get(login) ?? new PkinitRun(login);
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
  #exchange: Promise<PkinitExchange> | undefined;
  #isFinal = false;

  constructor(login: LoginContext) {
    this.#login = login;
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
    this.#exchange ??= exchangeOf(this.#login);
    return this.#exchange;
  }
}

async function exchangeOf(login: LoginContext): Promise<PkinitExchange> {
  const { identity, client } = login;
  if (identity !== undefined) return new (await import("./exchange.ts")).PkinitExchange(login, identity);
  throw new PreauthError("PREAUTH", `${NAME} needs a certificate: log in with certificate() or anonymous()`, {
    realm: client.realm,
    mechanism: NAME,
  });
}
