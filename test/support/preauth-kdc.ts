// A KDC for one principal, whose pre-authentication is what a test says: the embedded KDC makes its replies and errors.

import { AsExchange, type AsExchangeOptions, type AsStep, passwordSecret } from "../../src/client/index.ts";
import { createEncTypeSet, loadNobleProvider, type ProtocolKey, strongEncTypes } from "../../src/crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../src/iana/index.ts";
import {
  decodeAsReq,
  encodeChecksum,
  encodeEtypeInfo2,
  encodeKrbError,
  encodeMethodData,
  type KdcReq,
  type PaData,
  parsePrincipal,
  registeredNames,
  type ServiceTicket,
  tgsPrincipal,
} from "../../src/krb5/index.ts";
import { decide, draftError } from "../../src/testing/kdc/answer.ts";
import { etypeInfo2, replyKeys } from "../../src/testing/kdc/etype-info2.ts";
import { KdcFailure } from "../../src/testing/kdc/failure.ts";
import { Database, defaultPolicy, type KdcState } from "../../src/testing/kdc/index.ts";
import { encodeReply, type ReplyDraft } from "../../src/testing/kdc/reply.ts";
import { openPadata, sealError, sealReply } from "./sealed-envelope.ts";

export const REALM = "TEST.EXAMPLE";
export const PASSWORD = "secret";

/** What a KDC says: as the embedded one would, an error with its e-data, or a ticket. */
export type Answer =
  | "usual"
  | { readonly code: number; readonly methods?: readonly PaData[]; readonly eData?: Uint8Array }
  | Granted;

interface Granted {
  readonly replyKey?: ProtocolKey;
  readonly padata?: readonly PaData[];
}

/** Decides on the request of this number, from 0, as it was in its envelope. */
export type Script = (request: KdcReq, round: number, kdc: PreauthKdc) => Answer;

const allEncTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
export const encTypes = allEncTypes.restrict([18]);

export const find = (padata: readonly PaData[] | undefined, type: number): Uint8Array | undefined =>
  padata?.find(({ padataType }) => padataType === type)?.padataValue;

export class PreauthKdc {
  /** Requests out of their envelope, and as they were sent. */
  readonly requests: KdcReq[] = [];
  readonly octets: Uint8Array[] = [];
  readonly state: KdcState;
  script: Script;
  readonly #armor: ProtocolKey | undefined;

  private constructor(state: KdcState, script: Script, armor: ProtocolKey | undefined) {
    this.state = state;
    this.script = script;
    this.#armor = armor;
  }

  static async create(script: Script, armor?: ProtocolKey): Promise<PreauthKdc> {
    const now = (): Date => new Date();
    const database = new Database(encTypes, now);
    await database.add(`krbtgt/${REALM}`);
    await database.add("alice", { password: PASSWORD, salt: "salt-of-alice" });
    const policy = defaultPolicy;
    const state: KdcState = { realm: REALM, policy, encTypes, allEncTypes, database, trusts: new Map(), now };
    return new PreauthKdc(state, script, armor);
  }

  /** Alice's key. */
  get key(): ProtocolKey {
    return this.#stored.key;
  }

  /** PA-ETYPE-INFO2 of alice. */
  get etypeInfo(): PaData {
    return { padataType: PADATA.etypeInfo2, padataValue: encodeEtypeInfo2(etypeInfo2([this.#stored])) };
  }

  get #stored() {
    const [key] = replyKeys(this.state.database.get("alice"), encTypes.permitted);
    if (key === undefined) throw new Error("alice has no key");
    return key;
  }

  handle(octets: Uint8Array): Uint8Array {
    // A client that never ends fails its test, which would take all memory else.
    if (this.requests.length === 100) throw new Error("100 requests: this client asks for ever");
    const outer = decodeAsReq(octets);
    const armor = this.#armor;
    const request = armor === undefined ? outer : { ...outer, padata: openPadata(armor, outer.padata) };
    this.octets.push(octets);
    this.requests.push(request);
    const answer = this.script(request, this.requests.length - 1, this);
    if (answer !== "usual" && "code" in answer) {
      const eData = answer.eData ?? (answer.methods && encodeMethodData(answer.methods));
      return this.#error(request, new KdcFailure(answer.code, "", eData === undefined ? {} : { eData }));
    }
    return answer === "usual" ? this.#usual(request, octets) : this.#grant(request, octets, answer);
  }

  #usual(request: KdcReq, octets: Uint8Array): Uint8Array {
    const outcome = decide(this.state, { exchange: "as", request, octets });
    return outcome.type === "error" ? this.#encodeError(outcome.draft) : this.#reply(outcome.draft, {});
  }

  /** A ticket, whatever the request proves. */
  #grant(request: KdcReq, octets: Uint8Array, granted: Granted): Uint8Array {
    const state = { ...this.state, policy: { ...this.state.policy, requirePreauth: false } };
    const padata = (request.padata ?? []).filter(({ padataType }) => padataType === PADATA.reqEncPaRep);
    const outcome = decide(state, { exchange: "as", request: { ...request, padata }, octets });
    return outcome.type === "error" ? this.#encodeError(outcome.draft) : this.#reply(outcome.draft, granted);
  }

  #error(request: KdcReq, failure: KdcFailure): Uint8Array {
    return this.#encodeError(draftError(this.state, request, failure));
  }

  #encodeError(draft: ReturnType<typeof draftError>): Uint8Array {
    return encodeKrbError(this.#armor === undefined ? draft : sealError(this.#armor, draft));
  }

  #reply(draft: ReplyDraft, { replyKey = draft.replyKey, padata = [] }: Granted): Uint8Array {
    draft.replyKey = replyKey;
    draft.padata.push(...padata);
    if (this.#armor !== undefined) sealReply(this.#armor, draft);
    // The checksum over the request, under the key that the reply has in the end (RFC 6806 section 11).
    const checksum = draft.replyKey.usage(KEY_USAGE.asReqChecksum).checksum(draft.requestOctets);
    const padataValue = encodeChecksum({ cksumtype: draft.replyKey.encType.checksumType, checksum });
    draft.part.encryptedPaData = [{ padataType: PADATA.reqEncPaRep, padataValue }];
    return encodeReply(draft);
  }
}

/** Alice, about to log in. */
export function exchange(options: Partial<AsExchangeOptions> & { readonly password?: string } = {}): AsExchange {
  const { password = PASSWORD, ...rest } = options;
  const client = parsePrincipal(`alice@${REALM}`);
  return new AsExchange({
    client,
    service: tgsPrincipal(REALM),
    secret: passwordSecret(client, password),
    encTypes,
    trace: () => {},
    now: Date.now,
    skewMs: 300_000,
    names: registeredNames(),
    ...rest,
  });
}

/** Drives an exchange to its end. */
export async function drive(kdc: PreauthKdc, machine: AsExchange, first?: AsStep): Promise<ServiceTicket> {
  let next = first ?? machine.start();
  for (let i = 0; next.type === "send"; i++) {
    if (i > 40) throw new Error("more than 40 requests: nothing stops this client");
    next = await machine.step(kdc.handle(next.request));
  }
  return next.ticket;
}

/** Alice logs in. */
export function logIn(kdc: PreauthKdc, options: Parameters<typeof exchange>[0] = {}): Promise<ServiceTicket> {
  return drive(kdc, exchange(options));
}
