import type { CbcCipher, CryptoProvider, OtherCipher } from "../crypto/index.ts";
import { UnsupportedError } from "../errors.ts";

/** A block cipher of the host. Throws UnsupportedError where the host has none. */
export function hostCipher(provider: CryptoProvider, cipher: OtherCipher, key: Uint8Array): CbcCipher {
  const found = provider.otherCbc?.(cipher, key);
  if (found !== undefined) return found;
  throw new UnsupportedError(
    `this host cannot compute the cipher ${cipher}: run on Node, or give the principal keys of AES`,
  );
}
