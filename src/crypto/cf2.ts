import { wipe } from "../bytes/index.ts";
import type { EncType, ProtocolKey } from "./enctype.ts";
import type { CryptoProvider } from "./provider.ts";

/**
 * PRF+ (RFC 6113 section 5.1): `bytes` octets of the key's pseudo-random function over 1 | info, 2 | info and so on.
 * Throws `RangeError` for more than 255 times `prfBytes`, which the one octet of the counter cannot number.
 */
export function prfPlus(key: ProtocolKey, info: Uint8Array, bytes: number): Uint8Array {
  const { prfBytes } = key.encType;
  if (bytes > 255 * prfBytes) throw new RangeError(`PRF+ gives at most ${255 * prfBytes} octets, not ${bytes}`);
  const input = new Uint8Array(1 + info.length);
  input.set(info, 1);
  const out = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += prfBytes) {
    input[0] = (input[0] as number) + 1;
    const block = key.prf(input);
    out.set(block.subarray(0, bytes - at), at);
    wipe(block);
  }
  return out;
}

/**
 * KRB-FX-CF2 (RFC 6113 section 5.1): one key of two, each with its pepper, of the enctype of the first unless `encType`
 * says another.
 *
 * ```ts
 * const text = new TextEncoder();
 * const peppers = [text.encode("challengelongterm"), text.encode("kdcchallengearmor")] as const;
 * const armored = cf2(provider, armorKey, replyKey, ...peppers);
 * ```
 */
export function cf2(
  provider: CryptoProvider,
  key1: ProtocolKey,
  key2: ProtocolKey,
  pepper1: Uint8Array,
  pepper2: Uint8Array,
  encType: EncType = key1.encType,
): ProtocolKey {
  const seed = prfPlus(key1, pepper1, encType.seedBytes);
  const other = prfPlus(key2, pepper2, encType.seedBytes);
  for (let i = 0; i < seed.length; i++) (seed[i] as number) ^= other[i] as number;
  const octets = encType.randomToKey(seed);
  const key = encType.importKey(provider, octets);
  wipe(seed, other, octets);
  return key;
}
