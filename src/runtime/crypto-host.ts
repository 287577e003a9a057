import type { Runtime } from "../host/index.ts";
import { builtin } from "./node-builtins.ts";
import { hostKind } from "./which.ts";

/** What of the host that runs this its cryptography is chosen by: {@link detectRuntime} without all else. */
export function cryptoHost(): Pick<
  Runtime,
  "nodeCrypto" | "isNodeCryptoCostly" | "mustEndCiphers" | "hasFastDiffieHellman"
> {
  const kind = hostKind();
  return {
    nodeCrypto: () => builtin("node:crypto"),
    isNodeCryptoCostly: kind === "workerd",
    mustEndCiphers: kind === "deno",
    hasFastDiffieHellman: kind === "node",
  };
}
