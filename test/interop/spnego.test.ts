// SPNEGO with MIT's libgssapi, in both roles.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createClient, type KerberosError } from "../../src/entry/index.ts";
import {
  createSpnegoAcceptor,
  createSpnegoInitiator,
  describeToken,
  type SpnegoAcceptorOptions,
  type SpnegoContext,
  type SpnegoInitiatorOptions,
} from "../../src/entry/spnego.ts";
import { acceptorData, startGssAcceptor, startMitBed } from "../../tools/beds/index.mjs";
import { ALL_FLAGS, arrive } from "../support/gss-arrival.ts";
import { converse, GssPeer, sha256 } from "../support/gss-peer.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

const SPNEGO = "1.3.6.1.5.5.2";
const MUTUAL = 2;

/** Steps of our context until it is established; gives what came from the peer. */
async function speak(context: SpnegoContext, peer: GssPeer, isFirst: boolean): Promise<readonly Uint8Array[]> {
  const came: Uint8Array[] = [];
  let token = isFirst ? await context.step() : undefined;
  for (;;) {
    if (token !== undefined) peer.sendToken(token);
    if (context.isEstablished) return came;
    const octets = await peer.receiveToken();
    came.push(octets);
    token = await context.step(octets);
  }
}

async function refusal(promise: Promise<unknown>): Promise<KerberosError> {
  return await promise.then(
    () => expect.fail("it was accepted"),
    (error: KerberosError) => error,
  );
}

describeLive(["mit", "python-gssapi"], "createSpnegoInitiator and libgssapi's acceptor", () => {
  const bed = useBed(() => startMitBed());
  const acceptor = useBed(() => startGssAcceptor({ bed: bed() }));
  const contextWith = (options: Partial<SpnegoInitiatorOptions> = {}) =>
    createSpnegoInitiator({
      target: "host@localhost",
      credential: createClient({
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
        kdc: bed().kdc,
      }),
      ...options,
    });

  const connect = async (options: Partial<SpnegoInitiatorOptions>) => {
    const peer = await GssPeer.connect(acceptor().port);
    const context = contextWith(options);
    const came = (await speak(context, peer, true)).map(describeToken);
    expect(await peer.askForFacts("I")).toMatchObject({
      initiator: `alice@${bed().realm}`,
      mech: "1.2.840.113554.1.2.2",
    });
    return { peer, context, came };
  };

  it("one round trip, without a MIC; messages both ways", async () => {
    const { peer, context, came } = await connect({});
    expect(came).toMatchObject([{ kind: "spnego-response", state: "accept-completed", hasMic: false }]);
    const data = acceptorData(1000);
    expect(await peer.askForFacts("W", context.wrap(data))).toMatchObject({ sha256: sha256(data) });
    peer.close();
  });

  it("a service whose key was changed: the KRB-ERROR within the refusal is what is told", async () => {
    const old = await startGssAcceptor({ bed: bed(), keytab: bed().keytab.oldService });
    try {
      const peer = await GssPeer.connect(old.port);
      const error = await refusal(speak(contextWith({ target: `host/changed@${bed().realm}` }), peer, true));
      expect(error).toMatchObject({ name: "ServiceError", code: "SERVER_KEY_CHANGED" });
      peer.close();
    } finally {
      await old.close();
    }
  });

  describe.runIf(wholeTable)("each row of what may be sent", () => {
    it("all messages, 0 octets to 1 MB", { timeout: 60_000 }, async () => {
      const { peer, context } = await connect({});
      await converse(context, peer);
      peer.close();
    });

    it("without mutual authentication: an answer with no token", async () => {
      const { peer, context, came } = await connect({ flags: { mutual: false } });
      expect(came).toMatchObject([{ state: "accept-completed", token: undefined, hasMic: false }]);
      const data = acceptorData(100);
      expect(await peer.askForFacts("W", context.wrap(data))).toMatchObject({ sha256: sha256(data) });
      peer.close();
    });

    it("under Microsoft's object identifier", async () => {
      const { peer, came, context } = await connect({ microsoftOidFirst: true });
      expect(came).toMatchObject([{ state: "accept-completed", mechanism: { oid: "1.2.840.48018.1.2.2" } }]);
      expect(context.negotiated).toBe("1.2.840.48018.1.2.2");
      peer.close();
    });

    it("a MIC that is wanted and that MIT does not send", async () => {
      const peer = await GssPeer.connect(acceptor().port);
      const error = await refusal(speak(contextWith({ requireMic: true }), peer, true));
      expect(error.code).toBe("SPNEGO_BAD_MIC");
      peer.close();
    });
  });
});

