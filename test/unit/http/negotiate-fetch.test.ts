// The client's rules, over servers that are functions: our own, and hostile ones.

import { describe, expect, it } from "vitest";
import { encodeBase64 } from "../../../src/bytes/index.ts";
import { createNegotiator, type NegotiateFetchOptions, negotiateFetch } from "../../../src/entry/http.ts";
import { ALICE, failureOf, type Handler, SITE, world } from "./world.ts";

/** A server that says who came, and counts what it saw. */
async function site(options: Parameters<Awaited<ReturnType<typeof world>>["server"]>[0] = {}) {
  const { server } = await world();
  const seen: { url: string; method: string; body: string; authorization: string | null }[] = [];
  const guarded = server(options).protect(
    async (request, { principal }) => new Response(`${principal} ${request.url}`),
  );
  const handler: Handler = async (request) => {
    const body = await request.clone().text();
    seen.push({ url: request.url, method: request.method, body, authorization: request.headers.get("authorization") });
    return guarded(request);
  };
  return { handler, seen };
}

const challenge = (token?: Uint8Array, status = 401) =>
  new Response("no", {
    status,
    headers: { "www-authenticate": token === undefined ? "Negotiate" : `Negotiate ${encodeBase64(token)}` },
  });

describe("negotiateFetch", () => {
  it("answers a challenge, checks the proof, and learns the origin", async () => {
    const { fetch } = await world();
    const { handler, seen } = await site();
    const get = fetch(handler);
    expect(await (await get(`${SITE}/a`)).text()).toBe(`${ALICE} ${SITE}/a`);
    expect(await (await get(new URL(`${SITE}/b`))).text()).toBe(`${ALICE} ${SITE}/b`);
    expect(await (await get(new Request(`${SITE}/c`))).text()).toBe(`${ALICE} ${SITE}/c`);
    expect(seen.map(({ authorization }) => authorization !== null)).toEqual([false, true, true, true]);
  });

  it("H1: an origin that is not listed gets no token: another host, port, scheme, or a longer name", async () => {
    const { fetch, credential } = await world();
    const others = ["https://other.example", `${SITE}:8443`, SITE.replace("https", "http"), `${SITE}.evil.example`];
    for (const preemptive of [true, "learned", false] as const) {
      for (const other of others) {
        let got: string | null = null;
        const get = fetch(
          (request) => {
            got = request.headers.get("authorization");
            return challenge();
          },
          { preemptive },
        );
        expect((await get(other)).status).toBe(401);
        expect(got).toBeNull();
      }
    }
    const negotiator = createNegotiator({ credential, origins: [SITE] });
    await expect(negotiator.begin("https://other.example/")).rejects.toThrow(/not among the origins/);
  });

  it("H1: a function of origins sees the origin and nothing else, and must say true", async () => {
    const { fetch } = await world();
    const { handler, seen } = await site();
    const asked: string[] = [];
    const origins = (url: URL) => {
      asked.push(url.href);
      return true;
    };
    expect((await fetch(handler, { origins })(`${SITE}/path?secret=1`)).status).toBe(200);
    expect(new Set(asked)).toEqual(new Set([`${SITE}/`]));
    const almost = (() => 1) as unknown as () => boolean;
    expect((await fetch(handler, { origins: almost })(`${SITE}/`)).status).toBe(401);
    expect(seen).toHaveLength(3);
  });

  it("H2: a redirect to another origin takes neither the token nor what the caller sent for the first", async () => {
    const { fetch } = await world();
    const got: [string, string | null, string | null][] = [];
    const get = fetch(
      (request) => {
        got.push([request.url, request.headers.get("authorization"), request.headers.get("cookie")]);
        if (!request.url.startsWith(SITE)) return challenge();
        return new Response(null, { status: 302, headers: { location: "https://other.example/steal" } });
      },
      { preemptive: true },
    );
    const answer = await get(`${SITE}/`, { headers: { "x-own": "1" } });
    expect(answer.status).toBe(401);
    expect(got.map(([url, authorization]) => [url, authorization !== null])).toEqual([
      [`${SITE}/`, true],
      ["https://other.example/steal", false],
    ]);
    const own = fetch((request) => {
      got.push([request.url, request.headers.get("authorization"), request.headers.get("cookie")]);
      return request.url.startsWith(SITE)
        ? new Response(null, { status: 307, headers: { location: "https://other.example/steal" } })
        : new Response("there");
    });
    expect(await (await own(`${SITE}/`, { headers: { authorization: "Bearer secret" } })).text()).toBe("there");
    expect(got.slice(2).map(([, authorization]) => authorization)).toEqual(["Bearer secret", null]);
  });

  it.each([302, 307, 308])("H2: a redirect (%i) from https to http on one host takes no token", async (status) => {
    const { fetch } = await world();
    const plain = SITE.replace("https:", "http:");
    for (const origins of [[SITE], (url: URL) => url.protocol === "https:"]) {
      for (const preemptive of [true, "learned", false] as const) {
        const sent: [url: string, fields: readonly string[]][] = [];
        const get = fetch(
          ({ url, headers }) => {
            sent.push([url, [...headers.keys()].filter((name) => /authorization|cookie/.test(name))]);
            if (url.startsWith(plain)) return challenge();
            if (!headers.has("authorization")) return challenge();
            return new Response(null, { status, headers: { location: `${plain}/in` } });
          },
          { origins, preemptive },
        );
        for (let visit = 0; visit < 2; visit++) {
          const body = status === 302 ? null : "text";
          expect((await get(`${SITE}/in`, { method: body === null ? "GET" : "POST", body })).status).toBe(401);
        }
        const overPlain = sent.filter(([url]) => url.startsWith("http:"));
        expect(overPlain).toEqual([`${plain}/in`, `${plain}/in`].map((url) => [url, []]));
        expect(sent.some(([url, fields]) => url.startsWith(SITE) && fields.length > 0)).toBe(true);
      }
    }
  });

  it("follows redirects as fetch does, with a new token at each place", async () => {
    const { fetch, server } = await world();
    const guarded = server().protect((request, { principal }) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/end") return new Response(`${principal} ${request.method}`);
      return new Response(null, { status: Number(pathname.slice(1)), headers: { location: "/end" } });
    });
    const get = fetch(guarded, { preemptive: true });
    const result = async (status: number, method: string) => {
      const answer = await get(`${SITE}/${status}`, { method, body: method === "GET" ? null : "text" });
      return [await answer.text(), answer.redirected];
    };
    expect(await result(302, "GET")).toEqual([`${ALICE} GET`, true]);
    expect(await result(302, "POST")).toEqual([`${ALICE} GET`, true]);
    // `fetch` takes the methods that it knows in any case, and others as they are written.
    expect(await result(302, "post")).toEqual([`${ALICE} GET`, true]);
    expect(await result(301, "Post")).toEqual([`${ALICE} GET`, true]);
    expect(await result(301, "posty")).toEqual([`${ALICE} posty`, true]);
    expect(await result(301, "PUT")).toEqual([`${ALICE} PUT`, true]);
    expect(await result(303, "PUT")).toEqual([`${ALICE} GET`, true]);
    expect(await result(308, "POST")).toEqual([`${ALICE} POST`, true]);
    expect((await get(`${SITE}/302`, { redirect: "manual" })).status).toBe(302);
    await expect(get(`${SITE}/302`, { redirect: "error" })).rejects.toThrow(/redirects/);
  });

  it("ends redirects that never end, and refuses those that lead out of HTTP", async () => {
    const { fetch } = await world();
    let hops = 0;
    const to = (location: string) =>
      fetch(() => {
        hops++;
        return new Response(null, { status: 302, headers: { location } });
      });
    await expect(to("/again")(`${SITE}/`)).rejects.toThrow(/more than 20/);
    expect(hops).toBe(21);
    await expect(to("file:///etc/passwd")(`${SITE}/`)).rejects.toThrow(/not http/);
    await expect(to("https://user:pass@www.test.example/")(`${SITE}/`)).rejects.toThrow(/user name/);
  });

  it("H3: sends a body again, and a stream once: with its token at once", async () => {
    const { fetch } = await world();
    const { handler, seen } = await site();
    const post = (body: BodyInit) =>
      fetch(handler)(`${SITE}/`, { method: "POST", body, duplex: "half" } as RequestInit);
    const stream = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("text"));
          controller.close();
        },
      });
    for (const body of ["text", new TextEncoder().encode("text"), new Blob(["text"]), new URLSearchParams("text")]) {
      expect((await post(body)).status).toBe(200);
    }
    expect(seen.map(({ body }) => body.replace("=", ""))).toEqual(Array.from({ length: 8 }, () => "text"));
    seen.length = 0;
    expect((await post(stream())).status).toBe(200);
    const request = new Request(`${SITE}/`, { method: "POST", body: "text" });
    expect((await fetch(handler)(request)).status).toBe(200);
    expect(seen.map(({ body, authorization }) => [body, authorization !== null])).toEqual([
      ["text", true],
      ["text", true],
    ]);
    const late = fetch(handler, { preemptive: false });
    const failure = late(`${SITE}/`, { method: "POST", body: stream(), duplex: "half" } as RequestInit);
    await expect(failure).rejects.toThrow(/stream, which cannot be sent again/);
  });

  it("leaves a caller's own Authorization alone", async () => {
    const { fetch } = await world();
    const { handler, seen } = await site();
    const get = fetch(handler, { preemptive: true });
    expect((await get(`${SITE}/`, { headers: { Authorization: "Bearer x" } })).status).toBe(401);
    expect(seen.map(({ authorization }) => authorization)).toEqual(["Bearer x"]);
  });

  it("gives a 401 that names other schemes, and one after the token, as they are", async () => {
    const { fetch } = await world();
    let requests = 0;
    const get = fetch(() => {
      requests++;
      return new Response("no", { status: 401, headers: { "www-authenticate": 'Basic realm="a, Negotiate b", NTLM' } });
    });
    expect((await get(`${SITE}/`)).status).toBe(401);
    expect(requests).toBe(1);
    const loop = fetch(() => {
      requests++;
      return challenge();
    });
    expect((await loop(`${SITE}/`)).status).toBe(401);
    expect(requests).toBe(3);
  });
});

