// A Worker as a user writes one: a client for the isolate, used by every request. Its binding CONFIG is JSON.

import { decodeKeytab } from "../../src/credentials/index.ts";
import { chooseProvider, createEncTypeSet, strongEncTypes } from "../../src/crypto/index.ts";
import { createAcceptor, createInitiator, createReplayCache, keytabKeys } from "../../src/entry/gssapi.ts";
import { createClient, type RemctlClient } from "../../src/entry/index.ts";
import { createClient as createLeanNode } from "../../src/entry/lean/node.ts";
import {
  createClient as createLean,
  KerberosError,
  pool as poolOf,
  runOnHosts,
  type SessionClient,
} from "../../src/entry/lean.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { detectRuntime } from "../../src/runtime/index.ts";

interface Config {
  /** Whose client it is. */
  readonly entry: keyof typeof entries;
  readonly principal: string;
  readonly password: string;
  /** Base64, as a secret binding has it; instead of the password. */
  readonly keytab?: string;
  readonly kdc: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly service: string;
}

const TEST = ["test", "test"];

const entries = { "krb5-remctl": createClient, lean: createLean, "lean/node": createLeanNode } as const;

// A value, not a promise: a promise made in one request never settles for another once the first is over.
let client: SessionClient | undefined;

/** Commands of abandoned requests that came to their end all the same. */
let finished = 0;

const ignore = (): void => {};

function codeOf(error: unknown): string {
  if (error instanceof KerberosError) return error.code;
  throw error;
}

async function answer(url: URL, config: Config): Promise<unknown> {
  const { entry, principal, password, keytab, kdc, host, port, service } = config;
  const credentials =
    keytab === undefined
      ? { principal, password }
      : { principal, keytab: () => Uint8Array.from(atob(keytab), (char) => char.charCodeAt(0)) };
  client ??= entries[entry]({ credentials, kdc, port, service });
  const runs = client;
  const run = async (): Promise<string> => (await runs.remctl(host, TEST)).text();
  const count = Number(url.searchParams.get("count") ?? 1);
  switch (url.pathname) {
    case "/command":
      return await run();
    case "/abandon":
      // What is not awaited ends with the request, wherever it is.
      for (let index = 0; index < count; index++) run().then(() => finished++, ignore);
      await new Promise((resolve) => setTimeout(resolve, Number(url.searchParams.get("after"))));
      return "abandoned";
    case "/finished":
      return finished;
    case "/at-once":
      return await Promise.all(Array.from({ length: count }, run));
    case "/outcomes":
      return await Promise.all(Array.from({ length: count }, () => run().catch(codeOf)));
    case "/pool": {
      const pool = "pool" in runs ? (runs as RemctlClient).pool() : poolOf(runs);
      const results = await Promise.all(Array.from({ length: count }, () => pool.run(host, TEST)));
      await pool.close();
      return results.map((result) => result.text());
    }
    case "/hosts": {
      const hosts = Array.from({ length: count }, () => host);
      const many = "pool" in runs ? (runs as RemctlClient).runOnHosts(hosts, TEST) : runOnHosts(runs, hosts, TEST);
      const { outcomes, failures } = await many;
      return [outcomes.length, failures.map(({ error }) => error.message)];
    }
    case "/wrap":
      return await wrapAndUnwrap(count, Number(url.searchParams.get("size")));
    default:
      return (await chooseProvider(detectRuntime())).name;
  }
}

/** So many messages of a size wrapped by one end and unwrapped by the other; gives the octets of all. */
async function wrapAndUnwrap(count: number, size: number): Promise<number> {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  const encTypes = createEncTypeSet(strongEncTypes, await chooseProvider(detectRuntime()));
  const initiator = createInitiator({
    target: "host/localhost@TEST.EXAMPLE",
    credential: createClient({
      credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
      kdc: realm.kdc,
      dial: realm.dial,
    }),
    flags: { mutual: true, confidentiality: true },
  });
  const acceptor = createAcceptor({
    enctypes: encTypes,
    replayCache: createReplayCache(),
    keytab: keytabKeys(decodeKeytab(realm.keytab("host/localhost")), encTypes),
  });
  let token = await initiator.step();
  while (token !== undefined) {
    const reply = await acceptor.step(token);
    token = reply === undefined ? undefined : await initiator.step(reply);
  }
  const message = new Uint8Array(size);
  let octets = 0;
  for (let index = 0; index < count; index++) octets += acceptor.unwrap(initiator.wrap(message)).length;
  return octets;
}

export default {
  async fetch(request: Request, env: { readonly CONFIG: string }): Promise<Response> {
    try {
      return Response.json(await answer(new URL(request.url), JSON.parse(env.CONFIG)));
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
};
