import { describe, expect, it } from "vitest";
import { Keytab, type KeytabEntry } from "../../../src/credentials/index.ts";
import {
  type AcceptorOptions,
  createAcceptor,
  createInitiator,
  createReplayCache,
  keytabKeys,
} from "../../../src/entry/gssapi.ts";
import { decodeContextToken, encodeContextToken } from "../../../src/gssapi/framing.ts";
import {
  decodeApReq,
  decodeTicket,
  encodeApReq,
  encodeTicket,
  type Principal,
  parsePrincipal,
} from "../../../src/krb5/index.ts";
import { createWorld, failureOf, HOST, NOW, type World } from "./exchange.ts";
import { encTypes, pattern } from "./pair.ts";

const ALIAS = parsePrincipal("HOST/SERVER@EXAMPLE.TEST");
const ACCOUNT = parsePrincipal("SERVER$@EXAMPLE.TEST");

function octetsOf(world: World): Uint8Array {
  return world.keytab.keysOf(HOST)[0]?.key.octets as Uint8Array;
}

function entryOf(principal: Principal, octets: Uint8Array, kvno = 3, etype = 18): KeytabEntry {
  return { principal, kvno, timestamp: new Date(NOW), keyBlock: { etype, octets: octets.slice() } };
}

async function tokenOf(world: World, flags: { mutual?: boolean } = {}): Promise<Uint8Array> {
  const credential = { getTicket: async () => world.ticket };
  const target = "host@server.example.org";
  const initiator = createInitiator({ target, credential, enctypes: encTypes, now: () => NOW, flags });
  return (await initiator.step()) as Uint8Array;
}

/** The token with other words around the ticket's sealed part: nobody needs a key for that. */
function relabelled(token: Uint8Array, name: Principal, kvno?: number): Uint8Array {
  const { tokenId, message } = decodeContextToken(token);
  const request = decodeApReq(message);
  const { encPart } = decodeTicket(request.ticket.octets);
  const ticket = encodeTicket({
    tktVno: 5,
    realm: name.realm,
    sname: { nameType: 2, nameString: name.components },
    encPart: { ...encPart, ...(kvno === undefined ? {} : { kvno }) },
  });
  return encodeContextToken(tokenId, encodeApReq({ ...request, pvno: 5, msgType: 14, ticket: { octets: ticket } }));
}

function acceptor(keytab: Keytab, options: Partial<AcceptorOptions> = {}): ReturnType<typeof createAcceptor> {
  return createAcceptor({ keytab, enctypes: encTypes, replayCache: createReplayCache(), now: () => NOW, ...options });
}

describe("AP14: an authenticator is accepted once", () => {
  it("though the name outside of its ticket, which nothing protects, is changed for another of the key's names", async () => {
    for (const mutual of [true, false]) {
      const world = createWorld();
      const keytab = new Keytab([HOST, ALIAS].map((name) => entryOf(name, octetsOf(world))));
      const token = await tokenOf(world, { mutual });
      const replayCache = createReplayCache();
      await acceptor(keytab, { replayCache }).step(token);
      for (const name of [ALIAS, ACCOUNT, HOST]) {
        const again = acceptor(keytab, { replayCache });
        expect((await failureOf(again.step(relabelled(token, name)))).code).toBe("REPLAY");
      }
      const named = acceptor(keytab, { replayCache, service: ALIAS });
      expect((await failureOf(named.step(token))).code).toBe("REPLAY");
    }
  });

  it("by all acceptors of a process, whatever skew each allows", async () => {
    const world = createWorld();
    const keytab = new Keytab([entryOf(HOST, octetsOf(world))]);
    const token = await tokenOf(world);
    await acceptor(keytab, { replayCache: undefined }).step(token);
    for (const skewSeconds of [299, 298.5, 3600]) {
      const other = acceptor(keytab, { replayCache: undefined, skewSeconds });
      expect((await failureOf(other.step(token))).code).toBe("REPLAY");
    }
  });

  it("to the end of the largest skew of the process", async () => {
    const world = createWorld();
    const keytab = new Keytab([entryOf(HOST, octetsOf(world))]);
    const token = await tokenOf(world);
    acceptor(keytab, { skewSeconds: 3600 });
    const replayCache = createReplayCache({ skewSeconds: 1 });
    await acceptor(keytab, { replayCache, skewSeconds: 5 }).step(token);
    const now = (): number => NOW + 3_000_000;
    // An entry of now makes the cache look for what has lapsed.
    const later = createWorld();
    const laterKeytab = new Keytab([entryOf(HOST, octetsOf(later))]);
    const credential = { getTicket: async () => later.ticket };
    const fresh = createInitiator({ target: "host@server.example.org", credential, enctypes: encTypes, now });
    await acceptor(laterKeytab, { replayCache, now, skewSeconds: 5 }).step(await fresh.step());
    const patient = acceptor(keytab, { replayCache, now, skewSeconds: 3600 });
    expect((await failureOf(patient.step(token))).code).toBe("REPLAY");
  });

  it("and takes a place only if nothing else was wrong, the protocol's own checks included", async () => {
    const world = createWorld();
    const keytab = new Keytab([entryOf(HOST, octetsOf(world))]);
    const token = await tokenOf(world);
    const replayCache = createReplayCache();
    const bound = acceptor(keytab, { replayCache, channelBindings: pattern(10) });
    expect((await failureOf(bound.step(token))).code).toBe("GSS_BAD_BINDINGS");
    await acceptor(keytab, { replayCache }).step(token);
  });

  it("AP16: a full cache is not a replay, and says what it is", async () => {
    const world = createWorld();
    const keytab = new Keytab([entryOf(HOST, octetsOf(world))]);
    for (const [replayCache, words] of [
      [createReplayCache({ maxEntries: 0 }), "has no place for another authenticator"],
      [createReplayCache({ lostBefore: new Date(NOW) }), "may be from before the replay cache was lost"],
    ] as const) {
      const error = await failureOf(acceptor(keytab, { replayCache }).step(await tokenOf(world)));
      expect(error).toMatchObject({ code: "REPLAY_UNCHECKED", name: "ServiceError", major: "GSS_S_FAILURE" });
      expect(error.message).toContain(words);
    }
  });
});

