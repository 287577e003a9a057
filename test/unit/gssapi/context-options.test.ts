import { describe, expect, it } from "vitest";
import { encodeKeytab, Keytab } from "../../../src/credentials/index.ts";
import { createAcceptor, createInitiator, keytabKeys, type ReplayCache } from "../../../src/entry/gssapi.ts";
import { createReplayCache, formatPrincipal, type Principal, parsePrincipal } from "../../../src/krb5/index.ts";
import { createEnds, createWorld, failureOf, HOST, NOW } from "./exchange.ts";
import { encTypes, pattern } from "./pair.ts";

const world = createWorld();

/** A keytab with the world's one key, for each of these principals. */
function keytabOf(...principals: readonly Principal[]): Keytab {
  const octets = world.keytab.keysOf(HOST)[0]?.key.octets as Uint8Array;
  const keyBlock = { etype: 18, octets };
  return new Keytab(principals.map((principal) => ({ principal, timestamp: new Date(NOW), kvno: 3, keyBlock })));
}

const acceptorWith = (options: object): unknown =>
  createAcceptor({ keytab: world.keytab, enctypes: encTypes, ...options });

describe("an acceptor hears at construction of", () => {
  it.each([
    ["no keytab", { keytab: undefined }, "keytab is not a keytab: expected "],
    ["a keytab's name", { keytab: "/etc/krb5.keytab" }, "keytab is not a keytab: expected "],
    ["a service that is a number", { service: 5 }, "service is a number: it must be a principal"],
    ["a service that is no principal", { service: { realm: "R" } }, "service is an object: it must be a principal"],
    ["a service with no name", { service: "" }, "service is an empty string: it must be a service"],
    ["a list of services that is empty", { service: [] }, "service is an empty array: it must name a service"],
    ["a list with a number", { service: ["HTTP", 5] }, "service[1] is a number: it must be a principal"],
    [
      "bindings that are required, and none to compare",
      { requireChannelBindings: true },
      "requireChannelBindings needs the option channelBindings",
    ],
    ["a skew that is text", { skewSeconds: "x" }, "skewSeconds is a string: it must be a number, 0 or more"],
    ["a skew that is null", { skewSeconds: null }, "skewSeconds is null: it must be a number, 0 or more"],
    ["a replay cache with no remember()", { replayCache: {} }, "replayCache has no remember()"],
    ["channel bindings that are text", { channelBindings: "tls" }, "channelBindings, or a part of it, is not octets"],
    [
      "an address of channel bindings that is text",
      { channelBindings: { applicationData: pattern(4), initiatorAddress: "127.0.0.1" } },
      "channelBindings.initiatorAddress is a string: it must be an object",
    ],
  ])("%s: TypeError", (_, options, message) => {
    const make = () => acceptorWith(options);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  it("AP6: a skew that is not a number of seconds: RangeError", () => {
    for (const skewSeconds of [Number.NaN, -1]) {
      expect(() => acceptorWith({ skewSeconds })).toThrow(RangeError);
      expect(() => acceptorWith({ skewSeconds })).toThrow(`skewSeconds is ${skewSeconds}: it must be 0 or more`);
    }
  });

  it("octets that are no keytab: CredentialError with what is wrong with them", () => {
    const wanted = { name: "CredentialError", code: "KEYTAB", cause: expect.objectContaining({ name: "DecodeError" }) };
    expect(() => acceptorWith({ keytab: pattern(20) })).toThrow(expect.objectContaining(wanted));
    expect(() => keytabKeys(pattern(20), encTypes)).toThrow(expect.objectContaining(wanted));
  });
});

describe("an acceptor's service without a realm", () => {
  const name = formatPrincipal(HOST).replace(/@.*/, "");
  const other = parsePrincipal(`${name}@OTHER.TEST`);

  it("is the keytab's one principal of that name, which accepts its clients", async () => {
    for (const keytab of [keytabOf(HOST), encodeKeytab(keytabOf(HOST, parsePrincipal("HTTP/x@OTHER.TEST")))]) {
      const credential = { getTicket: async () => world.ticket };
      const ends = createEnds({ initiator: { credential }, acceptor: { keytab, service: name } });
      await ends.acceptor.step(await ends.initiator.step());
      expect(ends.acceptor.self).toMatchObject({ realm: HOST.realm, components: HOST.components });
    }
  });

  it("AP1: is refused where the keytab does not tell which is meant", () => {
    for (const keytab of [keytabOf(HOST, other), world.keytab]) {
      expect(() => acceptorWith({ keytab, service: name })).toThrow(TypeError);
      expect(() => acceptorWith({ keytab, service: name })).toThrow(
        `service must name its realm, for example ${name}@REALM`,
      );
    }
    expect(() => acceptorWith({ service: formatPrincipal(other) })).not.toThrow();
  });

  it("is told with the names that the keytab has, where it has no such key", () => {
    const names = ["HTTP/x", "HTTP/y", "imap/x", "ldap/x", "smtp/x"].map((one) => parsePrincipal(`${one}@OTHER.TEST`));
    const told = (...has: typeof names) => {
      try {
        acceptorWith({ keytab: keytabOf(...has), service: name });
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const words = (has: string) =>
      new TypeError(
        `service is ${name}, of which the keytab has no key: it has ${has}; name one of these, or make the keytab anew`,
      );
    expect(told(...names.slice(0, 1))).toEqual(words("HTTP/x@OTHER.TEST"));
    const four = "HTTP/x@OTHER.TEST, HTTP/y@OTHER.TEST, imap/x@OTHER.TEST, ldap/x@OTHER.TEST";
    expect(told(...names.slice(0, 4))).toEqual(words(four));
    expect(told(...names)).toEqual(words(`${four}, 1 more`));
  });
});

describe("an initiator hears at construction of", () => {
  it.each([
    ["no target", { target: undefined }, "target is undefined: it must be a principal"],
    ["a target that is a number", { target: 5 }, "target is a number: it must be a principal"],
    ["channel bindings that are text", { channelBindings: "tls" }, "channelBindings, or a part of it, is not octets"],
  ])("%s: TypeError", (_, options, message) => {
    const credential = { getTicket: () => Promise.reject(new Error("not asked")) };
    const make = () => createInitiator({ target: "host@server.example.org", credential, ...(options as object) });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});

describe("a replay cache that answers later", () => {
  /** A shared store, some turns away. */
  function distant(): ReplayCache {
    const store = createReplayCache();
    return {
      async remember(entry, nowMs) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return store.remember(entry, nowMs);
      },
    };
  }

  it("AP14: lets an authenticator pass once, and one of two at the same time", async () => {
    const replayCache = distant();
    const { initiator, keytab } = createEnds();
    const token = (await initiator.step()) as Uint8Array;
    const make = () => createAcceptor({ keytab, enctypes: encTypes, replayCache, now: () => NOW });
    const [first, second] = [make(), make()];
    const both = await Promise.allSettled([first.step(token), second.step(token)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect([first.isEstablished, second.isEstablished]).toEqual([true, false]);
    expect(await failureOf(make().step(token))).toMatchObject({ code: "REPLAY", major: "GSS_S_DUPLICATE_TOKEN" });
  });

  it("C7: ends the context for good when it fails", async () => {
    const { initiator, keytab } = createEnds();
    const token = (await initiator.step()) as Uint8Array;
    const cause = new Error("the store is away");
    for (const remember of [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ]) {
      const acceptor = createAcceptor({ keytab, enctypes: encTypes, replayCache: { remember }, now: () => NOW });
      const failure = await failureOf(acceptor.step(token));
      expect(failure).toMatchObject({ code: "GSS", cause });
      expect(acceptor.isEstablished).toBe(false);
      expect(acceptor.peer).toBeUndefined();
      expect(await failureOf(acceptor.step(token))).toBe(failure);
    }
  });

  it("leaves nothing in a context that was disposed of meanwhile", async () => {
    const { initiator, keytab } = createEnds();
    const token = (await initiator.step()) as Uint8Array;
    const acceptor = createAcceptor({ keytab, enctypes: encTypes, replayCache: distant(), now: () => NOW });
    const step = failureOf(acceptor.step(token));
    acceptor.dispose();
    expect((await step).code).toBe("GSS_NO_CONTEXT");
    expect(acceptor.isEstablished).toBe(false);
    expect(acceptor.peer).toBeUndefined();
  });
});
