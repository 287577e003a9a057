import { encodeHex } from "../../../bytes/index.ts";
import { hasCode } from "../../../errors.ts";
import { KRB_ERROR, PADATA } from "../../../iana/index.ts";
import { encodeTypedData } from "../../../krb5/index.ts";
import { makeCookie } from "../cookie.ts";
import { refuse } from "../failure.ts";
import type { KdcLogin } from "../mechanism.ts";
import { type AuthPack, pkinitMessages } from "./messages.ts";
import { encodeDhParameters, type ModpGroup, modpGroups } from "./modp.ts";
import { numberOf, octetsOf, power } from "./numbers.ts";
import { OID } from "./oids.ts";

/** What an agreement gives (RFC 4556 section 3.2.3.1). */
export interface Agreed {
  /** The KDC's DHPublicKey. */
  readonly publicKey: Uint8Array;
  /** As long as the prime. */
  readonly secret: Uint8Array;
}

const EXPONENT_BYTES = 64;

/** Agrees on a secret in the client's group, if that is one of ours and strong enough. */
export function agree(login: KdcLogin, { clientPublicValue }: AuthPack): Agreed {
  if (clientPublicValue === undefined) {
    return refuse(
      KRB_ERROR.KDC_ERR_PREAUTH_FAILED,
      "this KDC agrees on a key, and chooses none (no clientPublicValue)",
    );
  }
  const { algorithm, subjectPublicKey } = clientPublicValue;
  const allowed = modpGroups().filter(({ bits }) => bits >= login.state.policy.pkinitDhMinBits);
  const group = groupOf(algorithm, allowed);
  if (group === undefined) return refuseGroup(login, allowed);
  const theirs = publicNumber(subjectPublicKey.octets);
  if (theirs <= 1n || theirs >= group.prime - 1n) {
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the client's Diffie-Hellman value is out of range");
  }
  const exponent = numberOf(login.state.encTypes.provider.randomBytes(EXPONENT_BYTES));
  const ours = power(2n, exponent, group.prime);
  return {
    publicKey: pkinitMessages.encode("DHPublicKey", login.state.mischief === "pkinit-key-range" ? 1n : ours),
    secret: octetsOf(power(theirs, exponent, group.prime), group.bits / 8),
  };
}

type Algorithm = NonNullable<AuthPack["clientPublicValue"]>["algorithm"];

function groupOf({ algorithm, parameters }: Algorithm, allowed: readonly ModpGroup[]): ModpGroup | undefined {
  if (encodeHex(algorithm) !== OID.dhPublicNumber || parameters === undefined) return undefined;
  try {
    const { p, g } = pkinitMessages.decode("DomainParameters", parameters);
    return allowed.find(({ prime }) => prime === p && g === 2n);
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return undefined;
  }
}

/** KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED, whose e-data are TYPED-DATA (RFC 4556 section 3.2.2). */
function refuseGroup({ state, entry }: KdcLogin, allowed: readonly ModpGroup[]): never {
  return refuse(KRB_ERROR.KDC_ERR_KEY_TOO_WEAK, "another group is needed", {
    eData: encodeTypedData([
      { dataType: PADATA.tdDhParameters, dataValue: encodeDhParameters(allowed) },
      { dataType: PADATA.fxCookie, dataValue: makeCookie(state, entry) },
    ]),
  });
}

function publicNumber(octets: Uint8Array): bigint {
  try {
    return pkinitMessages.decode("DHPublicKey", octets);
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the client's Diffie-Hellman value does not decode");
  }
}
