// One diagnosis where a KDC and we have no enctype in common: who lacks which keys, and what to do.

import { expect, it } from "vitest";
import { noCommonEnctype } from "../../../src/krb5/index.ts";

const lack = { holder: "client", name: "alice@R", realm: "R" } as const;

it("says which enctypes are permitted and which there are, where it knows them", () => {
  const { message } = noCommonEnctype(lack);
  expect(message).toContain("no key of alice@R of an enctype that is permitted here: set a new password");
  expect(noCommonEnctype({ ...lack, permitted: [18, 17], has: [23, 16] }).message).toContain(
    "permitted here (aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96), only of arcfour-hmac, des3-cbc-sha1: set",
  );
  expect(noCommonEnctype({ ...lack, said: " (KDC_ERR_ETYPE_NOSUPP)" }).message).toMatch(
    /AES; RC4, .*, or allow_rc4 \(KDC_ERR_ETYPE_NOSUPP\)$/,
  );
});

it("names what permits RC4, and its danger, where RC4 may be what is there and is not permitted", () => {
  const rc4 =
    "; RC4, which others can break, has to be permitted: arcfourHmac in `enctypes`, and `login`, or allow_rc4";
  for (const more of [{}, { has: [23] }, { has: [16, 23], permitted: [18] }] as const) {
    expect(noCommonEnctype({ ...lack, ...more }).message).toContain(rc4);
  }
  for (const more of [{ has: [16] }, { permitted: [18, 23] }] as const) {
    expect(noCommonEnctype({ ...lack, ...more }).message).not.toContain("RC4");
  }
});

it.each([
  ["client", "no key of alice@R of", "set a new password"],
  ["service", "no key of the service alice@R of", "give it new keys (AES)"],
  ["trust", "no key of alice@R of", "give the trust AES keys"],
] as const)("names the %s and its remedy", (holder, whose, remedy) => {
  const { message } = noCommonEnctype({ ...lack, holder });
  expect(message).toContain(whose);
  expect(message).toContain(remedy);
});

it("has the first enctype that there is and the cause, and neither where it does not know them", () => {
  const cause = new Error("why");
  expect(noCommonEnctype({ ...lack, has: [23, 16], cause })).toMatchObject({
    code: "ETYPE_NOT_PERMITTED",
    realm: "R",
    etype: 23,
    cause,
  });
  const bare = noCommonEnctype(lack);
  expect(bare).not.toHaveProperty("etype");
  expect(Object.hasOwn(bare, "cause")).toBe(false);
});
