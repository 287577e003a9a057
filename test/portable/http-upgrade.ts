// A WebSocket behind createNegotiateServer on Deno and Bun: their servers answer the upgrade themselves. Prints the status
// line and the fields of the answer to a request without a ticket, and to one with.

import { createReplayCache } from "../../src/entry/gssapi.ts";
import { createNegotiateServer, createNegotiator } from "../../src/entry/http.ts";
import { createClient } from "../../src/entry/index.ts";
import { createTestRealm } from "../../src/entry/testing.ts";

type Handler = (request: Request, server: BunServer) => Promise<Response | undefined>;
interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
}
interface Socket {
  write(text: string): void;
  end(): void;
  on(event: "data", take: (octets: Uint8Array) => void): void;
}
const host = globalThis as unknown as {
  readonly Deno?: {
    serve(options: object, handler: Handler): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
    upgradeWebSocket(request: Request): { readonly response: Response };
    exit(): void;
  };
  readonly Bun?: { serve(options: object): BunServer };
  readonly process: { exit(): void };
};

const realm = await createTestRealm({
  realm: "TEST.EXAMPLE",
  principals: { alice: { password: "secret" }, "HTTP/localhost": {} },
});
const credential = createClient({
  credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
  kdc: "tcp://192.0.2.88",
  dial: (name, port, options) => realm.dial(name, port, options),
});
const negotiate = createNegotiateServer({
  keytab: realm.keytab("HTTP/localhost"),
  replayCache: createReplayCache(),
});
const handler: Handler = negotiate.protect((request: Request, _, server: BunServer): Response | undefined => {
  if (host.Deno !== undefined) return host.Deno.upgradeWebSocket(request).response;
  return server.upgrade(request) ? undefined : new Response("no upgrade", { status: 400 });
});

const port =
  host.Deno?.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler).addr.port ??
  host.Bun?.serve({ port: 0, hostname: "127.0.0.1", fetch: handler, websocket: { message() {} } }).port;

const net: { connect(port: number, host: string): Socket } = await import("node:net" as string);
const ask = (authorization?: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = net.connect(Number(port), "127.0.0.1");
    socket.on("data", (octets) => {
      socket.end();
      resolve(new TextDecoder().decode(octets).split("\r\n\r\n")[0] as string);
    });
    const fields = ["GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"];
    fields.push("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    if (authorization !== undefined) fields.push(`Authorization: ${authorization}`);
    socket.write(`${fields.join("\r\n")}\r\n\r\n`);
  });

const negotiator = createNegotiator({ credential, origins: [`http://localhost:${port}`] });
const stranger = await ask();
const { authorization } = await negotiator.begin(`http://localhost:${port}/`);
console.log(JSON.stringify({ stranger, alice: await ask(authorization) }));
if (host.Deno !== undefined) host.Deno.exit();
else host.process.exit();
