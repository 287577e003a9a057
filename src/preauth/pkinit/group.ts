import type { CryptoProvider } from "../../crypto/index.ts";
import type { AlgorithmIdentifier, SubjectPublicKeyInfo } from "./messages.ts";

/** A group for the agreement of a key (RFC 4556 section 3.2.3.1, RFC 5349). */
export interface Group {
  /** For messages, for example `modp 14`. */
  readonly name: string;
  /** The size of a modp group that is as strong, which `dhMinBits` counts. */
  readonly bits: number;
  /** Whether a KDC means this group. */
  isSame(algorithm: AlgorithmIdentifier): boolean;
  /** Makes a key for one agreement. */
  begin(provider: Pick<CryptoProvider, "randomBytes" | "diffieHellman">): Promise<Agreement>;
}

/** Our key, and what becomes of it. */
export interface Agreement {
  /** What the KDC is sent. */
  readonly publicKey: SubjectPublicKeyInfo;
  /**
   * Gives the shared secret, of the length of the group's elements, for the octets of the KDC's key. Throws
   * PreauthError `KDC_NOT_TRUSTED` for a key that is not in the group.
   */
  agree(theirs: Uint8Array): Promise<Uint8Array>;
}
