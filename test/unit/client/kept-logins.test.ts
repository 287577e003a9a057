// A note of another version, or of another program that has the key of the store: it counts as nothing, and throws nothing.

import { describe, expect, it } from "vitest";
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
