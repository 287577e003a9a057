import type { CreateTarget, FuzzTarget } from "../target.ts";
import { ccache } from "./ccache.ts";
import { der } from "./der.ts";
import { dns } from "./dns.ts";
import { fastResponses } from "./fast.ts";
import { gssEstablishment } from "./gss-establishment.ts";
import { gssMessages } from "./gss-messages.ts";
import { kdcReplies } from "./kdc-replies.ts";
import { keytab } from "./keytab.ts";
import { krbCred } from "./krb-cred.ts";
import { krbError } from "./krb-error.ts";
import { krb5Conf } from "./krb5-conf.ts";
import { messages } from "./messages.ts";
import { ndrStructures } from "./ndr.ts";
import { negotiateFields } from "./negotiate-fields.ts";
import { otpChallenges } from "./otp.ts";
import { cammacs, claims, pacs } from "./pac.ts";
import { passwordChange } from "./password-change.ts";
import { certificates, pkcs12Files, pkinitReplies, privateKeys } from "./pkinit.ts";
import { postgresMessages, postgresPackets } from "./postgres.ts";
import { remctlMessages } from "./remctl-messages.ts";
import { remctlSession } from "./remctl-session.ts";
import { replyMeaning } from "./reply-meaning.ts";
import { saslFrames, saslMessages } from "./sasl.ts";
import { spakeChallenges } from "./spake.ts";
import { negTokenInit, negTokenResp } from "./spnego.ts";
import { tunnelAnswers } from "./tunnel-answers.ts";

/** One line a target. */
const targets: Readonly<Record<string, CreateTarget>> = {
  der,
  messages,
  "krb-error": krbError,
  "kdc-replies": kdcReplies,
  "reply-meaning": replyMeaning,
  "gss-establishment": gssEstablishment,
  "gss-messages": gssMessages,
  "remctl-messages": remctlMessages,
  "remctl-session": remctlSession,
  ccache,
  keytab,
  "krb5-conf": krb5Conf,
  dns,
  "krb-cred": krbCred,
  "password-change": passwordChange,
  otp: otpChallenges,
  fast: fastResponses,
  pkinit: pkinitReplies,
  certificates,
  "private-keys": privateKeys,
  pkcs12: pkcs12Files,
  "negotiate-fields": negotiateFields,
  "tunnel-answers": tunnelAnswers,
  spake: spakeChallenges,
  pac: pacs,
  cammac: cammacs,
  claims,
  ndr: ndrStructures,
  "neg-token-init": negTokenInit,
  "neg-token-resp": negTokenResp,
  "sasl-frames": saslFrames,
  "sasl-messages": saslMessages,
  "postgres-packets": postgresPackets,
  "postgres-messages": postgresMessages,
};

export const targetNames: readonly string[] = Object.keys(targets);

/** Makes a target by its name. */
export async function createTarget(name: string, root: string): Promise<FuzzTarget<never>> {
  const create = targets[name];
  if (create === undefined) throw new Error(`no target is called ${name}; there are ${targetNames.join(", ")}`);
  return create(root);
}
