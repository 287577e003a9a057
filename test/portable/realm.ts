import { decodeKeytab } from "../../src/credentials/index.ts";
import { chooseProvider, createEncTypeSet, strongEncTypes } from "../../src/crypto/index.ts";
import { createAcceptor, createInitiator, createReplayCache, keytabKeys } from "../../src/entry/gssapi.ts";
import { type ClientOptions, createClient, type Dial } from "../../src/entry/index.ts";
import { createRemctlServer, type RemctlServer } from "../../src/entry/server.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { type Case, equal, refuses, same } from "./harness.ts";

interface World {
  readonly realm: TestRealm;
  readonly server: RemctlServer;
  readonly options: ClientOptions;
}

const SERVER = "localhost";

/** A realm and a server with no socket between them and the client. */
async function withWorld(run: (world: World) => Promise<void>, enctypes?: readonly number[]): Promise<void> {
  const principals = { alice: { password: "secret" }, [`host/${SERVER}`]: {} };
  const realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals,
    ...(enctypes === undefined ? {} : { enctypes }),
  });
  const server = createRemctlServer({
    keytab: realm.keytab(`host/${SERVER}`),
    commands: [
      {
        command: "hello",
        subcommand: "world",
        acl: ["ANYUSER"],
        handler: async ({ user, stdout }) => {
          await stdout.write(`hello ${user}\n`);
          return 0;
        },
      },
      {
        command: "echo",
        subcommand: "back",
        acl: ["ANYUSER"],
        handler: async ({ args, stdout, stderr }) => {
          await stdout.write(args[0] as Uint8Array);
          await stderr.write(`${args.length}`);
          return 7;
        },
      },
      {
        command: "wait",
        subcommand: "long",
        acl: ["ANYUSER"],
        handler: ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(1))),
      },
      { command: "secret", subcommand: "EMPTY", acl: ["bob@TEST.EXAMPLE"], handler: () => 0 },
    ],
  });
  const dial: Dial = (host, port, options) => (host === SERVER ? server : realm).dial(host, port, options);
  try {
    const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
    await run({ realm, server, options: { credentials, kdc: realm.kdc, dial } });
  } finally {
    await Promise.all([server.close(), realm.close()]);
  }
}

const long = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251);

