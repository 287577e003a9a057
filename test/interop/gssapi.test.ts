// createInitiator against libgssapi's acceptor: tokens of one side read by the other.

import { describe, expect, it } from "vitest";
import { equal } from "../../src/bytes/index.ts";
import {
  type ChannelBindingsOption,
  createInitiator,
  type KerberosError,
  type SecurityContext,
  tlsServerEndPoint,
} from "../../src/entry/gssapi.ts";
import { createClient, type KdcError } from "../../src/entry/index.ts";
import { acceptorData, startGssAcceptor, startHeimdalBed, startMitBed } from "../../tools/beds/index.mjs";
import { converse, GssPeer, sha256, uint32 } from "../support/gss-peer.ts";
import { describeLive, rowsOf, useBed, wholeTable } from "../support/live.ts";

const ENCTYPES = { "aes128-sha1": 17, "aes256-sha1": 18, "aes128-sha2": 19, "aes256-sha2": 20 } as const;
type Enctype = keyof typeof ENCTYPES;

async function establish(context: SecurityContext, port: number): Promise<GssPeer> {
  const peer = await GssPeer.connect(port);
  try {
    peer.sendToken((await context.step()) as Uint8Array);
    if (!context.isEstablished) expect(await context.step(await peer.receiveToken())).toBeUndefined();
    expect(context.isEstablished).toBe(true);
    return peer;
  } catch (error) {
    peer.close();
    throw error;
  }
}

async function refusal(context: SecurityContext, port: number): Promise<KerberosError> {
  return establish(context, port).then(
    (peer) => {
      peer.close();
      return expect.fail("it was accepted");
    },
    (error: KerberosError) => {
      expect(error.name).toBe("ServiceError");
      expect(error.major).toBe("GSS_S_FAILURE");
      return error;
    },
  );
}