describeLive(["mit", "python-gssapi"], "createSpnegoAcceptor and libgssapi's initiator", () => {
  const bed = useBed(() => startMitBed());
  const keytab = () => new Uint8Array(readFileSync(bed().keytab.service));
  const login = () => bed().kinit(`alice@${bed().realm}`, { password: bed().passwords.alice as string });

  const accept = async (options: Partial<SpnegoAcceptorOptions>, flags: number = ALL_FLAGS) => {
    const { env } = await login();
    const arrival = await arrive(env, `host/localhost@${bed().realm}`, { mech: SPNEGO, flags });
    const context = createSpnegoAcceptor({ keytab: keytab(), service: "host", ...options });
    const came = (await speak(context, arrival.peer, false)).map(describeToken);
    expect(context.peer?.components).toEqual(["alice"]);
    expect(await arrival.peer.askForFacts("I")).toMatchObject({ mech: "1.2.840.113554.1.2.2" });
    return { ...arrival, context, came };
  };

  it("one round trip, without a MIC; messages both ways", async () => {
    const { peer, context, came, close, program } = await accept({});
    expect(came).toMatchObject([{ kind: "spnego-init", token: { kind: "krb5", message: "AP-REQ" }, hasMic: false }]);
    expect(context.wasReselected).toBe(false);
    const data = acceptorData(1000);
    expect(await peer.askForFacts("W", context.wrap(data))).toMatchObject({ sha256: sha256(data) });
    close();
    expect(await program).toMatchObject({ status: 0 });
  });

  it("a key that is not in the keytab: libgssapi says what the KRB-ERROR within the refusal says", async () => {
    const { env } = await login();
    const arrival = await arrive(env, `host/changed@${bed().realm}`, { mech: SPNEGO });
    const old = new Uint8Array(readFileSync(bed().keytab.oldService));
    const error = await refusal(createSpnegoAcceptor({ keytab: old }).step(await arrival.peer.receiveToken()));
    expect(error.code).toBe("SERVER_KEY_CHANGED");
    arrival.peer.sendToken(error.token as Uint8Array);
    const { status, text } = await arrival.program;
    expect(status).toBe(1);
    expect(text).toContain("Key version is not available");
    arrival.close();
  });

  describe.runIf(wholeTable)("each row of what may be sent", () => {
    it("all messages, 0 octets to 1 MB", { timeout: 60_000 }, async () => {
      const { peer, context, close, program } = await accept({});
      await converse(context, peer);
      close();
      await program;
    });

    it("without mutual authentication", async () => {
      const { peer, context, close, program } = await accept({}, ALL_FLAGS & ~MUTUAL);
      expect(context.flags.mutual).toBe(false);
      const data = acceptorData(100);
      expect(await peer.askForFacts("W", context.wrap(data))).toMatchObject({ sha256: sha256(data) });
      close();
      await program;
    });

    it("MICs that are requested: libgssapi checks ours and sends its own", async () => {
      for (const flags of [ALL_FLAGS, ALL_FLAGS & ~MUTUAL]) {
        const { came, close, program } = await accept({ requireMic: true }, flags);
        expect(came).toMatchObject([
          { kind: "spnego-init" },
          { kind: "spnego-response", state: "accept-completed", token: undefined, hasMic: true },
        ]);
        close();
        await program;
      }
    });

    it("a token of krb5 itself", async () => {
      const { env } = await login();
      const arrival = await arrive(env, `host/localhost@${bed().realm}`);
      const context = createSpnegoAcceptor({ keytab: keytab() });
      await speak(context, arrival.peer, false);
      expect(context.framing).toBe("raw");
      await arrival.peer.askForFacts("I");
      arrival.close();
      await arrival.program;
    });
  });
});
