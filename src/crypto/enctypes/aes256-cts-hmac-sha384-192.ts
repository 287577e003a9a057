import { registeredEnctype } from "../../iana/index.ts";
import { encryptThenMac } from "../encrypt-then-mac.ts";
import type { EncType } from "../enctype.ts";

/** RFC 8009, with a key of 256 bits. */
export const aes256CtsHmacSha384192: EncType = encryptThenMac(registeredEnctype("aes256-cts-hmac-sha384-192"), {
  hash: "sha384",
  keyBytes: 32,
  macBytes: 24,
  prfBytes: 48,
});
