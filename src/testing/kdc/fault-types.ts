/** Which answers a fault is for; default `"any"`. */
export interface FaultTarget {
  /**
   * `"as-rep"` and `"tgs-rep"`: replies with a ticket (and, for faults of pre-authentication hints, the error that asks
   * for it); `"as-req"` and `"tgs-req"`: whatever answers that request; `"error"`: every KRB-ERROR.
   */
  readonly on?: "as-rep" | "tgs-rep" | "as-req" | "tgs-req" | "error" | "any" | undefined;
  /** How often; default: until it is cleared. */
  readonly count?: number | undefined;
}

/** Faults of PKINIT (RFC 4556, RFC 8062, RFC 8070): in what the KDC signs, in its certificate, in what goes with it. */
export type PkinitFaultName =
  | "pkinit-reply-missing" // no PA-PK-AS-REP
  | "pkinit-chosen-key" // encKeyPack in place of an agreement
  | "pkinit-nonce" // of another request
  | "pkinit-content-type" // that of an AuthPack
  | "pkinit-unsigned"
  | "pkinit-signature" // with a bit changed
  | "pkinit-key-range" // the KDC's Diffie-Hellman value is 1
  | "pkinit-kdf" // one that was not offered
  | "pkinit-other-kdc" // the certificate of another realm's KDC
  | "pkinit-nameless-kdc" // a certificate without a realm
  | "pkinit-expired-kdc"
  | "pkinit-unknown-authority"
  | "pkinit-kx-missing" // no PA-PKINIT-KX in an anonymous login
  | "pkinit-kx-other" // another key in it
  | "freshness-stale"; // every token is KDC_ERR_PREAUTH_EXPIRED

/** Faults of FAST (RFC 6113): everything else is right, and under the armor key. */
export type FastFaultName =
  | "fast-stripped" // the answer is outside FAST
  | "fast-nonce" // of another request
  | "fast-finished-missing"
  | "fast-finished-name" // mallory's
  | "fast-finished-ticket" // the checksum of another ticket
  | "fast-strengthen-hidden" // the reply is strengthened, and the response does not say so
  | "fast-key" // the response is under a key that nobody has
  | "fast-undecodable"
  | "challenge-missing" // no encrypted challenge of the KDC
  | "challenge-other"; // one that does not open

