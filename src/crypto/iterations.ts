import { checkObject, checkOctets } from "../checks/index.ts";
import { CryptoError } from "../errors.ts";
import type { StringToKeyOptions } from "./enctype.ts";

const DEFAULT_MAX_ITERATIONS = 1_000_000;

/**
 * The iteration count of `s2kparams` (RFC 3962 section 4, RFC 8009 section 4), refused before any work when a KDC, or
 * who poses as one, asks for a key that is cheap to guess or for hours of work (rule P3 in SECURITY.md). Four octets of
 * zero mean 2^32 in RFC 3962: refused, since no bound allows it.
 */
export function iterationsOf(
  defaultIterations: number,
  params: Uint8Array | undefined,
  options: StringToKeyOptions = {},
): number {
  checkObject("options", options);
  const { maxIterations = DEFAULT_MAX_ITERATIONS, allowWeakIterations = false } = options;
  if (params === undefined) return defaultIterations;
  checkOctets("params", params);
  if (params.length !== 4) throw refused(`${params.length} octets where exactly 4 are wanted`);
  const count = new DataView(params.buffer, params.byteOffset, 4).getUint32(0);
  if (count === 0) throw refused("0 iterations, which means 4,294,967,296");
  if (count < defaultIterations && !allowWeakIterations)
    throw refused(`${count} iterations, fewer than the least permitted, ${defaultIterations}`);
  if (count > maxIterations) throw refused(`${count} iterations, more than the most permitted, ${maxIterations}`);
  return count;
}

function refused(what: string): CryptoError {
  return new CryptoError(
    "BAD_STRING_TO_KEY_PARAMETERS",
    `the KDC's string-to-key parameters are refused: ${what}; ask its administrator`,
  );
}
