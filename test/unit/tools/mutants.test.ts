import fs from "node:fs";
import { describe, expect, test } from "vitest";
import { packBits, unpackBits } from "../../../tools/mutants/files.mjs";
import { findPlaces } from "../../../tools/mutants/find.mjs";
import { instrument } from "../../../tools/mutants/instrument.mjs";
import { allMutants } from "../../../tools/mutants/mutants.mjs";
import { staleNotes } from "../../../tools/mutants/notes.mjs";
import { filesOf, ROOMS } from "../../../tools/mutants/rooms.mjs";

/** The mutants of a source, as `from -> to`, and the source with one of them on. */
function mutantsOf(source: string) {
  const found = findPlaces("source.js", source);
  let first = 0;
  const places = found.places.map((place) => {
    const numbered = { ...place, first };
    first += place.changes.length;
    return numbered;
  });
  const names = places.flatMap(({ changes }) => changes.map(({ from, to }) => `${from} -> ${to}`));
  const { code } = instrument(source, { ...found, places });
  const body = code.replace("globalThis.$mutants", "mutants");
  return { names, run: (on: number, ...args: unknown[]) => runWith(body, on, args) };
}

function runWith(body: string, on: number, args: unknown[]): unknown {
  const mutants = { is: (id: number) => id === on, tick: () => {} };
  return new Function("mutants", `${body}; return f(...${JSON.stringify(args)});`)(mutants);
}

describe("npm run mutants", () => {
  test("no file is in two rooms: a folder that is measured apart is not counted with its room", () => {
    const files = ROOMS.flatMap(filesOf);
    expect(files).toContain("src/client/s4u/proxy.ts");
    expect(files.filter((file, index) => files.indexOf(file) !== index)).toEqual([]);
    expect(filesOf("client").filter((file) => file.startsWith("src/client/s4u/"))).toEqual([]);
  });

  const source = "function f(a, b) { if (a < 0 || b > 9) throw new Error('no'); return a === b ? 'same' : 'other'; }";
  const { names, run } = mutantsOf(source);
  const on = (name: string) => names.indexOf(name);

  test("finds conditions, operands, operators and what refuses", () => {
    expect(names).toEqual([
      "if a < 0 || b > 9 -> true",
      "if a < 0 || b > 9 -> false",
      "if a < 0 || b > 9 -> a < 0 && b > 9",
      "a < 0 -> false",
      "a < 0 -> a <= 0",
      "b > 9 -> false",
      "b > 9 -> b >= 9",
      "? a === b -> true",
      "? a === b -> false",
      "? a === b -> a !== b",
    ]);
  });

  test("with none on the source does what it did", () => {
    expect(run(-1, 1, 1)).toBe("same");
    expect(run(-1, 1, 2)).toBe("other");
    expect(() => run(-1, -1, 2)).toThrow("no");
    expect(() => run(-1, 1, 10)).toThrow("no");
  });

  test("one is on, and no other", () => {
    expect(run(on("if a < 0 || b > 9 -> false"), -1, 10)).toBe("other");
    expect(run(on("a < 0 -> false"), -1, 2)).toBe("other");
    expect(() => run(on("a < 0 -> false"), -1, 10)).toThrow("no");
    expect(() => run(on("b > 9 -> b >= 9"), 1, 9)).toThrow("no");
    expect(run(on("? a === b -> true"), 1, 2)).toBe("same");
  });

  test("a throw that nothing guards, the call of what refuses and blocks with an else are taken out", () => {
    const made = mutantsOf(
      "function f(a) { if (a) { a = 0; } else { a = 2; } refuse(); throw 1; } function refuse() {}",
    );
    const changes = ["{ a = 0; } -> {}", "{ a = 2; } -> {}", "refuse(); -> ", "throw 1; -> "];
    expect(made.names).toEqual(["if a -> true", "if a -> false", ...changes]);
    expect(made.run(made.names.length - 1, true)).toBeUndefined();
  });

  test("every loop says that it goes round", () => {
    const { loops } = findPlaces("source.js", "for (const a of b) c(); while (d) { e(); } do f(); while (g);");
    expect(loops).toHaveLength(3);
  });

  test("names of mutants are single, and every note is of a mutant that is there", () => {
    const names = allMutants().mutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const notes = fs.readdirSync("tools/mutants/equivalent").flatMap((file) => {
      return JSON.parse(fs.readFileSync(`tools/mutants/equivalent/${file}`, "utf8"));
    });
    const noted: string[] = notes.flatMap(({ mutants }) => mutants);
    expect(noted.filter((name) => !names.includes(name))).toEqual([]);
    expect(staleNotes()).toEqual([]);
    expect(notes.every(({ reason }) => reason.length > 20)).toBe(true);
  });

  test("sets of mutants survive the way through a file", () => {
    expect(unpackBits(packBits([0, 7, 8, 93], 100))).toEqual([0, 7, 8, 93]);
  });
});
