import { findEnctype } from "../../iana/index.ts";
import type { EncType } from "../enctype.ts";
import { aes128CtsHmacSha196 } from "./aes128-cts-hmac-sha1-96.ts";
import { aes128CtsHmacSha256128 } from "./aes128-cts-hmac-sha256-128.ts";
import { aes256CtsHmacSha196 } from "./aes256-cts-hmac-sha1-96.ts";
import { aes256CtsHmacSha384192 } from "./aes256-cts-hmac-sha384-192.ts";

/**
 * The enctypes that a program permits unless told otherwise, most wanted first. The order is MIT's default: every KDC
 * and service in use knows the first two, while RFC 8009 is missing in some (Active Directory), so that this order is
 * the one that has been tried most between implementations.
 */
export const strongEncTypes: readonly EncType[] = [
  aes256CtsHmacSha196,
  aes128CtsHmacSha196,
  aes256CtsHmacSha384192,
  aes128CtsHmacSha256128,
];

/**
 * The enctype with a registered name or an alias, in any case, for example `AES256-SHA1`; undefined if `types` has
 * none.
 */
export function encTypeByName(name: string, types: readonly EncType[] = strongEncTypes): EncType | undefined {
  return findEnctype(name, types);
}
