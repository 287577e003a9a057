// One suite over every enctype, with every provider: those that are built in, and some that are here alone.

import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, encodeHex } from "../../src/bytes/index.ts";
import {
  type CryptoProvider,
  createEncTypeSet,
  type EncType,
  encTypeByName,
  strongEncTypes,
} from "../../src/crypto/index.ts";
import { CryptoError } from "../../src/errors.ts";
import { enctypeName } from "../../src/iana/index.ts";
import { camellia128CtsCmac, camellia256CtsCmac } from "../../src/legacy-enctypes/index.ts";
import { providers } from "../unit/crypto/providers.ts";
import { privateStream } from "./own-enctypes/private-stream.ts";

/** Each is one file; this is its one line. */
const ownEncTypes = [camellia256CtsCmac, camellia128CtsCmac, privateStream];
const everyEncType = [...strongEncTypes, ...ownEncTypes];

/** Camellia is the host's: the provider in plain JavaScript does not have it, as own-enctypes.test.ts shows. */
const isIn = (provider: string, { etype }: EncType) => provider !== "noble" || ![25, 26].includes(etype);
const pairsOf = (types: readonly EncType[]) =>
  providers.flatMap(([name, provider]) =>
    types.filter((type) => isIn(name, type)).map((type) => [type.name, name, type, provider] as const),
  );
const octets = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101 + (i >> 8)) & 255);

/** The one error for whatever is wrong, with the one text. */
function refuses(action: () => unknown): void {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CryptoError);
  expect(thrown).toMatchObject({
    code: "INTEGRITY",
    message: "integrity check failed: the octets were changed, or the key is another; check the key",
  });
}

/** The provider, and what was asked of it. */
function counted(provider: CryptoProvider) {
  const calls = { aesCbc: 0, hmac: 0, encrypt: 0, decrypt: 0, mac: 0 };
  const outputs: Uint8Array[] = [];
  const counting: CryptoProvider = {
    ...provider,
    aesCbc(key) {
      calls.aesCbc++;
      const cbc = provider.aesCbc(key);
      return {
        encrypt(iv, input, output) {
          calls.encrypt++;
          cbc.encrypt(iv, input, output);
        },
        decrypt(iv, input, output) {
          calls.decrypt++;
          cbc.decrypt(iv, input, output);
          outputs.push(output);
        },
        decryptNew(iv, input) {
          calls.decrypt++;
          const output = cbc.decryptNew(iv, input);
          outputs.push(output);
          return output;
        },
      };
    },
    hmac(hash, key) {
      calls.hmac++;
      const hmac = provider.hmac(hash, key);
      return {
        mac(...parts) {
          calls.mac++;
          return hmac.mac(...parts);
        },
        tag(...parts) {
          calls.mac++;
          return hmac.tag(...parts);
        },
      };
    },
  };
  return { calls, outputs, provider: counting };
}

describe("the registered enctypes", () => {
  it("have their registered names, each name and number once", () => {
    const names = strongEncTypes.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(strongEncTypes.map(({ etype }) => etype)).toEqual([18, 17, 20, 19]);
    for (const type of strongEncTypes) {
      expect(type.name).toBe(enctypeName(type.etype));
      for (const name of [type.name, ...type.aliases]) expect(encTypeByName(name.toUpperCase())).toBe(type);
    }
    expect(encTypeByName("rc4-hmac")).toBeUndefined();
    expect(encTypeByName("aes128-sha1", [])).toBeUndefined();
  });
});

