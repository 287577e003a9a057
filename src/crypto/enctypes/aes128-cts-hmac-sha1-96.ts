import { CHECKSUM, ENCTYPE } from "../../iana/index.ts";
import type { EncType } from "../enctype.ts";
import { simplifiedProfile } from "../simplified-profile.ts";

/** RFC 3962, with a key of 128 bits. */
export const aes128CtsHmacSha196: EncType = simplifiedProfile({
  etype: ENCTYPE.aes128CtsHmacSha196,
  name: "aes128-cts-hmac-sha1-96",
  aliases: ["aes128-cts", "aes128-sha1"],
  keyBytes: 16,
  checksumType: CHECKSUM.hmacSha196Aes128,
});
