// A realm, a remctl server and a folder for one walk from a failure to its cure.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { type ClientOptions, createClient, type RemctlClient } from "../../../src/entry/index.ts";
import { createRemctlServer, type RemctlServer, type RemctlServerOptions } from "../../../src/entry/server.ts";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../../src/entry/testing.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { makeFolder, removeFolder } from "../../../tools/beds/process.mjs";
import { type CliResult, type CliWorld, runCli } from "../../support/cli.ts";

export const REALM = "TEST.EXAMPLE";
export const ALICE = `alice@${REALM}`;
export const PASSWORD = "correct horse";
export const SERVICE = "host/server.test.example";
export const HOST = "server.test.example";

/** What is done wrong, and what the page says to do. */
export interface Walk {
  readonly what: string;
  readonly code: ErrorCode;
  /** Words of the section of the code, or of a row of the page on troubleshooting: what `isMended` does. */
  readonly cure: string;
  readonly realm?: Partial<TestRealmOptions>;
  /** Does it wrong, and rejects, or is the result of a command line; does it as `cure` says where `isMended`. */
  attempt(world: World, isMended: boolean): Promise<unknown>;
}

export interface World extends AsyncDisposable {
  readonly realm: TestRealm;
  readonly folder: string;
  /** Writes a file into the folder, and gives its path. */
  file(name: string, content: string | Uint8Array): string;
  /** Options of a client that finds the realm and the server in memory. */
  readonly found: Pick<ClientOptions, "kdc" | "dial">;
  client(options?: ClientOptions): RemctlClient;
  /** A server with the keys that the service has now, or others; the last one is the one that `found` leads to. */
  serve(options?: Partial<RemctlServerOptions>): RemctlServer;
  /** The realm on loopback, for the command line: its krb5.conf, and a cache in the folder. */
  env(more?: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  cli(words: readonly string[], options?: CliWorld): Promise<CliResult>;
}

/** Commands of the server: who asks, one that is for bob alone, one that waits, one that writes much. */
const commands: RemctlServerOptions["commands"] = [
  {
    command: "account",
    subcommand: "show",
    acl: ["ANYUSER"],
    handler: async ({ user, stdout }) => {
      await stdout.write(`${user}\n`);
      return 0;
    },
  },
  { command: "account", subcommand: "drop", acl: [`bob@${REALM}`], handler: () => 0 },
  {
    command: "log",
    subcommand: "follow",
    acl: ["ANYUSER"],
    handler: async ({ signal, stdout }) => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      });
      await stdout.write("a line\n");
      return 0;
    },
  },
  {
    command: "log",
    subcommand: "all",
    acl: ["ANYUSER"],
    handler: async ({ stdout }) => {
      await stdout.write("x".repeat(5000));
      return 0;
    },
  },
];

export async function makeWorld(options: Partial<TestRealmOptions> = {}): Promise<World> {
  const realm = await createTestRealm({
    realm: REALM,
    enctypes: [18],
    ...options,
    principals: {
      alice: { password: PASSWORD },
      bob: { password: "bob's" },
      robot: {},
      [SERVICE]: {},
      "host/other.test.example": {},
      ...options.principals,
    },
  });
  const folder = makeFolder("walk");
  const servers: RemctlServer[] = [];
  const found = {
    kdc: realm.kdc,
    dial: (host: string, port: number, dialOptions: { signal?: AbortSignal }) =>
      (port === 88 ? realm : (servers.at(-1) ?? serve())).dial(host, port, dialOptions),
  };
  function serve(more: Partial<RemctlServerOptions> = {}): RemctlServer {
    const server = createRemctlServer({ keytab: realm.keytab(SERVICE), commands, ...more });
    servers.push(server);
    return server;
  }
  const file = (name: string, content: string | Uint8Array): string => {
    const place = path.join(folder, name);
    writeFileSync(place, content, { mode: 0o600 });
    return place;
  };
  const env = async (more: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> => {
    if (!realm.kdc[0]?.includes("127.0.0.1")) await realm.listen();
    const config = file("krb5.conf", realm.krb5Conf());
    return { KRB5_CONFIG: config, KRB5CCNAME: `FILE:${path.join(folder, "cache")}`, HOME: folder, ...more };
  };
  return {
    realm,
    folder,
    file,
    found,
    client: (more = {}) =>
      createClient({ credentials: { principal: ALICE, password: PASSWORD }, ...found, config: "", ...more }),
    serve,
    env,
    cli: async (words, more = {}) => runCli(words, { isTerminal: true, ...more, env: await env(more.env) }),
    async [Symbol.asyncDispose]() {
      await Promise.all([realm.close(), ...servers.map((server) => server.close())]);
      removeFolder(folder);
    },
  };
}