describeLive(["mit", "python-gssapi"], "createInitiator and libgssapi's acceptor, tickets of an MIT KDC", () => {
  const bed = useBed(() => startMitBed());
  const acceptor = useBed(() => startGssAcceptor({ bed: bed() }));
  const clientOf = (name: string, kdc: string[] = bed().kdc) =>
    createClient({
      credentials: { principal: `${name}@${bed().realm}`, password: bed().passwords[name] as string },
      kdc,
    });

  for (const [name, etype] of rowsOf(...Object.entries(ENCTYPES))) {
    it(`sealed, unsealed and MIC both ways, 0 octets to 1 MB, under ${name}`, { timeout: 60_000 }, async () => {
      const kdc = await bed().startKdc({ permittedEnctypes: [name as Enctype] });
      const pinned = await startGssAcceptor({ bed: { ...bed(), krb5Conf: kdc.krb5Conf } });
      try {
        const credential = clientOf(`bob-${name.replace("-", "")}`, kdc.kdc);
        const context = createInitiator({ target: pinned.service, credential });
        const peer = await establish(context, pinned.port);
        expect(context.etype).toBe(etype);
        expect(context.hasAcceptorSubkey).toBe(true);
        await converse(context, peer);
        peer.close();
      } finally {
        await pinned.close();
        await kdc.close();
      }
    });
  }

  it("wrapInto's token is the acceptor's too", async () => {
    const context = createInitiator({ target: acceptor().service, credential: clientOf("alice") });
    const peer = await establish(context, acceptor().port);
    const data = acceptorData(5000);
    const out = new Uint8Array(3 + data.length + context.wrapOverhead);
    const length = context.wrapInto(out, 3, data.subarray(0, 1000), data.subarray(1000));
    const facts = await peer.askForFacts("W", out.subarray(3, 3 + length));
    expect(facts).toMatchObject({ sha256: sha256(data), confidential: true });
    peer.close();
  });

  it("the acceptor sees the flags that were asked for, and who we are", async () => {
    const context = createInitiator({ target: acceptor().service, credential: clientOf("alice") });
    const peer = await establish(context, acceptor().port);
    const facts = await peer.askForFacts("I");
    expect(facts.initiator).toBe(`alice@${bed().realm}`);
    expect(facts.mech).toBe("1.2.840.113554.1.2.2");
    expect(facts.flags).toEqual(
      expect.arrayContaining([
        "mutual_authentication",
        "replay_detection",
        "out_of_sequence_detection",
        "confidentiality",
        "integrity",
      ]),
    );
    expect(facts.flags).not.toContain("delegate_to_peer");
    // The acceptor counts from when it looked, and adds the skew that it allows.
    const left = ((context.expires as Date).getTime() - Date.now()) / 1000;
    expect(Math.abs((facts.lifetime as number) - left)).toBeLessThan(310);
    peer.close();
  });

  it("without mutual authentication, replay and order: established at once, messages both ways", async () => {
    const context = createInitiator({
      target: acceptor().service,
      credential: clientOf("alice"),
      flags: { mutual: false, replay: false, sequence: false },
    });
    const peer = await establish(context, acceptor().port);
    const facts = await peer.askForFacts("I");
    expect(facts.flags).not.toContain("mutual_authentication");
    expect(facts.flags).not.toContain("replay_detection");
    await converse(context, peer);
    peer.close();
  });

  it.runIf(wholeTable)("without mutual authentication but with order: both count from our number", async () => {
    const context = createInitiator({
      target: acceptor().service,
      credential: clientOf("alice"),
      flags: { mutual: false },
    });
    const peer = await establish(context, acceptor().port);
    await converse(context, peer);
    peer.close();
  });

  it.runIf(wholeTable)("a target that is host-based: service@host, in the client's realm", async () => {
    const context = createInitiator({ target: "host@localhost", credential: clientOf("alice") });
    const peer = await establish(context, acceptor().port);
    expect((await peer.askForFacts("I")).target).toBe(`host/localhost@${bed().realm}`);
    peer.close();
  });

  it("the acceptor refuses what was changed, replayed or left out, as we do", async () => {
    const context = createInitiator({ target: acceptor().service, credential: clientOf("alice") });
    const peer = await establish(context, acceptor().port);
    const first = context.wrap(acceptorData(20));
    expect(await peer.askForFacts("W", first)).toMatchObject({ length: 20 });
    expect(await peer.askForFacts("W", first)).toMatchObject({ kind: "E" });
    context.wrap(acceptorData(1));
    expect(await peer.askForFacts("W", context.wrap(acceptorData(2)))).toMatchObject({ kind: "E" });
    const changed = context.wrap(acceptorData(30));
    changed[40] = (changed[40] as number) ^ 1;
    expect(await peer.askForFacts("W", changed)).toMatchObject({ kind: "E" });
    const { reply } = await peer.ask("S", uint32(10));
    expect(equal(context.unwrap(reply), acceptorData(10))).toBe(true);
    expect(() => context.unwrap(reply)).toThrow(expect.objectContaining({ code: "GSS_DUPLICATE_TOKEN" }));
    peer.close();
  });

  it.runIf(wholeTable)("1,000 messages in a row keep their order", async () => {
    const context = createInitiator({ target: acceptor().service, credential: clientOf("alice") });
    const peer = await establish(context, acceptor().port);
    for (let i = 0; i < 1000; i++) {
      const { reply } = await peer.ask("X", context.wrap(acceptorData(i % 50)));
      expect(context.unwrap(reply).length).toBe(i % 50);
    }
    peer.close();
  });

  describe("refusals by the acceptor", () => {
    for (const host of rowsOf("changed", "replaced")) {
      it(`the new key of host/${host}, which the acceptor does not have, is SERVER_KEY_CHANGED`, async () => {
        const old = await startGssAcceptor({ bed: bed(), keytab: bed().keytab.oldService });
        try {
          const context = createInitiator({
            target: `host/${host}@${bed().realm}`,
            credential: clientOf("alice"),
          });
          const error = await refusal(context, old.port);
          expect(error.code).toBe("SERVER_KEY_CHANGED");
          expect(error.cause).toMatchObject({ name: "KdcError" });
        } finally {
          await old.close();
        }
      });
    }

    it("a service that the acceptor has no key of is SERVER_REJECTED_TICKET", async () => {
      const old = await startGssAcceptor({ bed: bed(), keytab: bed().keytab.oldService });
      try {
        const context = createInitiator({ target: "host@localhost", credential: clientOf("alice") });
        const error = await refusal(context, old.port);
        expect(error.code).toBe("SERVER_REJECTED_TICKET");
        expect(error.cause).toMatchObject({ errorName: "KRB_AP_ERR_NOT_US" });
      } finally {
        await old.close();
      }
    });

    it("the same AP-REQ twice is REPLAY", async () => {
      const context = createInitiator({ target: acceptor().service, credential: clientOf("alice") });
      const token = (await context.step()) as Uint8Array;
      for (const isFirst of [true, false]) {
        const peer = await GssPeer.connect(acceptor().port);
        peer.sendToken(token);
        const reply = await peer.receiveToken();
        peer.close();
        if (isFirst) continue;
        await expect(context.step(reply)).rejects.toMatchObject({ name: "ServiceError", code: "REPLAY" });
      }
    });
  });
});

