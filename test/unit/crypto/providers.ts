import * as nodeCrypto from "node:crypto";
import { readFileSync } from "node:fs";
import {
  type CryptoProvider,
  createNodeCryptoProvider,
  createTieredProvider,
  type EncType,
  loadNobleProvider,
  strongEncTypes,
} from "../../../src/crypto/index.ts";
import type { NodeCrypto } from "../../../src/crypto/providers/node.ts";

const noble = await loadNobleProvider();
const node = createNodeCryptoProvider(nodeCrypto as unknown as NodeCrypto);

/** Every provider, by name. The tiered one changes over at 48 octets, so that short figures use both of its halves. */
export const providers: readonly (readonly [string, CryptoProvider])[] = [
  ["noble", noble],
  ["node", node],
  ["tiered", createTieredProvider(noble, node, 48)],
];

/** A provider with the confounder of a published figure. */
export function withConfounder(provider: CryptoProvider, confounder: Uint8Array): CryptoProvider {
  return { ...provider, randomBytes: () => confounder };
}

export function encTypeOf(etype: number): EncType {
  const found = strongEncTypes.find((type) => type.etype === etype);
  if (found === undefined) throw new Error(`no enctype ${etype}`);
  return found;
}

/** The entries of `krb5-vectors/crypto/<name>.json` with one `op`; never none. */
export function vectors<T = Record<string, string>>(
  name: string,
  op: string,
): (T & { name: string; op: string; etype: number })[] {
  const url = new URL(`../../../krb5-vectors/crypto/${name}.json`, import.meta.url);
  const { vectors } = JSON.parse(readFileSync(url, "utf8"));
  const found = vectors.filter((entry: { op: string }) => entry.op === op);
  if (found.length === 0) throw new Error(`no ${op} in ${name}.json`);
  return found;
}
