import type { SequenceStep } from "../../src/diagram/index.ts";
import { decodeKeytab } from "../../src/entry/credentials.ts";
import { createEncTypeSet } from "../../src/entry/gssapi.ts";
import { KeyRing, type TreeNode, TreeReader, treeOf } from "../../src/inspect/index.ts";
import { meaningOf } from "./meaning.ts";
import type { Message, Run } from "./session.ts";

/** A message and what is in it. */
export interface Read {
  readonly message: Message;
  readonly tree: TreeNode;
}

/** Decodes every message, in their order: the keys in one open those that follow. */
export async function readAll({ messages, keytab }: Run): Promise<Read[]> {
  const keys = new KeyRing(await createEncTypeSet());
  const entries = keytab.length === 0 ? [] : decodeKeytab(keytab).entries;
  for (const { principal, keyBlock } of entries) {
    keys.add(keyBlock.etype, keyBlock.octets, `the key of ${principal.components.join("/")}`);
  }
  const reader = new TreeReader(keys, { withSecrets: true, withOctets: false });
  return messages.map((message) => ({ message, tree: treeOrError(message.octets, keys, reader) }));
}

function treeOrError(octets: Uint8Array, keys: KeyRing, reader: TreeReader): TreeNode {
  try {
    return treeOf(octets, { keys, reader });
  } catch (error) {
    return { label: "not readable", value: (error as Error).message };
  }
}

/** A message as a step of the diagram. */
export function stepOf({ message, tree }: Read): SequenceStep {
  const { label, detail, isError } = meaningOf(message, tree);
  return { from: message.from, to: message.to, label, detail, note: `${message.wire.length} octets`, isError };
}
