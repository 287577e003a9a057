import { describe, expect, it } from "vitest";
import { build } from "../../../tools/pack/index.mjs";
import { attribute } from "../../../tools/size/attribution.mjs";
import { bundleTable } from "../../../tools/size/table.mjs";

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

describe("the table of what a Worker's bundle is made of", () => {
  const pageOf = (...rows: readonly string[]) =>
    `They are not reached: 1 and 1 KB.\n\n| room | a | why |\n|---|---|---|\n${rows.join("\n")}\n\nThe end.\n`;
  const bundle = async () => {
    const made = await bundleOf('export { createModule } from "../../../src/asn1/index.ts";');
    return { ...made, gzip: 7_100 };
  };

  it("fills in the figures, and has nothing to say of a page that is true", async () => {
    const { page, problems } = bundleTable(pageOf("| `asn1` | 0 | DER |", "| `bytes`, `failures` | 0 | text |"), [
      await bundle(),
    ]);
    expect(page).toMatch(/They are not reached: 8 KB\.\n\n(?:\|.*\n){2}\| `asn1` \| [1-9]\.\d KB \| DER \|\n/);
    expect(page).toMatch(/\| `bytes`, `failures` \| \d\.\d KB \| text \|\n\nThe end\.\n$/);
    expect(problems).toEqual([
      expect.stringMatching(/says 0 of `asn1`: it is [1-9]\.\d KB$/),
      expect.stringMatching(/says 0 of `bytes`, `failures`: it is \d\.\d KB$/),
      "the page does not say: They are not reached: 8 KB.",
    ]);
    expect(bundleTable(page, [await bundle()])).toEqual({ page, problems: [] });
  });

  it("names a room without a row, and a page without the table", async () => {
    const { problems } = bundleTable(pageOf("| `asn1` | 0 | DER |"), [await bundle()]);
    expect(problems).toContain("the table of rooms has no row for bytes");
    expect(bundleTable("nothing", []).problems).toEqual(["the table of rooms is missing"]);
  });
});
