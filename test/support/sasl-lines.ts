// Cyrus's SASL server behind a socket: lines of base64 either way, and in the end who logged in, or that it refused.

import type net from "node:net";
import type { startCyrusServer } from "../../tools/beds/index.mjs";
import { cyrusEnd } from "./cyrus-end.ts";
import { startSmallServer } from "./small-server.ts";

/** Starts it with the keys of a realm bed. */
export async function startSaslLines(options: Parameters<typeof startCyrusServer>[0]) {
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
  return startSmallServer(serve);
}
