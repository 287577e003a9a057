import { createClient } from "../../../src/entry/index.ts";
import { freePort } from "../../../tools/beds/process.mjs";
import { startSmallServer } from "../../support/small-server.ts";
import { ALICE, HOST, PASSWORD, SERVICE, type Walk } from "./world.ts";

/** A client with the host's own sockets. */
const onSockets = (kdc: readonly string[]) =>
  createClient({ credentials: { principal: ALICE, password: PASSWORD }, kdc, config: false });

/** The network. */
export const networkWalks: readonly Walk[] = [
  {
    what: "a port on which nobody listens",
    code: "KDC_UNREACHABLE",
    cure: "is port 88 open",
    attempt: async ({ realm }, isMended) => {
      if (isMended) await realm.listen();
      return onSockets(isMended ? realm.kdc : [`tcp://127.0.0.1:${await freePort()}`]).getTicket(SERVICE);
    },
  },
  {
    what: "a web server in place of the KDC",
    code: "NOT_A_KDC",
    cure: "Look at host and port",
    attempt: async ({ realm }, isMended) => {
      await using web = await answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      if (isMended) await realm.listen();
      return await onSockets(isMended ? realm.kdc : [`tcp://127.0.0.1:${web.port}`]).getTicket(SERVICE);
    },
  },
  {
    what: "a server that does not listen",
    code: "CONNECT",
    cure: "Look at name and port",
    attempt: async ({ realm, serve }, isMended) => {
      await realm.listen();
      const port = isMended ? await listening(serve()) : await freePort();
      return await onSockets(realm.kdc).remctl("127.0.0.1", ["account", "show"], { port, service: SERVICE });
    },
  },
  {
    what: "something else than a remctl server on the port",
    code: "REMCTL_PROTOCOL",
    cure: "Is it a remctl server?",
    attempt: async ({ realm, serve }, isMended) => {
      await realm.listen();
      await using web = await answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      const port = isMended ? await listening(serve()) : web.port;
      return await onSockets(realm.kdc).remctl("127.0.0.1", ["account", "show"], { port, service: SERVICE });
    },
  },
  {
    what: "a server that hangs up",
    code: "CONNECTION_CLOSED",
    cure: "Look at `commandState`",
    attempt: async ({ realm, serve }, isMended) => {
      await realm.listen();
      await using silent = await answering("");
      const port = isMended ? await listening(serve()) : silent.port;
      return await onSockets(realm.kdc).remctl("127.0.0.1", ["account", "show"], { port, service: SERVICE });
    },
  },
  {
    what: "a command that says nothing for longer than is waited",
    code: "TIMEOUT",
    cure: "Raise `connectTimeoutMs`, `idleTimeoutMs` or `totalTimeoutMs`",
    attempt: ({ client }, isMended) =>
      client().remctl(HOST, ["log", "follow"], { idleTimeoutMs: isMended ? 60_000 : 20 }),
  },
  {
    what: "the caller's own signal",
    code: "ABORTED",
    cure: "Nothing, if you meant it",
    attempt: ({ client }, isMended) =>
      client().remctl(HOST, ["account", "show"], isMended ? {} : { signal: AbortSignal.abort() }),
  },
];

async function listening(server: { listen(options: object): Promise<unknown>; readonly port: number | undefined }) {
  await server.listen({ host: "127.0.0.1", port: 0 });
  return server.port as number;
}

/** A server that answers whatever comes with this, and hangs up. */
async function answering(text: string) {
  const server = await startSmallServer(async (socket) => {
    socket.once("data", () => socket.end(text));
  });
  return { port: server.port, [Symbol.asyncDispose]: () => server.close() };
}