describe("AP1: where no service is named, any key that opens the ticket will do", () => {
  it.each([
    ["the account's name alone", [ACCOUNT]],
    ["the name in another case", [parsePrincipal("host/Server.Example.ORG@EXAMPLE.TEST")]],
    ["an alias", [ALIAS, ACCOUNT]],
    ["the name in another realm", [parsePrincipal("host/server.example.org@OTHER.TEST")]],
  ])("a keytab with %s", async (_, names) => {
    const world = createWorld({ part: { flags: 1 << 19 } });
    const keytab = new Keytab(names.map((name) => entryOf(name, octetsOf(world))));
    const context = acceptor(keytab);
    await context.step(await tokenOf(world));
    expect(context.self).toEqual(names[0]);
  });

  it("names under one key are one service: what the ticket says proves nothing", async () => {
    const world = createWorld();
    const keytab = new Keytab([ALIAS, HOST].map((name) => entryOf(name, octetsOf(world))));
    for (const name of [HOST, ALIAS, ACCOUNT]) {
      const context = acceptor(keytab);
      await context.step(relabelled(await tokenOf(world), name));
      expect(context.self).toEqual(ALIAS);
    }
    const named = acceptor(keytab, { service: HOST });
    await named.step(relabelled(await tokenOf(world), ACCOUNT));
    expect(named.self).toEqual(HOST);
  });

  it("a service that is named must have the opening key under its name", async () => {
    const world = createWorld();
    const other = parsePrincipal("HTTP/server.example.org@EXAMPLE.TEST");
    const keytab = new Keytab([entryOf(HOST, octetsOf(world)), entryOf(other, pattern(32))]);
    const token = await tokenOf(world);
    for (const one of [token, relabelled(token, other)]) {
      const error = await failureOf(acceptor(keytab, { service: other }).step(one));
      expect(error.code).toMatch(/^SERVER_(REJECTED_TICKET|KEY_CHANGED)$/);
    }
  });

  it.each(["krbtgt/EXAMPLE.TEST@EXAMPLE.TEST", "kadmin/changepw@EXAMPLE.TEST"])(
    "but a key of %s only by name",
    async (name) => {
      const special = parsePrincipal(name);
      const world = createWorld();
      for (const names of [[special], [HOST, special]]) {
        const keytab = new Keytab(names.map((one) => entryOf(one, octetsOf(world))));
        for (const label of [special, HOST]) {
          const token = relabelled(await tokenOf(world), label);
          expect((await failureOf(acceptor(keytab).step(token))).code).toBe("SERVER_REJECTED_TICKET");
          const named = acceptor(keytab, { service: special });
          await named.step(token);
          expect(named.self).toEqual(special);
        }
      }
    },
  );

  it("AP10: a client is of the service's realm only if it is of that of every name of the key", async () => {
    const world = createWorld();
    const names = [HOST, parsePrincipal("host/server.example.org@OTHER.TEST")];
    const keytab = new Keytab(names.map((name) => entryOf(name, octetsOf(world))));
    const error = await failureOf(acceptor(keytab).step(await tokenOf(world)));
    expect(error.message).toContain("KRB_AP_PATH_NOT_ACCEPTED");
    // The realm that the ticket has outside of what is sealed is anybody's.
    const foreign = createWorld({ part: { crealm: "EVIL.TEST" } });
    const own = new Keytab([entryOf(HOST, octetsOf(foreign))]);
    const client = { ...foreign.ticket, client: { ...foreign.ticket.client, realm: "EVIL.TEST" } };
    const token = await tokenOf({ ...foreign, ticket: client });
    for (const label of [HOST, { ...HOST, realm: "EVIL.TEST" }]) {
      const refused = await failureOf(acceptor(own).step(relabelled(token, label)));
      expect(refused.message).toContain("KRB_AP_PATH_NOT_ACCEPTED");
    }
  });
});

