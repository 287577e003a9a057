import { any } from "./any.ts";
import type { MoreWords } from "./notation.ts";
import { objectIdentifier } from "./octets.ts";
import { implicit } from "./tagged.ts";
import { utf8String } from "./utf8-string.ts";

/**
 * Of the words of `MORE_WORDS` those of OTP's messages, a small module of IMPLICIT TAGS. A type that names another word
 * is an error at its first use; a test makes each of these types with all words, and so with their checks.
 */
export const IMPLICIT_WORDS: MoreWords = {
  types: { ANY: any, UTF8String: utf8String, "OBJECT IDENTIFIER": objectIdentifier },
  implicit,
} as unknown as MoreWords;
