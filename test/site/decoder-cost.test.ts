// What the decoder's page may be given is as large as a page takes: its cost grows with its length, and no faster.

import { describe, expect, it } from "vitest";
import { cacheTree, configTree, keytabTree, type Tools } from "../../site/decoder/files.ts";
import { recognize } from "../../site/decoder/recognize.ts";
import { unusualIn } from "../../site/decoder/unusual.ts";
import { treeView } from "../../site/shared/tree-view.ts";
import { concatAll, encodeText } from "../../src/bytes/index.ts";
import { parseKrb5Conf } from "../../src/config/index.ts";
import { noteUnsupported } from "../../src/config/notes.ts";
import { type Credential, encodeCcacheFile, encodeKeytab, Keytab } from "../../src/credentials/index.ts";
import { createEncTypeSet } from "../../src/entry/gssapi.ts";
import { KeyRing, type TreeNode, TreeReader, treeOf } from "../../src/inspect/index.ts";
import { encodeTicket, parsePrincipal } from "../../src/krb5/index.ts";
import { startCpuClock } from "../support/cpu-clock.ts";
import { makeCredential } from "../support/credentials.ts";
import { wholeTable } from "../support/live.ts";

const encTypes = await createEncTypeSet();

function toolsWith(): Tools {
  const keys = new KeyRing(encTypes);
  return { keys, withSecrets: false, reader: new TreeReader(keys, { withSecrets: false, withOctets: false }) };
}

const decoding = (octets: Uint8Array) => () => decode(octets);

/** What the page does with octets, up to its elements. */
function decode(octets: Uint8Array, tools = toolsWith()): void {
  const what = recognize(octets);
  const trees: TreeNode[] = [];
  if (what.kind === "krb5.conf") trees.push(configTree(what.text));
  else if (what.kind === "messages") trees.push(...what.messages.slice(0, 100).map((one) => treeOf(one, tools)));
  else if (what.kind === "keytab") trees.push(keytabTree(what.octets, tools));
  else trees.push(cacheTree(what.octets, tools));
  for (const tree of trees) {
    unusualIn(tree);
    treeView(tree);
  }
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

function keyOf(index: number): Uint8Array {
  const octets = new Uint8Array(32);
  new DataView(octets.buffer).setUint32(0, index);
  return octets;
}

const keytabOf = (count: number): Uint8Array =>
  encodeKeytab(
    new Keytab(
      Array.from({ length: count }, (_, index) => ({
        principal: parsePrincipal(`h${index}@R`),
        kvno: 1,
        timestamp: new Date(0),
        keyBlock: { etype: 18, octets: keyOf(index) },
      })),
    ),
  );

const ticket = encodeTicket({
  tktVno: 5,
  realm: "R",
  sname: { nameType: 2, nameString: ["h", "x"] },
  encPart: { etype: 18, cipher: new Uint8Array(1) },
});

function cacheOf(count: number): Uint8Array {
  const one = { ...makeCredential("h/x@R"), client: parsePrincipal("a@R"), ticket };
  const credentials = Array.from({ length: count }, (_, index): Credential => {
    return { ...one, server: parsePrincipal(`h${index}@R`), key: { etype: 18, octets: keyOf(index) } };
  });
  return encodeCcacheFile({ principal: parsePrincipal("a@R"), credentials });
}

/** A SEQUENCE of empty ones. */
const sequences = (count: number): Uint8Array =>
  concatAll([
    Uint8Array.of(0x30, 0x82, count >> 7, (count * 2) & 255),
    new Uint8Array(count * 2).map((_, i) => (i & 1) * -0x30 + 0x30),
  ]);

/** Keys of a keytab, and a message that none of them opens. */
function sealedUnder(count: number): () => void {
  const keytab = keytabOf(count);
  const sealed = new Uint8Array(64);
  sealed.set([5, 4, 2, 255]);
  return () => {
    const tools = toolsWith();
    keytabTree(keytab, tools);
    decode(sealed, tools);
  };
}

/** Keys that are given to the ring, all of one enctype. */
function ringOf(count: number): () => void {
  const octets = Array.from({ length: count }, (_, index) => keyOf(index));
  return () => {
    const { keys } = toolsWith();
    for (const one of octets) keys.add(18, one, "a key");
  };
}

const text =
  (make: (count: number) => string) =>
  (count: number): (() => void) => {
    const octets = encodeText(make(count));
    return () => decode(octets);
  };

/** What it is, how many of them the page takes at most, and what is done with so many. */
const kinds: readonly (readonly [what: string, most: number, make: (count: number) => () => void])[] = [
  ["realms that are values", 40_000, text((n) => `[realms]\n${lines(n, (i) => ` R${i} = x`)}`)],
  ["hosts of realms", 40_000, text((n) => `[domain_realm]\n${lines(n, (i) => ` h${i} = R`)}`)],
  ["KDCs of one realm", 40_000, text((n) => `[realms]\n R = {\n${lines(n, (i) => ` kdc = h${i}`)}\n}`)],
  ["realms with a KDC", 20_000, text((n) => `[realms]\n${lines(n, (i) => ` R${i} = {\n kdc = x\n}`)}`)],
  ["blocks of libdefaults", 20_000, text((n) => `[libdefaults]\n${lines(n, (i) => ` R${i} = {\n rdns = x\n}`)}`)],
  [
    "blocks that are not supported",
    24_000,
    (n) => {
      const config = parseKrb5Conf(`[realms]\n R = {\n${lines(n, (i) => ` pkinit_${i} = {\n }`)}\n}`);
      return () => noteUnsupported(config, () => {});
    },
  ],
  ["keys", 40_000, (n) => decoding(keytabOf(n))],
  // Alone: the elements of the page cost so much that a list that is searched for each key would not be seen beside them.
  ["keys in the ring", 24_000, ringOf],
  ["tickets, with the session key of each", 20_000, (n) => decoding(cacheOf(n))],
  ["keys that are tried with a message", 40_000, sealedUnder],
  ["elements of ASN.1", 8_000, (n) => decoding(sequences(n))],
];

/** Milliseconds of processor time, the least of two. */
function costMs(work: () => void): number {
  const once = (): number => {
    const elapsed = startCpuClock();
    work();
    return elapsed();
  };
  return Math.min(once(), once());
}

describe("the cost of the decoder's page is linear", () => {
  // A plain run measures every third.
  it.each(kinds.filter((_, index) => wholeTable || index % 3 === 0))(
    "%s: %i cost at most 16 times what an eighth of them does",
    (_what, most, make) => {
      const few = costMs(make(most / 8));
      // Below 10 ms it is the clock that is measured.
      expect(costMs(make(most))).toBeLessThan(16 * Math.max(few, 10));
    },
    60_000,
  );
});
