import type { Runtime } from "../host/index.ts";
import { nodeRuntime } from "./node.ts";

/** Deno 2, through its Node modules. It never reports that a datagram was refused: such a KDC costs a timeout. */
export function denoRuntime(): Runtime {
  return { ...nodeRuntime(), name: "deno" };
}
