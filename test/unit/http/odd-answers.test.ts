// Answers that Node's parser takes and a Response cannot hold, and one that is not an answer at all: over real sockets.

import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { negotiateFetch, nodeConnections } from "../../../src/entry/http.ts";
import { failureOf, world } from "./world.ts";

async function asking(answer: string) {
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(answer, "latin1"));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void listener.close());
  const origin = `http://127.0.0.1:${(listener.address() as { port: number }).port}`;
  const { credential } = await world();
  const get = negotiateFetch({ credential, origins: [origin], connections: nodeConnections() });
  return {
    get: () => get(`${origin}/`),
    connections: () => new Promise((done) => listener.getConnections((_, n) => done(n))),
  };
}

const BODY = "Content-Length: 2\r\n\r\nin";

it.each([
  ["a status above 599", `HTTP/1.1 999 X\r\n${BODY}`],
  ["a status below 200 that is none of HTTP's", `HTTP/1.1 099 X\r\n${BODY}`],
  ["a reason phrase with a control character", `HTTP/1.1 200 b\x01d\r\n${BODY}`],
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
])("%s is an error of ours, and the connection is closed", async (_, answer) => {
  const { get, connections } = await asking(answer);
  const error = await failureOf(get());
  expect(error).toMatchObject({ name: "TransportError", code: "CONNECTION_CLOSED" });
  expect(error.message).toMatch(/^the request has no answer that HTTP knows: .*; check what listens at this address$/);
  await expect.poll(connections).toBe(0);
});

it("an early hint before the answer is passed over", async () => {
  const { get } = await asking(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n${BODY}`);
  expect(await (await get()).text()).toBe("in");
});
