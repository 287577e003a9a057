// The guards of a client's ticket sources, each by itself: what one of them keeps out, nothing behind it would.

import { describe, expect, it } from "vitest";
import { type OpenedCredentials, openSource } from "../../../src/client/credentials/credential-source.ts";
import { contentsOfLogin, Exchanges, passwordSecret } from "../../../src/client/index.ts";
import { s4uMessages } from "../../../src/client/s4u/messages.ts";
import { confirmedUser } from "../../../src/client/s4u/x509-user.ts";
import { RejectedSecret } from "../../../src/client/tickets/rejection.ts";
import { TgtSource } from "../../../src/client/tickets/tgt-source.ts";
import { TicketCache } from "../../../src/client/tickets/ticket-cache.ts";
import type { ShelfLook, TicketShelf } from "../../../src/client/tickets/ticket-shelf.ts";
import { makeKeyedChecksum } from "../../../src/crypto/index.ts";
import { KdcError, PreauthError, TransportError } from "../../../src/errors.ts";
import { KEY_USAGE, PADATA } from "../../../src/iana/index.ts";
import { parsePrincipal, type ServiceTicket, tgsPrincipal } from "../../../src/krb5/index.ts";
import { encTypes } from "./harness.ts";

const alice = parsePrincipal("alice@TEST.EXAMPLE");
const NOW = Date.UTC(2026, 5, 1, 12);
const sessionKey = encTypes.generateKey(18);
const ticket = (over: Partial<ServiceTicket> = {}): ServiceTicket => ({
  client: alice,
  service: tgsPrincipal("TEST.EXAMPLE"),
  sessionKey,
  ticket: Uint8Array.of(0x61, 0),
  flags: 0,
  authTime: new Date(NOW),
  startTime: new Date(NOW),
  endTime: new Date(NOW + 3_600_000),
  clockOffsetMs: 0,
  ...over,
});

describe("what is kept of a login", () => {
  it("says where it starts for a foreign ticket-granting ticket alone", () => {
    const keys = (name: string) =>
      (contentsOfLogin({ ticket: ticket({ service: parsePrincipal(name) }), isFastAvailable: false }).config ?? []).map(
        ({ key }) => key,
      );
    expect(keys("krbtgt/OTHER.EXAMPLE@TEST.EXAMPLE")).toEqual(["start_realm"]);
    expect(keys("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE")).toEqual([]);
    // Two components, and no ticket-granting service.
    expect(keys("kadmin/changepw@TEST.EXAMPLE")).toEqual([]);
  });
});

describe("credentials that somebody else wrote", () => {
  const open = (cache: unknown) =>
    openSource(
      { kind: "own", open: async () => ({ principal: alice, cache }) as unknown as OpenedCredentials },
      {} as never,
    );

  it("have a cache with every method that is used, or none", async () => {
    const whole = { read: () => {}, initialize: () => {}, store: () => {}, remove: () => {} };
    expect((await open(whole)).cache).toBe(whole);
    expect((await open(undefined)).cache).toBeUndefined();
    for (const name of Object.keys(whole)) {
      await expect(open({ ...whole, [name]: undefined })).rejects.toThrow(TypeError);
      await expect(open({ ...whole, [name]: undefined })).rejects.toThrow(/^the cache that open\(\)/);
    }
  });
});

describe("a secret that was refused", () => {
  it("rests until its time, and not in the millisecond in which that is over", () => {
    let now = NOW;
    const rejected = new RejectedSecret(60_000, () => now);
    const secret = passwordSecret(alice, "wrong");
    const cause = new KdcError("KDC", "no", { errorCode: 24, errorName: "KDC_ERR_PREAUTH_FAILED" });
    rejected.note(secret, new PreauthError("WRONG_PASSWORD", "no", { cause }));
    now += 59_999;
    expect(() => rejected.refuse(secret)).toThrow("not tried again before");
    expect(() => rejected.refuse(passwordSecret(alice, "right"))).not.toThrow();
    now += 1;
    expect(() => rejected.refuse(secret)).not.toThrow();
  });
});

