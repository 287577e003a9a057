import refusedChecksums from "../../krb5-vectors/crypto/refused-checksums.json" with { type: "json" };
import nFolds from "../../krb5-vectors/crypto/rfc3961-n-fold.json" with { type: "json" };
import sha1Figures from "../../krb5-vectors/crypto/rfc3962.json" with { type: "json" };
import cf2Figures from "../../krb5-vectors/crypto/rfc6113-cf2-prf.json" with { type: "json" };
import sha2Figures from "../../krb5-vectors/crypto/rfc8009.json" with { type: "json" };
import { decodeHex as hex } from "../../src/bytes/index.ts";
import {
  type CryptoProvider,
  cf2,
  chooseProvider,
  type EncType,
  loadNobleProvider,
  strongEncTypes,
} from "../../src/crypto/index.ts";
import { nFold } from "../../src/crypto/n-fold.ts";
import { modp14, modp16 } from "../../src/preauth/pkinit/modp.ts";
import { acceptorHost, cryptoHost, detectRuntime, storageHost } from "../../src/runtime/index.ts";
import { type Case, equal, refuses, same } from "./harness.ts";

interface Figure {
  readonly name: string;
  readonly op: string;
  readonly etype: number;
  readonly [field: string]: unknown;
}

const figures: readonly Figure[] = [
  ...(sha1Figures.vectors as readonly Figure[]),
  ...(sha2Figures.vectors as readonly Figure[]),
  ...(cf2Figures.vectors as unknown as readonly Figure[]),
];

// The provider of the host is another on each; its cases have the same names everywhere.
const providers: readonly (readonly [string, () => Promise<CryptoProvider>])[] = [
  ["plain JavaScript", loadNobleProvider],
  ["the host's provider", () => chooseProvider(detectRuntime())],
];

function typeOf(etype: unknown): EncType {
  const found = strongEncTypes.find((type) => type.etype === etype);
  if (found === undefined) throw new Error(`no enctype ${etype}`);
  return found;
}

/** How to check a figure, by its `op`; a figure with another one is no case here, and one of these is never without figures. */
const checks: Readonly<Record<string, (figure: Figure, provider: CryptoProvider) => unknown>> = {
  async "string-to-key"(figure, provider) {
    const type = typeOf(figure.etype);
    const params = figure.params === undefined ? undefined : hex(figure.params as string);
    const make = (allowWeakIterations: boolean) =>
      type.stringToKey(provider, hex(figure.password as string), hex(figure.salt as string), params, {
        allowWeakIterations,
      });
    if (figure.refused) await refuses(() => make(false), { code: "BAD_STRING_TO_KEY_PARAMETERS" });
    equal(await make(true), hex((figure.key ?? figure.keyIfWeakAllowed) as string));
  },
  encrypt(figure, provider) {
    const fixed = { ...provider, randomBytes: () => hex(figure.confounder as string) };
    const key = typeOf(figure.etype)
      .importKey(fixed, hex(figure.key as string))
      .usage(figure.usage as number);
    equal(key.encrypt(hex(figure.plaintext as string)), hex(figure.ciphertext as string));
    equal(key.decrypt(hex(figure.ciphertext as string)), hex(figure.plaintext as string));
  },
  checksum(figure, provider) {
    const key = typeOf(figure.etype)
      .importKey(provider, hex(figure.key as string))
      .usage(figure.usage as number);
    equal(key.checksum(hex(figure.message as string)), hex(figure.checksum as string));
    key.verifyChecksum(hex(figure.checksum as string), hex(figure.message as string));
  },
  prf(figure, provider) {
    const key = typeOf(figure.etype).importKey(provider, hex(figure.key as string));
    equal(key.prf(hex(figure.input as string)), hex(figure.output as string));
  },
  "krb-fx-cf2"(figure, provider) {
    const key1 = typeOf(figure.etype1).importKey(provider, hex(figure.key1 as string));
    const key2 = typeOf(figure.etype2).importKey(provider, hex(figure.key2 as string));
    const [pepper1, pepper2] = [hex(figure.pepper1 as string), hex(figure.pepper2 as string)];
    equal(cf2(provider, key1, key2, pepper1, pepper2, typeOf(figure.etype)).octets, hex(figure.output as string));
  },
};

