// The option `pac`: what a request to a KDC says about the PAC (MS-KILE sections 2.2.3 and 2.2.10).

import { describe, expect, it } from "vitest";
import { checkPacWish, type PacWish, pacWishes } from "../../../src/client/pac-wish.ts";

const hex = (wish: PacWish | undefined): [number, string][] =>
  pacWishes(wish).map(({ padataType, padataValue }) => [padataType, Buffer.from(padataValue).toString("hex")]);

describe("the option pac", () => {
  it("is PA-PAC-REQUEST, and PA-PAC-OPTIONS with the bit of claims; nothing where nothing is wished", () => {
    expect(hex(undefined)).toEqual([]);
    expect(hex(true)).toEqual([[128, "3005a0030101ff"]]);
    expect(hex(false)).toEqual([[128, "3005a003010100"]]);
    expect(hex("claims")).toEqual([
      [128, "3005a0030101ff"],
      [167, "3009a00703050080000000"],
    ]);
  });

  it("is true, false or claims", () => {
    for (const value of [true, false, "claims"]) expect(() => checkPacWish("pac", value)).not.toThrow();
    for (const value of ["yes", "", 1, null, undefined, {}]) {
      expect(() => checkPacWish("pac", value)).toThrow(/pac.*true, false or "claims"/s);
    }
  });
});
