import { describe, expect, it } from "vitest";
import { build } from "../../../tools/pack/index.mjs";
import { attribute } from "../../../tools/size/attribution.mjs";

async function bundleOf(code: string): Promise<{ readonly text: string; readonly map: string }> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    sourcemap: "external",
    outdir: "out",
  });
  const ending = (wanted: string): string => outputFiles.find(({ path }) => path.endsWith(wanted))?.text ?? "";
  return { text: ending(".js"), map: ending(".map") };
}

describe("what a bundle is made of", () => {
  it("gives each octet to the module that it is from, and says what the bundle would be without", async () => {
    const { text, map } = await bundleOf('export { concat, getUint32 } from "../../../src/bytes/index.ts";');
    const rows = attribute(text, map, (module) => module);
    expect(rows.reduce((sum, { octets }) => sum + octets, 0)).toBe(text.length);
    const byModule = new Map(rows.map((row) => [row.part, row]));
    expect(byModule.get("src/bytes/bytes.ts")?.octets).toBeGreaterThan(100);
    expect(byModule.get("src/bytes/uint32.ts")?.octets).toBeGreaterThan(50);
    expect(byModule.get("src/bytes/bytes.ts")?.gzip).toBeGreaterThan(20);
    expect(byModule.has("src/bytes/writer.ts")).toBe(false);
    const [room] = attribute(text, map, (module) => module.split("/").slice(0, 2).join("/"));
    expect(room?.part).toBe("src/bytes");
  });
});
