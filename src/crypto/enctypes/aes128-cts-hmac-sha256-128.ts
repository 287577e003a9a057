import { CHECKSUM, ENCTYPE } from "../../iana/index.ts";
import { encryptThenMac } from "../encrypt-then-mac.ts";
import type { EncType } from "../enctype.ts";

/** RFC 8009, with a key of 128 bits. */
export const aes128CtsHmacSha256128: EncType = encryptThenMac({
  etype: ENCTYPE.aes128CtsHmacSha256128,
  name: "aes128-cts-hmac-sha256-128",
  aliases: ["aes128-sha2"],
  hash: "sha256",
  keyBytes: 16,
  macBytes: 16,
  prfBytes: 32,
  checksumType: CHECKSUM.hmacSha256128Aes128,
});
