// The KDC's half of SPAKE (RFC 9588), for PreauthKdc: what a test changes of it is what an attacker could.

import { type Group, loadGroups } from "../../src/curves/index.ts";
import { KRB_ERROR, PADATA } from "../../src/iana/index.ts";
import { openData, type PaData } from "../../src/krb5/index.ts";
import { deriveKey, multiplierOctets, transcriptOf } from "../../src/preauth/spake/keys.ts";
import { spakeMessages } from "../../src/preauth/spake/messages.ts";
import { encTypes, find, type PreauthKdc, type Script } from "./preauth-kdc.ts";
import { pa } from "./preauth-mechanisms.ts";

const { provider } = encTypes;
export const ALL_GROUPS: readonly Group[] = await loadGroups();

/** What a test changes. */
export interface SpakeKdcOptions {
  /** The groups that the KDC has, best first. */
  readonly groups?: readonly Group[];
  /** The group of a challenge that comes unasked. */
  readonly optimistic?: Group;
  /** Changes a challenge before it is encoded. */
  readonly change?: (challenge: Challenge) => Challenge;
  /** Changes the octets of a message of the KDC's. */
  readonly rewrite?: (message: Uint8Array) => Uint8Array;
  /** What goes beside the challenge in KDC_ERR_MORE_PREAUTH_DATA_REQUIRED. */
  readonly beside?: (kdc: PreauthKdc) => readonly PaData[];
  /** What else the first error lists. */
  readonly others?: readonly PaData[];
}

export interface Challenge {
  readonly group: number;
  readonly pubkey: Uint8Array;
  readonly factors: readonly { readonly type: number; readonly data?: Uint8Array }[];
}

interface Exchange {
  readonly group: Group;
  readonly x: bigint;
  readonly messages: readonly Uint8Array[];
}

/** What a KDC saw. */
export interface SpakeScript {
  readonly script: Script;
  /** Each message of a client, in order. */
  readonly seen: Uint8Array[];
  /** Public keys of clients' responses. */
  readonly publicKeys: Uint8Array[];
}

/** A KDC that takes SPAKE. It has the state itself, and no cookie. */
export function spakeKdc(options: SpakeKdcOptions = {}): SpakeScript {
  const { groups = ALL_GROUPS, optimistic, change = (one) => one, rewrite = (one) => one, beside = () => [] } = options;
  const seen: Uint8Array[] = [];
  const publicKeys: Uint8Array[] = [];
  let exchange: Exchange | undefined;

  const challengeIn = (kdc: PreauthKdc, group: Group, before: readonly Uint8Array[]): Uint8Array => {
    const x = group.draw((length) => provider.randomBytes(length));
    const w = group.reduce(multiplierOctets(kdc.key, group));
    const pubkey = group.base.clearCofactor().multiply(x).add(group.m.multiply(w)).encode();
    const message = rewrite(
      spakeMessages.encode("challenge", change({ group: group.number, pubkey, factors: [{ type: 1 }] })),
    );
    exchange = { group, x, messages: [...before, message] };
    return message;
  };

  const script: Script = (request, _, kdc) => {
    const message = find(request.padata, PADATA.spake);
    if (message === undefined) {
      const value = optimistic === undefined ? new Uint8Array(0) : challengeIn(kdc, optimistic, []);
      const methods = [
        ...(options.others ?? []),
        kdc.etypeInfo,
        pa(PADATA.spake, value),
        pa(PADATA.fxCookie, Uint8Array.of(1)),
      ];
      return { code: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, methods };
    }
    // It lives longer than a call of this script, and the request's octets may not.
    seen.push(message.slice());
    if (message[0] === 0xa0) {
      const offered = spakeMessages.decode("support", message).groups;
      const group = groups.find(({ number }) => offered.includes(number));
      if (group === undefined) {
        return { code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED, methods: [...(options.others ?? []), kdc.etypeInfo] };
      }
      const methods = [
        ...beside(kdc),
        pa(PADATA.spake, challengeIn(kdc, group, [message.slice()])),
        pa(PADATA.fxCookie, Uint8Array.of(2)),
      ];
      return { code: KRB_ERROR.KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, methods };
    }
    if (exchange === undefined) return { code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED };
    const { group, x, messages } = exchange;
    const { pubkey, factor } = spakeMessages.decode("response", message);
    publicKeys.push(pubkey.slice());
    const { key } = kdc;
    const multiplier = multiplierOctets(key, group);
    const mask = group.n.multiply(group.reduce(multiplier)).negate();
    const shared = group.decode(pubkey).add(mask).clearCofactor().multiply(x).encode();
    const transcript = transcriptOf(provider, group, messages, pubkey);
    const material = { key, group, multiplier, shared, transcript, body: request.reqBody.octets };
    try {
      const opened = openData(deriveKey(provider, material, 1), 65, factor);
      if (spakeMessages.decode("SPAKESecondFactor", opened).type !== 1) throw new Error("another factor");
    } catch {
      return { code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED, methods: [kdc.etypeInfo, pa(PADATA.spake)] };
    }
    return { replyKey: deriveKey(provider, material, 0) };
  };
  return { script, seen, publicKeys };
}

/** A challenge of which a test changes the point alone. */
export const withPoint =
  (pubkey: Uint8Array) =>
  (challenge: Challenge): Challenge => ({ ...challenge, pubkey });
