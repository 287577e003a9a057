// Web frameworks of tools/frameworks, each with one route for known clients.

import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import {
  expressNegotiate,
  fastifyNegotiate,
  honoNegotiate,
  type NegotiateServer,
  NegotiateStrategy,
} from "../../src/entry/http.ts";

interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

type Listen = (negotiate: NegotiateServer) => Promise<Listening>;

interface Named {
  readonly kerberos: { readonly principal: string };
  readonly user: { readonly name: string };
}

interface Answer {
  send(text: string): void;
}

/** What is used of all of them. */
interface App {
  use(...parts: readonly unknown[]): void;
  get(...parts: readonly unknown[]): void;
  addHook(
    name: "onRequest",
    hook: (request: unknown, reply: { header(name: string, value: string): unknown }) => Promise<void>,
  ): void;
  readonly fetch: unknown;
  listen(options: { readonly port: number; readonly host: string }): Promise<string>;
  close(): Promise<void>;
  readonly server: Server;
}

const { resolve } = createRequire(new URL("../../tools/frameworks/package.json", import.meta.url));
const load = (name: string) => import(pathToFileURL(resolve(name)).href);

async function serve(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What runs before, as a middleware for pages of other origins does, has a `Vary` of its own. */
const earlier: (request: unknown, response: ServerResponse, next: () => void) => void = (_, response, next) => {
  response.setHeader("vary", "Origin");
  next();
};

export const frameworks: Readonly<Record<string, Listen>> = {
  async express(negotiate) {
    const app: App & RequestListener = (await load("express")).default();
    app.use(earlier);
    app.get("/who", expressNegotiate(negotiate), ({ kerberos }: Named, response: Answer) => {
      response.send(`hello ${kerberos.principal}\n`);
    });
    return serve(app);
  },

  async passport(negotiate) {
    const app: App & RequestListener = (await load("express")).default();
    app.use(earlier);
    const { default: passport } = await load("passport");
    passport.use(new NegotiateStrategy(negotiate));
    app.use(passport.initialize());
    app.get("/who", passport.authenticate("negotiate", { session: false }), ({ user }: Named, response: Answer) => {
      response.send(`hello ${user.name}\n`);
    });
    return serve(app);
  },

  async fastify(negotiate) {
    const app: App = (await load("fastify")).default();
    app.addHook("onRequest", async (_, reply) => void reply.header("vary", "Origin"));
    app.get(
      "/who",
      { onRequest: fastifyNegotiate(negotiate) },
      async ({ kerberos }: Named) => `hello ${kerberos.principal}\n`,
    );
    await app.listen({ port: 0, host: "127.0.0.1" });
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
  },

  async hono(negotiate) {
    const { Hono } = await load("hono");
    const { getRequestListener } = await load("@hono/node-server");
    const app: App = new Hono();
    app.use(async (context: { header(name: string, value: string): void }, next: () => Promise<void>) => {
      context.header("vary", "Origin");
      await next();
    });
    app.use("/who", honoNegotiate(negotiate));
    app.get("/who", (context: { get(name: string): Named["kerberos"]; text(text: string): Response }) =>
      context.text(`hello ${context.get("kerberos").principal}\n`),
    );
    return serve(getRequestListener(app.fetch));
  },
};
