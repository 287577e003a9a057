// A host's ciphers are given back: Deno keeps one that is not finished for ever, whoever has it.

import nodeCrypto from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { strongEncTypes } from "../../../src/crypto/index.ts";
import { createNodeCryptoProvider, type NodeCrypto } from "../../../src/crypto/providers/node.ts";
import { settle } from "../../support/remctl-harness.ts";

/** node:crypto, and how many of its ciphers have not been finished. */
function counted(): { readonly node: NodeCrypto; live(): number } {
  let live = 0;
  const counting = <T extends { final(): unknown }>(cipher: T): T => {
    live++;
    const final = cipher.final.bind(cipher);
    return Object.assign(cipher, {
      final: () => {
        live--;
        return final();
      },
    });
  };
  const real = nodeCrypto as unknown as NodeCrypto;
  const node: NodeCrypto = {
    ...real,
    createCipheriv: (...args) => counting(real.createCipheriv(...args)),
    createDecipheriv: (...args) => counting(real.createDecipheriv(...args)),
  };
  return { node, live: () => live };
}

describe.each(strongEncTypes.map((type) => [type.name, type] as const))("ciphers of a key of %s", (_, type) => {
  const use = (provider: ReturnType<typeof createNodeCryptoProvider>) => {
    const key = type.importKey(provider, new Uint8Array(type.keyBytes).fill(7));
    key.prf(Uint8Array.of(1));
    for (const usage of [2, 11]) {
      const sealed = key.usage(usage).encrypt(new Uint8Array(40));
      expect(key.usage(usage).decrypt(sealed)).toEqual(new Uint8Array(40));
    }
    return key;
  };

  it("PO17: are finished when the key is wiped", () => {
    const { node, live } = counted();
    const key = use(createNodeCryptoProvider(node));
    expect(live()).toBeGreaterThanOrEqual(4);
    key.wipe();
    expect(live()).toBe(0);
  });

  it("are given back while the key rests, and made again when it is used", () => {
    const { node, live } = counted();
    const key = use(createNodeCryptoProvider(node));
    const usage = key.usage(2);
    const sealed = usage.encrypt(new Uint8Array(40));
    key.forgetDerived();
    expect(live()).toBe(0);
    // Also by who has the usage's operations from before.
    expect(usage.decrypt(sealed)).toEqual(new Uint8Array(40));
    expect(key.usage(2).decrypt(sealed)).toEqual(new Uint8Array(40));
    expect(key.prf(Uint8Array.of(1))).toHaveLength(type.prfBytes);
    key.wipe();
    key.forgetDerived();
    expect(() => key.prf(Uint8Array.of(1))).toThrow(TypeError);
  });

  it("PO17: are finished when nobody has the key any more, where the host does not do that", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const { node, live } = counted();
    // As chooseProvider keeps it: what is to be finished is known to the provider.
    const provider = createNodeCryptoProvider(node, { mustEnd: true });
    use(provider);
    for (let round = 0; round < 20 && live() > 0; round++) {
      await settle(5);
      gc();
    }
    expect([provider.name, live()]).toEqual(["node", 0]);
  });
});
