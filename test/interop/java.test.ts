// The JDK's own ends: its HTTP client at createNegotiateServer, its GSS-API (JGSS) and its SASL against ours, both ways.

import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { encodeText } from "../../src/bytes/index.ts";
import {
  createAcceptor,
  createInitiator,
  createReplayCache,
  formatPrincipal,
  type SecurityContext,
} from "../../src/entry/gssapi.ts";
import {
  createNegotiateServer,
  expressNegotiate,
  type IncomingRequest,
  type NegotiateServerOptions,
} from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import {
  createSaslClient,
  createSaslServer,
  type Layer,
  type SaslClientOptions,
  type SaslServerOptions,
  type SecurityLayer,
} from "../../src/entry/sasl.ts";
import { createSpnegoAcceptor, createSpnegoInitiator, describeToken } from "../../src/entry/spnego.ts";
import { serverEndPoint } from "../../src/http/server-end-point.ts";
import { acceptorData, makeCertificates, startJava, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

type Java = Awaited<ReturnType<typeof startJava>>;

const KRB5 = "1.2.840.113554.1.2.2";
const SPNEGO = "1.3.6.1.5.5.2";
const ALL_FLAGS = "mutual,replay,sequence,conf,integ";

const octetsOf = (word = "-"): Uint8Array => (word === "-" ? new Uint8Array(0) : Buffer.from(word, "base64"));

/** Tokens both ways until ours is established and the JDK's too. Gives what the JDK sent. */
async function establish(context: SecurityContext, java: Java, isOurs: boolean): Promise<Uint8Array[]> {
  const came: Uint8Array[] = [];
  let token = isOurs ? await context.step() : undefined;
  for (let isDone = false; ; ) {
    if (isDone && token === undefined) return came;
    const [state, word] = await java.ask("step", token);
    isDone = state === "done";
    token = undefined;
    if (word === "-") continue;
    came.push(octetsOf(word));
    token = await context.step(octetsOf(word));
    if (isDone && context.isEstablished && token === undefined) return came;
  }
}

/** Messages both ways, sealed and signed, and MICs. */
async function converse(context: SecurityContext, java: Java): Promise<void> {
  for (const size of [0, 1, 1000, 100_000]) {
    const data = acceptorData(size);
    for (const kind of ["conf", "plain"]) {
      const conf = kind === "conf";
      const [found, echoed] = await java.ask("unwrap", context.wrap(data, { conf }));
      expect([found, Buffer.from(octetsOf(echoed)).equals(data)]).toEqual([kind, true]);
      const [token] = await java.ask("wrap", kind, data);
      expect(Buffer.from(context.unwrap(octetsOf(token), { requireConf: conf })).equals(data)).toBe(true);
    }
    await java.ask("verify", data, context.getMic(data));
    const [mic] = await java.ask("mic", data);
    context.verifyMic(data, octetsOf(mic));
  }
}

describe.runIf(wholeTable)("the JDK", { timeout: 60_000 }, () => {
  describeLive(["mit", "java", "slapd"], "its ends and ours", () => {
    const bed = useBed(() => startMitBed());
    const tls = useBed(async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "krb5-remctl-java-"));
      const files = await makeCertificates(peers.slapd, folder);
      return { ...files, close: async () => rmSync(folder, { recursive: true, force: true }) };
    });
    const java = useBed(async () => {
      const { env } = await bed().kinit(`alice@${bed().realm}`, { password: bed().passwords.alice as string });
      const cache = (env.KRB5CCNAME ?? "").replace(/^FILE:/, "");
      // Its HTTPS client sends channel bindings where it is asked to (JDK-8279842).
      return await startJava({ bed: bed(), cache, ca: tls().ca, properties: ["jdk.https.negotiate.cbt=always"] });
    }, 60_000);
    const alice = () => `alice@${bed().realm}`;
    const keytab = () => new Uint8Array(readFileSync(bed().keytab.service));
    const credential = () =>
      createClient({
        credentials: { principal: alice(), password: bed().passwords.alice as string },
        kdc: bed().kdc,
      });

    describe("HttpURLConnection and createNegotiateServer", () => {
      const listenerOf = (options: Partial<NegotiateServerOptions>): RequestListener => {
        const middleware = expressNegotiate(
          createNegotiateServer({ keytab: keytab(), replayCache: createReplayCache(), ...options }),
        );
        return (request, response) =>
          void middleware(request as unknown as IncomingRequest, response, () => {
            const { kerberos } = request as unknown as { readonly kerberos: { readonly principal: string } };
            let length = 0;
            request
              .on("data", (chunk: Buffer) => {
                length += chunk.length;
              })
              .on("end", () => response.end(`hello ${kerberos.principal}, ${length} octets\n`));
          });
      };

      async function asking(server: Server, scheme: string, words: readonly (string | Uint8Array)[]) {
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const url = `${scheme}://localhost:${(server.address() as AddressInfo).port}/`;
        try {
          const [method = "get", ...more] = words;
          const [status, field, body] = await java().ask(method, url, ...more);
          return {
            status,
            field: Buffer.from(octetsOf(field)).toString(),
            body: Buffer.from(octetsOf(body)).toString(),
          };
        } finally {
          server.closeAllConnections();
          server.close();
        }
      }
      const overHttp = (options: Partial<NegotiateServerOptions>, ...words: readonly (string | Uint8Array)[]) =>
        asking(createHttpServer(listenerOf(options)), "http", words);
      const overTls = async (bindings: Uint8Array) => {
        const files = { cert: readFileSync(tls().certificate), key: readFileSync(tls().key) };
        return await asking(createHttpsServer(files, listenerOf({ channelBindings: bindings })), "https", ["get"]);
      };
      const bindings = async () => {
        const certificate = new X509Certificate(readFileSync(tls().certificate));
        return (await serverEndPoint(new Uint8Array(certificate.raw))) as Uint8Array;
      };

      it("a GET and a POST are let in, with the server's proof", async () => {
        expect(await overHttp({}, "get")).toEqual({
          status: "200",
          field: expect.stringMatching(/^Negotiate [A-Za-z0-9+/=]{100,}$/),
          body: `hello ${alice()}, 0 octets\n`,
        });
        const posted = await overHttp({}, "post", encodeText("x".repeat(5000)));
        expect(posted.body).toBe(`hello ${alice()}, 5000 octets\n`);
      });

      it("is refused where the service has no key for its ticket", async () => {
        await expect(overHttp({ service: "host@localhost" }, "get")).rejects.toThrow(
          "IOException: Authentication failure",
        );
      });

      it("over TLS, with its channel bindings: the right ones, and those of another certificate", async () => {
        expect((await overTls(await bindings())).body).toBe(`hello ${alice()}, 0 octets\n`);
        const others = (await bindings()).slice();
        others[others.length - 1] = (others.at(-1) ?? 0) ^ 1;
        await expect(overTls(others)).rejects.toThrow("IOException: Authentication failure");
      });
    });

    describe("JGSS", () => {
      const begin = async (flags = ALL_FLAGS, mech = KRB5) => {
        await java().ask("initiator", mech, "host@localhost", flags);
      };

      it("our initiator and its acceptor of krb5: every kind of message", async () => {
        await java().ask("acceptor");
        const context = createInitiator({ target: "host@localhost", credential: credential() });
        await establish(context, java(), true);
        expect(await java().ask("facts")).toEqual([
          alice(),
          expect.stringMatching(/^host\/localhost@/),
          KRB5,
          expect.any(String),
        ]);
        await converse(context, java());
      });

      it("its initiator of krb5 and our acceptor: every kind of message", async () => {
        await begin();
        const context = createAcceptor({ keytab: keytab(), service: "host", replayCache: createReplayCache() });
        await establish(context, java(), false);
        expect(context.peer && formatPrincipal(context.peer)).toBe(alice());
        expect(context.flags).toMatchObject({ mutual: true, confidentiality: true, integrity: true });
        await converse(context, java());
      });

      it.each([
        ["mutual", {}, "accept-completed"],
        ["not mutual", { flags: { mutual: false } }, "accept-completed"],
        ["under Microsoft's object identifier", { microsoftOidFirst: true }, "accept-completed"],
      ])("our SPNEGO and its acceptor, %s", async (_, options, state) => {
        await java().ask("acceptor");
        const context = createSpnegoInitiator({ target: "host@localhost", credential: credential(), ...options });
        const [first] = await establish(context, java(), true);
        expect(describeToken(first ?? new Uint8Array(0))).toMatchObject({ kind: "spnego-response", state });
        expect((await java().ask("facts"))[0]).toBe(alice());
        await converse(context, java());
      });

      it.each([ALL_FLAGS, "conf,integ"])("its SPNEGO and our acceptor: %s", async (flags) => {
        await begin(flags, SPNEGO);
        const context = createSpnegoAcceptor({ keytab: keytab(), service: "host", replayCache: createReplayCache() });
        const [first] = await establish(context, java(), false);
        expect(describeToken(first ?? new Uint8Array(0))).toMatchObject({
          kind: "spnego-init",
          token: { kind: "krb5" },
        });
        expect([context.framing, context.wasReselected, context.flags.mutual]).toEqual([
          "spnego",
          false,
          flags.startsWith("mutual"),
        ]);
        expect(context.peer && formatPrincipal(context.peer)).toBe(alice());
        await converse(context, java());
      });

      it("a key that is not in our keytab: its error is that of the KRB-ERROR within our refusal", async () => {
        await java().ask("initiator", SPNEGO, "host@localhost", ALL_FLAGS);
        const [, token] = await java().ask("step", undefined);
        const context = createSpnegoAcceptor({ keytab: new Uint8Array(readFileSync(bed().keytab.alice)) });
        const error = await context.step(octetsOf(token)).then(
          () => expect.fail("it was accepted"),
          (reason: { readonly token?: Uint8Array }) => reason,
        );
        await expect(java().ask("step", error.token)).rejects.toThrow(/the JDK: .*GSSException/);
      });
    });

    describe("SASL GSSAPI, as Kafka, Hive and ZooKeeper have it", () => {
      const QOPS: readonly [layer: Layer, qop: string][] = [
        ["none", "auth"],
        ["integrity", "auth-int"],
        ["confidentiality", "auth-conf"],
      ];

      /** Octets both ways, of which some take several frames. */
      async function exchange(layer: SecurityLayer | undefined): Promise<void> {
        if (layer === undefined) return;
        const deframer = layer.createDeframer();
        for (const size of [1, 1000, Math.min(layer.maxMessageBytes, 60_000)]) {
          const data = acceptorData(size);
          const frame = layer.frame(data);
          const [theirs] = await java().ask("sasl-unwrap", frame.subarray(4));
          expect(Buffer.from(octetsOf(theirs)).equals(data)).toBe(true);
          const [token] = await java().ask("sasl-wrap", data);
          const wrapped = Buffer.from(octetsOf(token));
          const length = Buffer.alloc(4);
          length.writeUInt32BE(wrapped.length);
          expect(Buffer.concat(deframer.push(Buffer.concat([length, wrapped]))).equals(data)).toBe(true);
        }
      }

      async function initiate(qops: string, options: Partial<SaslClientOptions>) {
        await java().ask("sasl-server", "host", "localhost", qops);
        const sasl = createSaslClient({ service: "host", host: "localhost", credential: credential(), ...options });
        let response = await sasl.step();
        for (;;) {
          const [state, challenge] = await java().ask("sasl", response);
          if (state === "done") break;
          response = await sasl.step(octetsOf(challenge));
        }
        const layer = await sasl.finish();
        await exchange(layer);
        return { layer: layer?.kind ?? "none", facts: await java().ask("sasl-facts") };
      }

      async function accept(qop: string, options: Partial<SaslServerOptions>, authorizationId = "-") {
        await java().ask("sasl-client", "host", "localhost", qop, authorizationId);
        const sasl = createSaslServer({
          keytab: keytab(),
          service: "host@localhost",
          replayCache: createReplayCache(),
          ...options,
        });
        let [, word] = await java().ask("sasl", undefined);
        for (;;) {
          const challenge = await sasl.step(octetsOf(word));
          if (sasl.isComplete) break;
          [, word] = await java().ask("sasl", challenge);
        }
        await exchange(sasl.layer);
        const [, found] = await java().ask("sasl-facts");
        return { client: sasl.client && formatPrincipal(sasl.client), layer: sasl.layer?.kind ?? "none", found };
      }

      it.each(QOPS)("our client and its server: %s", async (layer, qop) => {
        expect(await initiate(qop, { layers: [layer] })).toEqual({ layer, facts: [alice(), qop] });
        expect(await initiate("auth-conf,auth-int,auth", { layers: [layer] })).toEqual({
          layer,
          facts: [alice(), qop],
        });
      });

      it("our client at a server with less than it wants", async () => {
        await expect(initiate("auth-int,auth", {})).rejects.toMatchObject({ code: "SASL_LAYER" });
      });

      it("our client as itself by name, and not as another", async () => {
        const options = { layers: ["none"] as const };
        expect(await initiate("auth", { ...options, authorizationId: alice() })).toMatchObject({ layer: "none" });
        await expect(initiate("auth", { ...options, authorizationId: "bob" })).rejects.toThrow(/the JDK: .*authori/i);
      });

      it.each(QOPS)("its client and our server: %s", async (layer, qop) => {
        const seen = { client: alice(), layer, found: qop };
        expect(await accept(qop, { layers: [layer] })).toEqual(seen);
        const all = { layers: ["confidentiality", "integrity", "none"] as const };
        expect(await accept(qop, all)).toEqual(seen);
      });

      it("its client at a server of ours that wants more", async () => {
        await expect(accept("auth", {})).rejects.toThrow();
      });

      it("its client may not act as another, unless the server says so", async () => {
        const options = { layers: ["none"] as const };
        await expect(accept("auth", options, "bob")).rejects.toMatchObject({ code: "SASL_NOT_AUTHORIZED" });
        const authorize = (_: unknown, asWhom: string | undefined) => asWhom === "bob";
        expect(await accept("auth", { ...options, authorize }, "bob")).toMatchObject({ client: alice() });
      });
    });
  });
});
