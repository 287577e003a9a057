// Adding an enctype is one file and one line: those of own-enctypes/ and of src/legacy-enctypes in every place where an
// enctype matters. What all enctypes promise, enctypes.test.ts shows of them too.

import { describe, expect, it } from "vitest";
import { concat, encodeHex, encodeText, equal, decodeHex as hex } from "../../src/bytes/index.ts";
import { parseEnctype, parseEnctypeList } from "../../src/config/index.ts";
import { cf2, createEncTypeSet, type EncType, encTypeByName, strongEncTypes } from "../../src/crypto/index.ts";
import { ENCTYPES, enctypeName } from "../../src/iana/index.ts";
import { des3Cbc, desDeriveKey } from "../../src/legacy-enctypes/des3-key.ts";
import { arcfourHmac, camellia128CtsCmac, camellia256CtsCmac, des3CbcSha1 } from "../../src/legacy-enctypes/index.ts";
import { providers, vectors, withConfounder } from "../unit/crypto/providers.ts";
import { establish } from "../unit/gssapi/exchange.ts";
import { pattern } from "../unit/gssapi/pair.ts";
import { privateStream } from "./own-enctypes/private-stream.ts";

const types = [camellia256CtsCmac, camellia128CtsCmac, privateStream, arcfourHmac, des3CbcSha1];
/** Camellia and DES are the host's: the provider in plain JavaScript has neither. */
const isOfHost = ({ etype }: EncType): boolean => [25, 26, 16].includes(etype);
const typeOf = (etype: number): EncType => types.find((type) => type.etype === etype) as EncType;

describe("the rows of iana", () => {
  it("have each number and name once, and are all that config and crypto know of an enctype", () => {
    const numbers = ENCTYPES.map(({ etype }) => etype);
    expect(new Set(numbers).size).toBe(numbers.length);
    const names = ENCTYPES.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    const families = ENCTYPES.flatMap((row) => row.families);
    expect(names.filter((name) => families.includes(name))).toEqual([]);
    for (const row of ENCTYPES) {
      expect(enctypeName(row.etype)).toBe(row.name);
      for (const name of [row.name, ...row.aliases]) {
        expect(name).toBe(name.toLowerCase());
        expect(parseEnctype(name.toUpperCase())).toBe(row.etype);
        expect(parseEnctypeList(`-aes +${name}`)).toEqual({ enctypes: [row.etype], unknown: [] });
      }
      for (const family of row.families) expect(parseEnctypeList(family).enctypes).toContain(row.etype);
      const built = [...strongEncTypes, ...types].find(({ etype }) => etype === row.etype);
      if (built === undefined) continue;
      const { name, aliases, checksumType } = built;
      expect({ name, aliases, checksumType }).toEqual({
        name: row.name,
        aliases: row.aliases,
        checksumType: row.checksumType,
      });
    }
  });

  it("the types that are built in are those of DEFAULT, in its order, and no other is without weakness", () => {
    const builtIn = strongEncTypes.map(({ etype }) => etype);
    expect(parseEnctypeList("DEFAULT").enctypes).toEqual(builtIn);
    const current = ENCTYPES.filter(({ isDeprecated }) => !isDeprecated).map(({ etype }) => etype);
    expect(current).toEqual([...builtIn, 26, 25]);
  });
});

