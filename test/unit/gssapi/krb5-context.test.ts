import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { encodeBase64, encodeHex } from "../../../src/bytes/index.ts";
import { GssError, ProtocolError } from "../../../src/errors.ts";
import type { SecurityContext } from "../../../src/gssapi/context.ts";
import { Krb5Context } from "../../../src/gssapi/krb5-context.ts";
import type { Handshake } from "../../../src/gssapi/sealed-context.ts";
import { ALL_FLAGS, codeOf, contextPair, ETYPES, encTypes, flip, pattern, provider } from "./pair.ts";

const OPERATIONS: Readonly<Record<string, (context: SecurityContext) => unknown>> = {
  wrap: (context) => context.wrap(pattern(3)),
  "wrap unsealed": (context) => context.wrap(pattern(3), { conf: false }),
  wrapInto: (context) => context.wrapInto(new Uint8Array(1000), 0, pattern(3)),
  wrapOverhead: (context) => context.wrapOverhead,
  unwrap: (context) => context.unwrap(pattern(100)),
  getMic: (context) => context.getMic(pattern(3)),
  verifyMic: (context) => context.verifyMic(pattern(3), pattern(28)),
  wrapSizeLimit: (context) => context.wrapSizeLimit(1000),
};

function newContext(step: Handshake["step"] = async () => ({ token: undefined })): {
  context: SecurityContext;
  wiped: () => number;
} {
  let wipes = 0;
  const context = new Krb5Context({
    peer: undefined,
    self: undefined,
    expires: undefined,
    step,
    wipe: () => {
      wipes += 1;
    },
  });
  return { context, wiped: () => wipes };
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return expect.fail("it was accepted");
}

async function rejection(promise: Promise<unknown>): Promise<GssError> {
  return promise.then(
    () => expect.fail("it was accepted"),
    (error) => {
      expect(error).toBeInstanceOf(GssError);
      return error as GssError;
    },
  );
}