describeLive(["mit", "python-gssapi", "faketime"], "libgssapi's acceptor with a wrong clock", () => {
  const bed = useBed(() => startMitBed());
  const acceptor = useBed(() => startGssAcceptor({ bed: bed(), clockOffsetSeconds: 600 }));

  it("10 minutes off is SERVER_CLOCK_SKEW", async () => {
    const credential = createClient({
      credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
      kdc: bed().kdc,
    });
    const error = await refusal(createInitiator({ target: acceptor().service, credential }), acceptor().port);
    expect(error.code).toBe("SERVER_CLOCK_SKEW");
    expect((error.cause as KdcError).serverTime?.getTime()).toBeGreaterThan(Date.now() + 500_000);
  });
});

describeLive(["mit", "python-gssapi"], "channel bindings with libgssapi's acceptor", () => {
  const bed = useBed(() => startMitBed());
  const bindings = tlsServerEndPoint(acceptorData(32));
  const acceptor = useBed(() => startGssAcceptor({ bed: bed(), channelBindings: bindings }));
  const contextWith = (channelBindings: ChannelBindingsOption | undefined) =>
    createInitiator({
      target: acceptor().service,
      credential: createClient({
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
        kdc: bed().kdc,
      }),
      channelBindings,
    });

  it("the same ones are accepted, as octets and as an object", async () => {
    for (const same of [bindings, { applicationData: bindings }]) {
      const context = contextWith(same);
      const peer = await establish(context, acceptor().port);
      expect(await peer.askForFacts("W", context.wrap(acceptorData(9)))).toMatchObject({ length: 9 });
      peer.close();
    }
  });

  it("other ones are refused", async () => {
    const error = await refusal(contextWith(acceptorData(40)), acceptor().port);
    expect(error.code).toBe("SERVER_REJECTED_TICKET");
  });
});

describeLive(
  ["heimdal", "mit", "python-gssapi"],
  "createInitiator and libgssapi's acceptor, tickets of Heimdal",
  () => {
    const bed = useBed(() => startHeimdalBed());
    const acceptor = useBed(() => startGssAcceptor({ bed: bed() }));

    it("sealed, unsealed and MIC both ways", async () => {
      const credential = createClient({
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
        kdc: bed().kdc,
      });
      const context = createInitiator({ target: acceptor().service, credential });
      const peer = await establish(context, acceptor().port);
      await converse(context, peer);
      peer.close();
    });
  },
);
