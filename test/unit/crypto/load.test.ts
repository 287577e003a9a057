import * as nodeCrypto from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encodeHex } from "../../../src/bytes/index.ts";
import { chooseProvider, loadNobleProvider } from "../../../src/crypto/index.ts";
import { bunRuntime, denoRuntime, nodeRuntime, webRuntime, workerdRuntime } from "../../../src/runtime/index.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the choice of a provider", () => {
  it("is the host's on Node, Bun and Deno, tiers elsewhere, plain JavaScript where the host has none", async () => {
    const host = () => nodeCrypto;
    expect((await chooseProvider({ ...nodeRuntime(), nodeCrypto: host })).name).toBe("node");
    expect((await chooseProvider({ ...bunRuntime(), nodeCrypto: host })).name).toBe("node");
    expect((await chooseProvider({ ...denoRuntime(), nodeCrypto: host })).name).toBe("node");
    expect((await chooseProvider({ ...workerdRuntime(), nodeCrypto: host })).name).toMatch(
      /^noble below \d+ octets, node above$/,
    );
    expect((await chooseProvider(webRuntime())).name).toBe("noble");
    expect((await chooseProvider({ ...workerdRuntime(), nodeCrypto: () => undefined })).name).toBe("noble");
  });

  it("is made once per process, by concurrent askers too", async () => {
    const runtime = { isNodeCryptoCostly: true, nodeCrypto: () => nodeCrypto };
    const [a, b] = await Promise.all([chooseProvider(runtime), chooseProvider(runtime)]);
    expect(a).toBe(b);
    expect(await chooseProvider(runtime)).toBe(a);
    expect(await loadNobleProvider()).toBe(await loadNobleProvider());
  });
});

describe("PBKDF2 of the reference provider", () => {
  const octets = new Uint8Array(8).fill(3);
  const expected = nodeCrypto.pbkdf2Sync(octets, octets, 100, 32, "sha384").toString("hex");
  const derive = async () => encodeHex(await (await loadNobleProvider()).pbkdf2("sha384", octets, octets, 100, 32));

  it("is the host's Web Cryptography where there is one", async () => {
    const deriveBits = vi.spyOn(globalThis.crypto.subtle, "deriveBits");
    expect(await derive()).toBe(expected);
    expect(deriveBits).toHaveBeenCalledOnce();
  });

  it("is plain JavaScript where the host refuses or has none", async () => {
    vi.spyOn(globalThis.crypto.subtle, "deriveBits").mockRejectedValue(new Error("too many iterations"));
    expect(await derive()).toBe(expected);
    vi.stubGlobal("crypto", {});
    expect(await derive()).toBe(expected);
  });
});