export const cryptoCases: readonly Case[] = [
  ...nFolds.vectors.map((figure) => ({
    name: `n-fold ${figure.name}`,
    run: () => equal(nFold(hex(figure.input), figure.bytes), hex(figure.output)),
  })),
  ...providers.flatMap(([words, load]) => [
    ...figures.flatMap((figure) => {
      const check = checks[figure.op];
      if (check === undefined) return [];
      return [
        { name: `${figure.op} ${figure.name} with ${words}`, run: async () => await check(figure, await load()) },
      ];
    }),
    ...longMessages(words, load),
  ]),
  {
    name: "there are figures for every check",
    run: () =>
      equal([...new Set(figures.map(({ op }) => op))].filter((op) => op in checks).sort(), Object.keys(checks).sort()),
  },
  {
    name: "what a provider and a storage are chosen by is what the host's adapter has",
    async run() {
      equal((await chooseProvider(cryptoHost())).name, (await chooseProvider(detectRuntime())).name);
      const { isNodeCryptoCostly = false, mustEndCiphers = false, files, connectUnix } = detectRuntime();
      equal(cryptoHost().mustEndCiphers ?? false, mustEndCiphers);
      equal(cryptoHost().hasFastDiffieHellman ?? false, detectRuntime().hasFastDiffieHellman ?? false);
      equal(cryptoHost().isNodeCryptoCostly ?? false, isNodeCryptoCostly);
      equal(acceptorHost().isOneOfMany?.(), detectRuntime().isOneOfMany?.() ?? false);
      equal(storageHost().files === undefined, files === undefined);
      equal(storageHost().connectUnix === undefined, connectUnix === undefined);
    },
  },
  ...[modp14, modp16].map((group) => ({
    name: `Diffie-Hellman in ${group.name} is the host's own on Node alone, and agrees with BigInt's`,
    async run() {
      const { randomBytes, diffieHellman } = await chooseProvider(detectRuntime());
      let hosts = 0;
      const own = await group.begin({
        randomBytes,
        diffieHellman(name) {
          const made = diffieHellman?.(name);
          if (made !== undefined) hosts++;
          return made;
        },
      });
      const plain = await group.begin({ randomBytes });
      const [a, b] = [own, plain].map(({ publicKey }) => publicKey.subjectPublicKey.octets);
      equal(own.publicKey.algorithm, plain.publicKey.algorithm);
      equal(await own.agree(b as Uint8Array), await plain.agree(a as Uint8Array));
      equal(hosts, cryptoHost().hasFastDiffieHellman === true ? 1 : 0);
    },
  })),
  { name: "figures of refused checksums are there", run: () => equal(refusedChecksums.vectors.length > 0, true) },
];

/** Messages about the size at which a tiered provider changes over, and long ones: both providers see the same. */
function longMessages(words: string, load: () => Promise<CryptoProvider>): Case[] {
  return [0, 1, 31, 511, 512, 513, 4_096, 65_536].map((size) => ({
    name: `a message of ${size} octets with ${words} is what plain JavaScript says`,
    async run() {
      const message = Uint8Array.from({ length: size }, (_, index) => index * 7);
      const octets = Uint8Array.from({ length: 32 }, (_, index) => index);
      const confounder = new Uint8Array(16).fill(9);
      const make = (provider: CryptoProvider) =>
        typeOf(18)
          .importKey({ ...provider, randomBytes: () => confounder }, octets)
          .usage(7)
          .encrypt(message);
      const sealed = make(await load());
      same(sealed, make(await loadNobleProvider()));
      equal(
        typeOf(18)
          .importKey(await load(), octets)
          .usage(7)
          .decrypt(sealed),
        message,
      );
    },
  }));
}
