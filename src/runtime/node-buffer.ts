import { needBuiltin } from "./node-builtins.ts";

/** The same octets as a `Buffer` of Node, for drivers that call its methods. */
export function asBuffer(octets: Uint8Array): Uint8Array {
  const { Buffer } = needBuiltin<typeof import("node:buffer")>("node:buffer");
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
