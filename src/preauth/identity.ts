/** Certificates or keys: DER, or text in PEM (RFC 7468). */
export type Pem = string | Uint8Array;

/** How a login knows its KDC (RFC 4556 section 3.2.4): by the certificate that signs the reply. */
export interface KdcTrust {
  /** The certificates that the KDC's leads to. No others count, those of the host least of all. */
  readonly anchors: Pem | readonly Pem[];
  /** Certificates between the KDC's and the anchors, where the KDC does not send them (`pkinit_pool`). */
  readonly pool?: Pem | readonly Pem[] | undefined;
  /**
   * Names of hosts. A certificate without the id-pkinit-san of the realm counts if it is for one of these and for KDCs
   * (`pkinit_kdc_hostname`). Default: none.
   */
  readonly kdcHostname?: string | readonly string[] | undefined;
  /** What such a certificate must be for (`pkinit_eku_checking`). Default: `kpKDC`. */
  readonly kdcUsage?: "kpKDC" | "kpServerAuth" | undefined;
  /** The least size of a Diffie-Hellman group, in bits (`pkinit_dh_min_bits`). Default: 2048. */
  readonly dhMinBits?: number | undefined;
}

/** The algorithm of a signature, as `crypto.subtle.sign` takes it. */
export interface SignatureAlgorithm {
  /** The kind of key. */
  readonly name: "RSASSA-PKCS1-v1_5" | "ECDSA";
  /** The hash function. */
  readonly hash: "SHA-256" | "SHA-384" | "SHA-512";
}

/**
 * Signs octets with the private key of the certificate. An ECDSA signature may be the two numbers, joined, as WebCrypto
 * gives them, or DER.
 */
export type Sign = (octets: Uint8Array, algorithm: SignatureAlgorithm) => Promise<Uint8Array | ArrayBuffer>;

/** What PKINIT (RFC 4556) proves of a client, and how it knows the KDC; read when a mechanism first needs it. */
export interface PkinitIdentity extends KdcTrust {
  /** The client's certificate. Absent, with no `pkcs12`: an anonymous login (RFC 8062). */
  readonly certificate?: Pem | undefined;
  /** Certificates between the client's and one that the KDC has. */
  readonly chain?: Pem | readonly Pem[] | undefined;
  /** The private key: PKCS#8, encrypted or not, PKCS#1 or SEC1. */
  readonly key?: Pem | undefined;
  /** Signs instead of a key. */
  readonly sign?: Sign | undefined;
  /** Certificate, chain and key in one file (PKCS#12). */
  readonly pkcs12?: Uint8Array | undefined;
  /** Of the key or PKCS#12; asked for where it is needed and absent. */
  readonly passphrase?: string | undefined;
  /** False: the KDC's fresh token is not signed. */
  readonly freshness?: boolean | undefined;
}