describe("a server that ends the connection of its 401", () => {
  const ended = () => new TypeError("fetch failed", { cause: new Error("other side closed") });

  it.each(["GET", "HEAD", "put", "DELETE", "OPTIONS"])(
    "%s: the request goes once more, with another token",
    async (method) => {
      const { fetch, server } = await world();
      const one = server();
      const seen: (string | null)[] = [];
      const get = fetch(async (request) => {
        seen.push(request.headers.get("authorization"));
        if (seen.length === 2) throw ended();
        return one.protect(() => new Response(null, { status: 204 }))(request);
      });
      expect((await get(`${SITE}/`, { method })).status).toBe(204);
      expect(new Set(seen).size).toBe(3);
    },
  );

  it.each(["POST", "PATCH"])("%s, which may do something twice, is not sent again", async (method) => {
    const { fetch } = await world();
    let requests = 0;
    const get = fetch(() => {
      if (++requests === 1) return challenge();
      throw ended();
    });
    await expect(get(`${SITE}/`, { method, body: "x" })).rejects.toThrow("fetch failed");
    expect(requests).toBe(2);
  });

  it("once, and no more; and not where the caller has ended it", async () => {
    const { fetch } = await world();
    let requests = 0;
    let onToken = () => {};
    const get = fetch(() => {
      if (++requests === 1) return challenge();
      onToken();
      throw ended();
    });
    await expect(get(`${SITE}/`)).rejects.toThrow("fetch failed");
    expect(requests).toBe(3);
    requests = 0;
    const ending = new AbortController();
    onToken = () => ending.abort(new RangeError("enough"));
    const again = (await world()).fetch(() => {
      if (++requests === 1) return challenge();
      onToken();
      throw ended();
    });
    await expect(again(`${SITE}/`, { signal: ending.signal })).rejects.toThrow("enough");
    expect(requests).toBe(2);
  });
});

