// What a client of HTTP Negotiate does with a server that breaks the rules: typed errors, no loop, and no token where none
// belongs.

import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "../../../src/bytes/index.ts";
import type { HttpConnections, NegotiateFetchOptions } from "../../../src/entry/http.ts";
import { negotiateFetch } from "../../../src/entry/http.ts";
import { createSpnegoAcceptor, type SpnegoContext } from "../../../src/entry/spnego.ts";
import { encodeResponse } from "../../../src/spnego/tokens.ts";
import { failureOf, type Handler, SITE, world } from "./world.ts";

const field = (token: Uint8Array) => `Negotiate ${encodeBase64(token)}`;
const answer = (status: number, value: string, text = "no") =>
  new Response(text, { status, headers: { "www-authenticate": value } });

/** Counts what is asked of the credential. */
async function counting() {
  const { credential } = await world();
  const counted = {
    tickets: 0,
    getTicket: (...rest: Parameters<typeof credential.getTicket>) => {
      counted.tickets++;
      return credential.getTicket(...rest);
    },
  };
  return counted;
}

/** Connections whose server is a function, which sees what connection a request came over. */
function connectionsTo(handler: (request: Request, connection: object) => Promise<Response>) {
  const opened: { isClosed: boolean }[] = [];
  const connections: HttpConnections = {
    async open() {
      const connection = { isClosed: false };
      opened.push(connection);
      return {
        isFree: true,
        peerCertificate: undefined,
        async send(request: Request, onFree: () => void) {
          const response = await handler(request, connection);
          onFree();
          return response;
        },
        close: () => {
          connection.isClosed = true;
        },
      };
    },
  };
  return { connections, opened };
}

describe("a token that nobody asked for", () => {
  it.each([200, 204, 302, 404, 500])(
    "in an answer of status %i, before any was sent: no ticket is asked for",
    async (status) => {
      const credential = await counting();
      const { fetch } = await world();
      let requests = 0;
      const get = fetch(
        () => {
          requests++;
          return new Response(status === 204 ? null : "open", {
            status,
            headers: { "www-authenticate": "Negotiate AAAA" },
          });
        },
        { credential },
      );
      const { status: got } = await get(`${SITE}/`, { redirect: "manual" });
      expect([got, requests, credential.tickets]).toEqual([status, 1, 0]);
    },
  );

  it("in a 200 that came over an established exchange is an error, and the answer is not given", async () => {
    const { fetch, server } = await world();
    const guarded = server().protect(() => new Response("in"));
    const doubled: Handler = async (request) => {
      const right = await guarded(request);
      const proof = right.headers.get("www-authenticate") ?? "";
      return answer(right.status, proof.startsWith("Negotiate ") ? `${proof}, Negotiate YQ==` : proof, "in");
    };
    const failure = await failureOf(fetch(doubled)(`${SITE}/`));
    expect(failure.code).toBe("GSS_DEFECTIVE_TOKEN");
  });
});

