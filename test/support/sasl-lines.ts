// Cyrus's SASL server behind a socket: lines of base64 either way, and in the end who logged in, or that it refused.

import net, { type AddressInfo } from "node:net";
import type { startCyrusServer } from "../../tools/beds/index.mjs";
import { cyrusEnd } from "./cyrus-end.ts";

/** Starts it with the keys of a realm bed. */
export async function startSaslLines(options: Parameters<typeof startCyrusServer>[0]) {
  const sockets = new Set<net.Socket>();
  const serve = async (socket: net.Socket): Promise<void> => {
    const names: string[] = [];
    const end = await cyrusEnd(options, names);
    let text = "";
    try {
      for await (const chunk of socket.setEncoding("utf8")) {
        text += chunk;
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        for (const line of lines) {
          // The end of the loop closes the socket, so what is refused is said within it.
          const next = await end.step(Buffer.from(line, "base64")).catch(() => undefined);
          const said = next?.isDone ? `done ${names[0]}` : next?.challenge.toString("base64");
          socket.write(`${said ?? "refused"}\n`);
        }
      }
    } catch {
      // The client went away.
    } finally {
      await end.close();
    }
  };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    void serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
