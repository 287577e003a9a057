import { KEY_USAGE, PADATA } from "../iana/index.ts";
import { encodeEncryptedData, encodePaEncTsEnc, sealData } from "../krb5/index.ts";
import type { PreauthMechanism } from "./mechanism.ts";

/** PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2): the KDC's time, encrypted in the long-term key. */
export const encTimestamp: PreauthMechanism = {
  type: PADATA.encTimestamp,
  name: "PA-ENC-TIMESTAMP",
  respond({ key, kdcTimeMs }) {
    const seconds = Math.floor(kdcTimeMs / 1000);
    const timestamp = encodePaEncTsEnc({
      patimestamp: new Date(seconds * 1000),
      pausec: Math.floor(kdcTimeMs - seconds * 1000) * 1000,
    });
    const sealed = sealData(key, KEY_USAGE.asReqPaEncTimestamp, timestamp);
    return [{ padataType: PADATA.encTimestamp, padataValue: encodeEncryptedData(sealed) }];
  },
};
