import { describe, expect, it } from "vitest";
import keytabs from "../../krb5-vectors/credentials/keytab.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { decodeKeytab, encodeKeytab } from "../../src/credentials/index.ts";
import { DecodeError } from "../../src/errors.ts";

describe("keytab figures", () => {
  for (const vector of keytabs.vectors) {
    if (vector.refused) {
      it(`refuses ${vector.name}`, () => {
        expect(() => decodeKeytab(decodeHex(vector.file))).toThrow(DecodeError);
      });
      continue;
    }
    it(`reads ${vector.name}`, () => {
      const read = decodeKeytab(decodeHex(vector.file)).entries.map(({ principal, timestamp, kvno, keyBlock }) => ({
        principal: `${principal.components.join("/")}@${principal.realm}`,
        nameType: principal.nameType,
        timestamp: timestamp.getTime() / 1000,
        kvno,
        etype: keyBlock.etype,
        key: encodeHex(keyBlock.octets),
      }));
      expect(read).toEqual(vector.entries);
    });
  }

  it("writes the octets that another implementation wrote", () => {
    const vector = keytabs.vectors.find(({ name }) => name === "gokrb5-testuser1");
    const octets = decodeHex(vector?.file ?? "");
    expect(octets.length).toBeGreaterThan(500);
    expect(encodeHex(encodeKeytab(decodeKeytab(octets)))).toBe(vector?.file);
  });
});