describe("401 without end", () => {
  it("a page without end is given up, and the request goes on", async () => {
    const { fetch, server } = await world();
    const guarded = server().protect(() => new Response("in"));
    let octets = 0;
    let isEnded = false;
    const endless = () =>
      new ReadableStream({
        pull(controller) {
          octets += 16_384;
          // A client that read it all would end here, and not the machine.
          if (octets > 16_777_216) controller.close();
          else controller.enqueue(new Uint8Array(16_384));
        },
        cancel() {
          isEnded = true;
        },
      });
    const get = fetch(async (request) => {
      const answered = await guarded(request);
      return answered.status === 401 ? new Response(endless(), answered) : answered;
    });
    expect(await (await get(`${SITE}/`)).text()).toBe("in");
    expect(isEnded).toBe(true);
    expect(octets).toBeLessThan(262_144);
  });

  it("the scheme alone, whatever is sent: one token, and the 401 is the caller's", async () => {
    const credential = await counting();
    const { fetch } = await world();
    const tokens: (string | null)[] = [];
    const get = fetch(
      (request) => {
        tokens.push(request.headers.get("authorization"));
        return answer(401, "Negotiate");
      },
      { credential },
    );
    expect((await get(`${SITE}/`)).status).toBe(401);
    expect(tokens.map((one) => one !== null)).toEqual([false, true]);
  });

  it("an answer of SPNEGO that asks for more and more is refused at the first", async () => {
    const { fetch } = await world();
    let requests = 0;
    const asking = answerOf(() => {
      requests++;
      return encodeResponse({ state: 1 });
    });
    expect((await failureOf(fetch(asking, { preemptive: true })(`${SITE}/`))).code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(requests).toBe(1);
  });

  it("redirects that each ask again end, with one token for each place", async () => {
    const { fetch } = await world();
    let requests = 0;
    const around: Handler = (request) => {
      requests++;
      return request.headers.has("authorization")
        ? new Response(null, { status: 302, headers: { location: `/${requests}` } })
        : answer(401, "Negotiate");
    };
    await expect(fetch(around)(`${SITE}/`)).rejects.toThrow(/redirects/);
    expect(requests).toBeLessThan(50);
  });
});

const answerOf =
  (token: (request: Request) => Uint8Array): Handler =>
  (request) =>
    answer(401, field(token(request)));

describe("an exchange of three tokens", () => {
  /** A server that wants a MIC, so that the client has two tokens to send. */
  async function demanding() {
    const { keytab } = await world();
    const contexts = new Map<object, SpnegoContext>();
    const seen: object[] = [];
    const handler = async (request: Request, connection: object): Promise<Response> => {
      seen.push(connection);
      const [, token] = /^Negotiate (.+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
      if (token === undefined) return answer(401, "Negotiate");
      const context =
        contexts.get(connection) ?? createSpnegoAcceptor({ keytab: keytab(), service: "HTTP", requireMic: true });
      contexts.set(connection, context);
      const reply = await context.step(decodeBase64(token));
      if (!context.isEstablished) return answer(401, field(reply as Uint8Array));
      return new Response(`hello ${context.peer?.components[0]}`);
    };
    return { handler, seen };
  }
  const open = async (options: Partial<NegotiateFetchOptions>) => {
    const { credential } = await world();
    return negotiateFetch({ credential, origins: [SITE], ...options });
  };

  it("goes over one connection, and the proof is checked", async () => {
    const { handler, seen } = await demanding();
    const { connections, opened } = connectionsTo(handler);
    const get = await open({ connections, mutual: "required" });
    expect(await (await get(`${SITE}/`)).text()).toBe("hello alice");
    expect([opened.length, new Set(seen).size]).toEqual([1, 1]);
  });

  it("is refused where one connection cannot be promised, and no second token is sent", async () => {
    const { handler, seen } = await demanding();
    const one = {};
    const { fetch } = await world();
    const get = fetch((request) => handler(request, one), { preemptive: true });
    await expect(get(`${SITE}/`)).rejects.toThrow(/more than one token over one connection.*nodeConnections/);
    expect(seen.length).toBe(1);
  });

  it("whose second answer is cut off is an error, and its connection is closed", async () => {
    const { handler } = await demanding();
    const cut = connectionsTo(async (request, connection) => {
      const asked = await handler(request, connection);
      const [, token] = /^Negotiate (.+)$/.exec(asked.headers.get("www-authenticate") ?? "") ?? [];
      return token === undefined ? asked : answer(401, field(decodeBase64(token).subarray(0, -3)));
    });
    const get = await open({ connections: cut.connections });
    expect((await failureOf(get(`${SITE}/`))).code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(cut.opened.map(({ isClosed }) => isClosed)).toEqual([true]);
  });
});

describe("what a server says of its name", () => {
  it("in a realm, a hint or a redirect never makes the ticket another's", async () => {
    const asked: string[] = [];
    const { credential: own, fetch } = await world();
    const credential = {
      getTicket: (...rest: Parameters<typeof own.getTicket>) => {
        asked.push(typeof rest[0] === "string" ? rest[0] : rest[0].components.join("/"));
        return own.getTicket(...rest);
      },
    };
    const get = fetch(
      (request) =>
        request.headers.has("authorization")
          ? new Response("in")
          : new Response("no", {
              status: 401,
              headers: [
                ["www-authenticate", 'Negotiate, Basic realm="HTTP/other.example"'],
                ["location", "https://other.example/"],
                ["refresh", "0; url=https://other.example/"],
              ],
            }),
      { credential },
    );
    expect((await get(`${SITE}/`)).status).toBe(200);
    expect(asked).toEqual(["HTTP/www.test.example"]);
  });
});
