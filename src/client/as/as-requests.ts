import { ProtocolError } from "../../errors.ts";
import { KDC_OPTION, MESSAGE_TYPE, PADATA } from "../../iana/index.ts";
import { encodeAsReq, type PaData } from "../../krb5/index.ts";
import { type Envelope, reqEncPaRep } from "../../preauth/index.ts";
import { createKdcRequest, type KdcRequest } from "../kdc-request.ts";
import type { AsExchangeOptions, AsStep } from "./as-options.ts";
import type { KdcClock } from "./kdc-clock.ts";
import type { LoginNames } from "./login-names.ts";

const asFreshness: PaData = { padataType: PADATA.asFreshness, padataValue: new Uint8Array(0) };

/** Rule A14: no KDC can keep us asking for longer. */
const maxRounds = 16;

/** An AS-REQ as it was sent. */
export interface SentAsReq {
  readonly request: KdcRequest;
  readonly octets: Uint8Array;
}

/** The parts of a login that {@link AsRequests} use. */
export interface AsRequestsParts {
  readonly options: AsExchangeOptions;
  readonly requested: readonly number[];
  readonly names: LoginNames;
  readonly clock: KdcClock;
  readonly envelope: () => Envelope;
}

/** The AS-REQs of one exchange (RFC 4120 section 3.1.1). The body of each is made first, since a proof may bind it. */
export class AsRequests {
  /** What the KDC gave to be handed back, word for word (RFC 6113 section 5.2). */
  cookie: PaData | undefined;
  readonly #parts: AsRequestsParts;
  #rounds = 0;
  #sent: SentAsReq | undefined;

  constructor(parts: AsRequestsParts) {
    this.#parts = parts;
  }

  /** The last that was sent. */
  get sent(): SentAsReq | undefined {
    return this.#sent;
  }

  /** The body of the next request. Throws ProtocolError `TOO_MANY_ROUNDS`. */
  create(): KdcRequest {
    const { options, requested, names, clock } = this.#parts;
    const { client, service } = names;
    this.#rounds += 1;
    if (this.#rounds > maxRounds) {
      throw new ProtocolError(
        "TOO_MANY_ROUNDS",
        `the KDC of ${client.realm} gave no ticket and no clear answer in ${maxRounds} rounds: look at its log`,
      );
    }
    const { kdcOptions = 0, secret } = options;
    const isAnonymous = secret.kind === "anonymous";
    // A new nonce for each request (rule A6).
    return createKdcRequest(client, service, options.encTypes, clock.timeMs, {
      ...options,
      ...(names.isEnterprise ? { canonicalize: true } : {}),
      kdcOptions: isAnonymous ? kdcOptions | KDC_OPTION.requestAnonymous : kdcOptions,
      withClient: true,
      requested,
    });
  }

  send(request: KdcRequest, preauth: readonly PaData[]): AsStep {
    const { names, envelope } = this.#parts;
    const cookie = this.cookie === undefined ? [] : [this.cookie];
    // RFC 8070 section 3: asks for the token that a signature may need.
    const { secret, wishes = [] } = this.#parts.options;
    const freshness = secret.kind === "certificate" ? [asFreshness] : [];
    const octets = encodeAsReq({
      pvno: 5,
      msgType: MESSAGE_TYPE.asReq,
      padata: envelope().request(request, [...preauth, ...cookie, ...wishes, reqEncPaRep, ...freshness]),
      reqBody: { octets: request.octets },
    });
    this.#sent = { request, octets };
    return { type: "send", realm: names.client.realm, request: octets };
  }
}
