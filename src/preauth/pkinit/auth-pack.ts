import { decodeHex } from "../../bytes/index.ts";
import type { CryptoProvider } from "../../crypto/index.ts";
import { OIDS, signData } from "../../x509/index.ts";
import type { PreauthRound } from "../mechanism.ts";
import { digestBy } from "./digest.ts";
import type { Agreement } from "./group.ts";
import { SUPPORTED_KDFS } from "./kdf.ts";
import { encodePkinit } from "./messages.ts";
import type { ReadyIdentity } from "./ready-identity.ts";

/** id-pkinit-authData. */
const AUTH_DATA = "2b060105020301";

/** What a request is made of, beside the round. */
export interface AuthPackParts {
  readonly provider: CryptoProvider;
  readonly agreement: Agreement;
  readonly signer: ReadyIdentity["signer"];
  /** The KDC's token (RFC 8070), if it gave one. */
  readonly freshnessToken: Uint8Array | undefined;
  /** Whether the body is bound by SHA-256 as well: Heimdal 7 fails on that, and Windows Server 2025 demands it. */
  readonly hasChecksum2: boolean;
}

/** The value of PA-PK-AS-REQ (RFC 4556 section 3.2.1). */
export async function createPkAsReq(
  { body, nonce, kdcTimeMs }: Pick<PreauthRound, "body" | "nonce" | "kdcTimeMs">,
  { provider, agreement, signer, freshnessToken, hasChecksum2 }: AuthPackParts,
): Promise<Uint8Array> {
  const timeMs = kdcTimeMs();
  const seconds = Math.floor(timeMs / 1000);
  const authPack = encodePkinit("AuthPack", {
    pkAuthenticator: {
      cusec: Math.floor(timeMs - seconds * 1000) * 1000,
      ctime: new Date(seconds * 1000),
      nonce,
      paChecksum: provider.hash("sha1", body),
      freshnessToken,
      paChecksum2: hasChecksum2
        ? {
            checksum: provider.hash("sha256", body),
            algorithmIdentifier: { algorithm: decodeHex(OIDS.sha256) },
          }
        : undefined,
    },
    clientPublicValue: agreement.publicKey,
    supportedKDFs: [...SUPPORTED_KDFS],
  });
  return encodePkinit("PA-PK-AS-REQ", {
    signedAuthPack: await signData(AUTH_DATA, authPack, signer, digestBy(provider)),
  });
}
