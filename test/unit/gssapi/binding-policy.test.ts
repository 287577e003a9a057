// What an acceptor demands of channel bindings, and what an initiator announces (MS-KILE sections 3.2.5.8 and 3.4.5).

import { describe, expect, it } from "vitest";
import type { AcceptorOptions, InitiatorOptions } from "../../../src/entry/gssapi.ts";
import { announcement, isAnnounced } from "../../../src/gssapi/binding-announcement.ts";
import { encodeAuthorizationData } from "../../../src/krb5/index.ts";
import { createEnds, failureOf } from "./exchange.ts";
import { pattern } from "./pair.ts";

const OURS = pattern(20);
const OTHER = pattern(21);

/** Whether a context is bound in the end, for the acceptor and the initiator; or the words of the refusal. */
async function outcome(initiator: Partial<InitiatorOptions>, acceptor: Partial<AcceptorOptions>) {
  const ends = createEnds({ initiator, acceptor });
  const token = await ends.initiator.step();
  if (acceptor.channelBindings !== undefined && ends.acceptor.flags.channelBound) return expect.fail("bound too early");
  try {
    await ends.initiator.step(await ends.acceptor.step(token));
  } catch {
    const error = await failureOf(ends.acceptor.step(token));
    expect(error.code).toBe("GSS_BAD_BINDINGS");
    return error.message;
  }
  return [ends.acceptor.flags.channelBound, ends.initiator.flags.channelBound];
}

describe("channel bindings that an acceptor", () => {
  it("has: the same ones are bound, as the acceptor alone knows", async () => {
    for (const requireChannelBindings of [undefined, true, false]) {
      const acceptor = { channelBindings: OURS, requireChannelBindings };
      expect(await outcome({ channelBindings: OURS }, acceptor)).toEqual([true, false]);
    }
  });

  it("C13: has: those of another channel are refused, required or not", async () => {
    for (const requireChannelBindings of [undefined, true, false]) {
      for (const announceChannelBindings of [undefined, false]) {
        const initiator = { channelBindings: OTHER, announceChannelBindings };
        expect(await outcome(initiator, { channelBindings: OURS, requireChannelBindings })).toContain(
          "the initiator is bound to another channel than this one",
        );
      }
    }
  });

  it("C13: requires, which is the default: none are refused", async () => {
    for (const requireChannelBindings of [undefined, true]) {
      expect(await outcome({}, { channelBindings: OURS, requireChannelBindings })).toContain("is bound to no channel");
    }
  });

  it("does not require: none are accepted, and the context is not bound", async () => {
    expect(await outcome({}, { channelBindings: OURS, requireChannelBindings: false })).toEqual([false, false]);
  });

  it("C13: does not require: none are refused of an initiator that announces bindings", async () => {
    const acceptor = { channelBindings: OURS, requireChannelBindings: false };
    expect(await outcome({ announceChannelBindings: true }, acceptor)).toContain("has bound this one to none");
  });

  it("does not have: nothing is compared, and nothing is bound", async () => {
    for (const initiator of [{}, { channelBindings: OTHER }, { announceChannelBindings: true }]) {
      expect(await outcome(initiator, {})).toEqual([false, false]);
      expect(await outcome(initiator, { requireChannelBindings: false })).toEqual([false, false]);
    }
  });
});

describe("the announcement of channel bindings", () => {
  const option = (octets: Uint8Array) => ({ adType: 143, adData: octets });
  const relevant = (...inner: Parameters<typeof encodeAuthorizationData>[0]) => ({
    adType: 1,
    adData: encodeAuthorizationData(inner),
  });

  it("is KERB_AP_OPTIONS_CBT within AD-IF-RELEVANT, its lowest octet first", () => {
    expect(announcement()).toEqual([relevant(option(Uint8Array.of(0, 0x40, 0, 0)))]);
    expect(isAnnounced(announcement())).toBe(true);
  });

  it("is found beside others and among other options, and in nothing else", () => {
    const other = { adType: 141, adData: pattern(9) };
    for (const [data, is] of [
      [[relevant(other), relevant(other, option(Uint8Array.of(0, 0xc0, 0, 0)))], true],
      [[relevant(relevant(option(Uint8Array.of(0, 0x40, 0, 0))))], true],
      [[relevant(option(Uint8Array.of(0, 0x80, 0, 0)))], false],
      [[relevant(option(Uint8Array.of(0x40, 0, 0, 0)))], false],
      [[relevant(option(Uint8Array.of(0, 0x40, 0)))], false],
      [[relevant(other)], false],
      [[], false],
      [undefined, false],
    ] as const) {
      expect(isAnnounced(data)).toBe(is);
    }
  });

  it("is not looked for in nests without end", () => {
    let nest = option(Uint8Array.of(0, 0x40, 0, 0));
    for (let i = 0; i < 10; i++) nest = relevant(nest);
    expect(isAnnounced([nest])).toBe(false);
  });
});
