// A Worker that shares a pool between requests, against what docs/sessions.md says. Its binding CONFIG is JSON.

import { createClient, type KerberosError, type RemctlPool } from "../../src/entry/index.ts";

interface Config {
  readonly principal: string;
  readonly password: string;
  readonly kdc: readonly string[];
  readonly port: number;
  readonly service: string;
}

let pool: RemctlPool | undefined;

export default {
  async fetch(_: Request, { CONFIG }: { CONFIG: string }): Promise<Response> {
    const { principal, password, kdc, port, service } = JSON.parse(CONFIG) as Config;
    pool ??= createClient({ credentials: { principal, password }, kdc, port, service }).pool();
    try {
      const result = await pool.run("127.0.0.1", ["test", "test"], { totalTimeoutMs: 5_000 });
      return Response.json({ text: result.text(), counts: pool.counts });
    } catch (error) {
      const { code, commandState, message } = error as KerberosError;
      return Response.json({ code, commandState, message, counts: pool.counts });
    }
  },
};
