import type { ProtocolKey } from "../../crypto/index.ts";
import type { TestPrincipalOptions } from "./options.ts";

/** A long-term key. */
export interface StoredKey {
  readonly etype: number;
  readonly kvno: number;
  readonly key: ProtocolKey;
  /** Of a password's key only. */
  readonly salt?: string;
  /** PBKDF2 rounds, where they are not the enctype's default. */
  readonly iterations?: number;
  readonly made: Date;
}

/** A principal as the KDC keeps it. */
export interface Entry {
  readonly components: readonly string[];
  /** The last part of its SID. */
  readonly number: number;
  options: TestPrincipalOptions;
  /** Newest version first; within a version, in the realm's order of preference. */
  keys: readonly StoredKey[];
  kvno: number;
  /** Failed pre-authentications since the last success. */
  failures: number;
  /** One-time passwords that are spent, each after the place of its token. */
  readonly usedCodes: Set<string>;
  /** The place of the token that has drifted, whose next code is wanted. */
  driftedToken?: number | undefined;
}
