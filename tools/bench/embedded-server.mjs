// This package's remctl server in a process of its own. The first line names the keytab; the answer is the port.

import { spawn } from "node:child_process";
import process from "node:process";
import readline from "node:readline";
import { load, readFile } from "./library.mjs";

const { createRemctlServer } = await load("entry/server.js");
const piece = new Uint8Array(64 * 1024);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { value: keytab } = await lines.next();
const command = (/** @type {string} */ subcommand, /** @type {any} */ handler, more = {}) => ({
  command: "bench",
  subcommand,
  acl: ["ANYUSER"],
  handler,
  ...more,
});
const text = new TextDecoder();
/** A program of a shell, as remctld starts one, with its output as it comes. @param {string} script @param {any} call */
async function runProgram(script, { args, stdout }) {
  const child = spawn("/bin/sh", ["-c", script, "sh", text.decode(args[0])], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
  for await (const chunk of child.stdout) await stdout.write(new Uint8Array(chunk));
  return await ended;
}
const server = createRemctlServer({
  keytab: await readFile(String(keytab)),
  // C clients of one ticket that ask within one microsecond look like replays (RFC 4120 section 3.2.3): there are 1,000 here.
  replayCache: { remember: () => true },
  maxConnections: 5000,
  maxConnectionsPerUser: 5000,
  commands: [
    command("echo", async (/** @type {any} */ { args, stdout }) => {
      await stdout.write(args[0]);
      await stdout.write("\n");
      return 0;
    }),
    command("echo-program", (/** @type {any} */ call) => runProgram('echo "$1"', call)),
    command("zeros-program", (/** @type {any} */ call) => runProgram('head -c "$1" /dev/zero', call)),
    command("quiet", async () => 0),
    command("zeros", async (/** @type {any} */ { args, stdout }) => {
      let left = Number(text.decode(args[0]));
      for (; left > 0; left -= piece.length) await stdout.write(piece.subarray(0, Math.min(left, piece.length)));
      return 0;
    }),
  ],
});
await server.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${server.port}\n`);
for await (const _ of lines);
process.exit(0);
