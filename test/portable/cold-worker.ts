// A Worker that logs in and runs one command, with the options of a request's body; or several at once.

import { createClient, type KerberosError } from "../../src/entry/index.ts";

interface Config {
  readonly principal: string;
  readonly keytab: readonly number[];
  readonly host: string;
  readonly command: readonly string[];
  readonly times: number;
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { principal, keytab, host, command, times, ...options } = (await request.json()) as Config;
    const client = createClient({ ...options, credentials: { principal, keytab: Uint8Array.from(keytab) } });
    const once = (): Promise<string> =>
      client.remctl(host, [...command]).then(
        (result) => result.text().trim(),
        ({ code }: KerberosError) => String(code),
      );
    return Response.json(await Promise.all(Array.from({ length: times }, once)));
  },
};
