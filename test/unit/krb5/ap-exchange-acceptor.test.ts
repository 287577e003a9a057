import { describe, expect, it } from "vitest";
import type { ProtocolKey } from "../../../src/crypto/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { AP_OPTION, KEY_USAGE, KRB_ERROR, TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  ApReqError,
  type ApReqOptions,
  createApReq,
  createKrbError,
  createReplayCache,
  decodeKrbError,
  encodeApReq,
  encodeAuthenticator,
  type KeySource,
  principal,
  type ReplayCache,
  sealData,
  type VerifyApReqOptions,
  verifyApReq,
} from "../../../src/krb5/index.ts";
import { ALICE, createWorld, encTypes, HOST, NOW, type WorldChoices } from "./world.ts";

const now = (): number => NOW;

interface Case {
  readonly world?: WorldChoices;
  readonly request?: Partial<ApReqOptions>;
  readonly verify?: Partial<VerifyApReqOptions>;
}

async function run({ world: choices, request, verify }: Case = {}): ReturnType<typeof verifyApReq> {
  const world = createWorld(choices);
  const { octets } = createApReq({ ticket: world.ticket, encTypes, now, ...request });
  return verifyApReq(octets, { keys: world.keys, encTypes, now, ...verify });
}

/** The authenticator with one field changed, under the session key. */
function forged(change: Partial<Parameters<typeof encodeAuthenticator>[0]>): () => Promise<unknown> {
  return async () => {
    const { ticket, keys } = createWorld();
    const authenticator = encodeAuthenticator({
      authenticatorVno: 5,
      crealm: ALICE.realm,
      cname: { nameType: 1, nameString: ["alice"] },
      ctime: new Date(NOW - 250),
      cusec: 0,
      ...change,
    });
    const octets = encodeApReq({
      pvno: 5,
      msgType: 14,
      apOptions: 0,
      ticket: { octets: ticket.ticket },
      authenticator: sealData(ticket.sessionKey, KEY_USAGE.apReqAuthenticator, authenticator),
    });
    return verifyApReq(octets, { keys, encTypes, now });
  };
}

/** What a promise is rejected with. */
async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const none: KeySource = { keysOf: () => [] };
const otherRealm = { crealm: "OTHER.TEST" };
const foreigner = { ...ALICE, realm: "OTHER.TEST" };

