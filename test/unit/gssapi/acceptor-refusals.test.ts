import { describe, expect, it } from "vitest";
import { encodeKeytab, Keytab } from "../../../src/credentials/index.ts";
import {
  type AcceptorOptions,
  createAcceptor,
  createInitiator,
  createReplayCache,
  keytabKeys,
} from "../../../src/entry/gssapi.ts";
import { decodeContextToken, encodeContextToken } from "../../../src/gssapi/framing.ts";
import { encodeGssChecksum } from "../../../src/gssapi/gss-checksum.ts";
import { AP_OPTION, CHECKSUM, KRB_ERROR, TICKET_FLAG, TOKEN_ID } from "../../../src/iana/index.ts";
import { type ApReqOptions, createApReq, decodeKrbError, principal } from "../../../src/krb5/index.ts";
import {
  ALICE,
  createEnds,
  createWorld,
  establish,
  failureOf,
  HOST,
  isContextFailure,
  NOW,
  type TicketChoices,
  type World,
} from "./exchange.ts";
import { encTypes, flip, pattern } from "./pair.ts";

const ALL = 0x3e;

/** The token of an AP-REQ made by hand: with the GSS checksum and everything right unless told otherwise. */
function requestOf(world: World, options: Partial<ApReqOptions> = {}): Uint8Array {
  const { octets } = createApReq({
    ticket: world.ticket,
    encTypes,
    now: () => NOW,
    apOptions: AP_OPTION.mutualRequired,
    checksum: { cksumtype: CHECKSUM.gssApi, checksum: encodeGssChecksum(ALL) },
    subkey: encTypes.generateKey(18),
    ...options,
  });
  return encodeContextToken(TOKEN_ID.apReq, octets);
}

function acceptorOf(world: World, options: Partial<AcceptorOptions> = {}): ReturnType<typeof createAcceptor> {
  return createAcceptor({
    keytab: world.keytab,
    enctypes: encTypes,
    replayCache: createReplayCache(),
    now: () => NOW,
    ...options,
  });
}

/** What a refused initiator is told. */
function toldOf(error: { readonly token?: Uint8Array }): number | undefined {
  if (error.token === undefined) return undefined;
  const { tokenId, message } = decodeContextToken(error.token);
  expect(tokenId).toBe(TOKEN_ID.error);
  return decodeKrbError(message).errorCode;
}

interface Refusal {
  readonly code: string;
  readonly told?: keyof typeof KRB_ERROR;
  readonly ticket?: TicketChoices;
  readonly request?: Partial<ApReqOptions>;
  readonly acceptor?: Partial<AcceptorOptions>;
  readonly change?: (token: Uint8Array) => Uint8Array;
}

const hours = (count: number): Date => new Date(NOW + count * 3_600_000);