/** The embedded realm, and remctl over memory. */
export const realmCases: readonly Case[] = [
  {
    name: "a password, a ticket, a command",
    run: () =>
      withWorld(async ({ options }) => {
        const result = await createClient(options).remctl(SERVER, ["hello", "world"]);
        equal([result.status, result.text()], [0, "hello alice@TEST.EXAMPLE\n"]);
      }),
  },
  {
    name: "a keytab, a ticket, a command",
    run: () =>
      withWorld(async ({ realm, options }) => {
        const credentials = { principal: "alice@TEST.EXAMPLE", keytab: async () => realm.keytab("alice") };
        const result = await createClient({ ...options, credentials }).remctl(SERVER, ["hello", "world"]);
        equal([result.status, result.text()], [0, "hello alice@TEST.EXAMPLE\n"]);
      }),
  },
  ...strongEncTypes.map(({ name, etype }) => ({
    name: `a command under ${name}`,
    run: () =>
      withWorld(
        async ({ options }) => {
          const result = await createClient({ ...options, enctypes: [name] }).remctl(SERVER, ["hello", "world"]);
          equal(result.status, 0);
        },
        [etype],
      ),
  })),
  {
    name: "a wrong password is a wrong password",
    run: () =>
      withWorld(async ({ options }) => {
        const credentials = { principal: "alice@TEST.EXAMPLE", password: "wrong" };
        const client = createClient({ ...options, credentials });
        await refuses(() => client.remctl(SERVER, ["hello", "world"]), { code: "WRONG_PASSWORD" });
      }),
  },
  {
    name: "a megabyte goes there and comes back, with the status and what stderr got",
    run: () =>
      withWorld(async ({ options }) => {
        const octets = long(1 << 20);
        const result = await createClient(options).remctl(SERVER, ["echo", "back", octets]);
        equal([result.status, new TextDecoder().decode(result.stderr)], [7, "1"]);
        same(result.stdout, octets);
      }),
  },
  {
    name: "many commands in one session, and its tickets in the next",
    run: () =>
      withWorld(async ({ options }) => {
        let logins = 0;
        const client = createClient({
          ...options,
          onTrace: (event) => {
            if (event.type === "kdc-request" && event.message === "AS-REQ") logins++;
          },
        });
        for (let round = 0; round < 2; round++) {
          const session = await client.connect(SERVER);
          for (let count = 0; count < 5; count++) {
            equal((await session.run(["echo", "back", `${count}`])).text(), `${count}`);
          }
          await session.close();
        }
        // One without pre-authentication, which the KDC answers with what it wants, and one with it.
        equal(logins, 2);
      }),
  },
  {
    name: "ten commands at once",
    run: () =>
      withWorld(async ({ options }) => {
        const client = createClient(options);
        const texts = Array.from({ length: 10 }, (_, index) => `command ${index}`);
        const results = await Promise.all(texts.map((text) => client.remctl(SERVER, ["echo", "back", text])));
        equal(
          results.map((result) => result.text()),
          texts,
        );
      }),
  },
  {
    name: "a signal ends a command, which says that it may have run",
    run: () =>
      withWorld(async ({ options }) => {
        const controller = new AbortController();
        const running = createClient(options).remctl(SERVER, ["wait", "long"], { signal: controller.signal });
        setTimeout(() => controller.abort(), 100);
        await refuses(() => running, { code: "ABORTED", commandState: "maybe-executed" });
      }),
  },
  {
    name: "a silent server is a timeout",
    run: () =>
      withWorld(async ({ options }) => {
        const client = createClient(options);
        await refuses(() => client.remctl(SERVER, ["wait", "long"], { idleTimeoutMs: 200 }), { code: "TIMEOUT" });
      }),
  },
  {
    name: "refusals of the server have their codes",
    run: () =>
      withWorld(async ({ options }) => {
        const client = createClient(options);
        await refuses(() => client.remctl(SERVER, ["no", "such"]), { code: "REMCTL_UNKNOWN_COMMAND" });
        await refuses(() => client.remctl(SERVER, ["secret"]), { code: "REMCTL_ACCESS_DENIED" });
      }),
  },
  {
    name: "a changed reply of the KDC is refused",
    run: () =>
      withWorld(async ({ realm, options }) => {
        realm.fault({ on: "as-rep", name: "wrong-nonce" });
        await refuses(() => createClient(options).remctl(SERVER, ["hello", "world"]), { code: "REPLY_MODIFIED" });
      }),
  },
  {
    name: "a context of GSS-API with both of its ends here",
    run: () =>
      withWorld(async ({ realm, options }) => {
        const encTypes = createEncTypeSet(strongEncTypes, await chooseProvider(detectRuntime()));
        const initiator = createInitiator({
          target: `host/${SERVER}@TEST.EXAMPLE`,
          credential: createClient(options),
          flags: { mutual: true, confidentiality: true },
        });
        const keytab = keytabKeys(decodeKeytab(realm.keytab(`host/${SERVER}`)), encTypes);
        const acceptor = createAcceptor({ enctypes: encTypes, keytab, replayCache: createReplayCache() });
        let token = await initiator.step();
        while (token !== undefined) {
          const answer = await acceptor.step(token);
          token = answer === undefined ? undefined : await initiator.step(answer);
        }
        for (const size of [0, 1, 100, 100_000]) {
          same(acceptor.unwrap(initiator.wrap(long(size))), long(size));
          same(initiator.unwrap(acceptor.wrap(long(size))), long(size));
        }
        initiator.verifyMic(long(50), acceptor.getMic(long(50)));
      }),
  },
];
