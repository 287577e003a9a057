// A remctl server in a process of its own, for tests of what it costs: bundled and run with --expose-gc, with the keytab as
// base64 on the first line of stdin. It prints its port, then its memory for each further line.

import readline from "node:readline";
import { createRemctlServer } from "../../src/entry/server.ts";

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const keytab = new Uint8Array(Buffer.from((await lines.next()).value ?? "", "base64"));
const piece = new Uint8Array(1_000_000).fill(97);

const server = createRemctlServer({
  keytab,
  commands: [
    {
      command: "echo",
      subcommand: "ALL",
      acl: ["ANYUSER"],
      handler: async ({ args, stdout }) => {
        for (const arg of args) await stdout.write(arg);
        return 0;
      },
    },
    {
      command: "flood",
      subcommand: "ALL",
      acl: ["ANYUSER"],
      // `flood N`: N megabytes.
      handler: async ({ subcommand, stdout }) => {
        for (let i = 0; i < Number(subcommand); i++) await stdout.write(piece);
        return 0;
      },
    },
  ],
});
await server.listen({ host: "127.0.0.1", port: 0 });
console.log(server.port);

for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  if (line === "memory") {
    // Finalizers run after a turn of the event loop, and free what the next collection finds.
    for (let i = 0; i < 4; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ rss, held: heapUsed + external, connections: server.connections }));
}
await server.close();
