import { registeredEnctype } from "../../iana/index.ts";
import type { EncType } from "../enctype.ts";
import { simplifiedProfile } from "../simplified-profile.ts";

/** RFC 3962, with a key of 256 bits. */
export const aes256CtsHmacSha196: EncType = simplifiedProfile(registeredEnctype("aes256-cts-hmac-sha1-96"), 32);
