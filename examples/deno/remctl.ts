// Runs one command: deno run --no-prompt --allow-env=... --allow-net=... remctl.ts account show alice
import { createClient, type RemctlResult } from "krb5-remctl";

const need = (name: string): string => {
  const value = Deno.env.get(name);
  if (value === undefined) throw new Error(`set ${name}`);
  return value;
};

const client = createClient({
  credentials: {
    principal: need("PRINCIPAL"),
    // base64 < robot.keytab
    keytab: { base64: need("KEYTAB") },
  },
  kdc: [need("KDC")], // for example tcp://kdc.example.org:88: by name, so that --allow-net=kdc.example.org:88 is enough
});

const result: RemctlResult = await client.remctl(need("REMCTL_HOST"), Deno.args, { port: Number(need("REMCTL_PORT")) });
await Deno.stdout.write(result.stdout);
await Deno.stderr.write(result.stderr);
Deno.exitCode = result.status;
