import { KRB_ERROR } from "../../iana/index.ts";
import { encodeMethodData } from "../../krb5/index.ts";
import { refuse } from "./failure.ts";
import type { KdcLogin } from "./mechanism.ts";

/** Refuses a proof that is wrong, and counts it: KDC_ERR_PREAUTH_FAILED with what is offered. */
export function refuseProof({ entry, offers }: KdcLogin, text: string): never {
  entry.failures++;
  return refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, text, { eData: encodeMethodData(offers()) });
}
