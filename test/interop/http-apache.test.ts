// negotiateFetch against Apache with mod_auth_gssapi.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { createReplayCache, tlsExporter } from "../../src/entry/gssapi.ts";
import {
  createNegotiateServer,
  createNegotiator,
  expressNegotiate,
  type HttpConnections,
  type IncomingRequest,
  type NegotiateFetchOptions,
  negotiateFetch,
  nodeConnections,
} from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { serverEndPoint } from "../../src/http/server-end-point.ts";
import { startApache, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

describeLive(["mit", "apache"], "negotiateFetch and mod_auth_gssapi", () => {
  const bed = useBed(() => startMitBed());
  const apache = useBed(() => startApache({ bed: bed() }));
  const credential = (name = "alice") =>
    createClient({
      credentials: { principal: `${name}@${bed().realm}`, password: bed().passwords[name] as string },
      kdc: bed().kdc,
    });
  const open = (options: Partial<NegotiateFetchOptions> = {}) =>
    negotiateFetch({ credential: credential(), origins: [apache().url], ...options });

  it("is let in as the client, with the server's proof required, and a POST's body arrives", async () => {
    const fetch = open({ mutual: "required" });
    for (const path of ["/private/", "/private/index.html"]) {
      const answer = await fetch(`${apache().url}${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-remote-user")).toBe(`alice@${bed().realm}`);
      expect(await answer.text()).toBe("hello private\n");
    }
  });

  it("without a listed origin gets the 401 as it is, and no ticket is asked for", async () => {
    let asked = 0;
    const own = credential();
    const getTicket: typeof own.getTicket = (...rest) => {
      asked++;
      return own.getTicket(...rest);
    };
    const fetch = open({ credential: { getTicket }, origins: [apache().tlsUrl] });
    expect((await fetch(`${apache().url}/private/`)).status).toBe(401);
    expect(asked).toBe(0);
  });

  const pinned = () => nodeConnections({ trustAnchors: readFileSync(apache().ca, "utf8") });

  it("connections of its own, over TLS: one token, and the connection is the client's", async () => {
    const own = pinned();
    const fetch = open({ origins: [apache().tlsUrl], connections: own, preemptive: false });
    for (const status of [200, 200]) {
      const answer = await fetch(`${apache().tlsUrl}/bound/`);
      expect(answer.status).toBe(status);
      expect(answer.headers.get("x-remote-user")).toBe(`alice@${bed().realm}`);
      expect(await answer.text()).toBe("hello bound\n");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(() => open({ connections: own })).toThrow(/belong to another negotiateFetch/);
  });

  it("H16: connections are bound to the server's certificate, and a server that wants that sees it", async () => {
    const tls = { cert: readFileSync(apache().certificate), key: readFileSync(apache().key) };
    const channelBindings = (await serverEndPoint(new Uint8Array(new X509Certificate(tls.cert).raw))) as Uint8Array;
    const middleware = expressNegotiate(
      createNegotiateServer({
        keytab: new Uint8Array(readFileSync(bed().keytab.service)),
        replayCache: createReplayCache(),
        channelBindings,
      }),
    );
    const server = createServer(tls, (request, response) => {
      void middleware(request as unknown as IncomingRequest, response, () => response.end("in"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    try {
      const bound = open({ origins: [origin], connections: pinned(), mutual: "required" });
      expect(await (await bound(`${origin}/`, { method: "POST", body: "text" })).text()).toBe("in");
      // Tokens that are bound to nothing, over the same TLS.
      const other = pinned();
      const without: HttpConnections = {
        async open(url, signal) {
          const { isFree, send, close } = await other.open(url, signal);
          return { isFree, send, close, peerCertificate: undefined };
        },
      };
      const unbound = open({ origins: [origin], connections: without })(`${origin}/`);
      await expect(unbound).rejects.toMatchObject({ name: expect.stringMatching(/Error$/) });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  describe.runIf(wholeTable)("all of it", () => {
    it("a certificate of an unknown authority gets no token", async () => {
      const fetch = open({ origins: [apache().tlsUrl], connections: nodeConnections() });
      await expect(fetch(`${apache().tlsUrl}/private/`)).rejects.toThrow(/certificate|self.signed/i);
    });

    it("learns the origin: one 401, then tokens at once, each new", async () => {
      const seen: (string | null)[] = [];
      const fetch = open({
        fetch: (input, init) => {
          seen.push(new Headers(init?.headers).get("authorization"));
          return globalThis.fetch(input, init);
        },
      });
      expect((await fetch(`${apache().url}/`)).status).toBe(200);
      for (let i = 0; i < 3; i++) expect((await fetch(`${apache().url}/private/`)).status).toBe(200);
      expect(seen.map((one) => one !== null)).toEqual([false, false, true, true, true]);
      expect(new Set(seen.slice(2)).size).toBe(3);
    });

    it("follows a redirect within the origin with a new token", async () => {
      const answer = await open({ preemptive: true })(`${apache().url}/moved/`);
      expect(answer.status).toBe(200);
      expect(answer.redirected).toBe(true);
      expect(new URL(answer.url).pathname).toBe("/private/");
    });

    it("tls-exporter: a token is good on its own TLS connection, and on no other", async () => {
      const tls = { cert: readFileSync(apache().certificate), key: readFileSync(apache().key) };
      const bindingsOf = (socket: unknown) =>
        tlsExporter((socket as TLSSocket).exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0)));
      const middleware = expressNegotiate(
        createNegotiateServer({
          keytab: new Uint8Array(readFileSync(bed().keytab.service)),
          replayCache: createReplayCache(),
          channelBindings: ({ socket }) => bindingsOf(socket),
        }),
      );
      const server = createServer(tls, (request, response) => {
        void middleware(request as unknown as IncomingRequest, response, () => response.end("in"));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const url = `https://localhost:${port}/`;
      const connectTls = () =>
        new Promise<TLSSocket>((resolve, reject) => {
          const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: readFileSync(apache().ca) });
          socket.once("secureConnect", () => resolve(socket)).once("error", reject);
        });
      const ask = (socket: TLSSocket, authorization: string) =>
        new Promise<IncomingMessage>((resolve, reject) => {
          const options = { createConnection: () => socket, headers: { host: `localhost:${port}`, authorization } };
          request(options, resolve).on("error", reject).end();
        });
      const sockets = [await connectTls(), await connectTls()] as const;
      try {
        expect(sockets[0].getProtocol()).toBe("TLSv1.3");
        const negotiator = createNegotiator({ credential: credential(), origins: [url.slice(0, -1)] });
        const token = () => negotiator.begin(url, { channelBindings: bindingsOf(sockets[0]) });
        const { authorization } = await token();
        expect((await ask(sockets[1], authorization)).statusCode).toBe(401);
        const exchange = await token();
        const answer = await ask(sockets[0], exchange.authorization);
        expect(answer.statusCode).toBe(200);
        const headers = { get: (name: string) => [answer.headers[name] ?? []].flat().join(", ") || null };
        expect(await exchange.verify(headers, 200)).toBeUndefined();
      } finally {
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
        server.close();
      }
    });

    it("twenty requests at once", async () => {
      const fetch = open();
      const answers = await Promise.all(
        Array.from({ length: 20 }, async () => (await fetch(`${apache().url}/private/`)).status),
      );
      expect(answers).toEqual(Array.from({ length: 20 }, () => 200));
    });

    it("two credentials are two clients", async () => {
      const names = await Promise.all(
        ["alice", "bob"].map(async (name) => {
          const fetch = open({ credential: credential(name) });
          await fetch(`${apache().url}/private/`);
          return (await fetch(`${apache().url}/private/`)).headers.get("x-remote-user");
        }),
      );
      expect(names).toEqual([`alice@${bed().realm}`, `bob@${bed().realm}`]);
    });
  });
});
