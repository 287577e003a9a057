import type { ProtocolKey } from "../crypto/index.ts";
import type { PaData } from "../krb5/index.ts";

/** What a mechanism may use to answer a KDC that requires pre-authentication. */
export interface PreauthContext {
  /** The client's long-term key, of the etype and salt that the KDC's hint and our own list agree on. */
  readonly key: ProtocolKey;
  /** The KDC's time as far as it is known, in milliseconds since the epoch. */
  readonly kdcTimeMs: number;
}

/**
 * A pre-authentication mechanism that proves knowledge of the long-term key (RFC 4120 section 3.1.1): one file each in this
 * folder and one line in `index.ts`.
 */
export interface PreauthMechanism {
  /** The PA-DATA type that a KDC lists when it takes the mechanism. */
  readonly type: number;
  /** The registered name. */
  readonly name: string;
  /** The pre-authentication data to send. */
  respond(context: PreauthContext): Promise<readonly PaData[]> | readonly PaData[];
}