describe.each(types.map((type) => [type.name, type] as const))("an enctype of one's own: %s", (_name, type) => {
  const provider = providers[1]?.[1] as (typeof providers)[number][1];
  const set = createEncTypeSet([type, ...strongEncTypes], provider);

  it("is found by its names, and permitted if it is in the set and not else", () => {
    for (const name of [type.name, ...type.aliases]) {
      expect(encTypeByName(name.toUpperCase(), [...strongEncTypes, type])).toBe(type);
      expect(encTypeByName(name)).toBeUndefined();
    }
    expect(set.permitted).toEqual([type.etype, 18, 17, 20, 19]);
    expect(set.get(type.etype)).toBe(type);
    expect(set.restrict([type.etype]).permitted).toEqual([type.etype]);
    expect(() => createEncTypeSet(strongEncTypes, provider).get(type.etype)).toThrow(
      `${enctypeName(type.etype)} is not permitted here`,
    );
  });

  it.each(providers)("makes keys, seals, opens and signs with %s", async (name, computing) => {
    const own = createEncTypeSet([type], computing);
    if (name === "noble" && isOfHost(type)) {
      const refusal = { code: "UNSUPPORTED_BY_RUNTIME", message: /^this host cannot compute the cipher / };
      await expect(type.stringToKey(computing, hex("70617373"), hex("73616c74"))).rejects.toMatchObject({
        code: refusal.code,
        message: expect.stringMatching(refusal.message),
      });
      expect(() => own.generateKey(type.etype).usage(3).encrypt(pattern(1))).toThrow(refusal.message);
      expect(() => own.generateKey(type.etype).prf(pattern(1))).toThrow(refusal.message);
      return;
    }
    const key = own.importKey(type.etype, await type.stringToKey(computing, hex("70617373"), hex("73616c74")));
    const usage = key.usage(3);
    for (const length of [0, 1, 16, 47, 1000]) {
      const sealed = usage.encrypt(pattern(length));
      const filled = type === des3CbcSha1 ? Math.ceil(length / 8) * 8 : length;
      expect(sealed.length).toBe(filled + type.confounderBytes + type.macBytes);
      expect(sealed.length).toBeLessThanOrEqual(length + usage.overheadBytes);
      expect(usage.decrypt(sealed)).toEqual(concat(pattern(length), new Uint8Array(filled - length)));
      for (const at of [0, sealed.length >> 1, sealed.length - 1]) {
        const changed = sealed.slice();
        (changed[at] as number) ^= 1;
        expect(() => usage.decrypt(changed)).toThrow("integrity check failed");
      }
      expect(() => key.usage(4).decrypt(sealed)).toThrow("integrity check failed");
    }
    usage.verifyChecksum(usage.checksum(pattern(9)), pattern(9));
    expect(() => usage.verifyChecksum(usage.checksum(pattern(9)), pattern(8))).toThrow("integrity check failed");
    expect(key.prf(pattern(3)).length).toBe(type.prfBytes);
    expect(cf2(computing, key, key, hex("61"), hex("62")).octets.length).toBe(type.keyBytes);
    key.forgetDerived();
    expect(usage.decrypt(usage.encrypt(pattern(8)))).toEqual(pattern(8));
    key.wipe();
    expect(() => usage.encrypt(pattern(5))).toThrow(TypeError);
    expect(() => key.usage(3)).toThrow(TypeError);
  });
});

describe.each([camellia256CtsCmac, camellia128CtsCmac, privateStream].map((type) => [type.name, type] as const))(
  "a context with %s",
  (_name, type) => {
    it("is established with ticket, session key and sub-keys of it, and carries messages both ways", async () => {
      const provider = providers[1]?.[1] as (typeof providers)[number][1];
      const encTypes = createEncTypeSet([type], provider);
      const { initiator, acceptor } = await establish({ encTypes, etype: type.etype, serviceEtype: type.etype });
      for (const [from, to] of [
        [initiator, acceptor],
        [acceptor, initiator],
      ] as const) {
        for (const length of [0, 1, 16, 1000, 70_000]) {
          const message = pattern(length);
          expect(equal(to.unwrap(from.wrap(message), { requireConf: true }), message)).toBe(true);
          expect(equal(to.unwrap(from.wrap(message, { conf: false })), message)).toBe(true);
          to.verifyMic(message, from.getMic(message));
        }
      }
    });

    it("is refused by a peer that does not permit it", async () => {
      const provider = providers[1]?.[1] as (typeof providers)[number][1];
      const encTypes = createEncTypeSet([type, ...strongEncTypes], provider);
      const acceptor = { enctypes: createEncTypeSet(strongEncTypes, provider) };
      await expect(establish({ encTypes, etype: type.etype, acceptor })).rejects.toThrow(
        /^the initiator is refused: the session key/,
      );
    });
  },
);