const refusals: Readonly<Record<string, Refusal>> = {
  "no token": { code: "GSS_DEFECTIVE_TOKEN", change: () => new Uint8Array(0) },
  "a token with no framing": { code: "GSS_DEFECTIVE_TOKEN", change: (token) => decodeContextToken(token).message },
  "a token that is cut": { code: "GSS_DEFECTIVE_TOKEN", change: (token) => token.subarray(0, token.length - 1) },
  "a token of another mechanism": { code: "GSS_DEFECTIVE_TOKEN", change: (token) => flip(token, 13, 1) },
  "another token id": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_MSG_TYPE",
    change: (token) => encodeContextToken(0x0200, decodeContextToken(token).message),
  },
  "an AP-REP's tag": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_MSG_TYPE",
    change: () => encodeContextToken(TOKEN_ID.apReq, Uint8Array.of(0x6f, 2, 0x30, 0)),
  },
  "octets that are no AP-REQ": {
    code: "GSS_DEFECTIVE_TOKEN",
    told: "KRB_ERR_GENERIC",
    change: () => encodeContextToken(TOKEN_ID.apReq, Uint8Array.of(0x6e, 2, 0x30, 0)),
  },
  "no checksum": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_INAPP_CKSUM",
    request: { checksum: undefined },
  },
  "a checksum of another type": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_INAPP_CKSUM",
    request: { checksum: { cksumtype: CHECKSUM.rsaMd5, checksum: encodeGssChecksum(ALL) } },
  },
  "a checksum that is too short": {
    code: "GSS_DEFECTIVE_TOKEN",
    told: "KRB_ERR_GENERIC",
    request: { checksum: { cksumtype: CHECKSUM.gssApi, checksum: encodeGssChecksum(ALL).subarray(0, 20) } },
  },
  "other channel bindings": {
    code: "GSS_BAD_BINDINGS",
    told: "KRB_ERR_GENERIC",
    acceptor: { channelBindings: pattern(10) },
    request: { checksum: { cksumtype: CHECKSUM.gssApi, checksum: encodeGssChecksum(ALL, pattern(16)) } },
  },
  "no channel bindings where there have to be some": {
    code: "GSS_BAD_BINDINGS",
    told: "KRB_ERR_GENERIC",
    acceptor: { channelBindings: pattern(10) },
  },
  "a clock that is too far ahead": {
    code: "CLOCK_SKEW",
    told: "KRB_AP_ERR_SKEW",
    request: { now: () => NOW + 302_000 },
  },
  "a clock that is too far behind": {
    code: "CLOCK_SKEW",
    told: "KRB_AP_ERR_SKEW",
    request: { now: () => NOW - 302_000 },
  },
  "a ticket that has ended": {
    code: "TICKET_EXPIRED",
    told: "KRB_AP_ERR_TKT_EXPIRED",
    ticket: { startTime: hours(-3), endTime: hours(-1) },
  },
  "a ticket of the future": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_TKT_NYV",
    ticket: { startTime: hours(1), endTime: hours(2) },
  },
  "an invalid ticket": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_TKT_NYV",
    ticket: { part: { flags: TICKET_FLAG.invalid } },
  },
  "a ticket for another service": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_NOT_US",
    acceptor: { keytab: { keysOf: () => [] } },
  },
  "a ticket for another of the keytab's services": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_NOT_US",
    acceptor: { service: "HTTP/server.example.org@EXAMPLE.TEST" },
  },
  "another key of the same version": {
    code: "SERVER_KEY_CHANGED",
    told: "KRB_AP_ERR_BAD_INTEGRITY",
    acceptor: { keytab: { keysOf: () => [{ key: encTypes.generateKey(18), kvno: 3 }] } },
  },
  "another version of the key": {
    code: "SERVER_KEY_CHANGED",
    told: "KRB_AP_ERR_BADKEYVER",
    ticket: { kvno: 4 },
    acceptor: { keytab: { keysOf: () => [{ key: encTypes.generateKey(18), kvno: 3 }] } },
  },
  "a key of another enctype": {
    code: "SERVER_KEY_CHANGED",
    told: "KRB_AP_ERR_NOKEY",
    ticket: { serviceEtype: 17 },
    acceptor: { keytab: { keysOf: () => [{ key: encTypes.generateKey(18), kvno: 3 }] } },
  },
  "a session key of an enctype that is not permitted": {
    code: "ETYPE_NOT_PERMITTED",
    told: "KDC_ERR_ETYPE_NOSUPP",
    ticket: { etype: 17 },
    acceptor: { enctypes: encTypes.restrict([18]) },
  },
  "a subkey of an enctype that is not permitted": {
    code: "ETYPE_NOT_PERMITTED",
    told: "KDC_ERR_ETYPE_NOSUPP",
    request: { subkey: encTypes.generateKey(17) },
    acceptor: { enctypes: encTypes.restrict([18]) },
  },
  "an authenticator of another client": {
    code: "SERVER_REJECTED_TICKET",
    told: "KRB_AP_ERR_BADMATCH",
    ticket: { part: { cname: { nameType: 1, nameString: ["mallory"] } } },
  },
};

