import { any } from "./any.ts";
import { bigInteger } from "./big-integer.ts";
import { bitString } from "./bit-string.ts";
import { choice } from "./choice.ts";
import { defaultOf } from "./default.ts";
import { int32 } from "./integers.ts";
import type { MoreWords } from "./notation.ts";
import { nullValue } from "./null.ts";
import { objectIdentifier } from "./octets.ts";
import { checkTags } from "./sequence-check.ts";
import { set, setOf } from "./set.ts";
import { implicit } from "./tagged.ts";
import { ENUMERATED } from "./tags.ts";
import { utf8String } from "./utf8-string.ts";

/** The words of PKINIT, SPAKE, OTP and SPNEGO that RFC 4120 does without. */
export const MORE_WORDS: MoreWords = {
  types: {
    INTEGER: bigInteger,
    ENUMERATED: /* @__PURE__ */ implicit(ENUMERATED, int32),
    NULL: nullValue,
    "BIT STRING": bitString,
    ANY: any,
    UTF8String: utf8String,
    "OBJECT IDENTIFIER": objectIdentifier,
  },
  choice,
  set,
  setOf,
  implicit,
  defaultOf,
  checkTags,
};
