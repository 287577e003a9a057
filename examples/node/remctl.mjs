// Runs one command and passes on what it prints, as it comes: node remctl.mjs account show alice
import { readFile } from "node:fs/promises";
import { createClient } from "krb5-remctl";

const { PRINCIPAL, KEYTAB_FILE, KDC, REMCTL_HOST, REMCTL_PORT = "4373" } = process.env;

const client = createClient({
  credentials: { principal: PRINCIPAL, keytab: () => readFile(KEYTAB_FILE) },
  kdc: [KDC], // as tcp://kdc.example.org:88
});

const session = await client.connect(REMCTL_HOST, { port: Number(REMCTL_PORT) });
const run = session.stream(process.argv.slice(2));
for await (const { stream, data } of run) process[stream].write(data);
process.exitCode = await run.status;
await session.close();
