import { any } from "./any.ts";
import { int32 } from "./integers.ts";
import type { MoreWords } from "./notation.ts";
import { objectIdentifier } from "./octets.ts";
import { implicit } from "./tagged.ts";
import { ENUMERATED } from "./tags.ts";

/**
 * Of the words of `MORE_WORDS` those of SPNEGO's tokens: a bundle for HTTP Negotiate carries no others. A type that
 * names another word does not compile.
 */
export const SPNEGO_WORDS: MoreWords = {
  types: {
    ANY: any,
    ENUMERATED: /* @__PURE__ */ implicit(ENUMERATED, int32),
    "OBJECT IDENTIFIER": objectIdentifier,
  },
  implicit,
} as unknown as MoreWords;
