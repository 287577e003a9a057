import type { ProtocolKey } from "../crypto/index.ts";
import { PreauthError } from "../errors.ts";
import type { PaData } from "../krb5/index.ts";
import { chooseEtypeInfo, type KeyHint } from "./etype-info.ts";
import type { LoginContext, PreauthMechanism, PreauthReply } from "./mechanism.ts";

/**
 * How the long-term key is made that a mechanism proves: by the KDC's PA-ETYPE-INFO2, else by what the login knows itself.
 *
 * @throws PreauthError if neither says (rule P4): a password without its salt would only be a wrong guess, and that counts as
 * a failed login.
 */
export function hintFor(
  { name }: Pick<PreauthMechanism, "name">,
  login: LoginContext,
  offer: readonly PaData[],
): KeyHint {
  const hint = chooseEtypeInfo(offer, login.requested) ?? login.hint;
  if (hint !== undefined) return hint;
  throw new PreauthError(
    "PREAUTH",
    "the KDC wants pre-authentication and gave no PA-ETYPE-INFO2 (RFC 4120 section 5.2.7.5)",
    { mechanism: name, offered: offer.map(({ padataType }) => padataType) },
  );
}

/**
 * The long-term key as the reply key (RFC 4120 section 3.1.3), of the enctype of the reply. `hint` is the one of the proof, if
 * there was a proof; what the reply says goes before it.
 */
export async function longTermReplyKey(
  login: LoginContext,
  { padata, etype }: PreauthReply,
  hint: KeyHint | undefined,
): Promise<ProtocolKey> {
  const said = chooseEtypeInfo(padata, [etype]);
  return await login.longTermKey(said ?? (hint?.etype === etype ? hint : { etype }));
}
