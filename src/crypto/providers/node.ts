import type { CbcCipher, CryptoProvider, Mac, ScryptCost } from "../provider.ts";
import { createRandom } from "../random.ts";
import { hashTwice } from "./node-hmac.ts";
import { requireWholeBlocks } from "./whole-blocks.ts";

/** The part of `node:crypto` that is used here; what a runtime's `nodeCrypto()` gives has it. */
export interface NodeCrypto {
  createCipheriv(algorithm: string, key: object, iv: Uint8Array): NodeCipher;
  createDecipheriv(algorithm: string, key: object, iv: Uint8Array): NodeCipher;
  createSecretKey(key: Uint8Array): object;
  createHmac(algorithm: string, key: object): NodeDigest;
  createHash(algorithm: string): NodeDigest;
  getDiffieHellman(group: string): ReturnType<NonNullable<CryptoProvider["diffieHellman"]>>;
  /** The same generator as `crypto.getRandomValues`, whose first call loads all of Web Cryptography. */
  randomFillSync?(octets: Uint8Array): unknown;
  /** From Node 20.12 on. */
  hash?(algorithm: string, octets: Uint8Array, encoding: "hex"): string;
  pbkdf2(password: Uint8Array, salt: Uint8Array, iterations: number, length: number, digest: string, done: Done): void;
  /** Some hosts do not have it. */
  scrypt?(password: Uint8Array, salt: Uint8Array, length: number, cost: ScryptCost, done: Done): void;
}

type Done = (error: Error | null, key: Uint8Array) => void;

interface NodeCipher {
  setAutoPadding(on: boolean): unknown;
  update(input: Uint8Array): Uint8Array;
  final(): unknown;
}

interface NodeDigest {
  update(input: Uint8Array): unknown;
  digest(): Uint8Array;
}

/**
 * The provider over the host's `node:crypto`, which is handed in: this module imports no host API. `mustEnd`: the host
 * frees a cipher only after its end (Deno). `hasGroups`: its Diffie-Hellman is faster than BigInt.
 */
export function createNodeCryptoProvider(
  node: NodeCrypto,
  { mustEnd = false, hasGroups = false }: { readonly mustEnd?: boolean; readonly hasGroups?: boolean } = {},
): CryptoProvider {
  const dropped = mustEnd ? new FinalizationRegistry(endCiphers) : undefined;
  const finish = (state: NodeDigest, parts: readonly Uint8Array[]): Uint8Array => {
    for (const part of parts) state.update(part);
    return plain(state.digest());
  };
  const cbcOf = (algorithm: string, key: Uint8Array, blockBytes: number): CbcCipher => {
    const ciphers: Ciphers = { encryptor: undefined, decryptor: undefined };
    const cbc = new NodeCbc(node, algorithm, key.slice(), blockBytes, ciphers);
    dropped?.register(cbc, ciphers);
    return cbc;
  };
  return {
    name: "node",
    randomBytes: createRandom(node.randomFillSync),
    aesCbc: (key) => cbcOf(`aes-${key.length * 8}-cbc`, key, 16),
    otherCbc(cipher, key) {
      const [algorithm, blockBytes] = cipher === "des-ede3" ? ["des-ede3-cbc", 8] : [`${cipher}-cbc`, 16];
      try {
        // A host may have node:crypto and not every cipher of OpenSSL.
        node.createCipheriv(algorithm, node.createSecretKey(key), new Uint8Array(blockBytes)).final();
      } catch {
        return undefined;
      }
      return cbcOf(algorithm, key, blockBytes);
    },
    hmac(hash, key): Mac {
      const kept = key.slice();
      let object: object | undefined;
      const mac = (...parts: readonly Uint8Array[]): Uint8Array => {
        object ??= node.createSecretKey(kept);
        return finish(node.createHmac(hash, object), parts);
      };
      return { mac, tag: hashTwice(node, hash, kept, mac) };
    },
    hash: (name, ...parts) => finish(node.createHash(name), parts),
    diffieHellman: (group) => (hasGroups ? node.getDiffieHellman(group) : undefined),
    pbkdf2: (hash, password, salt, iterations, length) =>
      keyOf((done) => node.pbkdf2(password, salt, iterations, length, hash, done)),
    scrypt: (...given) => node.scrypt && keyOf((done) => node.scrypt?.(...given, done)),
  };
}

