import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHUNKS, chunkOf } from "../../../tools/pack/chunks.mjs";
import { libraryEntries } from "../../../tools/pack/entries.mjs";

const ROOTS = [
  ...libraryEntries().map(({ name }) => name),
  "cli/main",
  "cli/commands/kinit.ts",
  "discovery/dns/index.ts",
  "crypto/providers/noble.ts",
  "curves/groups.ts",
  "preauth/pkinit/exchange.ts",
];

describe("chunkOf", () => {
  it("leaves what one root alone uses in the root's own file", () => {
    for (const root of ROOTS) expect(chunkOf(new Set([root]))).toBe(null);
  });

  it("lets no chunk import a later one: what a module imports is used by at least as many roots", () => {
    const some = fc.uniqueArray(fc.constantFrom(...ROOTS), { minLength: 1 });
    fc.assert(
      fc.property(some, some, (users, more) => {
        const importer = chunkOf(new Set(users));
        // A root's own file is imported by nobody.
        if (importer === null) return;
        const imported = chunkOf(new Set([...users, ...more]));
        expect(CHUNKS.indexOf(imported ?? "")).toBeGreaterThanOrEqual(0);
        expect(CHUNKS.indexOf(imported ?? "")).toBeLessThanOrEqual(CHUNKS.indexOf(importer));
      }),
      { numRuns: 2_000 },
    );
  });

  it("makes small what lazy parts need, and keeps from a client what others alone share", () => {
    expect(chunkOf(new Set(["entry/lean", "crypto/providers/noble.ts"]))).toBe("base");
    expect(chunkOf(new Set(["entry/index", "discovery/dns/index.ts"]))).toBe("library");
    expect(chunkOf(new Set(["entry/spake", "curves/groups.ts"]))).toBe("curves");
    expect(chunkOf(new Set(["entry/spake", "entry/index"]))).toBe("spake");
    expect(chunkOf(new Set(["entry/index", "entry/lean"]))).toBe("client");
    expect(chunkOf(new Set(["entry/index", "entry/lean", "entry/server"]))).toBe("core");
    expect(chunkOf(new Set(["entry/gssapi", "entry/server"]))).toBe("acceptor");
    expect(chunkOf(new Set(["entry/index", "cli/commands/kinit.ts"]))).toBe("library");
    // Parts bring a package for certificates, which the embedded realm does not need.
    expect(chunkOf(new Set(["entry/testing", "cli/main"]))).toBe("words");
    expect(chunkOf(new Set(["entry/spnego", "entry/http"]))).toBe("negotiation");
    expect(chunkOf(new Set(["entry/otp", "entry/index"]))).toBe("logins");
    expect(chunkOf(new Set(["preauth/pkinit/exchange.ts", "cli/main"]))).toBe("parts");
    expect(chunkOf(new Set(["cli/commands/kinit.ts", "cli/main"]))).toBe("cli");
  });
});
