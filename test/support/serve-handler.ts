// A handler of Request and Response over node:http or node:https, at a loopback port.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export type WebHandler = (request: Request) => Response | Promise<Response>;

export interface ServedHandler {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves a handler at `localhost`. @param tls PEM of a certificate and its key; without them it is plain HTTP */
export async function serveHandler(
  handler: WebHandler,
  tls?: { readonly cert: string; readonly key: string },
): Promise<ServedHandler> {
  const scheme = tls === undefined ? "http" : "https";
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "GET", headers, rawHeaders } = incoming;
    const fields = rawHeaders.flatMap((name, at) => (at % 2 ? [] : [[name, rawHeaders[at + 1]] as [string, string]]));
    const body = method === "GET" || method === "HEAD" ? {} : { body: Buffer.concat(chunks) };
    const url = `${scheme}://${headers.host}${incoming.url}`;
    const response = await handler(new Request(url, { method, headers: fields, ...body }));
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(new Uint8Array(await response.arrayBuffer()));
  };
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    void answer(incoming, outgoing).catch((error) => outgoing.writeHead(500).end(String(error)));
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://localhost:${port}`,
    port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
