// One suite over every provider: the same octets from each, as the enctypes use them.

import { createCipheriv, createHash, createHmac, pbkdf2Sync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, encodeHex } from "../../src/bytes/index.ts";
import { providers } from "../unit/crypto/providers.ts";

const octets = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 29 + seed * 83) & 255);
const hashNames = ["sha1", "sha256", "sha384"] as const;

describe.each(providers)("provider %s", (_name, provider) => {
  const expected = (key: Uint8Array, iv: Uint8Array, input: Uint8Array) => {
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return encodeHex(concat(cipher.update(input), cipher.final()));
  };

  it.each([16, 32])(
    "AES-CBC with a key of %i octets: each message starts from its own IV, whatever came before",
    (n) => {
      const key = octets(n);
      const cbc = provider.aesCbc(key);
      for (const length of [16, 32, 48, 64, 16, 1024, 16, 4096, 32]) {
        for (const seed of [1, 2]) {
          const input = octets(length, seed);
          const iv = octets(16, seed + length);
          const output = new Uint8Array(length);
          cbc.encrypt(iv, input, output);
          expect(encodeHex(output)).toBe(expected(key, iv, input));
          expect(input).toEqual(octets(length, seed));
          expect(iv).toEqual(octets(16, seed + length));
          const back = new Uint8Array(length);
          cbc.decrypt(iv, output, back);
          expect(back).toEqual(input);
          expect(encodeHex(output)).toBe(expected(key, iv, input));
        }
      }
    },
  );

  it("AES-CBC in place, at any alignment, without a touch of the octets around", () => {
    const cbc = provider.aesCbc(octets(32));
    for (let offset = 0; offset < 9; offset++) {
      for (const length of [16, 48, 96]) {
        const around = new Uint8Array(offset + length + 7).fill(0xee);
        const data = around.subarray(offset, offset + length);
        data.set(octets(length));
        cbc.encrypt(octets(16, 5), data, data);
        expect(encodeHex(data)).toBe(expected(octets(32), octets(16, 5), octets(length)));
        cbc.decrypt(octets(16, 5), data, data);
        expect(data).toEqual(octets(length));
        expect(around.subarray(0, offset).every((octet) => octet === 0xee)).toBe(true);
        expect(around.subarray(offset + length)).toEqual(new Uint8Array(7).fill(0xee));
      }
    }
  });

  it("AES-CBC refuses what is not whole blocks, and the messages that follow are right", () => {
    const cbc = provider.aesCbc(octets(16));
    for (const at of [0, 4080]) {
      for (const length of [0, 1, 15, 17, 31]) {
        if (at + length === 0) expect(() => cbc.encrypt(octets(16), octets(0), new Uint8Array(0))).toThrow(RangeError);
        else if ((at + length) % 16 !== 0) {
          const [input, output] = [octets(at + length), new Uint8Array(at + length)];
          expect(() => cbc.encrypt(octets(16), input, output)).toThrow(RangeError);
          expect(() => cbc.decrypt(octets(16), input, output)).toThrow(RangeError);
        }
      }
      expect(() => cbc.encrypt(octets(16), octets(at + 32), new Uint8Array(at + 16))).toThrow(RangeError);
      expect(() => cbc.decrypt(octets(16), octets(at + 32), new Uint8Array(at + 48))).toThrow(RangeError);
      const out = new Uint8Array(at + 32);
      cbc.encrypt(octets(16, 3), octets(at + 32), out);
      expect(encodeHex(out)).toBe(expected(octets(16), octets(16, 3), octets(at + 32)));
      cbc.decrypt(octets(16, 3), out, out);
      expect(out).toEqual(octets(at + 32));
    }
  });

  it("keeps copies of keys, which the caller may overwrite", () => {
    const key = octets(16);
    const cbc = provider.aesCbc(key);
    const hmac = provider.hmac("sha256", key);
    key.fill(0);
    for (const length of [16, 4096]) {
      const out = new Uint8Array(length);
      cbc.encrypt(new Uint8Array(16), octets(length), out);
      expect(encodeHex(out)).toBe(expected(octets(16), new Uint8Array(16), octets(length)));
      cbc.decrypt(new Uint8Array(16), out, out);
      expect(out).toEqual(octets(length));
      expect(encodeHex(hmac.mac(octets(length)))).toBe(
        createHmac("sha256", octets(16)).update(octets(length)).digest("hex"),
      );
    }
  });

  it.each(hashNames)("HMAC-%s: keys of 0 to 200 octets, parts as if joined, again and again", (hash) => {
    for (const keyBytes of [0, 1, 16, 24, 32, 64, 65, 128, 129, 200]) {
      const hmac = provider.hmac(hash, octets(keyBytes));
      for (const length of [0, 1, 55, 56, 64, 111, 112, 128, 1000]) {
        const mac = createHmac(hash, octets(keyBytes)).update(octets(length)).digest("hex");
        expect(encodeHex(hmac.mac(octets(length)))).toBe(mac);
        const cut = Math.floor(length / 3);
        const whole = octets(length);
        const parts = [whole.subarray(0, cut), new Uint8Array(0), whole.subarray(cut)];
        expect(encodeHex(hmac.mac(...parts))).toBe(mac);
        expect(encodeHex(hmac.tag(...parts))).toBe(mac);
      }
      // On both sides of where a long message is no longer copied.
      for (const length of [8000, 8064, 8065, 8128, 8129, 8192, 8193, 70_000]) {
        const mac = createHmac(hash, octets(keyBytes)).update(octets(length)).digest("hex");
        expect(encodeHex(hmac.tag(octets(5), octets(length).subarray(5)))).toBe(mac);
        expect(encodeHex(hmac.tag())).toBe(createHmac(hash, octets(keyBytes)).digest("hex"));
      }
      expect(encodeHex(hmac.mac())).toBe(createHmac(hash, octets(keyBytes)).digest("hex"));
    }
  });

  it.each([...hashNames, "sha512", "md5"] as const)("hash %s", (name) => {
    for (const length of [0, 1, 64, 1000]) {
      const digest = createHash(name).update(octets(length)).digest("hex");
      expect(encodeHex(provider.hash(name, octets(length)))).toBe(digest);
      const whole = octets(length);
      expect(encodeHex(provider.hash(name, whole.subarray(0, 1), whole.subarray(1)))).toBe(digest);
    }
  });

  it.each(hashNames)("PBKDF2-HMAC-%s, with empty passwords and salts", async (hash) => {
    for (const [password, salt] of [
      [0, 0],
      [0, 9],
      [9, 0],
      [9, 9],
      [300, 300],
    ] as const) {
      for (const length of [1, 16, 32, 65]) {
        const made = await provider.pbkdf2(hash, octets(password), octets(salt), 3, length);
        expect(encodeHex(made)).toBe(pbkdf2Sync(octets(password), octets(salt), 3, length, hash).toString("hex"));
      }
    }
  });

  it("PBKDF2 does not hold up the event loop", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await provider.pbkdf2("sha384", octets(9), octets(9), 200_000, 32);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });

  it("gives plain octets of the caller's own", async () => {
    const hmac = provider.hmac("sha1", octets(16));
    const given = [
      hmac.mac(octets(3)),
      hmac.mac(octets(3000)),
      provider.hash("sha1", octets(3)),
      await provider.pbkdf2("sha1", octets(3), octets(3), 2, 16),
      provider.randomBytes(16),
      provider.randomBytes(1000),
    ];
    for (const one of given) {
      expect(Object.getPrototypeOf(one)).toBe(Uint8Array.prototype);
      // Not a window on octets of somebody else.
      expect(one.buffer.byteLength).toBe(one.length);
    }
    given[0]?.fill(0);
    expect(hmac.mac(octets(3)).some((octet) => octet !== 0)).toBe(true);
  });

  it("K6: random octets of any length, none twice", () => {
    for (const length of [0, 1, 15, 16, 64, 65, 4096, 65_536, 65_537, 200_000]) {
      const octets = provider.randomBytes(length);
      expect(octets.length).toBe(length);
      if (length >= 4096) expect(octets.subarray(-16).some((octet) => octet !== 0)).toBe(true);
    }
    const seen = new Set(Array.from({ length: 3000 }, () => encodeHex(provider.randomBytes(16))));
    expect(seen.size).toBe(3000);
  });
});

describe("all providers", () => {
  it("give the same CBC, whatever the key, IV and sequence of messages", () => {
    const message = fc.record({
      iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      blocks: fc.uint8Array({ minLength: 1, maxLength: 60 }),
      isEncrypt: fc.boolean(),
    });
    const key = fc.constantFrom(16, 32).chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
    fc.assert(
      fc.property(key, fc.array(message, { minLength: 1, maxLength: 8 }), (secret, messages) => {
        const all = providers.map(([, provider]) => provider.aesCbc(secret));
        for (const { iv, blocks, isEncrypt } of messages) {
          const input = concat(...Array.from({ length: 16 }, () => blocks));
          const outputs = all.map((cbc) => {
            const output = new Uint8Array(input.length);
            cbc[isEncrypt ? "encrypt" : "decrypt"](iv, input, output);
            return encodeHex(output);
          });
          expect(new Set(outputs).size).toBe(1);
        }
      }),
    );
  });
});
