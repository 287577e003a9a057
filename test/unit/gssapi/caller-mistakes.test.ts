// What a caller of a context may give wrong, and that the context lives on.

import { describe, expect, it } from "vitest";
import { Keytab } from "../../../src/credentials/index.ts";
import {
  createAcceptor,
  createEncTypeSet,
  createInitiator,
  type KeyValueStore,
  storeReplayCache,
  tlsServerEndPoint,
} from "../../../src/entry/gssapi.ts";
import { UnsupportedError } from "../../../src/errors.ts";
import { KeytabKeys } from "../../../src/gssapi/keytab-keys.ts";
import { SealedContext } from "../../../src/gssapi/sealed-context.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { HOST, NOW } from "./exchange.ts";
import { ALL_FLAGS, contextPair, encTypes, pattern, protectionPair } from "./pair.ts";

const message = pattern(10);
const out = () => new Uint8Array(200);

describe("a context hears of", () => {
  it.each([
    ["wrap: a number", "wrap", [5, {}]],
    ["wrap: conf of another kind", "wrap", [message, { conf: "yes" }]],
    ["wrap: an option that is none", "wrap", [message, { confidential: true }]],
    ["unwrap: a text", "unwrap", ["token", {}]],
    ["unwrap: requireConf of another kind", "unwrap", [message, { requireConf: 1 }]],
    ["unwrap: an option that is none", "unwrap", [message, { conf: true }]],
    ["unwrap: a farewell of another kind", "unwrap", [message, { farewell: "bye" }]],
    ["wrapInto: no room of octets", "wrapInto", [[], 0, message]],
    ["wrapInto: a part that is a text", "wrapInto", [out(), 0, message, "x"]],
    ["getMic: a text", "getMic", ["x"]],
    ["verifyMic: a text", "verifyMic", ["x", message]],
    ["verifyMic: a MIC that is a text", "verifyMic", [message, "x"]],
    ["wrapSizeLimit: an option that is none", "wrapSizeLimit", [100, { confidential: true }]],
  ] as const)("%s: TypeError, and it lives on", async (_, name, args) => {
    const { initiator, acceptor } = await contextPair();
    const call = initiator[name].bind(initiator) as (...args: readonly unknown[]) => unknown;
    expect(() => call(...args)).toThrow(TypeError);
    expect(acceptor.unwrap(initiator.wrap(message))).toEqual(message);
  });

  it("step: a token that is a text, an option that is none: TypeError", async () => {
    const { initiator } = await contextPair();
    await expect(initiator.step("token" as never)).rejects.toThrow(TypeError);
    await expect(initiator.step(undefined, { timeoutMs: 5 } as object)).rejects.toThrow(TypeError);
    expect(initiator.isEstablished).toBe(true);
  });

  it.each([
    ["one octet more than there is", 1],
    ["a place before the first", -1],
    ["a place that is not a number", Number.NaN],
  ])("wrapInto: %s: RangeError, and it lives on", async (_, offset) => {
    const { initiator, acceptor } = await contextPair();
    const room = new Uint8Array(message.length + initiator.wrapOverhead);
    expect(() => initiator.wrapInto(room, offset, message)).toThrow(RangeError);
    initiator.wrapInto(room, 0, message);
    expect(acceptor.unwrap(room)).toEqual(message);
  });

  it("a context that seals alone: a farewell of another kind", async () => {
    const handshake = {
      peer: undefined,
      self: undefined,
      expires: undefined,
      step: async () => ({
        token: undefined,
        established: {
          isInitiator: true,
          key: encTypes.generateKey(18),
          hasAcceptorSubkey: false,
          flags: ALL_FLAGS,
          sendSequence: 0,
          receiveSequence: 0,
        },
      }),
      wipe: () => {},
    };
    const context = new SealedContext(handshake);
    await context.step();
    expect(() => context.unwrap(message, { farewell: "bye" as never })).toThrow("a Uint8Array was expected");
    expect(context.isEstablished).toBe(true);
  });
});

