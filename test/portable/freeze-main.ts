// A program that is frozen: one command for each line of standard input, one line of JSON for each result. The
// configuration is the first argument. For Node.

import { createInterface } from "node:readline";
import { createClient } from "../../src/entry/index.ts";

const { kdc, port, way } = JSON.parse(process.argv[2] as string) as {
  readonly kdc: readonly string[];
  readonly port: number;
  readonly way: "pool" | "client";
};
let logins = 0;
const client = createClient({
  credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
  // One way alone: a KDC that is slow is asked by the other one too, and the requests are counted.
  kdc: kdc.filter((endpoint) => endpoint.startsWith("tcp:")),
  port,
  service: "host/localhost@TEST.EXAMPLE",
  onTrace: (event) => {
    if (event.type === "kdc-request" && event.message === "AS-REQ") logins++;
  },
});
const pool = client.pool({ noopTimeoutMs: 500 });
for await (const line of createInterface({ input: process.stdin })) {
  const started = performance.now();
  try {
    const args = ["say", line];
    const result = await (way === "pool" ? pool.run("127.0.0.1", args) : client.remctl("127.0.0.1", args));
    const milliseconds = performance.now() - started;
    console.log(JSON.stringify({ text: result.text(), logins, milliseconds, clock: Date.now() }));
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.stack : String(error), logins }));
  }
}
await pool.close();