describe.each(providers)("published figures with %s", (name, provider) => {
  const files = ["rfc6803", "rfc4757", "rfc3961-des3"];
  const all = <T>(op: string, of = files) =>
    of.flatMap((file) => vectors<T>(file, op)).filter(({ etype }) => name !== "noble" || !isOfHost(typeOf(etype)));

  it.each(
    all<{
      password: string;
      salt: string;
      params?: string;
      key?: string;
      refused?: boolean;
      keyIfWeakAllowed?: string;
    }>("string-to-key"),
  )("string-to-key $name", async (v) => {
    const params = v.params === undefined ? undefined : hex(v.params);
    const made = (allowWeakIterations: boolean) =>
      typeOf(v.etype).stringToKey(provider, hex(v.password), hex(v.salt), params, { allowWeakIterations });
    if (v.refused) await expect(made(false)).rejects.toMatchObject({ code: "BAD_STRING_TO_KEY_PARAMETERS" });
    expect(encodeHex(await made(true))).toBe(v.key ?? v.keyIfWeakAllowed);
  });

  it.each(
    all<{ key: string; usage: number; confounder: string; plaintext: string; ciphertext: string }>("encrypt", [
      "rfc6803",
      "rfc4757",
    ]),
  )("encrypt and decrypt $name", (v) => {
    const key = typeOf(v.etype)
      .importKey(withConfounder(provider, hex(v.confounder)), hex(v.key))
      .usage(v.usage);
    expect(encodeHex(key.encrypt(hex(v.plaintext)))).toBe(v.ciphertext);
    expect(encodeHex(key.decrypt(hex(v.ciphertext)))).toBe(v.plaintext);
  });

  it.each(all<{ key: string; usage: number; plaintext: string; ciphertext: string }>("decrypt", ["rfc3961-des3"]))(
    "decrypt $name",
    (v) => {
      const opened = encodeHex(
        typeOf(v.etype).importKey(provider, hex(v.key)).usage(v.usage).decrypt(hex(v.ciphertext)),
      );
      expect(opened.slice(0, v.plaintext.length)).toBe(v.plaintext);
      expect(opened.slice(v.plaintext.length)).toMatch(/^(00){0,7}$/);
    },
  );

  it.each(all<{ key: string; constant: string; derived: string }>("dk", ["rfc3961-des3"]))("DK $name", (v) => {
    expect(encodeHex(desDeriveKey(des3Cbc(provider, hex(v.key)), hex(v.constant)))).toBe(v.derived);
  });

  it.each(all<{ key: string; usage: number; cksumtype: number; message: string; checksum: string }>("checksum"))(
    "checksum $name",
    (v) => {
      const type = typeOf(v.etype);
      expect(type.checksumType).toBe(v.cksumtype);
      expect(encodeHex(type.importKey(provider, hex(v.key)).usage(v.usage).checksum(hex(v.message)))).toBe(v.checksum);
    },
  );

  it.each(all<{ key: string; input: string; output: string }>("prf"))("prf $name", (v) => {
    expect(encodeHex(typeOf(v.etype).importKey(provider, hex(v.key)).prf(hex(v.input)))).toBe(v.output);
  });

  // MIT's t_cf2: each key is that of a password which is its own salt.
  it.each(
    [
      [23, "24d7f6b6bae4e5c00d2082c5ebab3672"],
      [16, "e58f9eb643862c13ad38e529313462a7f73e62834fe54a01"],
    ].filter(([etype]) => name !== "noble" || etype === 23) as [number, string][],
  )("KRB-FX-CF2 of etype %i", async (etype, expected) => {
    const type = typeOf(etype);
    const key = async (text: string) =>
      type.importKey(provider, await type.stringToKey(provider, encodeText(text), encodeText(text)));
    const made = cf2(provider, await key("key1"), await key("key2"), encodeText("a"), encodeText("b"));
    expect(encodeHex(made.octets)).toBe(expected);
  });
});
