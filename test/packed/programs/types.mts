// Compiled, not run: what a TypeScript user writes.
import { createClient, KerberosError, type RemctlOptions, remctl } from "krb5-remctl";
import { createInitiator } from "krb5-remctl/gssapi";
import { createClient as createLeanClient, type LeanClient } from "krb5-remctl/lean";
import { createRemctlServer } from "krb5-remctl/server";
import { createTestRealm } from "krb5-remctl/testing";
import { webSocketDial, webSocketStream } from "krb5-remctl/websocket";

const credentials = { principal: "alice@EXAMPLE.ORG", password: async () => "secret" };
const options: RemctlOptions = { port: 4373, signal: AbortSignal.timeout(1000) };

export async function program(socket: WebSocket, octets: Uint8Array): Promise<number> {
  const dial = webSocketDial((host, port) => `wss://gateway.example.org/${host}:${port}`, { WebSocket });
  const client = createClient({ credentials, kdc: ["https://proxy.example.org/KdcProxy"], dial, fetch });
  const session = await client.connect("server.example.org", options);
  for await (const { stream, data } of session.stream(["log", octets]))
    console.log(stream satisfies string, data.length);
  const lean: LeanClient = createLeanClient({ credentials, kdc: ["tcp://kdc.example.org:88"], dial, fetch });
  await lean.remctl("server.example.org", ["account"], { totalTimeoutMs: 1000 });
  const initiator = createInitiator({ target: "host@server.example.org", credential: client });
  const token: Uint8Array | undefined = await initiator.step();
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "x" } } });
  createRemctlServer({ keytab: realm.keytab("alice"), commands: [] });
  await createClient({ credentials, kdc: [], dial: () => webSocketStream(socket) }).connect("server.example.org");
  try {
    const result = await remctl("server.example.org", ["account", "show"], { credentials, kdc: { "EXAMPLE.ORG": [] } });
    return result.status + result.stdout.length + (token?.length ?? 0);
  } catch (error) {
    if (error instanceof KerberosError && error.commandState === "not-sent" && error.code === "TIMEOUT") return 1;
    throw error;
  }
}
