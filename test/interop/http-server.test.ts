// createNegotiateServer and its adapters, asked by curl with libgssapi.

import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createReplayCache } from "../../src/entry/gssapi.ts";
import {
  createNegotiateServer,
  expressNegotiate,
  type IncomingRequest,
  type NegotiateServer,
  type NegotiateServerOptions,
} from "../../src/entry/http.ts";
import { runProgram, startMitBed } from "../../tools/beds/index.mjs";
import { ensureFrameworkDependencies } from "../../tools/bootstrap.mjs";
import { frameworks } from "../support/frameworks.ts";
import { describeLive, peers, useBed, wholeTable } from "../support/live.ts";

describeLive(["mit", "curl"], "createNegotiateServer and curl", () => {
  const bed = useBed(() => startMitBed());
  const negotiate = (options: Partial<NegotiateServerOptions> = {}) =>
    createNegotiateServer({
      keytab: new Uint8Array(readFileSync(bed().keytab.service)),
      replayCache: createReplayCache(),
      ...options,
    });

  async function serving<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await use(`http://localhost:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  async function curl(url: string, args: string[] = [], name = "alice") {
    const { env } = await bed().kinit(
      `${name}@${bed().realm}`,
      { password: bed().passwords[name] as string },
      {
        args: ["-f"],
      },
    );
    const { text } = await runProgram(peers.curl.bin("curl"), ["-si", "--negotiate", "-u", ":", ...args, url], {
      env: { ...peers.curl.env, ...env },
    });
    return text;
  }

  const who = (options: Partial<NegotiateServerOptions> = {}): RequestListener => {
    const middleware = expressNegotiate(negotiate(options));
    return (request, response) =>
      void middleware(request as unknown as IncomingRequest, response, (error) => {
        const { kerberos } = request as unknown as { readonly kerberos?: { readonly principal: string } };
        response.end(error === undefined ? `hello ${kerberos?.principal}\n` : String(error));
      });
  };

  it("node:http: curl is let in, with the server's proof", async () => {
    const text = await serving(who(), (url) => curl(`${url}/`));
    expect(text).toMatch(/^HTTP\/1.1 200.*www-authenticate: Negotiate [A-Za-z0-9+/=]{100,}/is);
    expect(text).toContain(`hello alice@${bed().realm}`);
  });

  it("refuses curl where the service has no key for its ticket", async () => {
    const text = await serving(who({ service: "host@localhost" }), (url) => curl(`${url}/`));
    expect(text).toMatch(/^HTTP\/1.1 401/);
    expect(text).not.toContain("hello");
  });

  describe.runIf(wholeTable)("all of it", () => {
    it("a POST with a body, a new token for each request on one connection", async () => {
      const text = await serving(who(), (url) => curl(`${url}/`, ["-d", "text", `${url}/again`]));
      expect(text.match(/hello alice/g)).toHaveLength(2);
    });

    it("serves Express, Fastify, Hono and Passport", { timeout: 60_000 }, async () => {
      await ensureFrameworkDependencies();
      for (const [name, listen] of Object.entries(frameworks)) {
        const server = await listen(negotiate());
        try {
          const text = await curl(`http://localhost:${server.port}/who`);
          expect(text, name).toMatch(/^HTTP\/1.1 200/);
          expect(text, name).toMatch(/www-authenticate: Negotiate [A-Za-z0-9+/=]{100,}/i);
          const vary = [...text.matchAll(/^vary: (.*)\r$/gim)].map(([, value]) => value).join(", ");
          expect(vary, name).toBe("Origin, Authorization");
          expect(text, name).toContain(`hello alice@${bed().realm}`);
          const refused = await fetch(`http://localhost:${server.port}/who`);
          expect([refused.status, refused.headers.get("www-authenticate")], name).toEqual([401, "Negotiate"]);
        } finally {
          await server.close();
        }
      }
    });

    it("onRefused hears of a wrong ticket and of other tokens in each framework", { timeout: 120_000 }, async () => {
      await ensureFrameworkDependencies();
      const plain = async (one: NegotiateServer) => {
        const server = createServer(
          (request, response) =>
            void one.authenticate(request as unknown as IncomingRequest).then((found) => {
              response.statusCode = found.isAuthenticated ? 200 : found.status;
              for (const [name, value] of found.headers) response.appendHeader(name, value);
              response.end();
            }),
        );
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return { port: (server.address() as AddressInfo).port, close: async () => void server.close() };
      };
      for (const [name, listen] of Object.entries({ ...frameworks, "node:http": plain })) {
        const heard: string[] = [];
        const onRefused: NegotiateServerOptions["onRefused"] = ({ status, code, reason }, { method, url }) =>
          void heard.push(
            `${method} ${new URL(url ?? "", "http://localhost").pathname} ${status} ${code} ${reason.slice(0, 60)}`,
          );
        const asked = async (options: Partial<NegotiateServerOptions>, ...args: string[]) => {
          const server = await listen(negotiate({ onRefused, ...options }));
          const text = await curl(`http://localhost:${server.port}/who`, args);
          await server.close();
          return Number(
            text
              .match(/^HTTP\/1.1 \d+/gm)
              ?.at(-1)
              ?.slice(-3),
          );
        };
        // Who is let in and who is asked was not refused.
        expect([await asked({}), await asked({}, "--no-negotiate", "-H", "Authorization:")], name).toEqual([200, 401]);
        expect(heard, name).toEqual([]);
        // curl's ticket is for HTTP/localhost, which this server is not.
        expect(await asked({ service: "host@localhost" }), name).toBe(401);
        const sent = (value: string) => asked({}, "--no-negotiate", "-H", `Authorization: ${value}`);
        expect(await sent("Bearer abc"), name).toBe(401);
        expect(await sent("Negotiate TlRMTVNTUAABAAAA"), name).toBe(401);
        expect(
          await asked({}, "--no-negotiate", "-H", "Upgrade: websocket", "-H", "Origin: http://evil.example"),
          name,
        ).toBe(403);
        expect(heard, name).toEqual([
          expect.stringMatching(/^GET \/who 401 SERVER_REJECTED_TICKET the initiator is refused: the ticket is for /),
          expect.stringMatching(/^GET \/who 401 OTHER_SCHEME /),
          expect.stringMatching(/^GET \/who 401 SPNEGO_NO_COMMON_MECHANISM the client offered NTLM only/),
          expect.stringMatching(/^GET \/who 403 FOREIGN_ORIGIN /),
        ]);
      }
    });

    it("takes what curl delegates, where that is asked for", async () => {
      const server = negotiate({ takeDelegation: true });
      const listener: RequestListener = async (request, response) => {
        const found = await server.authenticate(request as unknown as IncomingRequest);
        response.statusCode = found.isAuthenticated ? 200 : found.status;
        for (const [name, value] of found.headers) response.appendHeader(name, value);
        response.end(found.isAuthenticated ? `delegated ${found.context.delegated?.length}` : "");
      };
      expect(await serving(listener, (url) => curl(`${url}/`, ["--delegation", "always"]))).toContain("delegated 1");
    });
  });
});
