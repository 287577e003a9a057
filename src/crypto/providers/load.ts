import { UnsupportedError } from "../../errors.ts";
import type { CryptoProvider } from "../provider.ts";
import { createNodeCryptoProvider, type NodeCrypto } from "./node.ts";
import { createTieredProvider } from "./tiered.ts";

/** What of a runtime a provider is chosen by. */
interface ProviderHost {
  nodeCrypto?(): unknown;
  readonly isNodeCryptoCostly?: boolean;
  readonly mustEndCiphers?: boolean;
  readonly hasFastDiffieHellman?: boolean;
}

// Values are kept, not promises: a Worker's promise belongs to the request that made it.
const kept = new Map<string, CryptoProvider>();

/** The provider in plain JavaScript, loaded when first asked for and kept for the process. */
export async function loadNobleProvider(): Promise<CryptoProvider> {
  return keep("noble", async () => (await import("./noble.ts")).createNobleProvider());
}

/** The provider of the host's `node:crypto`, kept for the process. Throws UnsupportedError where the host has none. */
export async function loadNodeProvider(runtime: ProviderHost): Promise<CryptoProvider> {
  const node = runtime.nodeCrypto?.() as NodeCrypto | undefined;
  if (node !== undefined) {
    const { mustEndCiphers: mustEnd = false, hasFastDiffieHellman: hasGroups = false } = runtime;
    return keep("node", async () => createNodeCryptoProvider(node, { mustEnd, hasGroups }));
  }
  throw new UnsupportedError(
    "this host has no node:crypto: use krb5-remctl/lean, or give a Worker the flag nodejs_compat",
  );
}

/**
 * The fastest provider of a host, made once per process. Node, Bun and Deno: `node:crypto` for everything, since with
 * kept ciphers and one-shot hashes it is ahead of plain JavaScript from 64 octets on, and nothing has to be loaded.
 * Other hosts that have it (workerd with `nodejs_compat`): plain JavaScript for small messages, where one call of the
 * host costs 7 to 22 microseconds. The rest: plain JavaScript.
 */
export async function chooseProvider(runtime: ProviderHost): Promise<CryptoProvider> {
  if (runtime.nodeCrypto?.() === undefined) return loadNobleProvider();
  const host = await loadNodeProvider(runtime);
  if (runtime.isNodeCryptoCostly !== true) return host;
  return keep("tiered", async () => createTieredProvider(await loadNobleProvider(), host));
}

async function keep(name: string, make: () => Promise<CryptoProvider>): Promise<CryptoProvider> {
  const made = kept.get(name) ?? (await make());
  const first = kept.get(name) ?? made;
  kept.set(name, first);
  return first;
}
