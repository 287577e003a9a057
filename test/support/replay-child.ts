// Runs as a process of its own, bundled: a server that accepts authenticators and remembers them in files. Arguments:
// the directory, how many, the time. It writes a line for each that it took, or, without end, until it is killed.

import fs from "node:fs";
import { fileReplayCache } from "../../src/gssapi/on-host.ts";

const [directory = "", count = "0", now = "0"] = process.argv.slice(2);
const nowMs = Number(now);
const cache = fileReplayCache(directory);
fs.writeSync(1, "ready\n");
for (let i = 0; count === "endless" || i < Number(count); i++) {
  const tag = i.toString(16).padStart(32, "0");
  const of = { client: "alice@R", share: "alice@R", cusec: 0 };
  const entry = { ...of, tag, ctime: new Date(nowMs), keepUntil: new Date(nowMs + 300_000) };
  if ((await cache.remember(entry, nowMs)) === true) fs.writeSync(1, `${i}\n`);
}