describe("H4, H5: the server's proof", () => {
  const of = async (handler: Handler, options: Partial<NegotiateFetchOptions> = {}) =>
    (await world()).fetch(handler, { preemptive: true, ...options })(`${SITE}/`);

  it("H4: a wrong one is refused, whatever the status, and whether or not one is required", async () => {
    for (const mutual of ["if-offered", "required", "off"] as const) {
      for (const status of [200, 302, 404, 500]) {
        for (const token of ["Negotiate AAAA", "Negotiate !!!!", "Negotiate AAAA, Negotiate BBBB"]) {
          const answer = of(() => new Response("no", { status, headers: { "www-authenticate": token } }), { mutual });
          expect((await failureOf(answer)).code).toMatch(/^GSS_(DEFECTIVE_TOKEN|NO_CONTEXT)$/);
        }
      }
    }
  });

  it("H4: a wrong one is refused beside a right one", async () => {
    const { handler } = await site();
    const both: Handler = async (request) => {
      const { headers } = await handler(request);
      const proof = headers.get("www-authenticate");
      return new Response("no", { headers: { "www-authenticate": `${proof}, Negotiate AAAA` } });
    };
    expect((await failureOf(of(both))).code).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("H4: one of another exchange is refused", async () => {
    const { handler } = await site();
    let kept: Headers | undefined;
    const replaying: Handler = async (request) => {
      const answer = await handler(request);
      kept ??= answer.headers;
      return new Response("no", { headers: kept });
    };
    expect((await of(replaying)).status).toBe(200);
    expect((await failureOf(of(replaying))).name).toMatch(/Error$/);
    expect((await failureOf(of(replaying))).name).not.toBe("TypeError");
  });

  it("H5: where it is required, an answer without it is refused: of an open page, of an error, of a redirect, of a 401", async () => {
    for (const status of [200, 302, 401, 404, 500]) {
      const handler = () => new Response("no", { status, headers: { location: "/" } });
      const failure = await failureOf(of(handler, { mutual: "required", preemptive: undefined }));
      expect(failure.code, String(status)).toBe("HTTP_NOT_MUTUAL");
    }
    const { handler } = await site();
    expect((await of(handler, { mutual: "required", preemptive: undefined })).status).toBe(200);
  });

  it("H5: that the exchange is complete, said without krb5's own proof, is no proof", async () => {
    // NegTokenResp: accept-completed, krb5, without a responseToken (RFC 4178 section 4.2.2): a context without mutual.
    const completed = Uint8Array.from(Buffer.from("a1143012a0030a0100a10b06092a864886f712010202", "hex"));
    for (const status of [200, 401, 500]) {
      for (const mutual of ["if-offered", "required"] as const) {
        const failure = await failureOf(of(() => challenge(completed, status), { mutual, preemptive: true }));
        expect(failure.code, `${status} ${mutual}`).toBe("GSS_DEFECTIVE_TOKEN");
      }
    }
  });

  it("is not asked for where it is off", async () => {
    const { handler } = await site();
    expect((await of(handler, { mutual: "off" })).status).toBe(200);
    const answer = await of(handler, { mutual: "off", useSpnego: false });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("www-authenticate")).toBeNull();
  });

  it("H6: a server that asks for ever gets no more tokens", async () => {
    let requests = 0;
    const answer = of(() => {
      requests++;
      return challenge(Uint8Array.of(0x60, 1, 2));
    });
    expect((await failureOf(answer)).code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(requests).toBe(1);
  });

  it("H6: a server whose every token asks for one more is refused at its second, over one connection too", async () => {
    // NegTokenResp: Microsoft's name for krb5 without a responseToken: the initiator sends its token once more, and once.
    const { credential } = await world();
    for (const state of ["03", "01"]) {
      let requests = 0;
      const more = Uint8Array.from(Buffer.from(`a1143012a0030a01${state}a10b06092a864882f712010202`, "hex"));
      const send = async () => {
        requests++;
        return challenge(more);
      };
      const connections = { open: async () => ({ send, close: () => {}, isFree: false, peerCertificate: undefined }) };
      const get = negotiateFetch({ credential, origins: [SITE], connections, preemptive: true });
      expect((await failureOf(get(`${SITE}/`))).code).toBe("GSS_DEFECTIVE_TOKEN");
      expect(requests).toBe(2);
    }
  });

  it("H6: a context that is established, without mutual, answers no further challenge", async () => {
    let requests = 0;
    const answer = of(
      () => {
        requests++;
        return challenge(Uint8Array.of(0x60, 1, 2));
      },
      { mutual: "off", useSpnego: false },
    );
    expect((await answer).status).toBe(401);
    expect(requests).toBe(1);
  });

  it("H7: a server that authenticates connections is refused, unless they are this credential's alone", async () => {
    const { handler } = await site();
    const bound: Handler = async (request) => {
      const answer = await handler(request);
      answer.headers.set("persistent-auth", "TRUE");
      return answer;
    };
    await expect(of(bound)).rejects.toThrow(/authenticates connections.*ownsConnections/);
    expect((await of(bound, { ownsConnections: true })).status).toBe(200);
  });

  it("H7: two credentials over one fetch: what one has learned, the other has too, unless each owns its own", async () => {
    const { credential } = await world();
    for (const ownsConnections of [false, true]) {
      const { handler, seen } = await site();
      const fetch: typeof globalThis.fetch = async (input, init) => handler(new Request(input, init));
      for (let i = 0; i < 2; i++) {
        const get = negotiateFetch({ credential, origins: [SITE], fetch, ownsConnections });
        expect((await get(`${SITE}/`)).status).toBe(200);
      }
      // A request without a token could be taken for the first one's, whose connection is let in.
      const tokens = seen.map(({ authorization }) => authorization !== null);
      expect(tokens).toEqual(ownsConnections ? [false, true, false, true] : [false, true, true]);
    }
  });

  it("tells which limit a large token met", async () => {
    const failure = await failureOf(of(() => new Response("no", { status: 431 })));
    expect(failure.code).toBe("HTTP_TOKEN_TOO_LARGE");
    expect(failure.message).toMatch(/HTTP 431, \d+ characters.*LimitRequestFieldSize/);
  });

  it("what a refusing server says is the error", async () => {
    const { server, keytab } = await world();
    const stranger = server({ keytab: keytab("HTTP/other.example") });
    const failure = await failureOf(of(stranger.protect(() => new Response("in"))));
    expect(failure.code).toBe("SERVER_REJECTED_TICKET");
  });
});

describe("options", () => {
  it("are checked before anything is sent", async () => {
    const { credential } = await world();
    const make = (options: object) => () => negotiateFetch({ credential, origins: [SITE], ...options });
    expect(make({ origins: undefined })).toThrow(/origins/);
    expect(make({ credential: {} })).toThrow(/credential has no getTicket/);
    for (const origin of ["www.test.example", `${SITE}/path`, "https://*.test.example", "ftp://a", `${SITE}/?a`]) {
      expect(make({ origins: [origin] }), origin).toThrow(/origins\[0\] is .*it must be an origin/);
    }
    expect(make({ mutual: "yes" })).toThrow(/mutual/);
    expect(make({ mutual: "required", preemptive: "learned" })).toThrow(/preemptive is learned/);
    expect(make({ channelBinding: 1 })).toThrow(/no option channelBinding/);
  });
});
