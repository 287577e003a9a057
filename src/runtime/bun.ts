import type { Runtime } from "../host/index.ts";
import { nodeRuntime } from "./node.ts";

/** Bun 1, through its Node modules. */
export function bunRuntime(): Runtime {
  return { ...nodeRuntime(), name: "bun", hasFastDiffieHellman: false };
}
