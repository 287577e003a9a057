// Runs as a process of its own, bundled: a realm and a thousand remctl servers, each with a service principal of its own, and
// some of them broken in five ways. Arguments: how many hosts, and of how many every one is broken. Prints one line of JSON.

import { createServer, type Server } from "node:net";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";

/** What is wrong with a host, in turn. */
export const FAULTS = ["refused", "closes", "silent", "wrong-key", "denied"] as const;

/** What the process prints. */
export interface ManyHosts {
  readonly realm: string;
  readonly kdc: readonly string[];
  readonly hosts: readonly { readonly port: number; readonly service: string; readonly fault: string | undefined }[];
}

const [count = 1000, every = 20] = process.argv.slice(2).map(Number);
const REALM = "MANY.EXAMPLE";
const nameOf = (index: number): string => `host/h${index}.many.example`;
const principals = Object.fromEntries(Array.from({ length: count }, (_, index) => [nameOf(index), {}]));
const realm = await createTestRealm({ realm: REALM, principals: { alice: { password: "secret" }, ...principals } });
await realm.listen();

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });

/** Closed when all have their ports. */
const closing: Server[] = [];

async function start(index: number, fault: string | undefined): Promise<number> {
  if (fault === "refused") {
    const server = createServer();
    const port = await listening(server);
    closing.push(server);
    return port;
  }
  if (fault === "closes") return listening(createServer((socket) => socket.on("error", () => {}).end()));
  if (fault === "silent") return listening(createServer((socket) => socket.on("error", () => {}).resume()));
  const keytab = realm.keytab(nameOf(index));
  // The KDC gives tickets under a newer key than the server's.
  if (fault === "wrong-key") realm.rotateKey(nameOf(index));
  const server = createRemctlServer({
    keytab,
    commands: [
      {
        command: "who",
        subcommand: "ALL",
        acl: fault === "denied" ? [] : ["ANYUSER"],
        handler: async ({ user, subcommand, stdout }) => {
          await stdout.write(`h${index} ${user} ${subcommand}\n`.padEnd(200, "."));
          return index % 7;
        },
      },
    ],
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  return server.port as number;
}

const hosts: ManyHosts["hosts"][number][] = [];
const faultOf = (index: number): string | undefined =>
  index % every === every - 1 ? FAULTS[Math.floor(index / every) % FAULTS.length] : undefined;
// The ports that nobody listens at come last: one that was closed before could be given to another server.
const order = Array.from({ length: count }, (_, index) => index);
order.sort((a, b) => Number(faultOf(a) === "refused") - Number(faultOf(b) === "refused"));
for (const index of order) {
  const fault = faultOf(index);
  hosts[index] = { port: await start(index, fault), service: `${nameOf(index)}@${REALM}`, fault };
}
for (const server of closing) await new Promise((resolve) => server.close(resolve));
console.log(JSON.stringify({ realm: REALM, kdc: realm.kdc, hosts } satisfies ManyHosts));
// It lives as long as whoever started it.
process.stdin.on("end", () => process.exit(0)).resume();
