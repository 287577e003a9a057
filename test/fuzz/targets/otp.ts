import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import type { PaData } from "../../../src/krb5/index.ts";
import { findPaData, type LoginContext, otp } from "../../../src/preauth/index.ts";
import { later } from "../../support/later-types.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const COLLECT_PIN = 0x1000_0000;
const DO_NOT_COLLECT_PIN = 0x0800_0000;
const MUST_ENCRYPT_NONCE = 0x0400_0000;

/** Challenges for one-time passwords with changed octets: a code is given only if another reader finds a token for it. */
export async function otpChallenges(): Promise<FuzzTarget<never>> {
  const nonce = new Uint8Array(36).fill(7);
  const text = new TextEncoder().encode("4711");
  const corpus = [
    { nonce, otpTokenInfo: [{ flags: 0 }] },
    {
      nonce,
      otpService: "s",
      otpTokenInfo: [{ flags: COLLECT_PIN, otpVendor: "v", otpChallenge: text, otpLength: 6 }],
    },
    {
      nonce,
      otpTokenInfo: [{ flags: MUST_ENCRYPT_NONCE }, { flags: 0, otpFormat: 0, otpTokenID: text, iterationCount: 9 }],
    },
  ].map((challenge) => later.encode("PA-OTP-CHALLENGE", challenge));
  const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
  const key = encTypes.importKey(18, new Uint8Array(32).fill(7));
  const target: FuzzTarget<readonly PaData[]> = {
    name: "otp",
    inputs: mutatedOctets(corpus, derChange(corpus)),
    async run(input) {
      const ask = { otp: async () => "code", pin: async () => "pin" };
      const client = { nameType: 1, components: ["alice"], realm: "R" };
      const login = { client, encTypes, armor: { key }, ask, trace: () => {} } as unknown as LoginContext;
      const round = {
        body: new Uint8Array(1),
        nonce: 1,
        kdcTimeMs: Date.now,
        error: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED,
      };
      return await otp()
        .begin(login)
        .answer({ ...round, offer: [{ padataType: PADATA.otpChallenge, padataValue: input }] });
    },
    verify(answer, input) {
      const { otpTokenInfo } = later.decode("PA-OTP-CHALLENGE", input);
      const isGood = otpTokenInfo.some(
        ({ flags, supportedHashAlg, iterationCount }) =>
          (flags & MUST_ENCRYPT_NONCE) === 0 &&
          !((flags & COLLECT_PIN) !== 0 && (flags & DO_NOT_COLLECT_PIN) !== 0) &&
          supportedHashAlg === undefined &&
          iterationCount === undefined,
      );
      if (!isGood) throw new Finding("a code is given, and there is no token for it");
      const sent = later.decode("PA-OTP-REQUEST", findPaData(answer, PADATA.otpRequest)?.padataValue as Uint8Array);
      if (new TextDecoder().decode(sent.otpValue) === "") throw new Finding("a request without a code");
    },
  };
  return target as FuzzTarget<never>;
}
