// What a caller gives wrongly is a TypeError that names it: each part of a value is looked at, and no secret is quoted.

import { describe, expect, it } from "vitest";
import type { EncType, ProtocolKey } from "../../../src/crypto/index.ts";
import {
  checkTicket,
  createReplayCache,
  formatPrincipal,
  parsePrincipal,
  permittedTypes,
  principalOf,
  type ReplayEntry,
} from "../../../src/krb5/index.ts";
import { createWorld, encTypes, NOW } from "./world.ts";

const entry: ReplayEntry = {
  tag: "aa".repeat(16),
  client: "alice@R",
  share: "alice@R",
  ctime: new Date(NOW),
  cusec: 7,
  keepUntil: new Date(NOW + 300_000),
};

describe("the text of a principal that is not a text", () => {
  it.each([5, null, undefined, {}, ["alice@R"], new Uint8Array(3)])("%j is refused by parsePrincipal", (value) => {
    const parse = (): unknown => parsePrincipal(value as never);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(/^text is .*: it must be the name of a principal as a string$/);
  });

  it.each([
    [{ defaultRealm: 5 }, "defaultRealm is a number"],
    [{ isEnterprise: "yes" }, "isEnterprise is a string"],
    [{ realm: "R" }, "realm"],
  ])("options %j are refused by parsePrincipal", (options, words) => {
    const parse = (): unknown => parsePrincipal("alice", options as never);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(words);
  });

  it("a text that may be a keytab or a key is not quoted; a name is", () => {
    const encoded = `${"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODkw".repeat(2)}@a@b`;
    for (const text of [`BQIAAABH${encoded}`, encoded]) {
      expect(() => parsePrincipal(text)).toThrow("not a principal: a text in base64 or hexadecimal: a second @");
    }
    expect(() => parsePrincipal("alice@R@S")).toThrow('not a principal: "alice@R@S": a second @');
  });
});

describe("a principal that is not a principal", () => {
  const halves: readonly unknown[] = [
    null,
    undefined,
    {},
    { realm: "R" },
    { components: ["alice"] },
    { realm: 5, components: ["alice"] },
    { realm: "R", components: "alice" },
    { realm: "R", components: { length: 1, every: () => true, map: () => ["alice"] } },
    { realm: "R", components: [5] },
    { realm: "R", components: ["alice", undefined] },
  ];
  it.each(halves)("formatPrincipal refuses %j", (value) => {
    const format = (): unknown => formatPrincipal(value as never);
    expect(format).toThrow(TypeError);
    expect(format).toThrow(/^principal is .*: it must be a principal, for example what parsePrincipal\(\) gives$/);
  });

  it.each(halves.slice(0, 8))("an option refuses %j", (value) => {
    expect(() => principalOf("client", value)).toThrow(
      /^client is .*: it must be a principal, or its name as a string$/,
    );
  });
});

describe("a ticket that is not a ticket", () => {
  const { ticket: own } = createWorld();
  const { ticket, sessionKey, endTime } = own;

  it("one that this package gave is taken", () => {
    expect(() => checkTicket("ticket", own)).not.toThrow();
  });

  it.each([
    ["null", null],
    ["text", "ticket"],
    ["nothing in it", {}],
    ["no octets", { sessionKey, endTime }],
    ["octets of another kind", { ticket: [...ticket], sessionKey, endTime }],
    ["no session key", { ticket, endTime }],
    ["no end", { ticket, sessionKey }],
    ["an end in milliseconds", { ticket, sessionKey, endTime: endTime.getTime() }],
  ])("%s", (_, value) => {
    expect(() => checkTicket("ticket", value)).toThrow(/^ticket is .*: it must be a ticket that this package gave$/);
  });
});

describe("an entry of a replay cache with a part of another kind", () => {
  it.each([
    ["tag", { tag: 5 }, "entry.tag is a number"],
    ["tag", { tag: "" }, "entry.tag is an empty string"],
    ["share", { share: undefined }, "entry.share is undefined"],
    ["ctime", { ctime: NOW }, "entry.ctime is a number"],
    ["ctime", { ctime: new Date(Number.NaN) }, "entry.ctime"],
    ["keepUntil", { keepUntil: NOW }, "entry.keepUntil is a number"],
    ["keepUntil", { keepUntil: new Date(Number.NaN) }, "entry.keepUntil"],
  ])("%s of %j is refused, and nothing is remembered", (_, change, words) => {
    const cache = createReplayCache();
    expect(() => cache.remember({ ...entry, ...change } as never, NOW)).toThrow(words);
    expect(cache.remember(entry, NOW)).toBe(true);
  });

  it("a time that is not a number is refused: nothing would ever lapse", () => {
    for (const nowMs of [Number.NaN, "now", undefined, -1]) {
      expect(() => createReplayCache().remember(entry, nowMs as never)).toThrow("nowMs is");
    }
    expect(() => createReplayCache().remember(null as never, NOW)).toThrow("entry is null");
  });
});

describe("an enctype as a value", () => {
  const { encType }: { readonly encType: EncType } = encTypes.generateKey(17);
  const importKey = (): ProtocolKey => encTypes.generateKey(17);

  it("is taken with its number, in its place", () => {
    const own = { ...encType, etype: 4711, importKey };
    expect(permittedTypes([18, own])).toEqual([expect.objectContaining({ etype: 18 }), own]);
  });

  it.each([
    ["without a number", { importKey }],
    ["with text as its number", { etype: "18", importKey }],
    ["without a way to make keys", { etype: 18 }],
    ["with a key in place of a way to make them", { etype: 18, importKey: new Uint8Array(32) }],
  ])("%s is refused", (_, value) => {
    expect(() => permittedTypes([value as never])).toThrow("enctypes has object at index 0");
  });
});
