import { describe, expect, it } from "vitest";
import { equal } from "../../../src/bytes/index.ts";
import { createInitiator, type TicketSource } from "../../../src/entry/gssapi.ts";
import { principal } from "../../../src/krb5/index.ts";
import { ALICE, createEnds, createWorld, establish, HOST, NOW } from "./exchange.ts";
import { ETYPES, encTypes, pattern } from "./pair.ts";

describe("a context between createInitiator and createAcceptor", () => {
  for (const etype of ETYPES) {
    it(`carries messages both ways under enctype ${etype}`, async () => {
      const { initiator, acceptor } = await establish({ etype });
      for (const [from, to] of [
        [initiator, acceptor],
        [acceptor, initiator],
      ] as const) {
        for (const length of [0, 1, 16, 1000, 70_000]) {
          const message = pattern(length);
          expect(equal(to.unwrap(from.wrap(message), { requireConf: true }), message)).toBe(true);
          expect(equal(to.unwrap(from.wrap(message, { conf: false })), message)).toBe(true);
          to.verifyMic(message, from.getMic(message));
        }
      }
      expect([initiator.etype, acceptor.etype]).toEqual([etype, etype]);
      expect([initiator.hasAcceptorSubkey, acceptor.hasAcceptorSubkey]).toEqual([true, true]);
    });
  }

  it("C4: the acceptor's subkey is the key of both directions, of whatever enctype (session key 20, subkey 18)", async () => {
    for (const etype of ETYPES) {
      for (const subkeyEnctype of ETYPES) {
        const { initiator, acceptor } = await establish({ etype, acceptor: { subkeyEnctype } });
        expect([initiator.etype, acceptor.etype]).toEqual([subkeyEnctype, subkeyEnctype]);
        expect(acceptor.unwrap(initiator.wrap(pattern(100)))).toEqual(pattern(100));
        expect(initiator.unwrap(acceptor.wrap(pattern(100)))).toEqual(pattern(100));
      }
    }
  });

  it("both ends know the names, the flags and the end", async () => {
    const { initiator, acceptor } = await establish();
    expect(initiator.peer).toEqual(HOST);
    expect(initiator.self).toEqual(ALICE);
    expect(acceptor.peer).toEqual(ALICE);
    expect(acceptor.self).toEqual(HOST);
    expect(acceptor.flags).toEqual(initiator.flags);
    expect(initiator.flags).toEqual({
      mutual: true,
      replay: true,
      sequence: true,
      confidentiality: true,
      integrity: true,
      delegation: false,
      channelBound: false,
    });
    expect(initiator.expires).toEqual(new Date(NOW + 3_600_000));
    expect(acceptor.expires).toEqual(new Date(NOW + 3_600_000));
  });

  it("the end is told by the local clock when the KDC's differs", async () => {
    const { initiator } = createEnds({ clockOffsetMs: 600_000, endTime: new Date(NOW + 3_600_000) });
    await initiator.step();
    expect(initiator.expires).toEqual(new Date(NOW + 3_000_000));
  });

  it("without mutual authentication the initiator is established at once, and its number counts for both", async () => {
    const { initiator, acceptor } = createEnds({ initiator: { flags: { mutual: false } } });
    const token = await initiator.step();
    expect(initiator.isEstablished).toBe(true);
    expect(await acceptor.step(token)).toBeUndefined();
    expect(acceptor.isEstablished).toBe(true);
    expect(initiator.flags.mutual).toBe(false);
    expect(acceptor.flags.mutual).toBe(false);
    expect(acceptor.hasAcceptorSubkey).toBe(false);
    expect(acceptor.unwrap(initiator.wrap(pattern(9)))).toEqual(pattern(9));
    expect(initiator.unwrap(acceptor.wrap(pattern(9)))).toEqual(pattern(9));
  });

  it("C8: each flag that is asked for is there at both ends, and no other", async () => {
    for (const name of ["replay", "sequence", "confidentiality"] as const) {
      const { initiator, acceptor } = await establish({ initiator: { flags: { [name]: false } } });
      expect(initiator.flags).toEqual({ ...(await establish()).initiator.flags, [name]: false });
      expect(acceptor.flags).toEqual(initiator.flags);
    }
    const { initiator } = await establish({ initiator: { flags: { integrity: false, confidentiality: false } } });
    expect(initiator.flags.integrity).toBe(false);
    const sealed = await establish({ initiator: { flags: { integrity: false } } });
    expect(sealed.acceptor.flags.integrity).toBe(true);
  });

  it("C8: a flag that is undefined is as one that is left out: mutual authentication and the others are asked for", async () => {
    const usual = (await establish()).acceptor.flags;
    const names = ["mutual", "replay", "sequence", "confidentiality", "integrity", "delegation"] as const;
    for (const name of names) {
      const { acceptor } = await establish({ initiator: { flags: { [name]: undefined } } });
      expect(acceptor.flags, name).toEqual(usual);
    }
    const { acceptor } = await establish({ initiator: { flags: undefined } });
    expect(acceptor.flags).toEqual(usual);
  });

  it("C7: nothing is established before the AP-REP, and everything after it", async () => {
    const { initiator, acceptor } = createEnds();
    const reply = await acceptor.step(await initiator.step());
    expect(initiator.isEstablished).toBe(false);
    expect(() => initiator.wrap(pattern(1))).toThrow(expect.objectContaining({ code: "GSS_NO_CONTEXT" }));
    expect(await initiator.step(reply)).toBeUndefined();
    expect(initiator.isEstablished).toBe(true);
  });

  it("initial sequence numbers are random, 30 bits and not 0, and differ between the directions (rule K6)", async () => {
    const numbers = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const { initiator, acceptor } = await establish();
      for (const context of [initiator, acceptor]) {
        const token = context.getMic(pattern(1));
        const view = new DataView(token.buffer);
        expect(view.getUint32(8)).toBe(0);
        expect(view.getUint32(12)).toBeLessThan(2 ** 30);
        expect(view.getUint32(12)).toBeGreaterThan(0);
        numbers.add(view.getUint32(12));
      }
    }
    expect(numbers.size).toBeGreaterThan(38);
  });

  it("works with channel bindings that are the same, and with ones that only the initiator has", async () => {
    const channelBindings = pattern(40);
    const both = await establish({ initiator: { channelBindings }, acceptor: { channelBindings } });
    expect(both.acceptor.isEstablished).toBe(true);
    const one = await establish({ initiator: { channelBindings } });
    expect(one.acceptor.isEstablished).toBe(true);
  });

  it("reports its establishment to the trace, with no key in it", async () => {
    const events: unknown[] = [];
    await establish({ initiator: { onTrace: (event) => events.push(event) } });
    expect(events).toEqual([
      {
        at: NOW,
        call: 0,
        type: "context-established",
        peer: "host/server.example.org@EXAMPLE.TEST",
        etype: "aes256-cts-hmac-sha1-96",
        acceptorSubkey: true,
        milliseconds: 0,
      },
    ]);
  });
});

