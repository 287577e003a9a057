import { any } from "./any.ts";
import { bigInteger } from "./big-integer.ts";
import { bitString } from "./bit-string.ts";
import { choice } from "./choice.ts";
import type { MoreWords } from "./notation.ts";
import { nullValue } from "./null.ts";
import { objectIdentifier } from "./octets.ts";
import { setOf } from "./set.ts";
import { implicit } from "./tagged.ts";

/**
 * Of the words of `MORE_WORDS` those of PKINIT's messages and of the CMS around them. A type that names another word is
 * an error at its first use; a test makes each of these types with all words, and so with their checks.
 */
export const PKINIT_WORDS: MoreWords = {
  types: {
    INTEGER: bigInteger,
    NULL: nullValue,
    "BIT STRING": bitString,
    ANY: any,
    "OBJECT IDENTIFIER": objectIdentifier,
  },
  choice,
  setOf,
  implicit,
} as unknown as MoreWords;