describe("AP3: the version that a ticket names says which key is tried first", () => {
  it.each([
    ["a keytab whose key has version 0", 0, 3],
    ["a keytab with the low eight bits of the version", 301 & 0xff, 301],
    ["another version of the same key", 9, 3],
    ["a ticket of version 0", 3, 0],
  ])("%s", async (_, has, named) => {
    const world = createWorld();
    const keytab = new Keytab([entryOf(HOST, pattern(32), 2), entryOf(HOST, octetsOf(world), has)]);
    await acceptor(keytab).step(relabelled(await tokenOf(world), HOST, named));
  });

  it("is tried before a thousand others, and a token costs no more than 1 MiB of decryption", async () => {
    const world = createWorld();
    let decryptions = 0;
    let octets = 0;
    const others = Array.from({ length: 1000 }, (_, index) => {
      const key = pattern(32);
      key.set([index & 0xff, index >> 8, 7], 0);
      return entryOf(HOST, key, 4 + index);
    });
    const counted = (entries: readonly KeytabEntry[]) => {
      const source = keytabKeys(new Keytab(entries), encTypes);
      for (const { key } of source.keysFor?.(18) ?? []) {
        const usage = key.usage.bind(key);
        key.usage = (number) => {
          const inner = usage(number);
          return {
            ...inner,
            overheadBytes: inner.overheadBytes,
            macBytes: inner.macBytes,
            decrypt: (cipher: Uint8Array) => {
              decryptions++;
              octets += cipher.length;
              return inner.decrypt(cipher);
            },
          } as typeof inner;
        };
      }
      return source;
    };
    const token = await tokenOf(world);
    const good = counted([...others, entryOf(HOST, octetsOf(world), 3)]);
    await acceptor(good as never).step(token);
    expect(decryptions).toBe(1);

    decryptions = 0;
    octets = 0;
    const big = createWorld({
      part: { authorizationData: [{ adType: 1, adData: new Uint8Array(50_000) }] },
    });
    const error = await failureOf(acceptor(counted(others) as never).step(await tokenOf(big)));
    expect(error.message).toMatch(/did not open with 20 keys, and no more are tried: name the option service/);
    expect(decryptions).toBe(20);
    expect(octets).toBeLessThanOrEqual(2 ** 20);
  });
});

describe("AP2: a ticket under an enctype that is not permitted", () => {
  it.each([
    ["with RC4 keys alone in the keytab", 23, 16, "there is no AES key here"],
    ["with an AES key in the keytab", 18, 32, "the keys here are of aes256-cts-hmac-sha1-96"],
  ])("%s: the words name who lacks which key", async (_, etype, length, words) => {
    const world = createWorld();
    const keytab = new Keytab([entryOf(HOST, pattern(length), 3, etype)]);
    const { tokenId, message } = decodeContextToken(await tokenOf(world));
    const request = decodeApReq(message);
    const { realm, sname } = decodeTicket(request.ticket.octets);
    const encPart = { etype: 23, kvno: 3, cipher: pattern(200) };
    const octets = encodeTicket({ tktVno: 5, realm, sname, encPart });
    const token = encodeContextToken(tokenId, encodeApReq({ ...request, pvno: 5, msgType: 14, ticket: { octets } }));
    const error = await failureOf(acceptor(keytab).step(token));
    expect(error.code).toBe("ETYPE_NOT_PERMITTED");
    expect(error.message).toContain("is under a key of arcfour-hmac, which is not permitted");
    expect(error.message).toContain(words);
    expect(error.message).toContain("msDS-SupportedEncryptionTypes");
  });
});