describe("the target and the credential of an initiator", () => {
  async function asked(target: Parameters<typeof createInitiator>[0]["target"]): Promise<unknown> {
    let service: unknown;
    const credential: TicketSource = {
      getTicket: async (name) => {
        service = name;
        return createWorld().ticket;
      },
    };
    await createInitiator({ target, credential, enctypes: encTypes, now: () => NOW }).step();
    return service;
  }

  it("a text with no / before its @ is a service on a host, in an open realm", async () => {
    expect(await asked("host@Server.Example.ORG.")).toEqual(principal("", ["host", "server.example.org"], 3));
    expect(await asked("HTTP@www.example.org")).toEqual(principal("", ["HTTP", "www.example.org"], 3));
  });

  it("a text with / is a principal, with or without a realm", async () => {
    expect(await asked("host/Server@EXAMPLE.ORG")).toMatchObject({
      realm: "EXAMPLE.ORG",
      components: ["host", "Server"],
    });
    expect(await asked("host/server")).toMatchObject({ realm: "", components: ["host", "server"] });
  });

  it("a principal is itself", async () => {
    expect(await asked(HOST)).toBe(HOST);
  });

  it("anything else is a TypeError, at once", () => {
    const credential = { getTicket: async () => createWorld().ticket };
    for (const target of ["", "host", "host@", "@host", "a@b@c"]) {
      expect(() => createInitiator({ target, credential }), target).toThrow(TypeError);
    }
    expect(() => createInitiator({ target: "host@server", credential: undefined as never })).toThrow(TypeError);
    expect(() => createInitiator({ target: "host@server", credential: {} as never })).toThrow(TypeError);
  });

  it("the credential is asked in the first step only, with the caller's signal", async () => {
    const seen: unknown[] = [];
    const { signal } = new AbortController();
    const credential: TicketSource = {
      getTicket: async (_service, options) => {
        seen.push(options?.signal);
        return createWorld().ticket;
      },
    };
    const context = createInitiator({ target: "host@server", credential, enctypes: encTypes, now: () => NOW });
    expect(seen).toEqual([]);
    await context.step(undefined, { signal });
    expect(seen).toEqual([signal]);
  });

  it("without enctypes it takes the credential's, else all strong ones", async () => {
    let loads = 0;
    const world = createWorld();
    const credential: TicketSource = {
      getTicket: async () => world.ticket,
      loadEncTypes: async () => {
        loads += 1;
        return encTypes.restrict([18]);
      },
    };
    await createInitiator({ target: "host@server", credential, now: () => NOW }).step();
    expect(loads).toBe(1);
    const { initiator, acceptor } = await establish({
      initiator: { enctypes: undefined },
      acceptor: { enctypes: undefined },
    });
    expect(acceptor.unwrap(initiator.wrap(pattern(5)))).toEqual(pattern(5));
  });
});
