import fc, { type Arbitrary } from "fast-check";
import { concat, encodeText } from "../../../src/bytes/index.ts";
import { MAX_INPUT_BYTES } from "./octets.ts";

/** A tree of DER, as loose as it comes: what does not parse is content. */
interface Node {
  readonly tag: number;
  readonly children?: readonly Node[];
  readonly content?: Uint8Array;
  /** Written in place of the length that the content has. */
  readonly length?: Uint8Array;
}

const text = (...all: string[]): Uint8Array[] => all.map((one) => encodeText(one));
const CONTENTS: readonly Uint8Array[] = [
  new Uint8Array(0),
  ...[[0], [1], [0x7f], [0x80], [0xff], [0, 0x80], [0, 0], [0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0]].map(
    (octets) => Uint8Array.from(octets),
  ),
  Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(1, 0, 0, 0, 0),
  Uint8Array.of(8, 0xff),
  Uint8Array.of(0, 0, 0, 0, 0),
  ...text("20260231000000Z", "20261123120000.5Z", "20261123120060Z", "19690101000000Z", "99991231235959Z", "__proto__"),
  ...text("a\0b", "\u001b[2J", "WELLKNOWN", "krbtgt"),
  new Uint8Array(256).fill(0x61),
  new Uint8Array(40_000).fill(0x61),
];
const LENGTHS: readonly Uint8Array[] = [
  [0x80],
  [0x81, 0x01],
  [0x82, 0x00, 0x01],
  [0x84, 0xff, 0xff, 0xff, 0xff],
  [0x84, 0x7f, 0xff, 0xff, 0xff],
  [0x88, 0, 0, 0, 1, 0, 0, 0, 0],
  [0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  [0xff],
  [0x00],
  [0x7f],
].map((octets) => Uint8Array.from(octets));

const KINDS = ["delete", "twice", "swap", "tag", "content", "length", "nest", "repeat", "graft", "tagBit"] as const;

/** One change to the tree of one of `corpus`, or of what other changes have made of it. */
export function derChange(corpus: readonly Uint8Array[]): Arbitrary<(octets: Uint8Array) => Uint8Array> {
  return fc
    .record({ kind: fc.constantFrom(...KINDS), at: fc.nat(), number: fc.nat(), other: fc.nat(corpus.length - 1) })
    .map((change) => (octets: Uint8Array) => {
      const root = parse(octets);
      if (root === undefined) return octets;
      const all = root.flatMap(preorder);
      const chosen = all[change.at % all.length] as Node;
      const out = write(root.flatMap((node) => replace(node, chosen, (one) => changed(one, change, corpus))));
      return out.length > MAX_INPUT_BYTES ? out.slice(0, MAX_INPUT_BYTES) : out;
    });
}

function changed(
  node: Node,
  { kind, number, other }: { readonly kind: (typeof KINDS)[number]; readonly number: number; readonly other: number },
  corpus: readonly Uint8Array[],
): readonly Node[] {
  switch (kind) {
    case "delete":
      return [];
    case "twice":
      return [node, node];
    case "swap":
      return node.children === undefined ? [node] : [{ ...node, children: [...node.children].reverse() }];
    case "tag":
      return [{ ...node, tag: number & 0xff }];
    case "tagBit":
      return [{ ...node, tag: node.tag ^ (1 << (number & 7)) }];
    case "content":
      return [{ tag: node.tag, content: CONTENTS[number % CONTENTS.length] as Uint8Array }];
    case "length":
      return [{ ...node, length: LENGTHS[number % LENGTHS.length] as Uint8Array }];
    case "nest": {
      let nested = node;
      const tag = number % 2 === 0 ? 0x30 : node.tag | 0x20;
      for (let depth = [1, 1, 2, 2, 3, 5, 40, 2000][number % 8] as number; depth > 0; depth--)
        nested = { tag, children: [nested] };
      return [nested];
    }
    case "repeat": {
      const size = Math.max(write([node]).length, 1);
      const times = Math.min(
        [2, 2, 3, 3, 4, 10, 100, 20_000][number % 8] as number,
        Math.floor(MAX_INPUT_BYTES / size),
      );
      return Array<Node>(Math.max(times, 1)).fill(node);
    }
    case "graft": {
      const donors = (parse(corpus[other] as Uint8Array) ?? []).flatMap(preorder);
      const donor = donors[number % Math.max(donors.length, 1)];
      return donor === undefined ? [node] : [donor];
    }
  }
}

/** The nodes of octets that are DER as far as their lengths go; undefined if they are not. */
function parse(octets: Uint8Array, depth = 0): Node[] | undefined {
  const nodes: Node[] = [];
  for (let at = 0; at < octets.length; ) {
    const tag = octets[at++] as number;
    let length = octets[at++];
    if (length === undefined || (tag & 0x1f) === 0x1f) return undefined;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 3 || at + count > octets.length) return undefined;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (octets[at++] as number);
    }
    if (at + length > octets.length) return undefined;
    const content = octets.subarray(at, at + length);
    at += length;
    const children = (tag & 0x20) !== 0 && depth < 60 ? parse(content, depth + 1) : undefined;
    nodes.push(children === undefined ? { tag, content } : { tag, children });
  }
  return nodes;
}

function preorder(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(preorder)];
}

/** The tree with one node (by identity) replaced. */
function replace(node: Node, chosen: Node, change: (node: Node) => readonly Node[]): readonly Node[] {
  if (node === chosen) return change(node);
  if (node.children === undefined) return [node];
  return [{ ...node, children: node.children.flatMap((child) => replace(child, chosen, change)) }];
}

function write(nodes: readonly Node[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const node of nodes) {
    const content = node.content ?? writeChildren(node.children ?? []);
    parts.push(Uint8Array.of(node.tag), node.length ?? lengthOctets(content.length), content);
  }
  return joined(parts);
}

/** As `concat`, for more parts than a call takes arguments. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Deep nests are written without recursion: a chain of single children from the inside out. */
function writeChildren(children: readonly Node[]): Uint8Array {
  const chain: Node[] = [];
  let inner = children;
  for (let only = inner[0]; inner.length === 1 && only?.children !== undefined; only = inner[0]) {
    chain.push(only);
    inner = only.children;
  }
  let octets = chain.length === 0 ? write(children) : write(inner);
  for (const node of chain.reverse()) {
    octets = concat(Uint8Array.of(node.tag), node.length ?? lengthOctets(octets.length), octets);
  }
  return octets;
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x100) return Uint8Array.of(0x81, length);
  if (length < 0x10000) return Uint8Array.of(0x82, length >> 8, length & 0xff);
  return Uint8Array.of(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}
