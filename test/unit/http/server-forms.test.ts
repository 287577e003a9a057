// The forms in which servers of HTTP ask for Negotiate and answer, over real sockets: the `fetch` of the host and
// connections of one's own are let in by each.

import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { type NegotiateFetchOptions, negotiateFetch, nodeConnections } from "../../../src/entry/http.ts";
import { ALICE, world } from "./world.ts";

/** What a server says to one request: the proof's field, undefined where it asks. */
type Form = (
  proof: string | undefined,
  method: string,
  path: string,
) => { readonly text: string; readonly ends?: true };

const body = (text: string) => `Content-Length: ${text.length}\r\n\r\n${text}`;
const usual = (ask: string, field: (proof: string) => string): Form => {
  return (proof) => ({
    text:
      proof === undefined
        ? `HTTP/1.1 401 No\r\n${ask}\r\n${body("no")}`
        : `HTTP/1.1 200 OK\r\n${field(proof)}\r\n${body("in")}`,
  });
};
const named = (proof: string) => `WWW-Authenticate: ${proof}`;
const ending =
  (line: string, more = ""): Form =>
  (proof) => ({
    text:
      proof === undefined
        ? `${line} 401 No\r\n${more}WWW-Authenticate: Negotiate\r\nContent-Length: 2\r\n\r\nno`
        : `${line} 200 OK\r\n${more}${named(proof)}\r\n\r\nin`,
    ends: true,
  });

const forms: Readonly<Record<string, Form>> = {
  "the scheme in lower case": usual("www-authenticate: negotiate", (proof) =>
    named(proof.replace("Negotiate", "negotiate")),
  ),
  "several schemes in one field, Negotiate within a quoted text": usual(
    'WWW-Authenticate: Digest realm="a, Negotiate b", nonce="x", qop="auth,auth-int", Negotiate, Basic realm="it\'s \\"q\\""',
    (proof) => `${named(proof)}, NTLM`,
  ),
  "several fields": usual(
    'WWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm="x"\r\nWWW-Authenticate:Negotiate\r\nWWW-Authenticate: Bearer realm=x',
    named,
  ),
  "chunks, with a trailer": (proof, method) => {
    const chunks = method === "HEAD" ? "" : "2\r\nin\r\n0\r\nTrailer: x\r\n\r\n";
    const head =
      proof === undefined ? "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate" : `HTTP/1.1 200 OK\r\n${named(proof)}`;
    return { text: `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}` };
  },
  "an interim answer first": (proof, method, path) => {
    const { text } = usual("WWW-Authenticate: Negotiate", named)(proof, method, path);
    return { text: `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${text}` };
  },
  "HTTP/1.0": ending("HTTP/1.0"),
  "connections that the server says it closes": ending("HTTP/1.1", "Connection: close\r\n"),
  "a long page with the 401, and a large header with the answer": (proof) => ({
    text:
      proof === undefined
        ? `HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\n${body("no".repeat(100_000))}`
        : `HTTP/1.1 200 OK\r\nX: ${"a".repeat(9_000)}\r\n${named(proof)}\r\n${body("in")}`,
  }),
};

/** Serves known clients over sockets, in a form; counts requests and connections. */
async function serving(form: Form) {
  const { server } = await world();
  const negotiate = server();
  const sockets = new Set<Socket>();
  const seen: string[] = [];
  let connections = 0;
  const listener = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    let waiting = "";
    socket.on("data", async (octets) => {
      waiting += octets.toString("latin1");
      const end = waiting.indexOf("\r\n\r\n");
      const [line = "", ...lines] = waiting.slice(0, end).split("\r\n");
      const headers = Object.fromEntries(
        lines.map((one) => [one.split(":", 1)[0]?.toLowerCase(), one.replace(/^[^:]*: */, "")]),
      );
      const length = Number(headers["content-length"] ?? 0);
      if (end < 0 || waiting.length < end + 4 + length) return;
      const content = waiting.slice(end + 4);
      waiting = "";
      const [method = "", url = ""] = line.split(" ");
      const found = await negotiate.authenticate({ method, url, headers, socket });
      const proof = found.isAuthenticated
        ? found.headers.find(([name]) => name === "www-authenticate")?.[1]
        : undefined;
      seen.push(`${found.isAuthenticated ? found.principal : "nobody"} ${method} ${content}`);
      const answer = form(proof, method, url);
      const text = method === "HEAD" ? answer.text.slice(0, answer.text.lastIndexOf("\r\n\r\n") + 4) : answer.text;
      if (answer.ends) socket.end(text, "latin1");
      else socket.write(text, "latin1");
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  return {
    url: `http://localhost:${port}`,
    seen,
    count: () => connections,
    close() {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

const ways: Readonly<Record<string, () => Partial<NegotiateFetchOptions>>> = {
  // A function of its own each time: what shares one learns together.
  "the host's fetch": () => ({ fetch: (input, init) => fetch(input, init) }),
  "connections of one's own": () => ({ connections: nodeConnections() }),
};

describe.each(Object.entries(ways))("%s", (_, options) => {
  it.each(Object.entries(forms))("is let in where the server has %s", async (_, form) => {
    const site = await serving(form);
    try {
      const { credential } = await world();
      for (const method of ["GET", "HEAD", "POST"]) {
        // A new one each time: the first request has no token.
        const get = negotiateFetch({
          credential,
          origins: [site.url],
          target: () => "HTTP@www.test.example",
          ...options(),
        });
        const init = { method, ...(method === "POST" ? { body: "text" } : {}) };
        site.seen.length = 0;
        for (const asked of [true, false]) {
          const answer = await get(`${site.url}/`, init);
          expect([answer.status, await answer.text()]).toEqual([200, method === "HEAD" ? "" : "in"]);
          const sent = `${method} ${method === "POST" ? "text" : ""}`;
          expect(site.seen.splice(0)).toEqual([...(asked ? [`nobody ${sent}`] : []), `${ALICE} ${sent}`]);
        }
      }
    } finally {
      site.close();
    }
  });
});

it("H7: a connection is another request's once its exchange is over, not while a ticket is fetched", async () => {
  const site = await serving(usual("WWW-Authenticate: Negotiate", named));
  try {
    const { credential } = await world();
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = {
      getTicket: async (...asked: Parameters<typeof credential.getTicket>) => {
        await gate;
        return await credential.getTicket(...asked);
      },
    };
    const get = negotiateFetch({
      credential: slow,
      origins: [site.url],
      target: () => "HTTP@www.test.example",
      connections: nodeConnections(),
      preemptive: false,
    });
    const asking = async (count: number) => {
      while (site.seen.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const first = get(`${site.url}/`);
    await asking(1);
    const second = get(`${site.url}/`);
    await asking(2);
    expect(site.count()).toBe(2);
    go();
    for (const answer of await Promise.all([first, second])) expect(await answer.text()).toBe("in");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await (await get(`${site.url}/`)).text()).toBe("in");
    expect(site.count()).toBe(2);
  } finally {
    site.close();
  }
});
