// TLS that cannot begin within a stream or tunnel of ours, and a proxy that never answers: an error of the one
// request, with its connection closed, and never one of the whole process (an unhandled rejection fails this file).

import http from "node:http";
import https from "node:https";
import net from "node:net";
import { afterEach, expect, it } from "vitest";
import { proxyAgents } from "../../../src/entry/http.ts";
import { createClient } from "../../../src/entry/index.ts";
import { gssStream } from "../../../src/entry/postgres.ts";
import { makeTunnel } from "../../../src/http/tunnel.ts";
import { tunnelAgents } from "../../../src/runtime/index.ts";

const credential = createClient({
  credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
  config: false,
});
/** Node's TLS throws for it at once. */
const BAD = { cert: "not a certificate", key: "not a key" };
const ending: (() => void)[] = [];
afterEach(() => {
  for (const end of ending.splice(0)) end();
});

/** A server that gives one answer; and when its client has gone. */
async function serving(answer: string | undefined) {
  let gone = (): void => {};
  const isGone = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const server = net.createServer((socket) => {
    ending.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", gone);
    socket.once("data", () => void (answer !== undefined && socket.write(answer)));
    socket.resume();
  });
  ending.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as net.AddressInfo).port, isGone };
}

const failureOf = (emitter: NodeJS.EventEmitter): Promise<Error> =>
  new Promise((resolve) => emitter.once("error", resolve));

it("a stream of PostgreSQL whose TLS options do not read emits its error", async () => {
  const { port, isGone } = await serving("S");
  const stream = gssStream<net.Socket>({ credential, tls: BAD })();
  const failed = failureOf(stream);
  stream.connect(port, "127.0.0.1");
  expect((await failed).message).toMatch(/PEM/);
  await isGone;
});

it("a request through a proxy whose TLS options do not read emits its error", async () => {
  const { port, isGone } = await serving("HTTP/1.1 200 Connection established\r\n\r\n");
  const agents = proxyAgents<http.Agent, https.Agent>({ credential, url: `http://localhost:${port}` });
  const failed = failureOf(https.get("https://files.example/", { agent: agents.https, ...BAD }));
  expect((await failed).message).toMatch(/PEM/);
  await isGone;
});

it("a proxy that opens no way keeps no connection", async () => {
  const { port, isGone } = await serving("HTTP/1.1 503 No\r\n\r\n");
  const agents = proxyAgents<http.Agent, https.Agent>({ credential, url: `http://localhost:${port}` });
  expect(await failureOf(http.get("http://files.example/", { agent: agents.http }))).toMatchObject({ code: "CONNECT" });
  await isGone;
});

it("a proxy that never answers does not keep the connection of a request", async () => {
  const { port, isGone } = await serving(undefined);
  const tunnel = makeTunnel({ credential, url: `http://localhost:${port}` });
  const agents = tunnelAgents(tunnel, undefined, 100) as { readonly http: http.Agent };
  const failed = failureOf(http.get("http://files.example/", { agent: agents.http }));
  expect(await failed).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("within 100 ms: ask who") });
  await isGone;
});