/** What is wrong, and the name of the code that says so. */
const refusals: Record<string, readonly [keyof typeof KRB_ERROR, () => Promise<unknown>]> = {
  "a ticket for a service that is not ours": ["KRB_AP_ERR_NOT_US", () => run({ verify: { keys: none } })],
  "a ticket for another of our services than the one wanted": [
    "KRB_AP_ERR_NOT_US",
    () => run({ verify: { service: principal("EXAMPLE.TEST", ["HTTP", "server.example.org"]) } }),
  ],
  "a ticket of an enctype of which we have no key": [
    "KRB_AP_ERR_NOKEY",
    () => run({ world: { serviceKeys: () => [{ key: encTypes.generateKey(17), kvno: 3 }] } }),
  ],
  "a ticket of a key version that we do not have": [
    "KRB_AP_ERR_BADKEYVER",
    () => run({ world: { kvno: 4, serviceKeys: () => [{ key: encTypes.generateKey(18), kvno: 3 }] } }),
  ],
  "a ticket that our key does not open": [
    "KRB_AP_ERR_BAD_INTEGRITY",
    () => run({ world: { serviceKeys: () => [{ key: encTypes.generateKey(18), kvno: 3 }] } }),
  ],
  "an authenticator under another key than the session key": [
    "KRB_AP_ERR_BAD_INTEGRITY",
    async () => {
      const world = createWorld();
      const { octets } = createApReq({
        ticket: { ...world.ticket, sessionKey: encTypes.generateKey(18) },
        encTypes,
        now,
      });
      return verifyApReq(octets, { keys: world.keys, encTypes, now });
    },
  ],
  "an authenticator under another key usage": [
    "KRB_AP_ERR_BAD_INTEGRITY",
    () => run({ request: { usage: KEY_USAGE.tgsReqAuthenticator } }),
  ],
  "an authenticator of another client": [
    "KRB_AP_ERR_BADMATCH",
    forged({ cname: { nameType: 1, nameString: ["mallory"] } }),
  ],
  "an authenticator of a client of the same name in another realm": [
    "KRB_AP_ERR_BADMATCH",
    forged({ crealm: "OTHER.TEST" }),
  ],
  "an authenticator that is too old": ["KRB_AP_ERR_SKEW", forged({ ctime: new Date(NOW - 300_250) })],
  "an authenticator from too far in the future": ["KRB_AP_ERR_SKEW", forged({ ctime: new Date(NOW + 300_750) })],
  "a ticket that begins later": [
    "KRB_AP_ERR_TKT_NYV",
    () => run({ world: { part: { starttime: new Date(NOW + 300_750) } } }),
  ],
  "a ticket with no starttime whose authtime is later": [
    "KRB_AP_ERR_TKT_NYV",
    () => run({ world: { part: { authtime: new Date(NOW + 300_750) } } }),
  ],
  "a ticket that is marked invalid": [
    "KRB_AP_ERR_TKT_NYV",
    () => run({ world: { part: { flags: TICKET_FLAG.invalid } } }),
  ],
  "a ticket that has ended": [
    "KRB_AP_ERR_TKT_EXPIRED",
    () => run({ world: { part: { endtime: new Date(NOW - 300_250) } } }),
  ],
  "a ticket whose session key is of an enctype that is not permitted": [
    "KDC_ERR_ETYPE_NOSUPP",
    () => run({ world: { etype: 17 }, verify: { encTypes: encTypes.restrict([18]) } }),
  ],
  "a ticket whose session key has a wrong length": [
    "KDC_ERR_ETYPE_NOSUPP",
    () => run({ world: { part: { key: { keytype: 18, keyvalue: new Uint8Array(16) } } } }),
  ],
  "a sub-key of an enctype that is not permitted": [
    "KDC_ERR_ETYPE_NOSUPP",
    forged({ subkey: { keytype: 23, keyvalue: new Uint8Array(16) } }),
  ],
  "a sub-key of a wrong length": [
    "KDC_ERR_ETYPE_NOSUPP",
    forged({ subkey: { keytype: 18, keyvalue: new Uint8Array(0) } }),
  ],
  "a ticket from another realm whose way our KDC has not checked": [
    "KRB_AP_PATH_NOT_ACCEPTED",
    async () => {
      const world = createWorld({ part: otherRealm });
      const { octets } = createApReq({ ticket: { ...world.ticket, client: foreigner }, encTypes, now });
      return verifyApReq(octets, { keys: world.keys, encTypes, now });
    },
  ],
  "authorization data in the ticket that is not understood": [
    "KDC_ERR_POLICY",
    () => run({ world: { part: { authorizationData: [{ adType: 99, adData: new Uint8Array(1) }] } } }),
  ],
  "authorization data in the authenticator that is not understood": [
    "KDC_ERR_POLICY",
    forged({
      authorizationData: [
        { adType: 1, adData: new Uint8Array(0) },
        { adType: 8, adData: new Uint8Array(0) },
      ],
    }),
  ],
  "a user-to-user request": ["KRB_AP_ERR_METHOD", () => run({ request: { apOptions: AP_OPTION.useSessionKey } })],
  "a request that is not user-to-user, where nothing else is taken": [
    "KRB_AP_ERR_USER_TO_USER_REQUIRED",
    () => run({ verify: { isUserToUser: true } }),
  ],
  "another message": [
    "KRB_AP_ERR_MSG_TYPE",
    () => verifyApReq(createKrbError(41, HOST, NOW), { keys: none, encTypes, now }),
  ],
};

/** What a replay is refused with. */
const REPEAT = { name: "ApReqError", errorName: "KRB_AP_ERR_REPEAT" };

