// A credential of a cache and the ticket that it is, a key, a rejection that is kept: every part, and what each lacks.

import { describe, expect, it } from "vitest";
import {
  credential,
  credentialOfTicket,
  isRefusedProof,
  KeyBlock,
  keepRejection,
  repeatRejection,
  ticketOfCredential,
} from "../../../src/credentials/index.ts";
import { CredentialError, KdcError, PreauthError } from "../../../src/errors.ts";
import { createWorld, encTypes, NOW } from "../krb5/world.ts";

const { ticket } = createWorld();

describe("a credential", () => {
  const good = credentialOfTicket(ticket);

  it("is its ticket, with what the ticket has and nothing else", () => {
    expect(good).toMatchObject({ client: ticket.client, server: ticket.service, isSkey: false, addresses: [] });
    expect(good).not.toHaveProperty("renewTill");
    const back = ticketOfCredential(good, encTypes);
    expect(back).toMatchObject({ flags: ticket.flags, startTime: ticket.startTime, clockOffsetMs: 0 });
    for (const name of ["renewTill", "addresses", "isUserToUser"]) expect(back).not.toHaveProperty(name);
    expect(JSON.stringify(back)).not.toContain('"ticket":');
    // What a cache gave goes back as it was.
    expect(credentialOfTicket(back)).toBe(good);
    const addresses = [{ type: 2, octets: Uint8Array.of(192, 0, 2, 1) }];
    const renewTill = new Date(NOW + 1000);
    const full = credentialOfTicket({ ...ticket, ticket: ticket.ticket, addresses, renewTill, isUserToUser: true });
    expect(full).toMatchObject({ addresses, renewTill, isSkey: true });
    const again = ticketOfCredential(full, encTypes, { clockOffsetMs: 5 });
    expect(again).toMatchObject({ addresses, renewTill, isUserToUser: true, clockOffsetMs: 5 });
  });

  it("without a start begins when its client logged in", () => {
    const { startTime: _, ...rest } = { ...good };
    expect(ticketOfCredential(credential(rest), encTypes).startTime).toEqual(good.authTime);
  });

  it("shows no octets in JSON", () => {
    const text = JSON.stringify(good);
    expect(text).toContain(`"ticketBytes":${ticket.ticket.length}`);
    expect(text).not.toMatch(/secondTicket|authData|"octets"/);
  });

  const { client, server, key, endTime } = good;
  it.each<[string, unknown]>([
    ["nothing", null],
    ["a number", 5],
    ["nothing in it", {}],
    ["no client", { server, key, endTime, ticket: ticket.ticket }],
    ["a client without components", { client: { realm: "R" }, server, key, endTime, ticket: ticket.ticket }],
    ["no service", { client, key, endTime, ticket: ticket.ticket }],
    ["a service without components", { client, server: {}, key, endTime, ticket: ticket.ticket }],
    ["no key", { client, server, endTime, ticket: ticket.ticket }],
    ["a key without an enctype", { client, server, key: { octets: key.octets }, endTime, ticket: ticket.ticket }],
    ["a key without octets", { client, server, key: { etype: 18 }, endTime, ticket: ticket.ticket }],
    ["no end", { client, server, key, ticket: ticket.ticket }],
    ["an end as a number", { client, server, key, endTime: NOW, ticket: ticket.ticket }],
    ["no ticket", { client, server, key, endTime }],
    ["a ticket as a list", { client, server, key, endTime, ticket: [...ticket.ticket] }],
  ])("that is %s is the caller's mistake", (_, value) => {
    expect(() => credential(value as never)).toThrow(/^fields is .*: it must be a credential/);
    expect(() => ticketOfCredential(value as never, encTypes)).toThrow(/^from is .*: it must be a credential/);
  });

  it.each<[string, unknown, unknown, string]>([
    ["enctypes", [18], {}, "enctypes"],
    ["a clock that is not a number", encTypes, { clockOffsetMs: Number.NaN }, "clockOffsetMs is NaN"],
    ["a clock past the calendar", encTypes, { clockOffsetMs: 8.65e15 }, "clockOffsetMs is 8650000000000000"],
    ["a clock before the calendar", encTypes, { clockOffsetMs: -8.65e15 }, "clockOffsetMs is -8650000000000000"],
    ["an option of another name", encTypes, { clockOffset: 5 }, "clockOffset"],
  ])("with %s of another kind is the caller's mistake", (_, types, options, words) => {
    expect(() => ticketOfCredential(good, types as never, options as never)).toThrow(words);
  });
});

describe("a key", () => {
  it("has an enctype of 32 bits, and shows no octets", () => {
    for (const etype of [-(2 ** 31), 2 ** 31 - 1]) expect(new KeyBlock(etype, new Uint8Array(1)).etype).toBe(etype);
    for (const etype of [-(2 ** 31) - 1, 2 ** 31, 1.5]) {
      expect(() => new KeyBlock(etype, new Uint8Array(1))).toThrow(RangeError);
    }
    expect(() => new KeyBlock(18, "hunter2" as never)).toThrow(/^octets is a string/);
    expect(JSON.stringify(new KeyBlock(18, Uint8Array.of(7)))).toBe('{"etype":18}');
  });
});

describe("a rejection of a secret", () => {
  const kdc = (errorCode: number) =>
    new KdcError("KDC", "said", { errorCode, errorName: `KRB_ERR_${errorCode}`, serverTime: new Date(NOW) });
  const password = (cause?: Error) => new PreauthError("WRONG_PASSWORD", "wrong", { principal: "alice", cause });
  const keytab = (reason: "rejected" | "damaged", cause?: Error) =>
    new CredentialError("KEYTAB", "wrong", { reason, principal: "alice", cause });

  it.each<[string, unknown, boolean]>([
    ["a password that a KDC refused (24)", password(kdc(24)), true],
    ["a password that a KDC refused (31)", password(kdc(31)), true],
    ["a key that a KDC refused", keytab("rejected", kdc(24)), true],
    ["a password that a KDC does not know", password(kdc(6)), false],
    ["a password, of which no KDC has said anything", password(), false],
    ["a key that is damaged", keytab("damaged", kdc(24)), false],
    ["another error", kdc(24), false],
    ["what is not an error", "WRONG_PASSWORD", false],
    ["nothing", undefined, false],
  ])("is one that a KDC has counted: %s", (_, error, counts) => {
    expect(isRefusedProof(error)).toBe(counts);
  });

  it("is repeated as it was, and says until when the secret rests", () => {
    const until = new Date(NOW);
    const cause = new Error("why");
    for (const error of [password(kdc(24)), keytab("rejected", kdc(24))]) {
      const again = repeatRejection(keepRejection(error as never), until, cause);
      expect(again).toMatchObject({ code: error.code, name: error.name, principal: "alice", retryAfter: until, cause });
      expect(again.message).toBe(
        `wrong (the same secret is not tried again before ${until.toISOString()}, so that the account is not locked)`,
      );
    }
  });
});