describe.each(pairsOf(everyEncType))("%s with %s", (_type, _provider, type, provider) => {
  const secret = octets(type.keyBytes);
  const make = (from: CryptoProvider = provider) => type.importKey(from, secret);
  const overhead = type.confounderBytes + type.macBytes;

  it("decrypts what it encrypts, of every length around the blocks", () => {
    const key = make().usage(7);
    expect(key.overheadBytes).toBe(overhead);
    expect(key.macBytes).toBe(type.macBytes);
    for (let length = 0; length <= 70; length++) {
      const sealed = key.encrypt(octets(length));
      expect(sealed.length).toBe(length + overhead);
      expect(encodeHex(key.decrypt(sealed))).toBe(encodeHex(octets(length)));
    }
  });

  it("does with parts what it does with them joined", () => {
    const key = make().usage(7);
    const parts = [octets(3), octets(0), octets(40, 2), octets(1, 3)];
    expect(key.decrypt(key.encrypt(...parts))).toEqual(concat(...parts));
    expect(key.checksum(...parts)).toEqual(key.checksum(concat(...parts)));
    key.verifyChecksum(key.checksum(concat(...parts)), ...parts);
  });

  it("writes into the middle of other octets and touches nothing else", () => {
    const key = make().usage(7);
    for (let length = 0; length <= 33; length++) {
      const total = length + overhead;
      const out = new Uint8Array(5 + total + 5).fill(0xee);
      expect(key.encryptInto(out, 5, octets(length))).toBe(total);
      expect(out.subarray(0, 5)).toEqual(new Uint8Array(5).fill(0xee));
      expect(out.subarray(5 + total)).toEqual(new Uint8Array(5).fill(0xee));
      expect(key.decrypt(out.subarray(5, 5 + total))).toEqual(octets(length));
      expect(key.encryptInto(out.subarray(0, 5 + total), 5, octets(length))).toBe(total);
      expect(() => key.encryptInto(out.subarray(0, 4 + total), 5, octets(length))).toThrow(RangeError);
      expect(() => key.encryptInto(out, -1, octets(length))).toThrow(RangeError);
    }
  });

  it("encrypts a plaintext that lies in the output already, where it goes", () => {
    const key = make().usage(7);
    for (const length of [1, 4, 20, 48]) {
      const out = new Uint8Array(3 + length + overhead);
      const place = out.subarray(3 + type.confounderBytes, 3 + type.confounderBytes + length);
      place.set(octets(length));
      key.encryptInto(out, 3, place);
      expect(key.decrypt(out.subarray(3))).toEqual(octets(length));
    }
  });

  it("does not change what it is given", () => {
    const key = make().usage(7);
    const plaintext = octets(50);
    const sealed = key.encrypt(plaintext);
    const copy = sealed.slice();
    key.decrypt(sealed);
    key.checksum(plaintext);
    expect(plaintext).toEqual(octets(50));
    expect(sealed).toEqual(copy);
  });

  it("K1: a ciphertext cut to any length is refused", () => {
    const key = make().usage(7);
    for (const length of [0, 1, 16, 33]) {
      const sealed = key.encrypt(octets(length));
      for (let cut = 0; cut < sealed.length; cut++) refuses(() => key.decrypt(sealed.subarray(0, cut)));
      refuses(() => key.decrypt(concat(sealed, new Uint8Array(1))));
      expect(key.decrypt(sealed)).toEqual(octets(length));
    }
  });

  it("K1: a ciphertext too short for confounder and MAC is refused before the provider sees it", () => {
    const { calls, provider: counting } = counted(provider);
    const key = make(counting).usage(7);
    const before = { ...calls };
    for (let length = 0; length < overhead; length++) refuses(() => key.decrypt(new Uint8Array(length)));
    expect(calls).toEqual(before);
    expect(key.decrypt(key.encrypt())).toEqual(new Uint8Array(0));
  });

  it("K2: one flipped bit at any octet is refused, each bit of the MAC too; the right one is not", () => {
    const key = make().usage(7);
    for (const length of [0, 5, 16, 37]) {
      const sealed = key.encrypt(octets(length));
      for (let i = 0; i < sealed.length; i++) {
        for (let bit = 0; bit < (i < length + type.confounderBytes ? 1 : 8); bit++) {
          const changed = sealed.slice();
          (changed[i] as number) ^= 1 << ((i + bit) % 8);
          refuses(() => key.decrypt(changed));
        }
      }
      expect(key.decrypt(sealed)).toEqual(octets(length));
    }
  });

  it("K2: a MAC of zeros, of ones, or moved by one octet is refused", () => {
    const key = make().usage(7);
    const sealed = key.encrypt(octets(20));
    const body = sealed.subarray(0, -type.macBytes);
    const mac = sealed.subarray(-type.macBytes);
    refuses(() => key.decrypt(concat(body, new Uint8Array(type.macBytes))));
    refuses(() => key.decrypt(concat(body, new Uint8Array(type.macBytes).fill(255))));
    refuses(() => key.decrypt(concat(body, mac.subarray(1), mac.subarray(0, 1))));
    expect(key.decrypt(concat(body, mac))).toEqual(octets(20));
  });

  it("K2: a checksum is accepted as it is, and refused when changed, cut, lengthened, or of other octets", () => {
    const key = make().usage(7);
    const mac = key.checksum(octets(21));
    expect(mac.length).toBe(type.macBytes);
    key.verifyChecksum(mac, octets(21));
    for (let i = 0; i < mac.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = mac.slice();
        (changed[i] as number) ^= 1 << bit;
        refuses(() => key.verifyChecksum(changed, octets(21)));
      }
      refuses(() => key.verifyChecksum(mac.subarray(0, i), octets(21)));
    }
    refuses(() => key.verifyChecksum(concat(mac, new Uint8Array(1)), octets(21)));
    refuses(() => key.verifyChecksum(new Uint8Array(type.macBytes), octets(21)));
    for (let i = 0; i < 21; i++) {
      const message = octets(21);
      (message[i] as number) ^= 1 << (i % 8);
      refuses(() => key.verifyChecksum(mac, message));
    }
    refuses(() => key.verifyChecksum(mac, octets(22)));
    refuses(() => key.verifyChecksum(mac, octets(20)));
    key.verifyChecksum(mac, octets(21));
  });

  it("K2: another usage or another key is refused", () => {
    const key = make();
    const other = type.importKey(provider, octets(type.keyBytes, 9));
    const sealed = key.usage(7).encrypt(octets(20));
    const mac = key.usage(7).checksum(octets(20));
    for (const usage of [0, 6, 8, 7 + 256, 7 * 2 ** 24]) {
      refuses(() => key.usage(usage).decrypt(sealed));
      refuses(() => key.usage(usage).verifyChecksum(mac, octets(20)));
    }
    refuses(() => other.usage(7).decrypt(sealed));
    refuses(() => other.usage(7).verifyChecksum(mac, octets(20)));
    expect(make().usage(7).decrypt(sealed)).toEqual(octets(20));
    make().usage(7).verifyChecksum(mac, octets(20));
  });

  it("K2: encryption and checksum of one usage do not share a key", () => {
    const key = make().usage(7);
    const sealed = key.encrypt(octets(20));
    refuses(() => key.verifyChecksum(sealed.subarray(-type.macBytes), sealed.subarray(0, -type.macBytes)));
  });

  it("K5: a key of another length is refused at import", () => {
    for (let length = 0; length <= 40; length++) {
      if (length === type.keyBytes) continue;
      expect(() => type.importKey(provider, new Uint8Array(length))).toThrow(
        expect.objectContaining({ code: "BAD_KEY", name: "CryptoError" }),
      );
    }
    expect(make().octets).toEqual(secret);
  });

  it("K6: every encryption has a fresh confounder of the provider's generator", () => {
    const asked: number[] = [];
    const key = make({
      ...provider,
      randomBytes(length) {
        asked.push(length);
        return provider.randomBytes(length);
      },
    }).usage(7);
    const seen = new Set<string>();
    for (let i = 0; i < 300; i++) seen.add(encodeHex(key.encrypt(octets(20)).subarray(0, 16)));
    expect(seen.size).toBe(300);
    expect(asked).toEqual(Array(300).fill(type.confounderBytes));
  });

  it("K6: a generator that fails leaves nothing behind, and the key works on", () => {
    let isBroken = true;
    const key = make({
      ...provider,
      randomBytes(length) {
        if (isBroken) throw new Error("no entropy");
        return provider.randomBytes(length);
      },
    }).usage(7);
    const out = new Uint8Array(100);
    expect(() => key.encryptInto(out, 0, octets(20))).toThrow("no entropy");
    expect(out).toEqual(new Uint8Array(100));
    isBroken = false;
    expect(key.decrypt(key.encrypt(octets(20)))).toEqual(octets(20));
  });

  it("K6: new keys are fresh and of the right length", () => {
    const set = createEncTypeSet(everyEncType, provider);
    const keys = Array.from({ length: 20 }, () => encodeHex(set.generateKey(type.etype).octets));
    expect(new Set(keys).size).toBe(20);
    for (const key of keys) expect(key.length).toBe(type.keyBytes * 2);
  });

  it("keeps its own copy of the key, and shows it to nobody who does not ask for it", () => {
    const given = secret.slice();
    const key = type.importKey(provider, given);
    const sealed = key.usage(7).encrypt(octets(20));
    given.fill(0);
    expect(key.usage(7).decrypt(sealed)).toEqual(octets(20));
    expect(key.usage(9).decrypt(make().usage(9).encrypt(octets(3)))).toEqual(octets(3));
    for (const shown of [key, key.usage(7)]) {
      const text = JSON.stringify(shown) + inspect(shown, { depth: 10, showHidden: true, getters: false });
      expect(text).not.toContain(Array.from(secret.subarray(0, 4)).join(", "));
      expect(text).not.toContain(Array.from(secret.subarray(0, 4)).join(","));
      expect(text).not.toContain(encodeHex(secret.subarray(0, 4)));
    }
  });

  it("is of no use after wipe", () => {
    const key = make();
    const usage = key.usage(7);
    const held = key.octets;
    const sealed = usage.encrypt(octets(20));
    key.wipe();
    expect(held).toEqual(new Uint8Array(type.keyBytes));
    for (const use of [
      () => key.octets,
      () => key.usage(7),
      () => key.usage(8),
      () => key.prf(octets(1)),
      () => usage.encrypt(),
      () => usage.decrypt(sealed),
      () => usage.checksum(),
      () => usage.verifyChecksum(new Uint8Array(type.macBytes)),
    ])
      expect(use).toThrow(TypeError);
    key.wipe();
  });

  it("is of no use after wipe where a usage derived its keys again after they were forgotten", () => {
    const key = make();
    const usage = key.usage(7);
    key.forgetDerived();
    const sealed = usage.encrypt(octets(20));
    expect(key.usage(7)).toBe(usage);
    key.wipe();
    for (const use of [() => usage.encrypt(), () => usage.decrypt(sealed), () => usage.checksum()])
      expect(use).toThrow(TypeError);
  });

  it("gives octets that are the caller's own", () => {
    const key = make();
    const usage = key.usage(7);
    const sealed = usage.encrypt(octets(20));
    const plain = usage.decrypt(sealed);
    plain.fill(0);
    usage.checksum(octets(2)).fill(0);
    key.prf(octets(2)).fill(0);
    expect(usage.decrypt(sealed)).toEqual(octets(20));
    expect(usage.checksum(octets(2))).toEqual(make().usage(7).checksum(octets(2)));
    expect(key.prf(octets(2))).toEqual(make().prf(octets(2)));
    expect(key.prf(octets(2)).length).toBe(type.prfBytes);
    for (const given of [plain, usage.checksum(), key.prf(octets(2))])
      expect(Object.getPrototypeOf(given)).toBe(Uint8Array.prototype);
  });

  it("makes keys of passwords, empty ones too", async () => {
    const params = Uint8Array.of(0, 0, 0, 2);
    const weak = { allowWeakIterations: true };
    const made = await Promise.all(
      [octets(0), octets(5), octets(200)].map((password) =>
        type.stringToKey(provider, password, octets(0), params, weak),
      ),
    );
    const reference = await Promise.all(
      [octets(0), octets(5), octets(200)].map((password) =>
        type.stringToKey(
          providers.find(([name]) => isIn(name, type))?.[1] as CryptoProvider,
          password,
          octets(0),
          params,
          weak,
        ),
      ),
    );
    expect(made.map(encodeHex)).toEqual(reference.map(encodeHex));
    expect(new Set(made.map(encodeHex)).size).toBe(3);
    for (const key of made) expect(key.length).toBe(type.keyBytes);
  });
});