/** The numbers of the rules in SECURITY.md. */
const RULES: Partial<Record<keyof typeof KRB_ERROR, string>> = {
  KRB_AP_ERR_NOT_US: "AP1",
  KRB_AP_ERR_NOKEY: "AP2",
  KRB_AP_ERR_BADKEYVER: "AP3",
  KRB_AP_ERR_BAD_INTEGRITY: "AP4",
  KRB_AP_ERR_BADMATCH: "AP5",
  KRB_AP_ERR_SKEW: "AP6",
  KRB_AP_ERR_TKT_NYV: "AP7",
  KRB_AP_ERR_TKT_EXPIRED: "AP8",
  KDC_ERR_ETYPE_NOSUPP: "AP9",
  KRB_AP_PATH_NOT_ACCEPTED: "AP10",
  KDC_ERR_POLICY: "AP11",
  KRB_AP_ERR_METHOD: "AP12",
  KRB_AP_ERR_USER_TO_USER_REQUIRED: "AP12",
  KRB_AP_ERR_MSG_TYPE: "AP13",
};

describe("verifyApReq", () => {
  it("says who the client is and what it chose", async () => {
    const subkey = encTypes.generateKey(20);
    const checksum = { cksumtype: 0x8003, checksum: Uint8Array.of(9) };
    const apOptions = AP_OPTION.mutualRequired;
    const accepted = await run({
      world: { part: { flags: TICKET_FLAG.initial } },
      request: { subkey, checksum, apOptions, seqNumber: 5 },
      verify: { service: HOST, replayCache: createReplayCache() },
    });
    expect(accepted).toMatchObject({ client: ALICE, service: HOST, checksum, apOptions, seqNumber: 5 });
    expect(accepted.flags).toBe(TICKET_FLAG.initial);
    expect(accepted.subkey?.octets).toEqual(subkey.octets);
    expect(accepted.startTime).toEqual(accepted.authTime);
    expect(accepted.endTime).toEqual(new Date(NOW + 3_599_750));
  });

  for (const [what, [name, attempt]] of Object.entries(refusals)) {
    it(`${RULES[name]}: refuses ${what}: ${name}`, async () => {
      const error = await rejectionOf(attempt());
      expect(error).toBeInstanceOf(ApReqError);
      expect(error).toMatchObject({ name: "ApReqError", errorCode: KRB_ERROR[name], errorName: name });
    });
  }

  it("takes what is at the edge of the skew, and as much skew as it is told to allow", async () => {
    await forged({ ctime: new Date(NOW - 299_250) })();
    await forged({ ctime: new Date(NOW + 299_750) })();
    await run({ world: { part: { endtime: new Date(NOW - 299_250) } } });
    await run({ world: { part: { starttime: new Date(NOW + 299_750) } } });
    const late = (): number => NOW + 5000;
    await run({ verify: { now: late, skewSeconds: 10 } });
    await expect(run({ verify: { now: late, skewSeconds: 4 } })).rejects.toThrow(/KRB_AP_ERR_SKEW/);
  });

  it("takes what is exactly at the edge of the skew, and refuses what is a second beyond it", async () => {
    const second = NOW - 250;
    const at = (part: WorldChoices["part"]) => run({ world: part ? { part } : {}, verify: { now: () => second } });
    const request = { now: () => second };
    const clock = (ms: number) => run({ request, verify: { now: () => second + ms } });
    for (const ms of [300_000, -300_000]) await clock(ms);
    for (const ms of [301_000, -301_000]) await expect(clock(ms)).rejects.toThrow(/KRB_AP_ERR_SKEW/);
    await at({ starttime: new Date(second + 300_000) });
    await at({ authtime: new Date(second + 300_000) });
    await at({ endtime: new Date(second - 300_000) });
    await expect(at({ starttime: new Date(second + 301_000) })).rejects.toThrow(/KRB_AP_ERR_TKT_NYV/);
    await expect(at({ authtime: new Date(second + 301_000) })).rejects.toThrow(/KRB_AP_ERR_TKT_NYV/);
    await expect(at({ endtime: new Date(second - 301_000) })).rejects.toThrow(/KRB_AP_ERR_TKT_EXPIRED/);
  });

  it("takes a user-to-user request where such are wanted", async () => {
    const request = { apOptions: AP_OPTION.useSessionKey };
    expect((await run({ request, verify: { isUserToUser: true } })).client).toEqual(ALICE);
  });

  it("gives a replay cache the MAC, the names and the times of an authenticator, and whom its place counts for", async () => {
    const seen: unknown[] = [];
    const replayCache: ReplayCache = {
      remember(entry, nowMs) {
        seen.push([entry, nowMs]);
        return true;
      },
    };
    const world = createWorld();
    const { octets } = createApReq({ ticket: world.ticket, encTypes, now });
    const options = { keys: world.keys, encTypes, now, replayCache };
    const { ctime, cusec } = await verifyApReq(octets, options);
    await verifyApReq(octets, { ...options, skewSeconds: 5, largestSkewSeconds: 700 });
    const entry = {
      tag: Buffer.from(octets.subarray(-16)).toString("hex"),
      client: "alice@EXAMPLE.TEST",
      share: "alice@EXAMPLE.TEST",
      ctime,
      cusec,
    };
    expect(seen).toEqual([
      [{ ...entry, keepUntil: new Date(ctime.getTime() + 300_000) }, NOW],
      [{ ...entry, keepUntil: new Date(ctime.getTime() + 700_000) }, NOW],
    ]);
    seen.length = 0;
    const foreign = createWorld({ part: { ...otherRealm, flags: TICKET_FLAG.transitedPolicyChecked } });
    const theirs = createApReq({ ticket: { ...foreign.ticket, client: foreigner }, encTypes, now });
    // The last moment of all stands in for one that no Date can hold.
    await verifyApReq(theirs.octets, { ...options, keys: foreign.keys, largestSkewSeconds: 1e15 });
    expect(seen).toMatchObject([
      [{ client: "alice@OTHER.TEST", share: "@OTHER.TEST", keepUntil: new Date(8.64e15) }, NOW],
    ]);
  });

  it.each([
    ["full", "KRB_ERR_GENERIC", "has no place for another authenticator: try again later"],
    ["lost", "KRB_ERR_GENERIC", "may be from before the replay cache was lost: try again in a few minutes"],
    [false, "KRB_AP_ERR_REPEAT", "the authenticator of alice@EXAMPLE.TEST was seen before"],
  ] as const)("AP14: the answer %j of a replay cache refuses with %s", async (answer, errorName, words) => {
    const error = await rejectionOf(run({ verify: { replayCache: { remember: () => answer } } }));
    expect(error).toMatchObject({ name: "ApReqError", errorName, message: expect.stringContaining(words) });
  });

  it("takes a ticket from another realm whose way our KDC has checked", async () => {
    const part = { ...otherRealm, flags: TICKET_FLAG.transitedPolicyChecked };
    const world = createWorld({ part });
    const { octets } = createApReq({ ticket: { ...world.ticket, client: foreigner }, encTypes, now });
    expect((await verifyApReq(octets, { keys: world.keys, encTypes, now })).client).toEqual(foreigner);
  });

  it("takes authorization data that is only there if it is relevant", async () => {
    const authorizationData = [{ adType: 1, adData: Uint8Array.of(0x30, 0) }];
    const accepted = await run({ world: { part: { authorizationData } }, request: { authorizationData } });
    expect(accepted.client).toEqual(ALICE);
  });

  it("tries each key that fits: a ticket that names no version, a key that has none, two of one version", async () => {
    const other = encTypes.generateKey(18);
    const all = (key: ProtocolKey) => [
      { key: other, kvno: 3 },
      { key: other, kvno: 2 },
      { key, kvno: 3 },
    ];
    expect((await run({ world: { serviceKeys: all } })).client).toEqual(ALICE);
    expect((await run({ world: { serviceKeys: all, kvno: null } })).client).toEqual(ALICE);
    expect((await run({ world: { serviceKeys: (key) => [{ key }] } })).client).toEqual(ALICE);
  });

  it("AP3: takes a ticket that a key opens, though it names another version of it", async () => {
    expect((await run({ world: { kvno: 4 } })).client).toEqual(ALICE);
  });

  it("AP14: refuses an authenticator that it has seen, and takes another of the same client", async () => {
    const world = createWorld();
    const options = { keys: world.keys, encTypes, now, replayCache: createReplayCache() };
    const first = createApReq({ ticket: world.ticket, encTypes, now }).octets;
    const second = createApReq({ ticket: world.ticket, encTypes, now }).octets;
    await verifyApReq(first, options);
    await verifyApReq(second, options);
    expect(await rejectionOf(verifyApReq(first, options))).toMatchObject(REPEAT);
  });

  it("AP14: a replay cache that answers later is waited for, and of the same request twice at once one is refused", async () => {
    const world = createWorld();
    const cache = createReplayCache();
    const remember = async (...entry: Parameters<ReplayCache["remember"]>) => cache.remember(...entry);
    const options = { keys: world.keys, encTypes, now, replayCache: { remember } };
    const { octets } = createApReq({ ticket: world.ticket, encTypes, now });
    const both = await Promise.allSettled([verifyApReq(octets, options), verifyApReq(octets, options)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await rejectionOf(verifyApReq(octets, options))).toMatchObject(REPEAT);
  });

  it("AP14: nothing that a replay cache says but true is a new authenticator", async () => {
    for (const answer of [
      false,
      undefined,
      null,
      1,
      "OK",
      Promise.resolve(false),
      Promise.resolve("OK"),
      Promise.resolve(),
    ]) {
      const replayCache = { remember: () => answer } as unknown as ReplayCache;
      expect(await rejectionOf(run({ verify: { replayCache } }))).toMatchObject(REPEAT);
    }
    const remember = () => Promise.reject(new Error("the store is away"));
    await expect(run({ verify: { replayCache: { remember } } })).rejects.toThrow("the store is away");
  });

  it("AP6: a skew that is no number refuses, and does not turn the checks off", async () => {
    for (const skewSeconds of [Number.NaN, "x" as never]) {
      await expect(run({ verify: { skewSeconds } })).rejects.toThrow(/KRB_AP_ERR_SKEW/);
    }
  });

  it("a request that is refused takes no place in the replay cache", async () => {
    const world = createWorld();
    const replayCache = createReplayCache({ maxEntries: 1 });
    const { octets } = createApReq({ ticket: world.ticket, encTypes, now });
    const options = { keys: world.keys, encTypes, replayCache };
    const late = verifyApReq(octets, { ...options, now: () => NOW + 400_000 });
    await expect(late).rejects.toThrow(/KRB_AP_ERR_SKEW/);
    expect((await verifyApReq(octets, { ...options, now })).client).toEqual(ALICE);
  });

  it("octets that are cut or not DER are a DecodeError", async () => {
    const world = createWorld();
    const { octets } = createApReq({ ticket: world.ticket, encTypes, now });
    for (let length = 1; length < octets.length; length += 7) {
      const error = await rejectionOf(verifyApReq(octets.subarray(0, length), { keys: world.keys, encTypes, now }));
      expect(error).toBeInstanceOf(DecodeError);
    }
  });
});

describe("createKrbError", () => {
  it("carries the code, the service and the acceptor's clock, and a text that no terminal obeys", () => {
    const error = decodeKrbError(createKrbError(KRB_ERROR.KRB_AP_ERR_SKEW, HOST, NOW, "too \u001b[31mlate"));
    expect(error).toEqual({
      pvno: 5,
      msgType: 30,
      stime: new Date(NOW - 250),
      susec: 250_000,
      errorCode: 37,
      realm: HOST.realm,
      sname: { nameType: 3, nameString: ["host", "server.example.org"] },
      eText: "too ?[31mlate",
    });
    expect(decodeKrbError(createKrbError(60, HOST, NOW))).not.toHaveProperty("eText");
  });
});