describe("at construction is told", () => {
  const credential = { getTicket: () => Promise.reject(new Error("not asked")) };
  const initiator = (options: object) => createInitiator({ target: "host@a.example.org", credential, ...options });

  it.each([
    ["a delegation that is neither a boolean nor by policy", { flags: { delegation: "yes" } }, /delegation/],
    ["a flag that is a text", { flags: { mutual: "yes" } }, /mutual/],
    ["a flag that is none", { flags: { anonymous: true } }, /anonymous/],
    ["a credential without getTicket", { credential: {} }, /getTicket/],
    ["a clock without next", { clock: {} }, /next/],
    ["an announcement that is a text", { announceChannelBindings: "yes" }, /announceChannelBindings/],
  ])("of an initiator: %s", (_, options, words) => {
    expect(() => initiator(options)).toThrow(words);
  });

  it.each([true, false, "policy"])("but not a delegation of %j", (delegation) => {
    expect(() => initiator({ flags: { delegation } })).not.toThrow();
  });

  it("a certificate's hash that is not octets", () => {
    for (const hash of [new ArrayBuffer(32), "hash", undefined]) {
      expect(() => tlsServerEndPoint(hash as never)).toThrow(/^certificateHash is /);
    }
  });

  it("an option of createEncTypeSet that is none", async () => {
    await expect(createEncTypeSet(undefined, { runtme: 5 } as object)).rejects.toThrow(TypeError);
  });

  it("a store that cannot add, or that is missing", () => {
    expect(() => storeReplayCache({} as { store: KeyValueStore })).toThrow(/^store /);
    expect(() => storeReplayCache({ store: {} as KeyValueStore })).toThrow(/add/);
  });

  it("an acceptor whose subkey is of an enctype that protects no messages, or unknown", () => {
    const keytab = new Keytab([]);
    expect(() => createAcceptor({ keytab, enctypes: encTypes, subkeyEnctype: 23 })).toThrow();
    expect(() => createAcceptor({ keytab, enctypes: encTypes, subkeyEnctype: "aes512" })).toThrow();
    expect(() => createAcceptor({ keytab, enctypes: encTypes, subkeyEnctype: 17 })).not.toThrow();
  });
});

describe("the end of a context", () => {
  const waiting = () => {
    let settle!: { resolve(): void; reject(error: unknown): void };
    const wiped: string[] = [];
    const context = new SealedContext({
      peer: undefined,
      self: undefined,
      expires: undefined,
      step: async () => {
        await new Promise<void>((resolve, reject) => {
          settle = { resolve, reject };
        });
        return { token: message };
      },
      wipe: () => void wiped.push("handshake"),
    });
    return { context, wiped, answer: () => settle.resolve(), fail: (error: unknown) => settle.reject(error) };
  };

  it("within a step is that of disposal, whatever the step comes to", async () => {
    for (const end of ["answer", "fail"] as const) {
      const one = waiting();
      const stepping = one.context.step();
      one.context.dispose();
      one[end](new Error("late"));
      await expect(stepping).rejects.toThrow();
      expect(() => one.context.unwrap(message)).toThrow("the context was disposed of");
      await expect(one.context.step()).rejects.toThrow("the context was disposed of");
    }
  });

  it("is the first failure, for every later call", async () => {
    const { context, fail } = waiting();
    const stepping = context.step();
    await expect(context.step()).rejects.toThrow("step() is still at work");
    const why = new UnsupportedError("why");
    fail(why);
    await expect(stepping).rejects.toBe(why);
    await expect(context.step()).rejects.toBe(why);
    expect(() => context.unwrap(message)).toThrow(why);
    context.dispose();
    expect(() => context.unwrap(message)).toThrow(why);
  });
});

describe("a token that is not sealed", () => {
  it("is refused where messages are sealed alone, whether that is asked for or not", () => {
    const { initiator, acceptor } = protectionPair();
    const signed = initiator.wrapPlain(message);
    expect(acceptor.unwrap(signed, false)).toEqual(message);
    expect(() => acceptor.unwrap(initiator.wrapPlain(message), true)).toThrow("the message is not sealed");
  });

  it("and is shorter than its checksum is defective", () => {
    const { initiator, acceptor } = protectionPair();
    const signed = initiator.wrapPlain(new Uint8Array(0));
    expect(() => acceptor.unwrap(signed.subarray(0, signed.length - 1), false)).toThrow(
      "the token is shorter than its checksum",
    );
  });
});

describe("the keys of a keytab", () => {
  const entry = (etype: number, length: number, service = HOST) => ({
    principal: service,
    kvno: 3,
    timestamp: new Date(NOW),
    keyBlock: { etype, octets: pattern(length) },
  });
  const other = parsePrincipal("HTTP/server.example.org@EXAMPLE.TEST");

  it("are those of the right length", () => {
    const keys = new KeytabKeys(new Keytab([entry(18, 31), entry(18, 33), entry(17, 16)]), encTypes);
    expect(keys.keysFor(18)).toEqual([]);
    expect(keys.keysFor(17)).toHaveLength(1);
    expect(keys.keysOf(HOST)).toHaveLength(1);
  });

  it("are found once", () => {
    const keys = new KeytabKeys(new Keytab([entry(18, 32), entry(18, 32, other)]), encTypes);
    expect(keys.keysFor(18)).toBe(keys.keysFor(18));
    expect(keys.keysOf(HOST)).toBe(keys.keysOf(HOST));
    expect(keys.keysOf(HOST)[0]?.services).toEqual([HOST, other]);
    expect(keys.keysFor(23)).toEqual([]);
  });
});
