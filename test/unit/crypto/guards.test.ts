// What every function of the enctypes refuses before it computes, and each bound at its edge and one beyond.

import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encodeHex, encodeText } from "../../../src/bytes/index.ts";
import { hmacMd5 } from "../../../src/crypto/hmac-md5.ts";
import { type CryptoProvider, createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { nFold } from "../../../src/crypto/n-fold.ts";
import { createNodeCryptoProvider, type NodeCrypto } from "../../../src/crypto/providers/node.ts";
import { hashTwice } from "../../../src/crypto/providers/node-hmac.ts";
import { pbkdf2 } from "../../../src/crypto/providers/pbkdf2.ts";
import { createTieredProvider } from "../../../src/crypto/providers/tiered.ts";
import { requireWholeBlocks } from "../../../src/crypto/providers/whole-blocks.ts";
import { encTypes } from "../krb5/world.ts";

const { provider } = encTypes;
const octets = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 29 + 83) & 255);
afterEach(() => void vi.restoreAllMocks());

describe.each(strongEncTypes.map((type) => [type.name, type] as const))("%s", (_, type) => {
  const key = type.importKey(provider, octets(type.keyBytes));

  it("refuses arguments of another kind by their names, and quotes none", async () => {
    for (const [words, call] of [
      ["seed is a string", () => type.randomToKey("hunter2" as never)],
      ["octets is a string", () => type.importKey(provider, "hunter2" as never)],
      ["provider", () => type.importKey({} as never, octets(type.keyBytes))],
      ["input is a string", () => key.prf("hunter2" as never)],
    ] as const) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(words);
      expect(call).not.toThrow("hunter2");
    }
    const password = encodeText("hunter2");
    const make = type.stringToKey as (...given: unknown[]) => Promise<unknown>;
    for (const [words, given] of [
      ["password is a string", [provider, "hunter2", octets(1)]],
      ["salt is undefined", [provider, password]],
      ["provider", [{}, password, octets(1)]],
      ["params is a number", [provider, password, octets(1), 4096]],
      ["options is null", [provider, password, octets(1), undefined, null]],
    ] as const) {
      await expect(make(...given), words).rejects.toThrow(words);
    }
  });

  it("gives a copy of a seed, and takes a key of its own length alone", () => {
    const seed = octets(type.keyBytes);
    expect(type.randomToKey(seed)).toEqual(seed);
    expect(type.randomToKey(seed)).not.toBe(seed);
    for (const length of [0, type.keyBytes - 1, type.keyBytes + 1]) {
      expect(() => type.importKey(provider, octets(length))).toThrow(
        `a key of ${type.name} has ${type.keyBytes} octets, not ${length}`,
      );
    }
  });

  it("encrypts into room that is just enough, and into none that is an octet less or begins before it", () => {
    const usage = key.usage(3);
    const need = 5 + usage.overheadBytes;
    const out = new Uint8Array(need + 2);
    expect(usage.encryptInto(out, 2, octets(5))).toBe(need);
    expect(usage.decrypt(out.subarray(2))).toEqual(octets(5));
    const before = new Uint8Array(need + 2);
    for (const offset of [3, -1, need + 2, need + 3]) {
      expect(() => usage.encryptInto(before, offset, octets(5))).toThrow(`no room for ${need} octets at ${offset}`);
    }
    expect(before).toEqual(new Uint8Array(need + 2));
  });

  it("is of no use after it was wiped, whatever is asked of it", () => {
    const gone = type.importKey(provider, octets(type.keyBytes));
    const usage = gone.usage(3);
    gone.wipe();
    for (const use of [
      () => gone.octets,
      () => gone.usage(4),
      () => gone.prf(octets(1)),
      () => usage.encrypt(octets(1)),
      () => usage.checksum(octets(1)),
    ]) {
      expect(use).toThrow("the key was wiped: make it anew");
    }
  });

  it("derives each of its keys apart: cipher, integrity and checksum of a usage, and the PRF", () => {
    const made = new Set<string>();
    const spy: CryptoProvider = {
      ...provider,
      aesCbc: (of) => {
        made.add(encodeHex(of));
        return provider.aesCbc(of);
      },
      hmac: (hash, of) => {
        made.add(encodeHex(of));
        return provider.hmac(hash, of);
      },
    };
    const spied = type.importKey(spy, octets(type.keyBytes));
    spied.usage(3).encrypt(octets(1));
    spied.usage(3).checksum(octets(1));
    // The key itself, and Ke, Ki and Kc.
    expect(made.size).toBe(4);
    expect([...made].filter((hex) => hex.length === 2 * type.keyBytes).length).toBeGreaterThanOrEqual(2);
  });
});

