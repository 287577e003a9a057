import { describe, expect, it } from "vitest";
import ccaches from "../../krb5-vectors/credentials/ccache.json" with { type: "json" };
import keytabs from "../../krb5-vectors/credentials/keytab.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import {
  type Credential,
  decodeCcacheFile,
  decodeCredential,
  decodeKeytab,
  encodeCcacheFile,
  encodeCredential,
  encodeKeytab,
} from "../../src/credentials/index.ts";
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

describe("credential cache figures", () => {
  const { expected } = ccaches;
  const hexOf = (list: readonly { type: number; octets: Uint8Array }[]) =>
    list.map(({ type, octets }) => ({ type, octets: encodeHex(octets) }));
  const nameOf = ({ components, realm }: { components: readonly string[]; realm: string }) =>
    `${components.join("/")}@${realm}`;
  const plain = (credential: Credential) => ({
    client: nameOf(credential.client),
    server: nameOf(credential.server),
    etype: credential.key.etype,
    key: encodeHex(credential.key.octets),
    authTime: credential.authTime.getTime() / 1000,
    startTime: (credential.startTime?.getTime() ?? 0) / 1000,
    endTime: credential.endTime.getTime() / 1000,
    renewTill: (credential.renewTill?.getTime() ?? 0) / 1000,
    isSkey: credential.isSkey,
    flags: credential.flags,
    addresses: hexOf(credential.addresses),
    authData: hexOf(credential.authData),
    ticket: encodeHex(credential.ticket),
    secondTicket: encodeHex(credential.secondTicket),
  });

  for (const vector of ccaches.vectors) {
    it(`reads ${vector.name}`, () => {
      const file = decodeCcacheFile(decodeHex(vector.file));
      expect(file.version).toBe(vector.version);
      expect(nameOf(file.principal)).toBe(expected.defaultPrincipal);
      expect(file.principal.nameType).toBe(vector.version === 1 ? 0 : 1);
      expect(file.credentials.map(plain)).toEqual(
        expected.credentials.map((one) => ({ ...one, client: expected.defaultPrincipal })),
      );
      const { seconds, microseconds, versions } = expected.deltaTime;
      expect(file.clockOffsetMs).toBe(
        versions.includes(vector.version) ? seconds * 1000 + microseconds / 1000 : undefined,
      );
    });

    it(`writes what ${vector.name} holds as version 4, octet for octet`, () => {
      const { version, ...file } = decodeCcacheFile(decodeHex(vector.file));
      const v4 = ccaches.vectors[3];
      if (version === 4) return expect(encodeHex(encodeCcacheFile(file))).toBe(v4?.file);
      // Versions 1 to 3 have no time offset, and version 1 no name types.
      const typed = { ...file.principal, nameType: 1 };
      const credentials = file.credentials.map((one) => ({
        ...one,
        client: { ...one.client, nameType: 1 },
        server: { ...one.server, nameType: 1 },
      }));
      const octets = encodeCcacheFile({ principal: typed, credentials });
      expect(encodeHex(octets)).toBe(`05040000${v4?.defaultPrincipal}${v4?.credentials.join("")}`);
    });
  }

  it("writes each credential of version 4 alone", () => {
    const v4 = ccaches.vectors[3];
    const { credentials } = decodeCcacheFile(decodeHex(v4?.file ?? ""));
    expect(credentials.map((one) => encodeHex(encodeCredential(one)))).toEqual(v4?.credentials);
    expect(v4?.credentials.map((hex) => plain(decodeCredential(decodeHex(hex))))).toEqual(credentials.map(plain));
  });
});
