// Runs a command, and prints the spans that it made: node remctl.mjs COMMAND [ARGUMENT ...]

import { readFile } from "node:fs/promises";
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createClient } from "krb5-remctl";
import { spansOf } from "./spans.mjs";

const { PRINCIPAL, KEYTAB_FILE, KDC, REMCTL_HOST, REMCTL_PORT } = process.env;
// In a program of yours: the exporter of your collector, and a batching processor.
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] });

const client = createClient({
  credentials: { principal: PRINCIPAL, keytab: () => readFile(KEYTAB_FILE) },
  kdc: [KDC],
  port: Number(REMCTL_PORT),
  onTrace: spansOf(provider.getTracer("krb5-remctl")),
});
try {
  const { status } = await client.remctl(REMCTL_HOST, process.argv.slice(2));
  process.exitCode = status;
} finally {
  client.close();
  await provider.shutdown();
}