describe("an acceptor refuses", () => {
  for (const [what, refusal] of Object.entries(refusals)) {
    it(`${what}, as ${refusal.code}`, async () => {
      const world = createWorld(refusal.ticket);
      // The positive half: everything else is right.
      const good = createWorld();
      const accepted = acceptorOf(good);
      expect(await accepted.step(requestOf(good))).toBeInstanceOf(Uint8Array);

      const acceptor = acceptorOf(world, refusal.acceptor);
      const token = requestOf(world, refusal.request);
      const error = await failureOf(acceptor.step((refusal.change ?? ((same) => same))(token)));
      expect(error.code).toBe(refusal.code);
      expect(toldOf(error)).toBe(refusal.told && KRB_ERROR[refusal.told]);
      expect(acceptor.isEstablished).toBe(false);
      expect(acceptor.peer).toBeUndefined();
      // Rule C7.
      expect(await failureOf(acceptor.step(token))).toBe(error);
      expect(() => acceptor.unwrap(pattern(60))).toThrow(error);
    });
  }

  it("a request that came before, as REPLAY, with the cache of all contexts too", async () => {
    for (const replayCache of [createReplayCache(), undefined]) {
      const world = createWorld();
      const token = requestOf(world);
      expect(await acceptorOf(world, { replayCache }).step(token)).toBeInstanceOf(Uint8Array);
      const error = await failureOf(acceptorOf(world, { replayCache }).step(token));
      expect(error.code).toBe("REPLAY");
      expect(error.major).toBe("GSS_S_DUPLICATE_TOKEN");
      expect(toldOf(error)).toBe(KRB_ERROR.KRB_AP_ERR_REPEAT);
    }
  });

  it("a second token after establishment, which ends the context", async () => {
    const { acceptor, initiator } = await establish();
    const message = initiator.wrap(pattern(3));
    const failure = await failureOf(acceptor.step(pattern(30)));
    expect(failure.code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(() => acceptor.unwrap(message)).toThrow(failure);
  });

  it("a request with any octet changed, but for seven that nothing protects and nobody believes", async () => {
    const world = createWorld();
    const token = requestOf(world);
    const accepted: number[] = [];
    for (let at = 0; at < token.length; at++) {
      const acceptor = acceptorOf(world);
      try {
        await acceptor.step(flip(token, at, 0x01));
        accepted.push(at);
        expect(acceptor.peer).toEqual(ALICE);
      } catch (error) {
        expect(isContextFailure(error)).toBe(true);
        expect(acceptor.isEstablished).toBe(false);
      }
    }
    // AP options: the count of unused bits and four octets, whose last bits mean nothing; the type of the service's
    // name; the version of its key.
    const options = indexOf(token, [0x03, 0x05, 0x00, 0x20, 0, 0, 0]) + 2;
    const nameType = indexOf(token, [0xa0, 0x03, 0x02, 0x01, 0x03]) + 4;
    const kvno = indexOf(token, [0xa1, 0x03, 0x02, 0x01, 0x03]) + 4;
    expect(accepted).toEqual([0, 1, 2, 3, 4].map((i) => options + i).concat(nameType, kvno));
  });
});

function indexOf(octets: Uint8Array, wanted: readonly number[]): number {
  const at = octets.findIndex((_, i) => wanted.every((octet, k) => octets[i + k] === octet));
  expect(at).toBeGreaterThan(0);
  return at;
}

describe("an acceptor", () => {
  it("accepts clocks up to the skew it allows, and says which", async () => {
    const world = createWorld();
    expect(await acceptorOf(world).step(requestOf(world, { now: () => NOW + 299_000 }))).toBeInstanceOf(Uint8Array);
    const strict = acceptorOf(world, { skewSeconds: 10 });
    expect((await failureOf(strict.step(requestOf(world, { now: () => NOW + 20_000 })))).code).toBe("CLOCK_SKEW");
  });

  it("tells the initiator why, which then says so", async () => {
    const ends = createEnds({ acceptor: { keytab: { keysOf: () => [{ key: encTypes.generateKey(18), kvno: 9 }] } } });
    const refusal = await failureOf(ends.acceptor.step(await ends.initiator.step()));
    const error = await failureOf(ends.initiator.step(refusal.token));
    expect(error.code).toBe("SERVER_KEY_CHANGED");
  });

  it("keeps its token for the peer out of logs", async () => {
    const world = createWorld({ part: { flags: TICKET_FLAG.invalid } });
    const error = await failureOf(acceptorOf(world).step(requestOf(world)));
    expect(error.token).toBeInstanceOf(Uint8Array);
    expect(Object.keys(error)).not.toContain("token");
    expect(error.toJSON()).not.toHaveProperty("token");
  });

  it("works without a subkey of the initiator, under the session key's enctype", async () => {
    const world = createWorld({ etype: 19 });
    const acceptor = acceptorOf(world);
    await acceptor.step(requestOf(world, { subkey: undefined }));
    expect(acceptor.etype).toBe(19);
    const plain = acceptorOf(world);
    const checksum = { cksumtype: CHECKSUM.gssApi, checksum: encodeGssChecksum(ALL & ~2) };
    expect(await plain.step(requestOf(world, { subkey: undefined, checksum, apOptions: 0 }))).toBeUndefined();
    expect(plain.etype).toBe(19);
    expect(plain.wrap(pattern(3)).length).toBeGreaterThan(3);
  });

  it("takes its keys from the octets of a keytab file, a Keytab or a key source", async () => {
    const world = createWorld();
    const [service] = world.keytab.keysOf(HOST);
    const entry = {
      principal: HOST,
      timestamp: new Date(NOW),
      kvno: 3,
      keyBlock: { etype: 18, octets: service?.key.octets as Uint8Array },
    };
    const keytab = new Keytab([entry]);
    for (const keys of [
      encodeKeytab(keytab),
      keytab,
      keytabKeys(keytab, encTypes),
      keytabKeys(encodeKeytab(keytab), encTypes),
    ]) {
      const acceptor = acceptorOf(world, { keytab: keys });
      expect(await acceptor.step(requestOf(world))).toBeInstanceOf(Uint8Array);
      expect(acceptor.self).toMatchObject({ realm: HOST.realm, components: HOST.components });
    }
    const made = keytabKeys(keytab, encTypes);
    expect(made.keysOf(HOST)).toBe(made.keysOf(HOST));
    expect(made.keysOf(principal("OTHER", ["host", "x"]))).toEqual([]);
  });

  it("hears at once of a keytab that is none", () => {
    expect(() => createAcceptor({ keytab: pattern(20) })).toThrow();
  });

  it("ignores flags that it does not know and delegation that it does not take", async () => {
    const world = createWorld();
    const acceptor = acceptorOf(world);
    const checksum = new Uint8Array([...encodeGssChecksum(0xfff0_003f), 1, 0, 2, 0, 0xaa, 0xbb]);
    await acceptor.step(requestOf(world, { checksum: { cksumtype: CHECKSUM.gssApi, checksum } }));
    expect(acceptor.flags.delegation).toBe(false);
    expect(acceptor.flags.mutual).toBe(true);
  });

  it("C9: the initiator that it answers never delegates", async () => {
    const { ticket, keytab } = createEnds();
    const initiator = createInitiator({
      target: "host@server.example.org",
      credential: { getTicket: async () => ({ ...ticket, flags: TICKET_FLAG.okAsDelegate | TICKET_FLAG.forwardable }) },
      enctypes: encTypes,
      now: () => NOW,
    });
    const acceptor = createAcceptor({ keytab, enctypes: encTypes, replayCache: createReplayCache(), now: () => NOW });
    await initiator.step(await acceptor.step(await initiator.step()));
    expect(initiator.flags.delegation).toBe(false);
  });
});
