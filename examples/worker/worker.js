// A Worker that answers GET /?user=alice by running `account show alice` on a remctl server.
import { createClient, httpsProxy, KerberosError } from "krb5-remctl/lean/node";

// One for the isolate: the tickets that one request fetched serve the next. It holds no socket and no promise of a request.
let client;

export default {
  async fetch(request, env) {
    const user = new URL(request.url).searchParams.get("user");
    if (user === null) return new Response("which user?\n", { status: 400 });
    client ??= createClient(optionsOf(env));
    try {
      const port = Number(env.REMCTL_PORT ?? 4373);
      const result = await client.remctl(env.REMCTL_HOST, ["account", "show", user], { port });
      return new Response(result.stdout, { status: result.status === 0 ? 200 : 404 });
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      console.error(error.code, error.message);
      const isSafeToRepeat = error.commandState === "not-sent";
      return new Response(`${error.code}\n`, { status: isSafeToRepeat ? 503 : 502 });
    }
  },
};

function optionsOf(env) {
  return {
    credentials: {
      principal: env.PRINCIPAL,
      // A keytab and no password: PBKDF2 takes CPU time, which is counted here.
      keytab: async () => ({ base64: await secretOf(env.KEYTAB) }),
    },
    kdc: [env.KDC_URL], // tcp://kdc.example.org:88, or https://proxy.example.org/KdcProxy
    transports: [httpsProxy()], // for a proxy; over TCP leave it out, and the bundle is smaller
    // A private network by a VPC network binding: every connection, to KDCs and to the server, is made through it.
    ...(env.VPC && { dial: (hostname, port) => env.VPC.connect({ hostname, port }) }),
    // A KDC proxy by a VPC service binding, or behind a tunnel that asks for access headers.
    ...(env.KDC && {
      fetch: (url, init) =>
        env.KDC.fetch(url, {
          ...init,
          headers: {
            ...init.headers,
            "CF-Access-Client-Id": env.ACCESS_ID ?? "",
            "CF-Access-Client-Secret": env.ACCESS_SECRET ?? "",
          },
        }),
    }),
    connectTimeoutMs: 5000,
    totalTimeoutMs: 20_000,
  };
}

/** A secret of the Worker is text; a binding of the Secrets Store is asked for it. */
function secretOf(binding) {
  return typeof binding === "string" ? binding : binding.get();
}
