// The names of the enctypes that MIT and this package share.

/** @type {Record<number, "aes128-sha1" | "aes256-sha1" | "aes128-sha2" | "aes256-sha2">} */
export const ENCTYPE_NAMES = { 17: "aes128-sha1", 18: "aes256-sha1", 19: "aes128-sha2", 20: "aes256-sha2" };
