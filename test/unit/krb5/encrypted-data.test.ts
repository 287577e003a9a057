import { describe, expect, it } from "vitest";
import { CryptoError } from "../../../src/errors.ts";
import { importEncryptionKey, openData, sealData } from "../../../src/krb5/index.ts";
import { ETYPES, encTypes, thrownBy } from "./world.ts";

const plaintext = new TextEncoder().encode("a plaintext of some length");

describe("EncryptedData", () => {
  for (const etype of ETYPES) {
    it(`is sealed and opened with enctype ${etype}`, () => {
      const key = encTypes.generateKey(etype);
      const sealed = sealData(key, 3, plaintext);
      expect(sealed).toStrictEqual({ etype, cipher: expect.any(Uint8Array) });
      expect(sealData(key, 3, plaintext, 0)).toMatchObject({ kvno: 0 });
      expect(openData(key, 3, sealed)).toEqual(plaintext);
      expect(thrownBy(() => openData(key, 4, sealed)).code).toBe("INTEGRITY");
    });

    it(`A4: refuses octets that are said to be of another enctype than the key, ${etype}`, () => {
      const key = encTypes.generateKey(etype);
      const sealed = sealData(key, 3, plaintext);
      for (const other of [...ETYPES, 0, -1, 23]) {
        if (other === etype) continue;
        const error = thrownBy(() => openData(key, 3, { ...sealed, etype: other }));
        expect(error).toBeInstanceOf(CryptoError);
        expect(error.code).toBe("BAD_KEY");
      }
    });

    it(`K5: imports a key of enctype ${etype} only with the right number of octets`, () => {
      const { octets } = encTypes.generateKey(etype);
      expect(importEncryptionKey(encTypes, { keytype: etype, keyvalue: octets }).octets).toEqual(octets);
      for (const length of [0, octets.length - 1, octets.length + 1]) {
        const keyvalue = new Uint8Array(length);
        expect(thrownBy(() => importEncryptionKey(encTypes, { keytype: etype, keyvalue })).code).toBe("BAD_KEY");
      }
    });
  }

  it("C11: imports no key of an enctype that is not permitted", () => {
    const keyvalue = encTypes.generateKey(17).octets;
    for (const keytype of [23, 3, 0]) {
      expect(thrownBy(() => importEncryptionKey(encTypes, { keytype, keyvalue })).code).toBe("ETYPE_NOT_PERMITTED");
    }
    const strict = encTypes.restrict([18, 20]);
    expect(thrownBy(() => importEncryptionKey(strict, { keytype: 17, keyvalue })).code).toBe("ETYPE_NOT_PERMITTED");
  });
});
