// What the adapters of web frameworks do with each answer of the server: let in, ask, refuse, fail.

import { describe, expect, it } from "vitest";
import {
  type Authentication,
  createNegotiator,
  expressNegotiate,
  fastifyNegotiate,
  honoNegotiate,
  type NegotiateServerOptions,
  NegotiateStrategy,
} from "../../../src/entry/http.ts";
import { ALICE, SITE, world } from "./world.ts";

const EVIL = { method: "POST", headers: { origin: "https://evil.example", host: "www.test.example" } };
const STRANGER = { method: "GET", headers: {} };

async function known() {
  const { credential } = await world();
  const { authorization } = await createNegotiator({ credential, origins: [SITE] }).begin(SITE);
  return { method: "GET", headers: { authorization } };
}

const broken: Partial<NegotiateServerOptions> = { replayCache: { remember: () => Promise.reject(new Error("away")) } };

describe("NegotiateStrategy", () => {
  async function passport(request: object, findUser?: (client: { principal: string }) => unknown, options = {}) {
    const { server } = await world();
    const strategy = new NegotiateStrategy(server(options), findUser);
    const fields: [string, string | string[]][] = [];
    const called: unknown[][] = [];
    const note =
      (name: string) =>
      (...rest: unknown[]) =>
        void called.push([name, ...rest]);
    const inUse = Object.create(strategy, {
      success: { value: note("success") },
      fail: { value: note("fail") },
      error: { value: note("error") },
    }) as NegotiateStrategy;
    const res = { appendHeader: (name: string, value: string | string[]) => fields.push([name, value]) };
    await inUse.authenticate({ ...request, res } as never);
    return { called, fields: Object.fromEntries(fields) };
  }

  it("lets a client in as the user that is found, with its proof", async () => {
    const { called, fields } = await passport(await known());
    expect(called).toEqual([["success", { name: ALICE }]]);
    expect(fields["www-authenticate"]).toMatch(/^Negotiate .{20}/);
    const own = await passport(await known(), async ({ principal }) => ({ id: principal }));
    expect(own.called).toEqual([["success", { id: ALICE }]]);
  });

  it("sends no proof where the client asks for none", async () => {
    const { credential } = await world();
    const options = { credential, origins: [SITE], mutual: "off", useSpnego: false } as const;
    const { authorization } = await createNegotiator(options).begin(SITE);
    const { called, fields } = await passport({ method: "GET", headers: { authorization } });
    expect(called).toEqual([["success", { name: ALICE }]]);
    expect(Object.keys(fields).sort()).toEqual(["cache-control", "vary"]);
  });

  it("asks with the challenges, which Passport sends", async () => {
    const { called, fields } = await passport(STRANGER, undefined, { fallback: ["Bearer"] });
    expect(called).toEqual([["fail", "Negotiate, Bearer", 401]]);
    expect(fields["www-authenticate"]).toBeUndefined();
    expect(fields["cache-control"]).toBe("no-store");
  });

  it("refuses without a challenge what no token would mend, and a user that is not found", async () => {
    expect((await passport(EVIL)).called).toEqual([["fail", undefined, 403]]);
    for (const nobody of [undefined, null, false, ""]) {
      expect((await passport(await known(), () => nobody)).called).toEqual([["fail", undefined, 403]]);
    }
  });

  it("passes on what fails on this side", async () => {
    const { called } = await passport(await known(), undefined, broken);
    expect(called).toEqual([
      ["error", expect.objectContaining({ cause: expect.objectContaining({ message: "away" }) })],
    ]);
  });
});

