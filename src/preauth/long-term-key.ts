import { checkList, checkMethods, checkObject, checkText, checkWhole } from "../checks/index.ts";
import type { ProtocolKey } from "../crypto/index.ts";
import { PreauthError } from "../errors.ts";
import { enctypeName } from "../iana/index.ts";
import type { PaData } from "../krb5/index.ts";
import { chooseEtypeInfo, type KeyHint, noKeyOf } from "./etype-info.ts";
import type { LoginContext, PreauthReply } from "./mechanism.ts";

/**
 * Tells how the long-term key is made that a mechanism proves: by the KDC's PA-ETYPE-INFO2 (RFC 4120 section 5.2.7.5),
 * else by what the login knows itself.
 *
 * @param mechanism The mechanism's name, for the error.
 * @param login The login that the mechanism serves.
 * @param offer The KDC's list.
 * @returns The hint, for `login.longTermKey`.
 * @throws CryptoError `ETYPE_NOT_PERMITTED` if the KDC has no key of an enctype that was asked for, or neither says how
 *   (rule P4): a password without its salt would be a wrong guess, which counts as a failed login. PreauthError if the
 *   KDC's hint does not decode. TypeError for an argument of another kind: the caller's mistake.
 * @example
 * ```ts
 * import { hintFor, type LoginContext, type PreauthRound, type ProtocolKey } from "krb5-remctl";
 *
 * const keyOf = (login: LoginContext, { offer }: PreauthRound): Promise<ProtocolKey> =>
 *   login.longTermKey(hintFor("PA-MINE", login, offer));
 * ```
 */
export function hintFor(mechanism: string, login: LoginContext, offer: readonly PaData[]): KeyHint {
  checkText("mechanism", mechanism);
  checkMethods("login", login, "longTermKey");
  checkList("offer", offer, checkObject);
  const { client, requested } = login;
  const hint = chooseEtypeInfo(offer, requested, (has) => noKeyOf(client, requested, { has })) ?? login.hint;
  if (hint !== undefined) return hint;
  const cause = new PreauthError(
    "PREAUTH",
    `the KDC wants ${mechanism} and gave no PA-ETYPE-INFO2 (RFC 4120 section 5.2.7.5): update the KDC`,
    { mechanism, offered: offer.map(({ padataType }) => padataType) },
  );
  throw noKeyOf(client, requested, { cause });
}

/**
 * Gives the long-term key as the reply key (RFC 4120 section 3.1.3), which is what a mechanism uses that replaces no
 * key.
 *
 * @param login The login that the mechanism serves.
 * @param reply The KDC's reply: a PA-ETYPE-INFO2 in it goes before the hint.
 * @param hint How the key was made that was proven, if one was.
 * @returns The key, of the enctype of the reply.
 * @throws PreauthError if the reply's PA-ETYPE-INFO2 does not fit it, and what `login.longTermKey` throws. TypeError
 *   for an argument of another kind: the caller's mistake.
 * @example
 * ```ts
 * import { type LoginContext, longTermReplyKey, type PreauthReply, type ProtocolKey } from "krb5-remctl";
 *
 * const replyKey = (login: LoginContext, reply: PreauthReply): Promise<ProtocolKey> => longTermReplyKey(login, reply);
 * ```
 */
export async function longTermReplyKey(login: LoginContext, reply: PreauthReply, hint?: KeyHint): Promise<ProtocolKey> {
  checkMethods("login", login, "longTermKey");
  checkObject("reply", reply);
  if (hint !== undefined) checkObject("hint", hint);
  const { padata, etype } = reply;
  checkWhole("reply.etype", etype, -(2 ** 31), 2 ** 31 - 1);
  checkList("reply.padata", padata, checkObject);
  const said = chooseEtypeInfo(padata, [etype], (has) => {
    const [sealed, hinted] = [[etype], has].map((etypes) => etypes.map(enctypeName).join(", ") || "none");
    return new PreauthError(
      "PREAUTH_UNSUPPORTED",
      `the KDC's reply is of the enctype ${sealed}, and its PA-ETYPE-INFO2 only for ${hinted}: update the KDC, which is broken`,
    );
  });
  return await login.longTermKey(said ?? (hint?.etype === etype ? hint : { etype }));
}
