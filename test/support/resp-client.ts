// The least of a Redis client: commands out, replies in, over one connection. In the shape of Bun's: `send`.

import net from "node:net";

export interface RespClient {
  send(command: string, args: string[]): Promise<unknown>;
  close(): void;
}

export async function connectRedis(port: number): Promise<RespClient> {
  const socket = net.connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let input = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk) => {
    input += chunk;
    for (;;) {
      const end = input.indexOf("\r\n");
      if (end < 0) return;
      const [type, text] = [input[0], input.slice(1, end)];
      let rest = end + 2;
      let value: unknown = text;
      if (type === "$" && text !== "-1") {
        const length = Number(text);
        if (input.length < rest + length + 2) return;
        value = input.slice(rest, rest + length);
        rest += length + 2;
      } else if (type === "$") value = null;
      else if (type === ":") value = Number(text);
      input = input.slice(rest);
      const next = waiting.shift();
      if (type === "-") next?.reject(new Error(text));
      else next?.resolve(value);
    }
  });
  socket.on("error", (error) => {
    for (const next of waiting.splice(0)) next.reject(error);
  });
  return {
    send: (command, args) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        const parts = [command, ...args].map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
        socket.write(`*${parts.length}\r\n${parts.join("")}`);
      }),
    close: () => socket.destroy(),
  };
}
