// Runs one command: bun remctl.ts account show alice
import { createClient } from "krb5-remctl";

const { PRINCIPAL, KEYTAB_FILE, KDC, REMCTL_HOST, REMCTL_PORT = "4373" } = Bun.env as Record<string, string>;

const client = createClient({
  credentials: { principal: PRINCIPAL, keytab: () => Bun.file(KEYTAB_FILE).bytes() },
  kdc: [KDC], // as tcp://kdc.example.org:88
});

const result = await client.remctl(REMCTL_HOST, Bun.argv.slice(2), { port: Number(REMCTL_PORT) });
await Bun.write(Bun.stdout, result.stdout);
await Bun.write(Bun.stderr, result.stderr);
process.exitCode = result.status;
