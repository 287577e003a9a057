// The embedded realm in a process of its own. The first line names a file for the client's keytab; the answer is the port.

import process from "node:process";
import readline from "node:readline";
import { load } from "./library.mjs";

const { createTestRealm } = await load("entry/testing.js");
const { writeFile } = await import("node:fs/promises");
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { value: file } = await lines.next();
const realm = await createTestRealm({ realm: "EMBEDDED.EXAMPLE", principals: { robot: {} } });
await realm.listen();
await writeFile(String(file), realm.keytab("robot"), { mode: 0o600 });
process.stdout.write(`${/:(\d+)$/.exec(realm.kdc[0])?.[1]}\n`);
for await (const _ of lines);
process.exit(0);
