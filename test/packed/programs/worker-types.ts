import { createClient, KerberosError } from "krb5-remctl";
import { createClient as createLean } from "krb5-remctl/lean";
import { webSocketStream } from "krb5-remctl/websocket";

interface Env {
  readonly KEYTAB: string;
  readonly VPC: Fetcher;
  readonly KDC: Fetcher;
}

export default {
  async fetch(_request, env): Promise<Response> {
    const options = {
      credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => new Uint8Array(1) },
      kdc: ["https://kdc-proxy.internal/KdcProxy"],
    };
    const client = createClient({
      ...options,
      dial: (hostname, port) => env.VPC.connect({ hostname, port }),
      fetch: (url, init) => env.KDC.fetch(url, init),
    });
    const upgraded = await fetch("https://gateway.example.org/", { headers: { Upgrade: "websocket" } });
    const socket = upgraded.webSocket;
    if (socket === null) return new Response("no socket", { status: 502 });
    const lean = createLean({ ...options, dial: () => webSocketStream(socket), fetch });
    try {
      await lean.remctl("server.example.org", ["account", "list"]);
      return new Response((await client.remctl("server.example.org", ["account", "list"])).stdout);
    } catch (error) {
      return new Response(error instanceof KerberosError ? error.code : "?", { status: 500 });
    }
  },
} satisfies ExportedHandler<Env>;
