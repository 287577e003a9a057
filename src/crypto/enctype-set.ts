import { wipe } from "../bytes/index.ts";
import { checkList, checkWhole } from "../checks/index.ts";
import { CryptoError } from "../errors.ts";
import { enctypeName } from "../iana/index.ts";
import type { EncType, ProtocolKey } from "./enctype.ts";
import type { CryptoProvider } from "./provider.ts";

/**
 * The encryption types that a program permits, in order of preference, and what computes them. A value that is passed
 * in, never global: what is not in the set cannot be chosen by a KDC or a peer.
 */
export interface EncTypeSet {
  /** What computes AES and hashes. */
  readonly provider: CryptoProvider;
  /** Their numbers, in order of preference. */
  readonly permitted: readonly number[];
  /** Whether an enctype is in the set. */
  has(etype: number): boolean;
  /** Throws CryptoError `ETYPE_NOT_PERMITTED`. */
  get(etype: number): EncType;
  /** A key ready for use; also throws CryptoError `BAD_KEY`. */
  importKey(etype: number, octets: Uint8Array): ProtocolKey;
  /** A new random key (RFC 3961 random-to-key of fresh octets). */
  generateKey(etype: number): ProtocolKey;
  /** The same set with only these types, in this order. Throws `RangeError` for one that is not in it. */
  restrict(permitted: readonly number[]): EncTypeSet;
}

/** Makes a set. */
export function createEncTypeSet(types: readonly EncType[], provider: CryptoProvider): EncTypeSet {
  const rows = new Map<number, EncType>(types.map((type) => [type.etype, type]));
  const get = (etype: number): EncType => {
    const type = rows.get(etype);
    if (type === undefined) {
      checkEtype("etype", etype);
      const permitted = types.map(({ name }) => name).join(", ");
      throw new CryptoError(
        "ETYPE_NOT_PERMITTED",
        `${enctypeName(etype)} is not permitted here (permitted: ${permitted})`,
        { etype },
      );
    }
    return type;
  };
  return {
    provider,
    permitted: types.map(({ etype }) => etype),
    has: (etype) => rows.has(etype),
    get,
    importKey: (etype, octets) => get(etype).importKey(provider, octets),
    generateKey: (etype) => {
      const type = get(etype);
      const seed = provider.randomBytes(type.seedBytes);
      const octets = type.randomToKey(seed);
      const key = type.importKey(provider, octets);
      wipe(seed, octets);
      return key;
    },
    restrict: (permitted) => {
      checkList("permitted", permitted, checkEtype);
      return createEncTypeSet(
        permitted.map((etype) => {
          const type = rows.get(etype);
          if (type === undefined) throw new RangeError(`${enctypeName(etype)} is not in the set`);
          return type;
        }),
        provider,
      );
    },
  };
}

function checkEtype(name: string, value: unknown): void {
  checkWhole(name, value, -(2 ** 31), 2 ** 31 - 1);
}
