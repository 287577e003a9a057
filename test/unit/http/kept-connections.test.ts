// Connections that a server ends between two requests, or writes to when nothing was asked: over real sockets.

import { createServer, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { negotiateFetch, nodeConnections } from "../../../src/entry/http.ts";
import { ALICE, failureOf, SITE, world } from "./world.ts";

/** What a server does with the nth request of a connection, in place of an answer. */
type Fault = (socket: Socket) => void;

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** Lets Alice in, and keeps each connection; `faults` has one for each request that comes, in turn. */
async function serving(...faults: (Fault | undefined)[]) {
  return await servingTo(true, ...faults);
}

async function servingTo(preemptive: boolean, ...faults: (Fault | undefined)[]) {
  const { server, credential } = await world();
  const negotiate = server();
  const requests: { readonly on: number; readonly line: string; readonly who: string; readonly body: string }[] = [];
  const sockets: Socket[] = [];
  const listener = createServer((socket) => {
    const on = sockets.push(socket);
    socket.on("error", () => {});
    let waiting = "";
    socket.on("data", async (octets) => {
      waiting += octets.toString("latin1");
      const end = waiting.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(waiting)?.[1] ?? 0);
      if (end < 0 || waiting.length < end + 4 + length) return;
      const [line = "", ...lines] = waiting.slice(0, end).split("\r\n");
      const headers = Object.fromEntries(
        lines.map((one) =>
          one
            .toLowerCase()
            .split(": ", 1)
            .concat(one.replace(/^[^:]*: */, "")),
        ),
      );
      const body = waiting.slice(end + 4);
      waiting = "";
      const fault = faults[requests.length];
      const found = await negotiate.authenticate({ method: "GET", url: "/", headers, socket });
      requests.push({
        on,
        line: line.replace(" HTTP/1.1", ""),
        who: found.isAuthenticated ? found.principal : "nobody",
        body,
      });
      if (fault) return fault(socket);
      const proof = found.headers.find(([name]) => name === "www-authenticate")?.[1];
      socket.write(
        `HTTP/1.1 ${found.isAuthenticated ? 200 : 401} X\r\nWWW-Authenticate: ${proof}\r\nContent-Length: 2\r\n\r\nin`,
      );
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const url = `http://localhost:${(listener.address() as { port: number }).port}`;
  const get = negotiateFetch({
    credential,
    origins: [url],
    target: () => "HTTP@www.test.example",
    preemptive,
    connections: nodeConnections(),
  });
  const text = async (path: string, init?: RequestInit) => {
    const answer = await get(`${url}${path}`, init);
    const read = await answer.text();
    // The connection is free a turn later.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return `${answer.status} ${read}`;
  };
  return { get, text, url, requests, sockets };
}

const cuts: Readonly<Record<string, Fault>> = {
  "resets it": (socket) => void socket.resetAndDestroy(),
  "ends it": (socket) => void socket.end(),
};

it.each(Object.entries(cuts))(
  "a request is sent once more, with a token of its own, where a server %s",
  async (_, cut) => {
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]) {
      const { text, requests } = await serving(undefined, cut);
      await text("/first");
      const body = method === "PUT" ? "octets" : "";
      const read = text("/second", { method, ...(body ? { body } : {}) });
      if (method !== "HEAD") expect(await read).toBe("200 in");
      else await read;
      const line = `${method} /second`;
      expect(requests).toEqual([
        { on: 1, line: "GET /first", who: ALICE, body: "" },
        { on: 1, line, who: ALICE, body },
        // A replay would be refused: the token is another one.
        { on: 2, line, who: ALICE, body },
      ]);
    }
  },
);

it("several that were kept are passed over: the request goes once more over a new one", async () => {
  const reset = cuts["resets it"] as Fault;
  const { text, requests } = await serving(undefined, undefined, reset);
  await Promise.all([text("/a"), text("/b")]);
  expect(await text("/c")).toBe("200 in");
  expect(requests.map(({ on }) => on).slice(3)).toEqual([3]);
});

it("once, and no more", async () => {
  const reset = cuts["resets it"] as Fault;
  const { text, requests } = await serving(undefined, reset, reset);
  await text("/first");
  expect((await failureOf(text("/second"))).code).toBe("ECONNRESET");
  expect(requests).toHaveLength(3);
});

it("once, and no more, where each new connection is kept for the token and then ended", async () => {
  const reset = cuts["resets it"] as Fault;
  const { text, requests } = await servingTo(false, ...Array.from({ length: 5 }, () => [undefined, reset]).flat());
  expect((await failureOf(text("/"))).code).toBe("ECONNRESET");
  expect(requests.map(({ on, who }) => [on, who])).toEqual([
    [1, "nobody"],
    [1, ALICE],
    [2, "nobody"],
    [2, ALICE],
  ]);
});

const begun: Fault = (socket) => socket.write("HTTP/1.1 2", () => setTimeout(() => socket.resetAndDestroy(), 20));
it.each<[string, RequestInit | undefined, (Fault | undefined)[], number]>([
  ["over a connection that was new", undefined, [cuts["resets it"]], 1],
  ["of which an octet of the answer came", undefined, [undefined, begun], 2],
  ["that may do something twice", { method: "POST", body: "text" }, [undefined, cuts["resets it"]], 2],
  ["of a method that is not known", { method: "PURGE" }, [undefined, cuts["resets it"]], 2],
  [
    "whose body is a stream",
    { method: "PUT", body: new Blob(["text"]).stream(), duplex: "half" } as RequestInit,
    [undefined, cuts["resets it"]],
    2,
  ],
])("not a request %s", async (_, init, faults, count) => {
  const { text, requests } = await serving(...faults);
  if (count === 2) await text("/first");
  expect((await failureOf(text("/second", init))).code).toBe("ECONNRESET");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(requests).toHaveLength(count);
});

it("not a request that the caller has ended", async () => {
  const { text, requests } = await serving(undefined, () => setTimeout(() => ending.abort(new Error("enough")), 10));
  const ending = new AbortController();
  await text("/first");
  await expect(text("/second", { signal: ending.signal })).rejects.toThrow("enough");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(requests).toHaveLength(2);
});

it("a request of which nothing was sent goes over another connection, whatever its method", async () => {
  const { credential } = await world();
  const sent: string[] = [];
  let opened = 0;
  const connections = {
    open: async () => {
      const on = ++opened;
      let lost: "unsent" | undefined;
      return {
        isFree: true,
        peerCertificate: undefined,
        get lost() {
          return lost;
        },
        async send(request: Request, onFree: () => void) {
          if (on === 1 && sent.length > 0) {
            lost = "unsent";
            throw new Error("gone");
          }
          sent.push(`${on} ${request.method} ${await request.text()}`);
          onFree();
          return new Response("in");
        },
        close: () => {},
      };
    },
  };
  const get = negotiateFetch({ credential, origins: [SITE], connections });
  await get(`${SITE}/`);
  expect(await (await get(`${SITE}/`, { method: "POST", body: "text" })).text()).toBe("in");
  expect(sent).toEqual(["1 GET ", "2 POST text"]);
});

it("a request that the caller has ended opens no other connection", async () => {
  const { credential } = await world();
  const ending = new AbortController();
  let opened = 0;
  let requests = 0;
  const connections = {
    open: async () => {
      opened++;
      return {
        isFree: true,
        peerCertificate: undefined,
        lost: "unsent" as const,
        async send(_: Request, onFree: () => void) {
          onFree();
          if (++requests === 1) return new Response("in");
          ending.abort(new Error("enough"));
          throw ending.signal.reason;
        },
        close: () => {},
      };
    },
  };
  const get = negotiateFetch({ credential, origins: [SITE], connections });
  await get(`${SITE}/`);
  await expect(get(`${SITE}/`, { signal: ending.signal })).rejects.toThrow("enough");
  expect([opened, requests]).toEqual([1, 2]);
});

it("knows that nothing was sent, where the connection ended while the body was read", async () => {
  const { url, sockets } = await serving();
  const connection = await nodeConnections().open(new URL(url), undefined);
  const body = new ReadableStream({
    async pull(controller) {
      sockets[0]?.destroy();
      await new Promise((resolve) => setTimeout(resolve, 50));
      controller.close();
    },
  });
  while (sockets.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const request = new Request(url, { method: "POST", body, duplex: "half" } as RequestInit);
  expect((await failureOf(connection.send(request, () => {}))).code).toBe("CONNECTION_CLOSED");
  expect(connection.lost).toBe("unsent");
});

it("a request that the caller ends is rejected with the reason, and its body too", async () => {
  const part = "HTTP/1.1 200 OK\r\nWWW-Authenticate: Basic\r\nContent-Length: 5\r\n\r\npart";
  for (const reason of [new Error("enough"), "text"]) {
    const { get, url } = await serving(
      () => ending.abort(reason),
      (socket) => socket.write(part),
    );
    const ending = new AbortController();
    expect(await failureOf(get(url, { signal: ending.signal }))).toBe(reason);
    const later = new AbortController();
    const answer = await get(url, { signal: later.signal });
    setTimeout(() => later.abort(reason), 20);
    expect(await failureOf(answer.text())).toBe(reason);
  }
});

const stray = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse";
it.each<[string, Fault]>([
  ["with the answer before", (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin${stray}`)],
  [
    "behind it",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin");
      setTimeout(() => socket.write(stray), 20);
    },
  ],
])("an answer that nobody asked for, %s, is nobody's", async (_, fault) => {
  const { text, requests } = await serving(fault);
  expect(await text("/first")).toBe("200 in");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await text("/second")).toBe("200 in");
  expect(requests.map(({ on }) => on)).toEqual([1, 2]);
});
