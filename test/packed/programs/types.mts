// Compiled, not run: what a TypeScript user writes.
import {
  createClient,
  type HostOutcome,
  isKerberosError,
  KerberosError,
  type RemctlOptions,
  remctl,
} from "krb5-remctl";
import { createInitiator } from "krb5-remctl/gssapi";
import { createClient as createLeanClient, isKerberosError as isErrorOfLean, type LeanClient } from "krb5-remctl/lean";
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

/** `code` narrows an error of any entry to its class and fields. */
export function said(error: unknown): string {
  if (!isKerberosError(error)) throw error;
  switch (error.code) {
    case "REMCTL_SERVER":
      return error.remoteMessage.slice(error.remoteCode satisfies number);
    case "WRONG_PASSWORD":
      return `${error.principal ?? ""} ${error.retryAfter?.toISOString() ?? ""}`;
    case "KEYTAB":
    case "CCACHE":
      return `${error.path ?? ""} ${error.reason satisfies string | undefined}`;
    case "KDC_UNREACHABLE":
      return error.attempts.map(({ endpoint, reason, obstacle }) => `${endpoint} ${obstacle}: ${reason}`).join();
    case "CONFIG":
      return `${error.path ?? ""}:${error.line satisfies number | undefined}`;
    default:
      // @ts-expect-error not every error has it
      return error.remoteCode;
  }
}

/** An error of one entry is one of each other. */
export function ofEach(error: unknown, outcome: HostOutcome): string | undefined {
  if (isErrorOfLean(error) && error.code === "REMCTL_SERVER") return said(error) + error.remoteCode.toFixed();
  if (outcome.error?.code === "REMCTL_ACCESS_DENIED") return outcome.error.remoteMessage;
  return outcome.error?.commandState;
}

interface Settings {
  readonly port?: number;
  readonly principal?: string;
  readonly signal?: AbortSignal;
}

/** What settings do not say is given on as undefined. */
export async function fromSettings({ port, principal, signal }: Settings, keytab: Uint8Array): Promise<void> {
  const bounds = { totalTimeoutMs: undefined, connectTimeoutMs: undefined, enctypes: undefined, onTrace: undefined };
  const client = createClient({ ...bounds, port, signal, service: principal, kdc: undefined, cache: undefined });
  await client.remctl("server.example.org", ["account"], {
    port,
    signal,
    service: principal,
    totalTimeoutMs: undefined,
  });
  await client.runOnHosts(["server.example.org"], ["account"], { signal, concurrency: port, onResult: undefined });
  createLeanClient({ ...bounds, credentials, kdc: ["tcp://kdc.example.org:88"], port, signal, service: principal });
  createInitiator({ target: "host@a", credential: client, flags: { mutual: undefined, delegation: undefined } });
  createRemctlServer({ keytab, commands: [], service: principal, maxConnections: port, onError: undefined });
  await createTestRealm({ realm: "TEST.EXAMPLE", enctypes: undefined, requirePreauth: undefined });
}
