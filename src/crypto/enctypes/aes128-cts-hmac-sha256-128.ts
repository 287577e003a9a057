import { registeredEnctype } from "../../iana/index.ts";
import { encryptThenMac } from "../encrypt-then-mac.ts";
import type { EncType } from "../enctype.ts";

/** RFC 8009, with a key of 128 bits. */
export const aes128CtsHmacSha256128: EncType = encryptThenMac(registeredEnctype("aes128-cts-hmac-sha256-128"), {
  hash: "sha256",
  keyBytes: 16,
  macBytes: 16,
  prfBytes: 32,
});