describe("a security context", () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    it(`W1: ${name} before establishment is GSS_NO_CONTEXT and does not end the context`, async () => {
      const { context } = newContext();
      expect(codeOf(() => operation(context))).toBe("GSS_NO_CONTEXT");
      await context.step();
      expect(codeOf(() => operation(context))).toBe("GSS_NO_CONTEXT");
      expect(context.isEstablished).toBe(false);
    });

    it(`C7: ${name} after a failure throws that failure again`, async () => {
      const { initiator, acceptor } = await contextPair();
      const failure = errorOf(() => acceptor.unwrap(flip(initiator.wrap(pattern(5)), 20, 1)));
      expect(failure).toMatchObject({ code: "GSS_BAD_MIC" });
      for (let i = 0; i < 2; i++) expect(errorOf(() => operation(acceptor))).toBe(failure);
      expect(acceptor.isEstablished).toBe(false);
      expect(acceptor.flags.mutual).toBe(false);
    });

    it(`C7: ${name} after dispose() is GSS_NO_CONTEXT`, async () => {
      const { initiator } = await contextPair();
      initiator.dispose();
      initiator.dispose();
      expect(codeOf(() => operation(initiator))).toBe("GSS_NO_CONTEXT");
      expect((await rejection(initiator.step())).code).toBe("GSS_NO_CONTEXT");
    });
  }

  it("has no protections and no key type before it is established", async () => {
    const { context } = newContext();
    expect(Object.values(context.flags)).toEqual([false, false, false, false, false, false, false]);
    expect(context.etype).toBeUndefined();
    expect(context.hasAcceptorSubkey).toBe(false);
    const { initiator } = await contextPair({ etype: 19 });
    expect(initiator.flags).toEqual(ALL_FLAGS);
    expect(initiator.etype).toBe(19);
    expect(initiator.hasAcceptorSubkey).toBe(true);
    expect(initiator.isEstablished).toBe(true);
  });

  it("W10: a replayed message ends a context with the sequence flag", async () => {
    const { initiator, acceptor } = await contextPair();
    const token = initiator.wrap(pattern(5));
    expect(acceptor.unwrap(token)).toEqual(pattern(5));
    expect(codeOf(() => acceptor.unwrap(token))).toBe("GSS_DUPLICATE_TOKEN");
    expect(acceptor.isEstablished).toBe(false);
    expect(codeOf(() => acceptor.unwrap(initiator.wrap(pattern(5))))).toBe("GSS_DUPLICATE_TOKEN");
  });

  it("W10: a missing message ends a context with the sequence flag, not one with the replay flag alone", async () => {
    for (const sequence of [true, false]) {
      const { initiator, acceptor } = await contextPair({ flags: { sequence } });
      initiator.wrap(pattern(1));
      expect(codeOf(() => acceptor.unwrap(initiator.wrap(pattern(5))))).toBe(sequence ? "GSS_GAP_TOKEN" : "accepted");
      expect(acceptor.isEstablished).toBe(!sequence);
    }
  });

  it("C7: a step that fails ends the context, and a second step says the same", async () => {
    const failure = new ProtocolError("REPLY_MODIFIED", "not what was sent");
    const { context, wiped } = newContext(() => Promise.reject(failure));
    await expect(context.step()).rejects.toBe(failure);
    expect(wiped()).toBe(1);
    await expect(context.step()).rejects.toBe(failure);
    expect(wiped()).toBe(1);
  });

  it("C7: an untyped failure becomes a GssError", async () => {
    const { context } = newContext(() => Promise.reject(new RangeError("invalid array length")));
    const error = await rejection(context.step());
    expect(error.code).toBe("GSS");
    expect(error.major).toBe("GSS_S_FAILURE");
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  it("C7: a context token after establishment ends the context", async () => {
    const { initiator } = await contextPair();
    expect((await rejection(initiator.step(pattern(10)))).code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(codeOf(() => initiator.wrap(pattern(1)))).toBe("GSS_DEFECTIVE_TOKEN");
    expect(initiator.isEstablished).toBe(false);
  });

  it("two steps at once are the caller's mistake and cost nothing", async () => {
    const { context } = newContext();
    const first = context.step();
    await expect(context.step()).rejects.toBeInstanceOf(TypeError);
    await first;
    await context.step();
  });

  it("dispose() during a step ends the context all the same", async () => {
    const { context } = newContext(async () => ({ token: pattern(3) }));
    const pending = context.step();
    context.dispose();
    expect((await rejection(pending)).code).toBe("GSS_NO_CONTEXT");
    expect(context.isEstablished).toBe(false);
  });

  it("a generator of random octets that fails ends the context with a GssError (CVE-2007-5971)", async () => {
    const broken = {
      ...provider,
      randomBytes: () => {
        throw new Error("no entropy");
      },
    };
    const { initiator } = await contextPair({ provider: broken });
    expect(codeOf(() => initiator.wrap(pattern(5)))).toBe("GSS");
    expect(initiator.isEstablished).toBe(false);
    expect(codeOf(() => initiator.unwrap(pattern(5)))).toBe("GSS");
  });

  it("mistakes of the caller are TypeError and RangeError and do not end the context", async () => {
    const { initiator, acceptor } = await contextPair();
    expect(() => initiator.wrap("text" as never)).toThrow(TypeError);
    expect(() => initiator.unwrap(undefined as never)).toThrow(TypeError);
    expect(() => initiator.getMic([1, 2] as never)).toThrow(TypeError);
    expect(() => initiator.verifyMic(pattern(1), "mic" as never)).toThrow(TypeError);
    const needed = initiator.wrapOverhead + 8;
    expect(() => initiator.wrapInto(new Uint8Array(needed), 1, pattern(8))).toThrow(RangeError);
    expect(() => initiator.wrapInto(new Uint8Array(needed), -1, pattern(8))).toThrow(RangeError);
    expect(() => initiator.wrapInto(new Uint8Array(needed), Number.NaN, pattern(8))).toThrow(RangeError);
    expect(acceptor.unwrap(initiator.wrap(pattern(8)))).toEqual(pattern(8));
  });

  it("without the confidentiality flag nothing is sealed; what is signed alone needs no flag", async () => {
    const plain = await contextPair({ flags: { confidentiality: false } });
    expect(() => plain.initiator.wrap(pattern(1), { conf: true })).toThrow(
      new TypeError("flags.confidentiality is false: it must be true to seal"),
    );
    expect(() => plain.initiator.wrapInto(new Uint8Array(100), 0, pattern(1))).toThrow(TypeError);
    expect(plain.initiator.wrap(pattern(3)).subarray(16, 19)).toEqual(pattern(3));
    const none = await contextPair({ flags: { confidentiality: false, integrity: false } });
    expect(none.acceptor.unwrap(none.initiator.wrap(pattern(3), { conf: false }))).toEqual(pattern(3));
    none.acceptor.verifyMic(pattern(3), none.initiator.getMic(pattern(3)));
    expect(codeOf(() => none.acceptor.unwrap(flip(none.initiator.wrap(pattern(3)), 17, 1)))).toBe("GSS_BAD_MIC");
  });

  it("W11: unwrap can be told to require sealing", async () => {
    const { initiator, acceptor } = await contextPair();
    expect(acceptor.unwrap(initiator.wrap(pattern(4)), { requireConf: true })).toEqual(pattern(4));
    const token = initiator.wrap(pattern(4), { conf: false });
    expect(codeOf(() => acceptor.unwrap(token, { requireConf: true }))).toBe("GSS_DEFECTIVE_TOKEN");
    expect(acceptor.isEstablished).toBe(false);
  });

  for (const etype of ETYPES) {
    it(`wrapInto under enctype ${etype} joins its parts and writes nothing else`, async () => {
      const { initiator, acceptor } = await contextPair({ etype });
      for (const parts of [[], [pattern(0)], [pattern(5)], [pattern(4), pattern(300), pattern(0), pattern(17)]]) {
        const message = Uint8Array.from(parts.flatMap((part) => [...part]));
        const out = new Uint8Array(7 + message.length + initiator.wrapOverhead + 5).fill(0xee);
        const length = initiator.wrapInto(out, 7, ...parts);
        expect(length).toBe(message.length + initiator.wrapOverhead);
        expect([...out.subarray(0, 7), ...out.subarray(7 + length)]).toEqual(new Array(12).fill(0xee));
        expect(acceptor.unwrap(out.subarray(7, 7 + length))).toEqual(message);
      }
    });

    it(`wrapSizeLimit under enctype ${etype} is exact`, async () => {
      const { initiator } = await contextPair({ etype });
      for (const conf of [true, false]) {
        const limit = initiator.wrapSizeLimit(65_536, { conf });
        expect(initiator.wrap(pattern(limit), { conf }).length).toBe(65_536);
        expect(initiator.wrapSizeLimit(10, { conf })).toBe(0);
      }
    });
  }

  it("a message that was not sealed comes back as a view of its token", async () => {
    const { initiator, acceptor } = await contextPair();
    const token = initiator.wrap(pattern(50), { conf: false });
    expect(acceptor.unwrap(token).buffer).toBe(token.buffer);
  });

  it("shows no key to JSON, text or an inspector", async () => {
    const { initiator } = await contextPair({ etype: 18 });
    initiator.wrap(pattern(3));
    const key = Uint8Array.from({ length: encTypes.get(18).keyBytes }, (_, i) => 31 * i + 18);
    const shown = [
      JSON.stringify(initiator),
      `${initiator}`,
      inspect(initiator, { depth: 20, showHidden: true, getters: true }),
    ].join("\n");
    for (const form of [
      encodeHex(key),
      encodeBase64(key),
      [...key.subarray(0, 6)].join(", "),
      [...key.subarray(0, 6)].join(","),
    ]) {
      expect(shown).not.toContain(form);
    }
  });
});