describe("honoNegotiate", () => {
  async function hono(request: { method: string; headers: object }, options = {}, env?: object) {
    const { server } = await world();
    const fields: [string, string, unknown][] = [];
    const values: [string, unknown][] = [];
    let nexts = 0;
    const raw = new Request(`${SITE}/`, request as RequestInit);
    const answer = await honoNegotiate(server(options))(
      {
        req: { raw },
        env,
        set: (name, value) => values.push([name, value]),
        header: (...field) => fields.push(field as never),
        body: (text, status) => new Response(text, { status }),
      },
      async () => {
        nexts++;
      },
    );
    return { answer, nexts, fields, values };
  }

  it("lets a client in, and its fields stand beside those of others", async () => {
    const { answer, nexts, fields, values } = await hono(await known());
    expect([answer, nexts]).toEqual([undefined, 1]);
    expect(values).toEqual([["kerberos", expect.objectContaining({ principal: ALICE })]]);
    expect(fields.map(([name, , options]) => [name, options])).toContainEqual(["vary", { append: true }]);
  });

  it.each([
    [401, STRANGER],
    [403, EVIL],
  ] as const)("answers %i itself, and nothing behind it runs", async (status, request) => {
    const { answer, nexts, values } = await hono(request);
    expect([answer?.status, nexts, values]).toEqual([status, 0, []]);
  });

  it("on Node a connection can be bound: the socket of the request that came in", async () => {
    const { server } = await world();
    const middleware = honoNegotiate(server({ bindConnections: true }));
    const incoming = { socket: {}, httpVersionMajor: 1 };
    const visit = async (headers: object, env: object) => {
      const raw = new Request(`${SITE}/`, { headers: headers as Record<string, string> });
      const context = { req: { raw }, env, set() {}, header() {}, body: () => new Response("no") };
      return (await middleware(context, async () => {})) === undefined;
    };
    expect(await visit((await known()).headers, { incoming })).toBe(true);
    expect(await visit({}, { incoming })).toBe(true);
    expect(await visit({}, { incoming: { socket: {}, httpVersionMajor: 1 } })).toBe(false);
    expect(await visit({}, {})).toBe(false);
  });
});

describe("expressNegotiate and fastifyNegotiate", () => {
  interface Seen {
    kerberos?: unknown;
    status?: number;
    text?: string;
    error?: unknown;
    nexts: number;
    readonly fields: { [name: string]: unknown; vary?: unknown };
  }
  const express = async (request: object, options: Partial<NegotiateServerOptions> = {}): Promise<Seen> => {
    const { server } = await world();
    const seen: Seen = { nexts: 0, fields: {} };
    const asked: { kerberos?: unknown } = { ...request };
    const response = {
      statusCode: 200,
      appendHeader: (name: string, value: unknown) => {
        seen.fields[name] = value;
      },
      end: (text: string) => {
        seen.text = text;
        seen.status = response.statusCode;
      },
    };
    await expressNegotiate(server(options))(asked as never, response, (error) => {
      seen.nexts++;
      seen.error = error;
    });
    return { ...seen, kerberos: asked.kerberos };
  };
  const fastify = async (request: object, options: Partial<NegotiateServerOptions> = {}): Promise<Seen> => {
    const { server } = await world();
    const seen: Seen = { nexts: 0, fields: { vary: "Origin" } };
    const asked = { raw: request } as { raw: object; kerberos?: unknown };
    const reply = {
      code: (status: number) => {
        seen.status = status;
      },
      getHeader: (name: string) => seen.fields[name] as string | undefined,
      header: (name: string, value: unknown) => {
        seen.fields[name] = value;
      },
      send: (text: string) => {
        seen.text = text;
      },
    };
    const given = await fastifyNegotiate(server(options))(asked as never, reply);
    if (given === undefined) seen.nexts++;
    return { ...seen, kerberos: asked.kerberos };
  };

  it.each([
    ["express", express],
    ["fastify", fastify],
  ] as const)("%s: in, asked and refused", async (name, run) => {
    const inside = await run(await known());
    expect(inside).toMatchObject({ nexts: 1, kerberos: { principal: ALICE } satisfies Partial<Authentication> });
    expect([inside.text, inside.error]).toEqual([undefined, undefined]);
    for (const [status, request] of [
      [401, STRANGER],
      [403, EVIL],
    ] as const) {
      const outside = await run(request);
      expect(outside).toMatchObject({
        nexts: 0,
        status,
        text: status === 401 ? "Authentication is needed\n" : "Not allowed\n",
      });
      expect(outside.kerberos).toBeUndefined();
    }
    if (name === "fastify") expect((await run(STRANGER)).fields.vary).toEqual(["Origin", "Authorization"]);
  });

  it("what fails on this side goes to express as an error", async () => {
    const failed = await express(await known(), broken);
    expect(failed).toMatchObject({ nexts: 1, error: { cause: { message: "away" } } });
    expect(failed.kerberos).toBeUndefined();
  });
});

describe("an adapter that is given options in place of a server", () => {
  it.each<[string, (server: never) => unknown]>([
    ["expressNegotiate", expressNegotiate],
    ["fastifyNegotiate", fastifyNegotiate],
    ["honoNegotiate", honoNegotiate],
    ["NegotiateStrategy", (server) => new NegotiateStrategy(server)],
  ])("%s: TypeError, before any request comes", (name, adapt) => {
    for (const wrong of [undefined, { keytab: new Uint8Array() }]) {
      expect(() => adapt(wrong as never)).toThrow(
        new TypeError(`${name} needs a server: give it what createNegotiateServer makes`),
      );
    }
  });
});
