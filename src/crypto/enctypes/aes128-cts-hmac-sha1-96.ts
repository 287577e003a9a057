import { registeredEnctype } from "../../iana/index.ts";
import type { EncType } from "../enctype.ts";
import { simplifiedProfile } from "../simplified-profile.ts";

/** RFC 3962, with a key of 128 bits. */
export const aes128CtsHmacSha196: EncType = simplifiedProfile(registeredEnctype("aes128-cts-hmac-sha1-96"), 16);
