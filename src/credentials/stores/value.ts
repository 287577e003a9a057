import { decodeBase64, encodeText } from "../../bytes/index.ts";
import type { KeyValueStore } from "./types.ts";

/**
 * Gives the octets of a value that was kept as base64. What is not base64 any more stays as it is: who reads it sees
 * that it was changed, and passes it over.
 */
export function octetsOf(text: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch {
    return encodeText(text);
  }
}

/** Reads what a store has under a key; undefined for what is not octets: many stores give null for nothing. */
export async function valueIn(store: KeyValueStore, key: string): Promise<Uint8Array | undefined> {
  const value: unknown = await store.get(key);
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined;
}