describe("exchanges", () => {
  const transport = {
    exchange: async (): Promise<never> => {
      throw new Error("a KDC was asked");
    },
  };

  it("report to the trace of the call that they are for, and to no other", () => {
    const mine = (): void => {};
    const exchanges = new Exchanges({ loadEncTypes: async () => encTypes, trace: mine, transport });
    const others = (): void => {};
    expect(exchanges.reportingTo(mine)).toBe(exchanges);
    expect(exchanges.reportingTo(others).trace).toBe(others);
    expect(exchanges.trace).toBe(mine);
  });
});

describe("where a ticket-granting ticket comes from", () => {
  let now = NOW;
  const source = (shelf: Partial<TicketShelf> | undefined, memory = new TicketCache()) =>
    new TgtSource({
      credentials: { principal: alice },
      memory,
      shelf: shelf as TicketShelf | undefined,
      exchanges: new Exchanges({
        loadEncTypes: async () => encTypes,
        trace: () => {},
        now: () => now,
        transport: {
          exchange: async (): Promise<never> => {
            throw new Error("a KDC was asked");
          },
        },
      }),
      options: {},
      restMs: 60_000,
    });
  const get = (tgts: TgtSource, signal = new AbortController().signal) => tgts.get(signal, () => {});
  const tgt = ticket();
  /** A shelf with a ticket that is to be refreshed, which fails so. */
  const failing = (error: unknown): Partial<TicketShelf> => ({
    look: async () =>
      ({ held: { ticket: tgt }, isGood: false, acquire: async () => Promise.reject(error) }) as unknown as ShelfLook,
  });

  it("is the one at hand where a KDC cannot be reached, and for 30 s more", async () => {
    now = NOW;
    const tgts = source(failing(new TransportError("KDC_UNREACHABLE", "no KDC answers")));
    expect(await get(tgts)).toBe(tgt);
  });

  it("is not the one at hand where this program is at fault, or the caller gave up", async () => {
    await expect(get(source(failing(new RangeError("a fault"))))).rejects.toThrow("a fault");
    const gone = source(failing(new TransportError("ABORTED", "given up")));
    await expect(get(gone, AbortSignal.abort())).rejects.toThrow("given up");
    await expect(get(gone)).resolves.toBe(tgt);
  });

  it("is not kept past the time at which it is to be refreshed", async () => {
    now = NOW;
    const held = { ticket: tgt, refreshAtMs: NOW + 1000 };
    const tgts = source({ look: async () => ({ held, isGood: true }) as unknown as ShelfLook });
    await get(tgts);
    now = NOW + 999;
    expect(tgts.kept).toBe(tgt);
    now = NOW + 1000;
    expect(tgts.kept).toBeUndefined();
  });

  it("is nothing where neither tickets nor a secret are there, and the error names who lacks them", async () => {
    await expect(get(source(undefined))).rejects.toMatchObject({
      code: "NO_CREDENTIAL",
      message:
        "the credentials of alice@TEST.EXAMPLE hold neither tickets nor a secret to log in with: give a cache, a keytab or a password",
    });
  });
});

describe("whom a KDC vouches for (MS-SFU section 2.2.2)", () => {
  const answer = (over: object, nonce = 7) => {
    const octets = s4uMessages.encode("S4UUserID", {
      nonce: 7,
      cname: { nameType: 1, nameString: ["alice"] },
      crealm: "TEST.EXAMPLE",
      options: 0,
      ...over,
    } as never);
    const checksum = makeKeyedChecksum(sessionKey, KEY_USAGE.s4uX509UserRequest, octets);
    const padataValue = s4uMessages.encode("PA-S4U-X509-USER", { userId: { octets }, checksum } as never);
    const padata = [{ padataType: PADATA.s4uX509User, padataValue }];
    return () => confirmedUser({ padata, subkey: sessionKey, request: { nonce } } as never);
  };

  it("is named, by an answer to this request", () => {
    expect(answer({})()).toMatchObject({ realm: "TEST.EXAMPLE", components: ["alice"] });
    expect(answer({}, 8)).toThrow("answers another request");
    expect(answer({ cname: undefined })).toThrow("names no user");
  });
});