/** Faults that need nothing but their name. */
export type PlainFaultName =
  | PkinitFaultName
  | FastFaultName
  // What the message is
  | "wrong-application-tag" // TGS-REP's tag on an AS-REP, and the other way round
  | "wrong-msg-type" // msg-type of the other exchange
  | "swapped-reply" // both: the other exchange's message
  | "wrong-pvno" // 4
  | "kerberos-4" // octets of a version 4 reply
  // The encrypted part
  | "etype-downgrade" // an enctype that was not asked for, under the client's key of it if there is one
  | "enc-part-etype" // says another enctype than the key has
  | "wrong-usage" // another key usage number
  | "wrong-key" // a key that nobody has
  | "session-key-reply" // TGS: under the session key, usage 8, though there is a sub-key
  | "enc-tgs-rep-part" // AS: tag 26; an old KDC's habit, which a client may accept
  | "changed-octet" // the last octet of the message
  | "wrong-nonce"
  // Names
  | "other-server-name" // host/other.example, everywhere in the reply
  | "other-server-realm" // OTHER.EXAMPLE, everywhere in the reply
  | "ticket-name-mismatch" // in the ticket only
  | "ticket-realm-mismatch" // in the ticket only
  | "enc-part-name-mismatch" // in the encrypted part only
  | "other-client-name" // mallory
  | "other-client-realm" // OTHER.EXAMPLE
  | "anonymous-client"
  // Times, flags, addresses
  | "stale-time" // authtime and starttime an hour ago
  | "future-time" // authtime and starttime in an hour
  | "already-ended" // starttime and endtime a week ago
  | "endtime-too-late" // a day after the requested one
  | "renew-till-too-late" // a day after the requested one
  | "renewable-unasked"
  | "extra-flags" // forwardable, proxiable, may-postdate
  | "invalid-ticket" // invalid and postdated
  | "ok-as-delegate"
  | "unasked-addresses"
  // The session key
  | "unasked-session-etype"
  | "session-key-length" // one octet short
  | "session-key-empty"
  // The proof that the request came unchanged (RFC 6806 section 11)
  | "enc-pa-rep-missing"
  | "enc-pa-rep-wrong" // a wrong checksum
  | "enc-pa-rep-unkeyed" // CRC-32
  | "enc-pa-rep-type" // the number of another checksum type
  | "enc-pa-rep-other-request" // of a request that was changed on its way
  | "enc-pa-rep-undecodable"
  | "enc-pa-rep-flag-missing" // neither flag nor checksum: a KDC of before RFC 6806
  // Hints on pre-authentication (RFC 4120 section 5.2.7)
  | "low-iterations" // one fewer than the default
  | "zero-iterations"
  | "huge-iterations" // 4,294,967,295
  | "s2kparams-length" // three octets
  | "other-salt"
  | "pa-etype-info2-undecodable"
  | "pa-etype-info2-empty"
  | "pa-etype-info2-missing"
  | "pa-etype-info2-unasked" // RC4 only
  | "pa-etype-info2-weak-first" // RC4 before the others
  | "pa-etype-info2-many" // 10,000 entries
  | "pa-etype-info-only" // PA-ETYPE-INFO in its place
  | "pa-pw-salt-only" // PA-PW-SALT in its place
  | "pa-afs3-salt-only" // PA-AFS3-SALT in its place
  | "encrypted-timestamp-missing" // PKINIT is offered instead
  | "cookie-missing"
  | "cookie-huge" // 65,535 octets
  | "method-data-undecodable"
  | "preauth-required" // KDC_ERR_PREAUTH_REQUIRED, whatever was proven
  // Delegation and the PAC
  | "service-as-client" // TGS: the ticket is the service's own, in place of the user's
  | "pac-missing"
  | "pac-changed" // one bit of the first buffer, after it was signed
  | "pac-other-client" // mallory's, with right checksums
  // Referrals: a TGT in place of the ticket
  | "referral-loop" // back where the ticket shown came from, or to the first realm that trusts this one
  | "referral-to-self"
  | "referral-other-issuer" // a TGT that another realm would have to issue
  | "referral-one-component"
  | "referral-three-components"
  | "referral-not-krbtgt"
  // Octets and their way
  | "truncated" // seven octets short
  | "garbage"
  | "empty"
  | "trailing-octets" // four more
  | "silence" // no answer; the connection stays
  | "drop" // the connection is closed without an answer
  | "half-message" // half the answer, then the connection is closed
  | "dribble"; // one octet at a time

/** One thing that the KDC does wrong, everything else right and under the right key. */
export type Fault = FaultTarget &
  (
    | { readonly name: PlainFaultName }
    /** A KRB-ERROR in place of the answer; `seconds` shifts its time. */
    | {
        readonly name: "krb-error";
        readonly code: number;
        readonly text?: string | undefined;
        readonly eData?: Uint8Array | undefined;
        readonly seconds?: number | undefined;
      }
    /** KDC_ERR_WRONG_REALM that names a realm. */
    | { readonly name: "wrong-realm"; readonly realm: string }
    /** A TGT for a realm in place of the ticket; under the shared key, if there is one. */
    | { readonly name: "referral"; readonly realm: string }
    /** PBKDF2 rounds in ETYPE-INFO2. */
    | { readonly name: "iterations"; readonly iterations: number }
    /** The answer comes late. */
    | { readonly name: "slow"; readonly ms: number }
    /** Another length word before the answer on TCP. */
    | { readonly name: "length-word"; readonly value: number }
  );

/** The name of a fault. */
export type FaultName = Fault["name"];
