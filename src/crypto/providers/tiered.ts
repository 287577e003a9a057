import type { CbcCipher, CryptoProvider, Mac } from "../provider.ts";
import { subtlePbkdf2 } from "./subtle-pbkdf2.ts";

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
    aesCbc(key): CbcCipher {
      const little = small.aesCbc(key);
      const big = large.aesCbc(key);
      const of = (input: Uint8Array): CbcCipher => (input.length < thresholdBytes ? little : big);
      return {
        encrypt: (iv, input, output) => of(input).encrypt(iv, input, output),
        decrypt: (iv, input, output) => of(input).decrypt(iv, input, output),
        decryptNew: (iv, input) => of(input).decryptNew(iv, input),
        end() {
          little.end?.();
          big.end?.();
        },
      };
    },
    otherCbc: (cipher, key) => large.otherCbc?.(cipher, key),
    scrypt: (...given) => large.scrypt?.(...given),
    hmac(hash, key): Mac {
      const little = small.hmac(hash, key);
      const big = large.hmac(hash, key);
      const of = (parts: readonly Uint8Array[]): Mac => {
        let length = 0;
        for (const part of parts) length += part.length;
        return length < thresholdBytes ? little : big;
      };
      return { mac: (...parts) => of(parts).mac(...parts), tag: (...parts) => of(parts).tag(...parts) };
    },
    hash: (name, ...parts) => small.hash(name, ...parts),
    // The Web Cryptography API works beside this thread, and its time is the host's; some hosts cap its iterations.
    pbkdf2: async (hash, password, salt, iterations, length) =>
      (await subtlePbkdf2(hash, password, salt, iterations, length)) ??
      large.pbkdf2(hash, password, salt, iterations, length),
  };
}
