import type { AesCbc, CryptoProvider, Hmac } from "../provider.ts";

/** Octets from which on the host's provider is faster where each of its calls costs 5 to 20 microseconds. */
const THRESHOLD_BYTES = 512;

/** A provider that gives inputs of less than `thresholdBytes` octets to `small` and the others to `large`. */
export function createTieredProvider(
  small: CryptoProvider,
  large: CryptoProvider,
  thresholdBytes: number = THRESHOLD_BYTES,
): CryptoProvider {
  return {
    name: `${small.name} below ${thresholdBytes} octets, ${large.name} above`,
    randomBytes: (length) => small.randomBytes(length),
    aesCbc(octets): AesCbc {
      const key = octets.slice();
      let little: AesCbc | undefined;
      let big: AesCbc | undefined;
      const of = (length: number): AesCbc => {
        if (length >= thresholdBytes) return (big ??= large.aesCbc(key));
        return (little ??= small.aesCbc(key));
      };
      return {
        encrypt: (iv, input, output) => of(input.length).encrypt(iv, input, output),
        decrypt: (iv, input, output) => of(input.length).decrypt(iv, input, output),
      };
    },
    hmac(hash, octets): Hmac {
      const key = octets.slice();
      let little: Hmac | undefined;
      let big: Hmac | undefined;
      return {
        mac(...parts) {
          let length = 0;
          for (const part of parts) length += part.length;
          const hmac = length >= thresholdBytes ? (big ??= large.hmac(hash, key)) : (little ??= small.hmac(hash, key));
          return hmac.mac(...parts);
        },
      };
    },
    hash: (name, ...parts) => small.hash(name, ...parts),
    pbkdf2: (hash, password, salt, iterations, length) => large.pbkdf2(hash, password, salt, iterations, length),
  };
}
