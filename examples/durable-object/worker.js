// A Durable Object that keeps the tickets and an open session, so that a command costs one round trip.
import { DurableObject } from "cloudflare:workers";
import { createClient, KerberosError } from "krb5-remctl";

export class RemctlObject extends DurableObject {
  #pool;

  /** Runs a command; callable from Workers by RPC. Calls at the same time wait for each other. */
  async run(command) {
    // In an object, unlike in a Worker, sockets outlive the request that opened them.
    this.#pool ??= createClient({
      credentials: { principal: this.env.PRINCIPAL, keytab: { base64: this.env.KEYTAB } },
      kdc: [this.env.KDC_URL],
      connectTimeoutMs: 5000,
      totalTimeoutMs: 20_000,
      port: Number(this.env.REMCTL_PORT ?? 4373),
      // A session that was used a moment ago needs no NOOP first.
    }).pool({ maxSessionsPerHost: 1, noopAfterMs: 5_000 });
    try {
      const result = await this.#pool.run(this.env.REMCTL_HOST, command);
      return { status: result.status, text: result.text() };
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      return { error: error.code, commandState: error.commandState };
    }
  }
}

export default {
  async fetch(request, env) {
    const user = new URL(request.url).searchParams.get("user") ?? "";
    const object = env.REMCTL.get(env.REMCTL.idFromName(env.REMCTL_HOST));
    return Response.json(await object.run(["account", "show", user]));
  },
};
