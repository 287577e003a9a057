// Both ends of SASL against those of Cyrus SASL on libgssapi, the library of slapd, mongod and librdkafka.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { concat, encodeText } from "../../src/bytes/index.ts";
import { createClient, formatPrincipal } from "../../src/entry/index.ts";
import {
  createSaslClient,
  createSaslServer,
  type Layer,
  type SaslClientOptions,
  type SaslServerOptions,
  type SecurityLayer,
} from "../../src/entry/sasl.ts";
import { startCyrusClient, startCyrusServer, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

type CyrusPeer = Awaited<ReturnType<typeof startCyrusServer>>;

const LAYERS: readonly [layer: Layer, ssf: string][] = [
  ["none", "0"],
  ["integrity", "1"],
  ["confidentiality", "256"],
];

/** A message each way through a layer. The samples send the end of a C string too. */
async function exchangeMessages(peer: CyrusPeer, layer: SecurityLayer | undefined, ours: string): Promise<string> {
  const deframer = layer?.createDeframer();
  const read = async () => {
    const octets = await peer.receive();
    return Buffer.concat(deframer === undefined ? [octets] : deframer.push(octets)).toString();
  };
  peer.send(layer === undefined ? encodeText(ours) : layer.frame(encodeText(ours)));
  return (await read()).replace("\0", "");
}

describeLive(["mit", "slapd"], "createSaslClient and Cyrus's server", () => {
  const bed = useBed(() => startMitBed());

  async function negotiate(options: Partial<SaslClientOptions>, args: string[] = []) {
    const { mechanism = "GSSAPI" } = options;
    const peer = await startCyrusServer({
      bed: bed(),
      mechanism,
      args,
      ...(mechanism === "GSSAPI" ? {} : { user: "alice" }),
    });
    const { realm, kdc, passwords } = bed();
    const credential = createClient({
      credentials: { principal: `alice@${realm}`, password: passwords.alice as string },
      kdc,
    });
    const sasl = createSaslClient({ service: "host", host: "localhost", credential, ...options });
    try {
      expect((await peer.receive()).toString()).toBe(mechanism);
      peer.send(concat(encodeText(`${mechanism}\0`), await sasl.step()));
      while (!sasl.isComplete) peer.send(await sasl.step(await peer.receive()));
      await peer.says(/^Negotiation complete$/m);
      const layer = await sasl.finish();
      const [, user] = await peer.says(/^Username: (.*)$/m);
      const [, ssf] = await peer.says(/^SSF: (.*)$/m);
      const message = await exchangeMessages(peer, layer, "client message 1");
      await peer.says(/^recieved decoded message 'client message 1'$/m);
      return { layer, user, ssf, message };
    } finally {
      await peer.close();
    }
  }

  it("encrypts unless said otherwise", async () => {
    const { layer, ...seen } = await negotiate({});
    expect(seen).toEqual({ user: "alice", ssf: "256", message: "srv message 1" });
    expect(layer?.kind).toBe("confidentiality");
  });

  it("may not act as another", async () => {
    await expect(negotiate({ authorizationId: "bob" })).rejects.toThrow(
      "Requested identity not authenticated identity",
    );
  });

  describe.runIf(wholeTable)("the whole table", () => {
    it.each(LAYERS)("the layer %s", async (kind, ssf) => {
      const seen = await negotiate({ layers: [kind] });
      expect(seen).toMatchObject({ user: "alice", ssf, message: "srv message 1" });
      expect(seen.layer?.kind ?? "none").toBe(kind);
    });

    it("GS2-KRB5, by the plug-in of GS2", async () => {
      const seen = await negotiate({ mechanism: "GS2-KRB5", layers: ["none"] });
      expect(seen).toEqual({ layer: undefined, user: "alice", ssf: "0", message: "srv message 1" });
    });

    it("GS2-KRB5 may not act as another", async () => {
      await expect(negotiate({ mechanism: "GS2-KRB5", layers: ["none"], authorizationId: "bob=,x" })).rejects.toThrow(
        "Requested identity not authenticated identity",
      );
    });

    it("acts as itself by the name that the server has", async () => {
      expect(await negotiate({ authorizationId: "alice" })).toMatchObject({ user: "alice" });
    });

    it.each<[Layer, string]>([
      ["none", "min=56"],
      ["confidentiality", "max=1"],
    ])("wants %s of a server with %s", async (layer, asked) => {
      await expect(negotiate({ layers: [layer] }, ["-b", asked])).rejects.toMatchObject({ code: "SASL_LAYER" });
    });
  });
});

describeLive(["mit", "slapd"], "createSaslServer and Cyrus's client", () => {
  const bed = useBed(() => startMitBed());

  async function accept(options: Partial<SaslServerOptions>, args: string[] = []) {
    const { mechanism = "GSSAPI" } = options;
    const { env } = await bed().kinit("alice", { password: bed().passwords.alice as string });
    const peer = await startCyrusClient({ bed: bed(), env, mechanism, args });
    const sasl = createSaslServer({
      keytab: readFileSync(bed().keytab.service),
      service: "host@localhost",
      ...options,
    });
    try {
      peer.send(encodeText(mechanism));
      const first = await peer.receive();
      const at = first.indexOf(0);
      expect(first.subarray(0, at).toString()).toBe(mechanism);
      for (let response = first.subarray(at + 1); ; response = await peer.receive()) {
        const challenge = await sasl.step(response);
        if (!sasl.isComplete || challenge !== undefined) peer.send(challenge ?? new Uint8Array(0));
        if (sasl.isComplete) break;
      }
      const [, ssf] = await peer.says(/^SSF: (.*)$/m);
      const message = await exchangeMessages(peer, sasl.layer, "srv message 1");
      return { client: sasl.client && formatPrincipal(sasl.client), asWhom: sasl.authorizationId, ssf, message };
    } finally {
      await peer.close();
    }
  }

  it("encrypts unless said otherwise", async () => {
    expect(await accept({})).toEqual({
      client: `alice@${bed().realm}`,
      asWhom: undefined,
      ssf: "256",
      message: "client message 1",
    });
  });

  it("refuses a client that wants to act as another", async () => {
    await expect(accept({}, ["-u", "bob"])).rejects.toMatchObject({ code: "SASL_NOT_AUTHORIZED" });
  });

  describe.runIf(wholeTable)("the whole table", () => {
    it.each(LAYERS)("the layer %s", async (layer, ssf) => {
      expect(await accept({ layers: [layer] })).toMatchObject({ ssf, message: "client message 1" });
    });

    it("GS2-KRB5, by the plug-in of GS2", async () => {
      const seen = await accept({ mechanism: "GS2-KRB5", layers: ["none"] }, ["-a", "alice"]);
      expect(seen).toEqual({
        client: `alice@${bed().realm}`,
        asWhom: undefined,
        ssf: "0",
        message: "client message 1",
      });
    });

    it("GS2-KRB5: a client acts as another where the server says so, by a name with the octets that are escaped", async () => {
      const options = { mechanism: "GS2-KRB5", layers: ["none"] } as const;
      const name = "bob=,x";
      const authorize = (_: unknown, asWhom: string | undefined) => asWhom === name;
      expect(await accept({ ...options, authorize }, ["-a", "alice", "-u", name])).toMatchObject({ asWhom: name });
      await expect(accept(options, ["-a", "alice", "-u", name])).rejects.toMatchObject({ code: "SASL_NOT_AUTHORIZED" });
    });

    it("lets a client act as another where the server says so", async () => {
      const authorize = (_: unknown, asWhom: string | undefined) => asWhom === "bob";
      expect(await accept({ authorize }, ["-u", "bob"])).toMatchObject({ asWhom: "bob" });
    });
  });
});
