// negotiateInterceptor in undici's dispatchers: at Apache with mod_auth_gssapi, and at servers of ours that misbehave.

import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { createReplayCache } from "../../src/entry/gssapi.ts";
import {
  createNegotiateServer,
  type IncomingRequest,
  type NegotiateInterceptorOptions,
  negotiateInterceptor,
} from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { startApache, startMitBed } from "../../tools/beds/index.mjs";
import { ensureFrameworkDependencies } from "../../tools/bootstrap.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";

/** What is used of undici. */
interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { text(): Promise<string>; dump(): Promise<void> };
}

interface Dispatcher {
  compose(...interceptors: readonly unknown[]): Dispatcher;
  request(
    options: { origin?: string; path: string; method: string } & Readonly<Record<string, unknown>>,
  ): Promise<Answer>;
  destroy(): Promise<void>;
}

interface Undici {
  readonly Agent: new (options?: object) => Dispatcher;
  readonly Client: new (origin: string) => Dispatcher;
  fetch(url: string, init: object): Promise<Response>;
  readonly interceptors: { redirect(options: object): unknown };
}

describeLive(["mit", "apache"], "negotiateInterceptor", () => {
  describe.runIf(wholeTable)("in undici's dispatchers", () => {
    const bed = useBed(() => startMitBed());
    const apache = useBed(() => startApache({ bed: bed() }));
    let undici: Undici;
    beforeAll(async () => {
      await ensureFrameworkDependencies();
      undici = createRequire(new URL("../../tools/frameworks/package.json", import.meta.url))("undici");
    }, 120_000);

    const interceptor = (options: Partial<NegotiateInterceptorOptions> = {}) =>
      negotiateInterceptor({
        credential: createClient({
          credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
          kdc: bed().kdc,
        }),
        origins: [apache().url],
        ...options,
      });

    async function using<T>(dispatcher: Dispatcher, use: (dispatcher: Dispatcher) => Promise<T>): Promise<T> {
      try {
        return await use(dispatcher);
      } finally {
        await dispatcher.destroy();
      }
    }

    const withAgent = <T>(
      options: Partial<NegotiateInterceptorOptions>,
      use: (dispatcher: Dispatcher) => Promise<T>,
    ): Promise<T> => using(new undici.Agent(), (agent) => use(agent.compose(interceptor(options))));

    const ask = async (dispatcher: Dispatcher, path: string, more: object = {}) => {
      const answer = await dispatcher.request({ origin: apache().url, path, method: "GET", ...more });
      return [answer.statusCode, answer.headers["x-remote-user"], await answer.body.text()];
    };
    const letIn = () => [200, `alice@${bed().realm}`, "hello private\n"];

    it.each([
      ["if-offered", undefined],
      ["required", undefined],
      ["off", false],
    ] as const)("request: mutual %s, preemptive %s", async (mutual, preemptive) => {
      await withAgent({ mutual, preemptive }, async (dispatcher) => {
        for (let i = 0; i < 3; i++) expect(await ask(dispatcher, "/private/")).toEqual(letIn());
        const many = await Promise.all(Array.from({ length: 10 }, () => ask(dispatcher, "/private/")));
        expect(many).toEqual(Array.from({ length: 10 }, letIn));
      });
    });

    it("keeps the caller's fields, in each form, and a token of the caller's", async () => {
      await withAgent({}, async (dispatcher) => {
        for (const headers of [{ "x-a": "1" }, ["x-a", "1"], new Map([["x-a", "1"]]), new Headers({ "x-a": "1" })]) {
          expect(await ask(dispatcher, "/private/", { headers })).toEqual(letIn());
        }
        const [status] = await ask(dispatcher, "/private/", { headers: { Authorization: "Basic YTpi" } });
        expect(status).toBe(401);
      });
    });

    it("fetch of undici, whose bodies can be sent once, with a body and through a redirect", async () => {
      await withAgent({}, async (dispatcher) => {
        const sent = await undici.fetch(`${apache().url}/private/`, { dispatcher, method: "POST", body: "text" });
        expect([sent.status, await sent.text()]).toEqual([200, "hello private\n"]);
        const moved = await undici.fetch(`${apache().url}/moved/`, { dispatcher });
        expect([moved.status, moved.redirected]).toEqual([200, true]);
      });
    });

    it("the redirect interceptor behind it", async () => {
      const redirect = undici.interceptors.redirect({ maxRedirections: 3 });
      await using(new undici.Agent(), async (agent) => {
        expect(await ask(agent.compose(interceptor(), redirect), "/moved/")).toEqual(letIn());
      });
    });

    it("text is sent again, a stream has its token at once, or is refused where that may not be", async () => {
      const post = (body: unknown) => ({ method: "POST", body });
      await withAgent({}, async (dispatcher) => {
        expect(await ask(dispatcher, "/private/", post("text"))).toEqual(letIn());
      });
      await withAgent({}, async (dispatcher) => {
        expect(await ask(dispatcher, "/private/", post(Readable.from(["te", "xt"])))).toEqual(letIn());
      });
      await withAgent({ preemptive: false }, async (dispatcher) => {
        const stream = ask(dispatcher, "/private/", post(Readable.from(["text"])));
        await expect(stream).rejects.toThrow(/cannot be sent again/);
      });
    });

    it("H1: an origin that is not listed gets no token, and a request has one to name", async () => {
      await withAgent({ origins: ["https://other.example"] }, async (dispatcher) => {
        expect((await ask(dispatcher, "/private/"))[0]).toBe(401);
      });
      await using(new undici.Client(apache().url), async (client) => {
        const without = client.compose(interceptor()).request({ path: "/private/", method: "GET" });
        await expect(without).rejects.toThrow(/names no origin/);
      });
    });

    it("a connection that the server authenticates is the client's: its own Client", async () => {
      await using(new undici.Client(apache().url), async (client) => {
        const own = client.compose(interceptor({ ownsConnections: true, preemptive: false }));
        expect((await ask(own, "/bound/")).slice(0, 2)).toEqual([200, `alice@${bed().realm}`]);
        // Nothing is sent but the request: the connection is what is known.
        expect((await ask(client, "/bound/")).slice(0, 2)).toEqual([200, `alice@${bed().realm}`]);
      });
    });

    it("H7: over a dispatcher that two share, each is let in as itself, though the server authenticates connections", async () => {
      await using(new undici.Agent({ connections: 1 }), async (agent) => {
        const own = ["alice", "bob"].map((name) => {
          const principal = `${name}@${bed().realm}`;
          const credentials = { principal, password: bed().passwords[name] as string };
          const credential = createClient({ credentials, kdc: bed().kdc });
          return { principal, dispatcher: agent.compose(interceptor({ credential })) };
        });
        for (const { principal, dispatcher } of [...own, ...own]) {
          expect((await ask(dispatcher, "/bound/")).slice(0, 2)).toEqual([200, principal]);
        }
      });
    });

    it("what the credential throws ends the request; so does its caller's signal", async () => {
      const credential = createClient({
        credentials: { principal: `alice@${bed().realm}`, password: "wrong" },
        kdc: bed().kdc,
      });
      await withAgent({ credential }, async (dispatcher) => {
        await expect(ask(dispatcher, "/private/")).rejects.toMatchObject({ code: "WRONG_PASSWORD" });
      });
      const ending = new AbortController();
      const slow = {
        getTicket: async () => {
          ending.abort(new Error("enough"));
          return new Promise<never>(() => {});
        },
      };
      await withAgent({ credential: slow as never }, async (dispatcher) => {
        const asked = ask(dispatcher, "/private/", { signal: ending.signal });
        await expect(asked).rejects.toThrow("enough");
      });
    });

    describe("servers that misbehave", () => {
      async function serving<T>(
        listener: RequestListener,
        options: Partial<NegotiateInterceptorOptions>,
        use: (ask: (path?: string) => Promise<Answer>) => Promise<T>,
      ): Promise<T> {
        const server = createServer(listener);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
        try {
          return await withAgent({ origins: [origin], ...options }, (dispatcher) =>
            use((path = "/") => dispatcher.request({ origin, path, method: "GET" })),
          );
        } finally {
          server.closeAllConnections();
          server.close();
        }
      }

      /** Lets the client in, and then says what a test wants of it. */
      const answering = (change: (fields: Map<string, string>) => void): RequestListener => {
        const negotiate = createNegotiateServer({
          keytab: new Uint8Array(readFileSync(bed().keytab.service)),
          replayCache: createReplayCache(),
        });
        return async (request, response) => {
          const found = await negotiate.authenticate(request as unknown as IncomingRequest);
          const fields = new Map(found.headers);
          if (found.isAuthenticated) change(fields);
          for (const [name, value] of fields) response.setHeader(name, value);
          response.writeHead(found.isAuthenticated ? 200 : 401).end("body");
        };
      };

      it("H4: a wrong proof, and its answer is not seen", async () => {
        let seen = 0;
        const listener = answering((fields) => {
          seen++;
          const proof = fields.get("www-authenticate") as string;
          fields.set("www-authenticate", `${proof.slice(0, -8)}AAAA${proof.slice(-4)}`);
        });
        await serving(listener, {}, async (ask) => {
          await expect(ask()).rejects.toMatchObject({ name: expect.stringMatching(/^(Gss|Crypto)Error$/) });
        });
        expect(seen).toBe(1);
      });

      it("H5: no proof, where one is required", async () => {
        const listener = answering((fields) => fields.delete("www-authenticate"));
        await serving(listener, { mutual: "required" }, async (ask) => {
          await expect(ask()).rejects.toMatchObject({ code: "HTTP_NOT_MUTUAL" });
        });
      });

      it("H7: one that authenticates connections, where they are shared", async () => {
        const listener = answering((fields) => fields.set("persistent-auth", "true"));
        await serving(listener, {}, async (ask) => {
          await expect(ask()).rejects.toThrow(/ownsConnections/);
        });
        await serving(listener, { ownsConnections: true }, async (ask) => {
          expect((await ask()).statusCode).toBe(200);
        });
      });

      it("one that asks for ever gets one token for each request, and its answer is the caller's", async () => {
        let asked = 0;
        const listener: RequestListener = (_, response) => {
          asked++;
          response.writeHead(401, { "www-authenticate": "Negotiate" }).end("no");
        };
        await serving(listener, {}, async (ask) => {
          const answer = await ask();
          expect([answer.statusCode, await answer.body.text(), asked]).toEqual([401, "no", 2]);
        });
      });

      it("a 401 without end costs its connection, not the request", async () => {
        const good = answering(() => {});
        const listener: RequestListener = (request, response) => {
          if (request.headers.authorization !== undefined) return good(request, response);
          response.writeHead(401, { "www-authenticate": "Negotiate" });
          const flow = (): void => {
            while (!response.destroyed && response.write(Buffer.alloc(16_384)));
          };
          response.on("drain", flow);
          flow();
        };
        await serving(listener, {}, async (ask) => {
          const answer = await ask();
          expect([answer.statusCode, await answer.body.text()]).toEqual([200, "body"]);
        });
      });

      it("a field that is not a token, and one in a first answer", async () => {
        for (const field of ["Negotiate !!", "Negotiate YWJj"]) {
          const listener: RequestListener = (request, response) =>
            response.writeHead(request.headers.authorization ? 200 : 401, { "www-authenticate": field }).end("body");
          await serving(listener, {}, async (ask) => {
            await expect(ask()).rejects.toMatchObject({ name: "GssError" });
          });
        }
      });
    });
  });
});
