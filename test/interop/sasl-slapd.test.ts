// createSaslClient against OpenLDAP's server: SASL of Cyrus on libgssapi, with the security layers on a real stream.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { concat, encodeText } from "../../src/bytes/index.ts";
import { tlsServerEndPoint } from "../../src/entry/gssapi.ts";
import { createClient } from "../../src/entry/index.ts";
import { createSaslClient, type Layer, type SaslClientOptions, saslDuplex } from "../../src/entry/sasl.ts";
import { createSpnegoInitiator } from "../../src/entry/spnego.ts";
import { startMitBed, startSlapd } from "../../tools/beds/index.mjs";
import { LdapPeer } from "../support/ldap.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { programOf } from "../support/pages.ts";

describeLive(["mit", "slapd"], "createSaslClient and slapd", () => {
  const bed = useBed(() => startMitBed({ services: ["ldap/localhost"] }));
  const slapd = useBed(() => startSlapd({ bed: bed() }));

  const credentialOf = () => {
    const { realm, kdc, passwords } = bed();
    return createClient({ credentials: { principal: `alice@${realm}`, password: passwords.alice as string }, kdc });
  };
  const saslOf = (options: Partial<SaslClientOptions> = {}) =>
    createSaslClient({ service: "ldap", host: "localhost", credential: credentialOf(), ...options });

  /** Binds, and asks the server who it thinks we are, and for more octets than a frame has. */
  async function use(peer: LdapPeer, sasl: ReturnType<typeof saslOf>): Promise<void> {
    const alice = `dn:uid=alice,cn=${bed().realm.toLowerCase()},cn=${sasl.mechanism.toLowerCase()},cn=auth`;
    try {
      expect(await peer.saslBind(sasl)).toMatchObject({ code: 0 });
      expect(await peer.whoami()).toBe(alice);
      const { entries, octets } = await peer.search(slapd().baseDn);
      expect(entries).toBe(slapd().people + 1);
      expect(octets).toBeGreaterThan(3 * 65_536);
      expect(await peer.whoami()).toBe(alice);
    } finally {
      peer.close();
    }
  }

  /** The program of docs/gssapi.md, with slapd's host and port. */
  it("as docs/gssapi.md says", async () => {
    const program = programOf("docs/gssapi.md", "createSaslClient").replace(/^import .*\n/, "");
    const peer = await LdapPeer.connect(slapd().port);
    const bind = async (mechanism: string, response: Uint8Array) => {
      const { code, value } = await peer.bind(mechanism, response);
      return { isDone: code === 0, octets: value };
    };
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    const body = `${program.replace("ldap.example.org", "localhost")} return { readable, writable };`;
    const run = new AsyncFunction("createSaslClient", "saslDuplex", "client", "bind", "stream", body);
    peer.stream = await run(createSaslClient, saslDuplex, credentialOf(), bind, peer.stream);
    expect((await peer.search(slapd().baseDn)).entries).toBe(slapd().people + 1);
    peer.close();
  });

  it("encrypts without TLS unless said otherwise", async () => {
    const sasl = saslOf();
    await use(await LdapPeer.connect(slapd().port), sasl);
    expect(sasl.layer?.kind).toBe("confidentiality");
  });

  it("is refused as someone that it may not be", async () => {
    const peer = await LdapPeer.connect(slapd().port);
    const sasl = saslOf({ authorizationId: "u:bob" });
    const { code, message } = await peer.saslBind(sasl);
    peer.close();
    expect(code, message).not.toBe(0);
  });

  describe.runIf(wholeTable)("all of it", () => {
    it.each<[Layer, Layer[]]>([
      ["none", ["none"]],
      ["integrity", ["integrity"]],
      ["integrity", ["integrity", "confidentiality"]],
      ["confidentiality", ["confidentiality", "integrity", "none"]],
    ])("the layer is %s of %j", async (kind, layers) => {
      const sasl = saslOf({ layers });
      await use(await LdapPeer.connect(slapd().port), sasl);
      expect(sasl.layer?.kind ?? "none").toBe(kind);
    });

    it("takes frames of the size that was agreed, and sends no longer ones", async () => {
      const sasl = saslOf({ maxReceiveBytes: 1024 });
      await use(await LdapPeer.connect(slapd().port), sasl);
    });

    it("within TLS there is no layer", async () => {
      const { peer } = await LdapPeer.connectTls(slapd().tlsPort, readFileSync(slapd().ca, "utf8"));
      const sasl = saslOf({ tls: true });
      await use(peer, sasl);
      expect(sasl.layer).toBeUndefined();
    });

    it("within TLS there is a layer all the same where it is named", async () => {
      const { peer } = await LdapPeer.connectTls(slapd().tlsPort, readFileSync(slapd().ca, "utf8"));
      const sasl = saslOf({ tls: true, layers: ["confidentiality"] });
      await use(peer, sasl);
      expect(sasl.layer?.kind).toBe("confidentiality");
    });

    it.each<Layer>(["none", "integrity", "confidentiality"])("GSS-SPNEGO with the layer %s", async (kind) => {
      const sasl = saslOf({ mechanism: "GSS-SPNEGO", spnego: createSpnegoInitiator, layers: [kind] });
      await use(await LdapPeer.connect(slapd().port), sasl);
      expect(sasl.layer?.kind ?? "none").toBe(kind);
    });

    it("GS2-KRB5", async () => {
      await use(await LdapPeer.connect(slapd().port), saslOf({ mechanism: "GS2-KRB5", layers: ["none"] }));
    });
  });

  describe.runIf(wholeTable)("that binds to the TLS channel", () => {
    const bound = useBed(() => startSlapd({ bed: bed(), channelBindings: "tls-endpoint" }));
    const connect = async () => {
      const { peer, socket } = await LdapPeer.connectTls(bound().tlsPort, readFileSync(bound().ca, "utf8"));
      const hash = createHash("sha256").update(socket.getPeerCertificate(true).raw).digest();
      return { peer, bindings: tlsServerEndPoint(hash), others: tlsServerEndPoint(hash.reverse()) };
    };

    it("right bindings", async () => {
      const { peer, bindings } = await connect();
      await use(peer, saslOf({ channelBindings: bindings }));
    });

    it("wrong bindings are refused", async () => {
      const { peer, others } = await connect();
      expect((await peer.saslBind(saslOf({ channelBindings: others }))).code).toBe(49);
      peer.close();
    });

    it("GS2-KRB5-PLUS, whose bindings Cyrus calls ldap", async () => {
      const { peer, bindings } = await connect();
      const channelBindings = concat(encodeText("ldap:"), bindings);
      await use(peer, saslOf({ mechanism: "GS2-KRB5-PLUS", channelBindings }));
    });

    it("GS2-KRB5-PLUS with wrong bindings is refused", async () => {
      const { peer, others } = await connect();
      const channelBindings = concat(encodeText("ldap:"), others);
      const { message } = await peer.saslBind(saslOf({ mechanism: "GS2-KRB5-PLUS", channelBindings }));
      expect(message).toContain("channel binding failure");
      peer.close();
    });
  });

  describe.runIf(wholeTable)("that asks for confidentiality", () => {
    const strict = useBed(() => startSlapd({ bed: bed(), secProps: "minssf=56" }));

    it("gets it", async () => {
      await use(await LdapPeer.connect(strict().port), saslOf());
    });

    it("is refused where less is wanted", async () => {
      const peer = await LdapPeer.connect(strict().port);
      await expect(peer.saslBind(saslOf({ layers: ["none"] }))).rejects.toMatchObject({ code: "SASL_LAYER" });
      peer.close();
    });
  });

  describe.runIf(wholeTable)("that has no layers", () => {
    const plain = useBed(() => startSlapd({ bed: bed(), secProps: "maxssf=0" }));

    it("is refused where confidentiality is wanted", async () => {
      const peer = await LdapPeer.connect(plain().port);
      await expect(peer.saslBind(saslOf())).rejects.toMatchObject({
        code: "SASL_LAYER",
        message: expect.stringContaining("the server offers none and confidentiality is wanted"),
      });
      peer.close();
    });
  });
});
