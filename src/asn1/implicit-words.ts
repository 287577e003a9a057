import { any } from "./any.ts";
import type { MoreWords } from "./notation.ts";
import { objectIdentifier } from "./octets.ts";
import { checkTags } from "./sequence-check.ts";
import { implicit } from "./tagged.ts";
import { utf8String } from "./utf8-string.ts";

/**
 * Of the words of `MORE_WORDS` those of a small module of IMPLICIT TAGS, such as OTP: what a module does not use is not
 * in its bundle. A type that names another word does not compile.
 */
export const IMPLICIT_WORDS: MoreWords = {
  types: { ANY: any, UTF8String: utf8String, "OBJECT IDENTIFIER": objectIdentifier },
  implicit,
  checkTags,
} as unknown as MoreWords;
