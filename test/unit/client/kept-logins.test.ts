// A note of another version, or of another program that has the key of the store: it counts as nothing, and throws nothing.

import { describe, expect, it } from "vitest";
import type { EarlierLogin } from "../../../src/client/as/earlier-logins.ts";
import { storedLogins } from "../../../src/client/tickets/kept-logins.ts";

const good = { version: 1, etype: 18, salt: "EXAMPLE.ORGalice", params: "00001000", clockOffsetMs: 5, askedAtMs: 7 };
const takenOf = async (note: unknown) => {
  const text = typeof note === "string" ? note : JSON.stringify(note);
  const notes = { take: async () => new TextEncoder().encode(text), keep: () => {} };
  return (await storedLogins(notes)({ login: undefined, keep: () => true }, () => 0)).login;
};

it("a whole note is the login that left it", async () => {
  const hint = { etype: 18, salt: "EXAMPLE.ORGalice", s2kparams: Uint8Array.of(0, 0, 16, 0) };
  expect(await takenOf(good)).toEqual({
    proof: { mechanism: 2, hint, clockOffsetMs: 5, askedAtMs: 7 },
    floor: hint,
  });
  expect(await takenOf({ version: 1 })).toEqual({ proof: undefined, floor: undefined, isAskedFirst: true });
});

describe("P19: a login leaves a note", () => {
  const DAY = 86_400_000;
  const hint = { etype: 18, salt: "EXAMPLE.ORGalice", s2kparams: Uint8Array.of(0, 0, 16, 0) };
  const proof = { mechanism: 2, hint, clockOffsetMs: 5, askedAtMs: 7 };

  /** What is kept of a login at a time, and for how many seconds. */
  async function keptOf(login: EarlierLogin, nowMs = 7): Promise<[unknown, number] | undefined> {
    let kept: [unknown, number] | undefined;
    const notes = {
      take: async () => undefined,
      keep: (octets: Uint8Array, seconds: number) => {
        kept = [JSON.parse(new TextDecoder().decode(octets)), seconds];
      },
    };
    const record = await storedLogins(notes)({ login: undefined, keep: () => true }, () => nowMs);
    expect(record.keep(login)).toBe(true);
    return kept;
  }

  it("of a timestamp that was asked for, until a week after that", async () => {
    expect(await keptOf({ proof, floor: hint })).toEqual([good, 604_800]);
    expect(await keptOf({ proof, floor: hint }, 7 + DAY)).toEqual([good, 518_400]);
    expect(await keptOf({ proof, floor: hint }, 7 + 7 * DAY - 1)).toEqual([good, 1]);
    expect(await keptOf({ proof, floor: hint }, 7 + 7 * DAY)).toBeUndefined();
    const bare = { ...proof, hint: { etype: 18 } };
    const { salt: _salt, params: _params, ...least } = good;
    expect(await keptOf({ proof: bare, floor: hint })).toEqual([least, 604_800]);
  });

  it("that the KDC wants to be asked first, and nothing else then", async () => {
    expect(await keptOf({ proof: undefined, floor: hint, isAskedFirst: true })).toEqual([{ version: 1 }, 604_800]);
    expect(await keptOf({ proof, floor: hint, isAskedFirst: true })).toEqual([{ version: 1 }, 604_800]);
  });

  it.each<[string, object | undefined]>([
    ["no proof", undefined],
    ["a proof by another mechanism", { ...proof, mechanism: 138 }],
    ["a proof that nobody had asked for", { ...proof, askedAtMs: undefined }],
    ["a salt that is longer than any", { ...proof, hint: { ...hint, salt: "x".repeat(1025) } }],
    ["parameters that are longer than any", { ...proof, hint: { ...hint, s2kparams: new Uint8Array(65) } }],
  ])("of nothing else: %s", async (_, other) => {
    expect(await keptOf({ proof: other as never, floor: hint })).toBeUndefined();
  });

  it("of the longest salt and parameters", async () => {
    const longest = { etype: 18, salt: "x".repeat(1024), s2kparams: new Uint8Array(64) };
    expect(await keptOf({ proof: { ...proof, hint: longest }, floor: longest })).toBeDefined();
  });

  it("that counts less than what this process knows itself", async () => {
    const own = { proof: undefined, floor: hint };
    const notes = { take: async () => new TextEncoder().encode(JSON.stringify(good)), keep: () => {} };
    expect((await storedLogins(notes)({ login: own, keep: () => true }, () => 0)).login).toBe(own);
  });
});

describe("anything else counts as nothing", () => {
  it.each<[string, unknown]>([
    ["not JSON", "{"],
    ["null", null],
    ["a list", []],
    ["a number", 1],
    ["another version", { ...good, version: 2 }],
    ["an etype that is a text", { ...good, etype: "18" }],
    ["a salt that is a number", { ...good, salt: 7 }],
    ["parameters that are not hex", { ...good, params: "zz" }],
    ["parameters that are a number", { ...good, params: 7 }],
    ["an offset that is a text", { ...good, clockOffsetMs: "5" }],
    ["an offset that is null", { ...good, clockOffsetMs: null }],
    ["no time", { ...good, askedAtMs: undefined }],
    ["a time that is a text", { ...good, askedAtMs: "never" }],
  ])("%s", async (_, note) => {
    expect(await takenOf(note)).toBeUndefined();
  });
});
