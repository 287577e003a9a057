import { CHECKSUM, ENCTYPE } from "../../iana/index.ts";
import type { EncType } from "../enctype.ts";
import { simplifiedProfile } from "../simplified-profile.ts";

/** RFC 3962, with a key of 256 bits. */
export const aes256CtsHmacSha196: EncType = simplifiedProfile({
  etype: ENCTYPE.aes256CtsHmacSha196,
  name: "aes256-cts-hmac-sha1-96",
  aliases: ["aes256-cts", "aes256-sha1"],
  keyBytes: 32,
  checksumType: CHECKSUM.hmacSha196Aes256,
});
