import { CHECKSUM, ENCTYPE } from "../../iana/index.ts";
import { encryptThenMac } from "../encrypt-then-mac.ts";
import type { EncType } from "../enctype.ts";

/** RFC 8009, with a key of 256 bits. */
export const aes256CtsHmacSha384192: EncType = encryptThenMac({
  etype: ENCTYPE.aes256CtsHmacSha384192,
  name: "aes256-cts-hmac-sha384-192",
  aliases: ["aes256-sha2"],
  hash: "sha384",
  keyBytes: 32,
  macBytes: 24,
  prfBytes: 48,
  checksumType: CHECKSUM.hmacSha384192Aes256,
});
