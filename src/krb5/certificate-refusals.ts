import { KRB_ERROR } from "../iana/index.ts";

const NOT_OF_CLIENT =
  "the certificate is not one of {client}, the KDC of {realm} says: it must name the principal (id-pkinit-san), or the KDC must map it";

/**
 * What a KDC says of a client's certificate (RFC 4556 section 3.1.3): the `refusals` of a login with
 * one. A client that has none does not carry these sentences.
 */
export const CERTIFICATE_REFUSALS: ReadonlyMap<number, string> = new Map<number, string>([
  [
    KRB_ERROR.KDC_ERR_CLIENT_NOT_TRUSTED,
    "the KDC of {realm} does not trust the certificate of {client}: let an authority that the KDC knows issue it",
  ],
  [
    KRB_ERROR.KDC_ERR_INVALID_SIG,
    "the KDC of {realm} refuses the signature of {client}: check that the key is the certificate's; without a certificate, the realm does not allow logins without a name",
  ],
  [KRB_ERROR.KDC_ERR_CERTIFICATE_MISMATCH, NOT_OF_CLIENT],
  [
    KRB_ERROR.KDC_ERR_CANT_VERIFY_CERTIFICATE,
    "the KDC of {realm} finds no path from the certificate of {client} to an authority that it knows: give the `chain`",
  ],
  [
    KRB_ERROR.KDC_ERR_INVALID_CERTIFICATE,
    "the KDC of {realm} refuses the certificate of {client} as invalid: it may have expired",
  ],
  [KRB_ERROR.KDC_ERR_REVOKED_CERTIFICATE, "the certificate of {client} was revoked: get a new one"],
  [KRB_ERROR.KDC_ERR_CLIENT_NAME_MISMATCH, NOT_OF_CLIENT],
  [
    KRB_ERROR.KDC_ERR_INCONSISTENT_KEY_PURPOSE,
    "the certificate of {client} is not for logins, the KDC of {realm} says: it needs the usage id-pkinit-KPClientAuth",
  ],
]);