function keyOf(derive: (done: Done) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    derive((error, key) => {
      if (error === null || error === undefined) resolve(plain(key));
      else reject(error);
    });
  });
}

/**
 * CBC with one cipher for all messages under a key: to make one takes longer than to encrypt a small message. A cipher
 * that is never finished goes on from the last ciphertext block instead of from an IV, so the first block of a message
 * is XORed with both.
 */
class NodeCbc implements CbcCipher {
  readonly #node: NodeCrypto;
  readonly #algorithm: string;
  readonly #key: Uint8Array;
  readonly #blockBytes: number;
  readonly #ciphers: Ciphers;

  constructor(node: NodeCrypto, algorithm: string, key: Uint8Array, blockBytes: number, ciphers: Ciphers) {
    this.#node = node;
    this.#algorithm = algorithm;
    this.#key = key;
    this.#blockBytes = blockBytes;
    this.#ciphers = ciphers;
  }

  encrypt(iv: Uint8Array, input: Uint8Array, output: Uint8Array): void {
    requireWholeBlocks(input, output, this.#blockBytes);
    this.#ciphers.encryptor ??= this.#chained("createCipheriv");
    const { cipher, last } = this.#ciphers.encryptor;
    if (input !== output) output.set(input);
    xorFirst(output, iv, last);
    const result = cipher.update(output);
    output.set(result);
    copyLast(output, last);
  }

  decrypt(iv: Uint8Array, input: Uint8Array, output: Uint8Array): void {
    requireWholeBlocks(input, output, this.#blockBytes);
    const result = this.decryptNew(iv, input);
    output.set(result);
    result.fill(0);
  }

  decryptNew(iv: Uint8Array, input: Uint8Array): Uint8Array {
    requireWholeBlocks(input, input, this.#blockBytes);
    this.#ciphers.decryptor ??= this.#chained("createDecipheriv");
    const { cipher, last } = this.#ciphers.decryptor;
    const result = plain(cipher.update(input));
    xorFirst(result, iv, last);
    copyLast(input, last);
    return result;
  }

  end(): void {
    endCiphers(this.#ciphers);
  }

  /**
   * Octets where a key object may stand cost Node 24 ten microseconds: it tries them as an object first, and catches.
   * The object is not kept: most keys work in one direction, whose cipher has it then.
   */
  #chained(make: "createCipheriv" | "createDecipheriv"): Chained {
    const last = new Uint8Array(this.#blockBytes);
    const cipher = this.#node[make](this.#algorithm, this.#node.createSecretKey(this.#key), last);
    cipher.setAutoPadding(false);
    return { cipher, last };
  }
}

/** What a key has of the host: apart from the key, so that it can be ended when the key is gone. */
interface Ciphers {
  encryptor: Chained | undefined;
  decryptor: Chained | undefined;
}

/** A cipher of one direction, and the ciphertext block that it goes on from. */
interface Chained {
  readonly cipher: NodeCipher;
  readonly last: Uint8Array;
}

function endCiphers(ciphers: Ciphers): void {
  const { encryptor, decryptor } = ciphers;
  ciphers.encryptor = ciphers.decryptor = undefined;
  for (const chained of [encryptor, decryptor]) {
    try {
      chained?.cipher.final();
    } catch {
      // Whole blocks alone went in, so that nothing can be wrong; and no caller waits for this.
    }
  }
}

function copyLast(octets: Uint8Array, block: Uint8Array): void {
  const start = octets.length - block.length;
  for (let i = 0; i < block.length; i++) block[i] = octets[start + i] as number;
}

function xorFirst(block: Uint8Array, a: Uint8Array, b: Uint8Array): void {
  for (let i = 0; i < b.length; i++) (block[i] as number) ^= (a[i] as number) ^ (b[i] as number);
}

/** A host's Buffer as a plain array: its `slice` would be a view where everything here expects a copy. */
function plain(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}