describe("a set of enctypes", () => {
  it("has what it was made of, in order, and nothing else", () => {
    expect(encTypes.permitted).toEqual([18, 17, 20, 19]);
    expect([encTypes.has(18), encTypes.has(23)]).toEqual([true, false]);
    expect(encTypes.get(18).etype).toBe(18);
    for (const use of [
      () => encTypes.get(23),
      () => encTypes.importKey(23, octets(16)),
      () => encTypes.generateKey(23),
    ]) {
      expect(use).toThrow(
        expect.objectContaining({
          code: "ETYPE_NOT_PERMITTED",
          etype: 23,
          message: expect.stringMatching(/^arcfour-hmac is not permitted here \(permitted: aes256-cts-hmac-sha1-96, /),
        }),
      );
    }
  });

  it("is cut to some of its types, in another order", () => {
    const some = encTypes.restrict([17, 18]);
    expect(some.permitted).toEqual([17, 18]);
    expect(some.has(20)).toBe(false);
    expect(() => encTypes.restrict([18, 23])).toThrow(new RangeError("arcfour-hmac is not in the set"));
    expect(createEncTypeSet([], provider).permitted).toEqual([]);
  });

  it("numbers that no enctype can have are the caller's mistake", () => {
    for (const etype of [1.5, 2 ** 31, -(2 ** 31) - 1, Number.NaN]) {
      expect(() => encTypes.get(etype)).toThrow(RangeError);
      expect(() => encTypes.restrict([etype])).toThrow(RangeError);
    }
    for (const etype of ["18", undefined, null]) expect(() => encTypes.get(etype as never)).toThrow(TypeError);
    expect(() => encTypes.restrict(18 as never)).toThrow(/^permitted is a number/);
    for (const etype of [2 ** 31 - 1, -(2 ** 31)]) {
      expect(() => encTypes.get(etype)).toThrow(expect.objectContaining({ code: "ETYPE_NOT_PERMITTED" }));
    }
  });
});

describe("CBC", () => {
  it.each([
    [16, 16, 16, true],
    [32, 32, 16, true],
    [8, 8, 8, true],
    [0, 0, 16, false],
    [15, 15, 16, false],
    [17, 17, 16, false],
    [8, 8, 16, false],
    [16, 32, 16, false],
    [32, 16, 16, false],
  ])("of %i octets into %i, in blocks of %i: %s", (input, output, block, may) => {
    const check = (): void => requireWholeBlocks(new Uint8Array(input), new Uint8Array(output), block);
    if (may) expect(check).not.toThrow();
    else
      expect(check).toThrow(
        new RangeError(`CBC takes whole blocks of ${block} octets, and gives as many octets as it takes`),
      );
  });
});

describe("n-fold (RFC 3961 appendix A.1)", () => {
  it.each([
    ["012345", 8, "be072631276b1955"],
    ["password", 7, "78a07b6caf85fa"],
    ["Rough Consensus, and Running Code", 8, "bb6ed30870b7f0e0"],
    ["password", 21, "59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e"],
    ["MASSACHVSETTS INSTITVTE OF TECHNOLOGY", 24, "db3b0d8f0b061e603282b308a50841229ad798fab9540c1b"],
    ["Q", 21, "518a54a215a8452a518a54a215a8452a518a54a215"],
    ["ba", 21, "fb25d531ae8974499f52fd92ea9857c4ba24cf297e"],
    ["kerberos", 16, "6b65726265726f737b9b5b2b93132b93"],
  ])("of %j to %i octets", (text, bytes, hex) => {
    expect(encodeHex(nFold(encodeText(text), bytes))).toBe(hex);
  });

  it("is the sum of the turned copies, modulo all ones, whatever the octets", () => {
    // Seeded: the same inputs each time, among which sums of exactly one carry are certain.
    let state = 1;
    const next = (): number => {
      state = (state * 48_271) % 0x7fffffff;
      return state & 0xff;
    };
    for (let round = 0; round < 300; round++) {
      const input = Uint8Array.from({ length: 1 + (round % 11) }, next);
      const bytes = 4 + (round % 5) * 3;
      const bits = BigInt(input.length * 8);
      const value = BigInt(`0x${encodeHex(input)}`);
      let all = 0n;
      let copies = 0n;
      do {
        const turn = (13n * copies) % bits;
        all = (all << bits) | ((value >> turn) | ((value << (bits - turn)) & ((1n << bits) - 1n)));
        copies++;
      } while ((copies * bits) % BigInt(bytes * 8) !== 0n);
      const ones = (1n << BigInt(bytes * 8)) - 1n;
      let sum = 0n;
      for (; all > 0n; all >>= BigInt(bytes * 8)) sum += all & ones;
      while (sum > ones) sum = (sum & ones) + (sum >> BigInt(bytes * 8));
      expect(encodeHex(nFold(input, bytes))).toBe(sum.toString(16).padStart(2 * bytes, "0"));
    }
  });

  it("carries over all octets, more than once", () => {
    expect(encodeHex(nFold(new Uint8Array(8).fill(0xff), 4))).toBe("ffffffff");
  });
});

describe("the HMAC of two hashes", () => {
  const otherwise = (...parts: readonly Uint8Array[]): Uint8Array => octets(parts.length);
  let hashed = 0;
  const node = {
    hash: (algorithm: string, data: Uint8Array) => {
      hashed++;
      return createHash(algorithm).update(data).digest("hex");
    },
  };

  it.each([
    ["sha1", 64],
    ["sha256", 64],
    ["sha384", 128],
  ] as const)("%s is that of the host for keys of a block at most, and messages that are copied", (hash, block) => {
    for (const length of [0, 1, block - 1, block]) {
      for (const size of [0, 1, 8192 - block - 1, 8192 - block]) {
        hashed = 0;
        const parts = [octets(size), octets(0)];
        const expected = createHmac(hash, octets(length)).update(octets(size)).digest();
        expect(Buffer.from(hashTwice(node, hash, octets(length), otherwise)(...parts)).equals(expected)).toBe(true);
        expect(hashed).toBe(2);
      }
    }
    hashed = 0;
    const tag = hashTwice(node, hash, octets(block), otherwise);
    expect(tag(octets(8192 - block), octets(1))).toEqual(octets(2));
    expect(hashTwice(node, hash, octets(block + 1), otherwise)).toBe(otherwise);
    expect(hashTwice({}, hash, octets(1), otherwise)).toBe(otherwise);
    expect(hashed).toBe(0);
  });
});

describe("HMAC in plain JavaScript", () => {
  it.each([0, 63, 64, 65, 127, 128, 129])("is the host's, of a key of %i octets", async (length) => {
    const noble = await loadNobleProvider();
    const key = octets(length);
    for (const hash of ["sha1", "sha256", "sha384"] as const) {
      const expected = createHmac(hash, key).update("message").digest();
      for (const make of ["mac", "tag"] as const) {
        const made = noble.hmac(hash, key)[make](encodeText("mess"), encodeText("age"));
        expect(Buffer.from(made).equals(expected)).toBe(true);
      }
    }
    if (length > 64) return;
    const md5 = createHmac("md5", key).update("message").digest();
    expect(Buffer.from(hmacMd5(provider, key, encodeText("message"))).equals(md5)).toBe(true);
  });
});

describe("a provider of two", () => {
  const named = (name: string, calls: string[]): CryptoProvider => {
    const cbc = (of: string) => () => void calls.push(`${name} ${of}`);
    const mac = (of: string) => () => {
      calls.push(`${name} ${of}`);
      return octets(1);
    };
    return {
      ...provider,
      name,
      randomBytes: mac("random"),
      aesCbc: () => ({ encrypt: cbc("encrypt"), decrypt: cbc("decrypt"), decryptNew: mac("new"), end: cbc("end") }),
      hmac: () => ({ mac: mac("mac"), tag: mac("tag") }),
      hash: mac("hash"),
    };
  };

  it("gives what is below 512 octets to one, and from there on to the other", () => {
    const calls: string[] = [];
    const both = createTieredProvider(named("small", calls), named("large", calls));
    const cbc = both.aesCbc(octets(16));
    const mac = both.hmac("sha1", octets(16));
    const zero = octets(16);
    for (const length of [511, 512]) {
      const data = octets(length);
      cbc.encrypt(zero, data, data);
      cbc.decrypt(zero, data, data);
      cbc.decryptNew(zero, data);
      mac.mac(octets(1), octets(length - 1));
      mac.tag(octets(1), octets(length - 1));
      both.hash("md5", data);
    }
    both.randomBytes(1);
    cbc.end?.();
    expect(calls).toEqual([
      ...["encrypt", "decrypt", "new", "mac", "tag", "hash"].map((of) => `small ${of}`),
      ...["encrypt", "decrypt", "new", "mac", "tag"].map((of) => `large ${of}`),
      ...["small hash", "small random", "small end", "large end"],
    ]);
    expect(both.name).toBe("small below 512 octets, large above");
  });
});

describe("PBKDF2", () => {
  it.each([1, 19, 20, 21, 40, 41])("in plain JavaScript is the host's, of %i octets", async (length) => {
    const { mac } = provider.hmac("sha1", encodeText("password"));
    const expected = pbkdf2Sync("password", "salt", 3, length, "sha1");
    expect(Buffer.from(await pbkdf2(mac, encodeText("salt"), 3, length)).equals(expected)).toBe(true);
  });

  it("in plain JavaScript lets others have their turn when it has taken ten milliseconds, and not before", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const { mac } = provider.hmac("sha1", encodeText("password"));
    const turns = async (msAtOnce: number): Promise<number> => {
      let nowMs = 0;
      vi.spyOn(Date, "now").mockImplementation(() => (nowMs += msAtOnce));
      timers.mockClear();
      await pbkdf2(mac, encodeText("salt"), 257, 20);
      return timers.mock.calls.filter(([, ms]) => ms === undefined).length;
    };
    // The clock is looked at every 64 rounds, and again after a turn.
    expect(await turns(10)).toBe(4);
    expect(await turns(9)).toBe(2);
    expect(await turns(0)).toBe(0);
  });

  it("of the host rejects with the host's error, whatever kind of nothing stands for none", async () => {
    const of = (error: unknown) =>
      createNodeCryptoProvider({
        pbkdf2: (...given: Parameters<NodeCrypto["pbkdf2"]>) => given[5](error as Error | null, octets(3)),
      } as unknown as NodeCrypto).pbkdf2("sha1", octets(1), octets(1), 1, 3);
    for (const none of [null, undefined]) expect(await of(none)).toEqual(octets(3));
    const failure = new Error("no");
    await expect(of(failure)).rejects.toBe(failure);
  });
});