describe.each(pairsOf(strongEncTypes))(
  "%s with %s: what it asks of the provider",
  (_type, _provider, type, provider) => {
    const make = (from: CryptoProvider) => type.importKey(from, octets(type.keyBytes));

    it("K3: what was decrypted under a wrong MAC is never released: not decrypted at all, or overwritten", () => {
      const { calls, outputs, provider: counting } = counted(provider);
      const key = make(counting).usage(7);
      const sealed = key.encrypt(octets(40));
      key.decrypt(sealed);
      const isMacFirst = type.etype >= 19;
      expect(outputs.length).toBeGreaterThan(0);
      // The positive case, so that zeros below mean something.
      expect(outputs.at(-1)?.some((octet) => octet !== 0)).toBe(true);
      outputs.length = 0;
      const decryptions = calls.decrypt;
      const changed = sealed.slice();
      (changed[changed.length - 1] as number) ^= 1;
      refuses(() => key.decrypt(changed));
      if (isMacFirst) expect(calls.decrypt).toBe(decryptions);
      else expect(calls.decrypt).toBeGreaterThan(decryptions);
      for (const output of outputs) expect(output.every((octet) => octet === 0)).toBe(true);
    });

    it("makes each derived key once, and none that is not used", () => {
      const { calls, provider: counting } = counted(provider);
      const key = make(counting);
      // Not even what derives: a key of many is imported and never used.
      expect(calls.aesCbc + calls.hmac).toBe(0);
      const base = 1;
      for (let i = 0; i < 3; i++) key.usage(7).decrypt(key.usage(7).encrypt(octets(64 * i)));
      // Ke and Ki: no Kc.
      expect(calls.aesCbc + calls.hmac).toBe(base + 2);
      for (let i = 0; i < 3; i++) key.usage(7).verifyChecksum(key.usage(7).checksum(octets(i)), octets(i));
      expect(calls.aesCbc + calls.hmac).toBe(base + 3);
      for (let i = 0; i < 3; i++) key.usage(8).checksum(octets(i));
      // Another usage used for checksums only: one key, Kc.
      expect(calls.aesCbc + calls.hmac).toBe(base + 4);
      expect(key.usage(7)).toBe(key.usage(7));
    });

    it("encrypts a long message with one call of CBC and one of HMAC, decrypts it with two and one", () => {
      const { calls, provider: counting } = counted(provider);
      const key = make(counting).usage(7);
      key.decrypt(key.encrypt());
      for (const length of [65_536, 65_537, 65_551]) {
        Object.assign(calls, { encrypt: 0, decrypt: 0, mac: 0 });
        const sealed = key.encrypt(octets(length), new Uint8Array(16));
        expect(calls).toMatchObject({ encrypt: 1, decrypt: 0, mac: 1 });
        key.decrypt(sealed);
        expect(calls).toMatchObject({ encrypt: 1, decrypt: length === 65_536 ? 1 : 2, mac: 2 });
      }
    });
  },
);

describe.each(everyEncType.map((type) => [type.name, type] as const))("%s: the providers agree", (_name, type) => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

  it("on ciphertexts, plaintexts, checksums and PRF of any length from 0 to 70,000", () => {
    const length = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 70_000 }));
    fc.assert(
      fc.property(
        bytes(type.keyBytes),
        bytes(16),
        length,
        fc.nat(1024),
        fc.nat(255),
        (secret, confounder, n, usage, s) => {
          const message = octets(n, s);
          const made = providers
            .filter(([name]) => isIn(name, type))
            .map(([, provider]) => {
              const key = type.importKey({ ...provider, randomBytes: () => confounder }, secret);
              const at = key.usage(usage);
              return { at, sealed: at.encrypt(message), mac: at.checksum(message), prf: key.prf(message) };
            });
          const [first, ...rest] = made;
          for (const other of rest) {
            expect(Buffer.compare(other.sealed, first?.sealed as Uint8Array)).toBe(0);
            expect(other.mac).toEqual(first?.mac);
            expect(other.prf).toEqual(first?.prf);
          }
          for (const { at } of made) expect(Buffer.compare(at.decrypt(first?.sealed as Uint8Array), message)).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});
