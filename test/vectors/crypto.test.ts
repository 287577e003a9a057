import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { ctsDecrypt, ctsEncrypt, paddedBytes } from "../../src/crypto/cts.ts";
import { cf2 } from "../../src/crypto/index.ts";
import { nFold } from "../../src/crypto/n-fold.ts";
import { encTypeOf, providers, vectors, withConfounder } from "../unit/crypto/providers.ts";

const hex = decodeHex;
const both = ["rfc3962", "rfc8009"] as const;
const all = <T>(op: string) =>
  both.flatMap((name) => (name === "rfc8009" && op === "cbc-cts" ? [] : vectors<T>(name, op)));

describe("n-fold", () => {
  it.each(vectors<{ input: string; bytes: number; output: string }>("rfc3961-n-fold", "n-fold"))("$name", (v) => {
    expect(encodeHex(nFold(hex(v.input), v.bytes))).toBe(v.output);
  });
});

describe.each(providers)("figures with %s", (_name, provider) => {
  it.each(all<{ key: string; plaintext: string; ciphertext: string }>("cbc-cts"))("cbc-cts $name", (v) => {
    const cbc = provider.aesCbc(hex(v.key));
    const plaintext = hex(v.plaintext);
    const data = new Uint8Array(paddedBytes(plaintext.length));
    data.set(plaintext);
    ctsEncrypt(cbc, data);
    expect(encodeHex(data.subarray(0, plaintext.length))).toBe(v.ciphertext);
    expect(encodeHex(ctsDecrypt(cbc, hex(v.ciphertext)).subarray(0, plaintext.length))).toBe(v.plaintext);
  });

  it.each(
    all<{
      password: string;
      salt: string;
      params?: string;
      pbkdf2?: string;
      key?: string;
      refused?: boolean;
      keyIfWeakAllowed?: string;
    }>("string-to-key"),
  )("string-to-key $name", async (v) => {
    const type = encTypeOf(v.etype);
    const params = v.params === undefined ? undefined : hex(v.params);
    const made = (allowWeakIterations: boolean) =>
      type.stringToKey(provider, hex(v.password), hex(v.salt), params, { allowWeakIterations });
    if (v.refused) await expect(made(false)).rejects.toMatchObject({ code: "BAD_STRING_TO_KEY_PARAMETERS" });
    expect(encodeHex(await made(true))).toBe(v.key ?? v.keyIfWeakAllowed);
    if (v.pbkdf2 !== undefined && params !== undefined) {
      const iterations = new DataView(params.buffer).getUint32(0);
      const seed = await provider.pbkdf2("sha1", hex(v.password), hex(v.salt), iterations, type.keyBytes);
      expect(encodeHex(seed)).toBe(v.pbkdf2);
    }
  });

  it.each(all<{ key: string; usage: number; label: "Kc" | "Ke" | "Ki"; derived: string }>("derive"))(
    "derive $name",
    (v) => {
      // What a key is derived to is seen where the provider gets it.
      const seen: string[] = [];
      const watching = {
        ...provider,
        aesCbc: (key: Uint8Array) => {
          seen.push(`Ke ${encodeHex(key)}`);
          return provider.aesCbc(key);
        },
        hmac: (hash: "sha1" | "sha256" | "sha384", key: Uint8Array) => {
          seen.push(`${v.label} ${encodeHex(key)}`);
          return provider.hmac(hash, key);
        },
      };
      const key = encTypeOf(v.etype).importKey(watching, hex(v.key)).usage(v.usage);
      if (v.label === "Kc") key.checksum();
      else key.encrypt();
      expect(seen).toContain(`${v.label} ${v.derived}`);
    },
  );

  it.each(all<{ key: string; usage: number; confounder: string; plaintext: string; ciphertext: string }>("encrypt"))(
    "encrypt and decrypt $name",
    (v) => {
      const fixed = withConfounder(provider, hex(v.confounder));
      const key = encTypeOf(v.etype).importKey(fixed, hex(v.key)).usage(v.usage);
      expect(encodeHex(key.encrypt(hex(v.plaintext)))).toBe(v.ciphertext);
      expect(encodeHex(key.decrypt(hex(v.ciphertext)))).toBe(v.plaintext);
    },
  );

  it.each(all<{ key: string; usage: number; cksumtype: number; message: string; checksum: string }>("checksum"))(
    "checksum $name",
    (v) => {
      const type = encTypeOf(v.etype);
      const key = type.importKey(provider, hex(v.key)).usage(v.usage);
      expect(type.checksumType).toBe(v.cksumtype);
      expect(encodeHex(key.checksum(hex(v.message)))).toBe(v.checksum);
      key.verifyChecksum(hex(v.checksum), hex(v.message));
    },
  );

  it.each([
    ...all<{ key: string; input: string; output: string }>("prf"),
    ...vectors<{ key: string; input: string; output: string }>("rfc6113-cf2-prf", "prf"),
  ])("prf $name", (v) => {
    expect(encodeHex(encTypeOf(v.etype).importKey(provider, hex(v.key)).prf(hex(v.input)))).toBe(v.output);
  });

  it.each(
    vectors<{
      etype1: number;
      etype2: number;
      key1: string;
      key2: string;
      pepper1: string;
      pepper2: string;
      output: string;
    }>("rfc6113-cf2-prf", "krb-fx-cf2"),
  )("krb-fx-cf2 $name", (v) => {
    const key1 = encTypeOf(v.etype1).importKey(provider, hex(v.key1));
    const key2 = encTypeOf(v.etype2).importKey(provider, hex(v.key2));
    const key = cf2(provider, key1, key2, hex(v.pepper1), hex(v.pepper2), encTypeOf(v.etype));
    expect(encodeHex(key.octets)).toBe(v.output);
    if (v.etype === v.etype1)
      expect(encodeHex(cf2(provider, key1, key2, hex(v.pepper1), hex(v.pepper2)).octets)).toBe(v.output);
  });
});
