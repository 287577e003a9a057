import type { CryptoProvider, DigestName } from "../../crypto/index.ts";
import type { Digest, DigestOf } from "../../x509/index.ts";

const NAMES: Readonly<Record<Digest, DigestName>> = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Digests by the provider, which answers at once. */
export function digestBy(provider: Pick<CryptoProvider, "hash">): DigestOf {
  return (name, octets) => provider.hash(NAMES[name], octets);
}
