// A realm, a server and a client that speak in memory, and what is counted of it.

import { createClient, createKerberos, password } from "../../../src/entry/index.ts";
import { createRemctlServer } from "../../../src/entry/server.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import type { Dial, Fetch, Runtime } from "../../../src/host/index.ts";

/** What was sent or asked, one entry each; a caller's mistake adds none. */
export const sent: string[] = [];

export const realm = await createTestRealm({
  realm: "TEST.EXAMPLE",
  enctypes: [17],
  principals: { alice: { password: "secret" }, "host/server": {}, "HTTP/web": {} },
});

export const server = createRemctlServer({
  keytab: realm.keytab("host/server"),
  commands: [{ command: "ping", subcommand: "ALL", acl: ["ANYUSER"], handler: () => 0 }],
});

export const dial: Dial = async (host, port, options) => {
  sent.push(`dial ${port}`);
  const stream = await (port === 88 ? realm : server).dial(host, port, options as { readonly signal?: AbortSignal });
  const { readable, writable } = stream;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(octets, controller) {
      sent.push(`octets ${octets.length}`);
      controller.enqueue(octets);
    },
  });
  void counted.readable.pipeTo(writable).catch(() => {});
  return { readable, writable: counted.writable };
};

const refusing = (what: string) => (): never => {
  sent.push(what);
  throw new Error(`${what}: nothing was to be sent`);
};

/** A host that notes everything that is asked of it. */
export const runtime: Runtime = {
  name: "web",
  connectTcp: refusing("TCP"),
  connectUdp: refusing("UDP"),
  lookUp: refusing("DNS"),
};

export const fetch: Fetch = refusing("fetch");

export const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
export const alice = password(credentials.principal, credentials.password);
const { kdc } = realm;

/** Options with which a client would reach nobody but those who count. */
export const good = { credentials, kdc, runtime, fetch, dial } as const;

export const client = createClient({ credentials, kdc, dial, service: "host/server@TEST.EXAMPLE" });
export const kerberos = createKerberos({ kdc, dial, config: false });
export const { ticket } = await kerberos.login(alice);
export const session = await client.connect("server");
export const pool = client.pool();
