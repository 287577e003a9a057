import { describe, expect, it } from "vitest";
import { createRuntime, detectRuntime } from "../../../src/runtime/index.ts";

const node = { versions: { node: "20.19.0" }, getBuiltinModule: (): undefined => undefined };

describe("detectRuntime", () => {
  it("finds this host and keeps the adapter", () => {
    const runtime = detectRuntime();
    expect(runtime.name).toBe("Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node");
    expect(detectRuntime()).toBe(runtime);
  });

  it.each([
    ["workerd", { navigator: { userAgent: "Cloudflare-Workers" }, process: node }],
    // With a compatibility date before 2022 there is no navigator.
    ["workerd", { WebSocketPair: class {} }],
    ["deno", { Deno: {}, navigator: { userAgent: "Deno/2" }, process: node }],
    ["bun", { Bun: {}, process: node }],
    ["node", { navigator: { userAgent: "Node.js/24" }, process: node }],
    ["web", { navigator: { userAgent: "Mozilla/5.0" } }],
    // Node before 20.16 has no getBuiltinModule, a bundled browser page may have a process shim.
    ["web", { process: { versions: { node: "18.0.0" } } }],
    ["web", { process: { getBuiltinModule: (): undefined => undefined } }],
  ])("takes %s by its globals", (name, globals) => {
    expect(createRuntime(globals).name).toBe(name);
  });

  it("offers only what the host has", () => {
    // The channel is asked for: it is undefined where the host has no module for it.
    expect(Object.keys(createRuntime({})).sort()).toEqual(["fetch", "name", "traceChannel"]);
    expect(createRuntime({ navigator: { userAgent: "Cloudflare-Workers" } }).connectUdp).toBeUndefined();
    expect(createRuntime({ process: node }).connectUdp).toBeTypeOf("function");
  });
});
