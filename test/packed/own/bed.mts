// A realm and a remctl server on loopback, for the programs beside this one.

import type { TraceEvent } from "krb5-remctl";
import { createRemctlServer, type RemctlServer } from "krb5-remctl/server";
import { createTestRealm, type KdcPolicy, type TestRealm } from "krb5-remctl/testing";

export interface Bed extends AsyncDisposable {
  readonly realm: TestRealm;
  readonly server: RemctlServer;
  readonly port: number;
  /** The KDC by TCP alone: over UDP a slow machine asks twice, and requests are counted here. */
  readonly kdc: readonly string[];
}

/** alice and her password, a service, and a command that greets. */
export async function startBed(policy: Partial<KdcPolicy> = {}): Promise<Bed> {
  const realm = await createTestRealm({
    ...policy,
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" }, robot: {}, "host/localhost": {} },
  });
  await realm.listen();
  const server = createRemctlServer({
    keytab: realm.keytab("host/localhost"),
    commands: [
      {
        command: "hello",
        subcommand: "world",
        acl: ["ANYUSER"],
        async handler({ user, stdout }) {
          await stdout.write(`hello ${user}`);
          return 0;
        },
      },
    ],
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const close = async (): Promise<void> => {
    await server.close();
    await realm.close();
  };
  const kdc = realm.kdc.filter((one) => one.startsWith("tcp:"));
  return { realm, server, kdc, port: server.port ?? 0, [Symbol.asyncDispose]: close };
}

/** Counts the requests that a client sends to KDCs, for its option `onTrace`. */
export function countRequests(): { readonly sent: string[]; readonly onTrace: (event: TraceEvent) => void } {
  const sent: string[] = [];
  return { sent, onTrace: (event) => event.type === "kdc-request" && sent.push(event.message) };
}
