// What adapters do with real files and sockets, for hosts that have them: Node, Deno, Bun.

import { createClient } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import type { Connection, DatagramSocket, Files, Runtime } from "../../src/host/index.ts";
import { detectRuntime } from "../../src/runtime/index.ts";
import { type Case, equal, refuses, same } from "./harness.ts";

export interface HostConfig {
  /** A folder that this program may write. */
  readonly folder: string;
  /** A stream socket that sends back what it gets. */
  readonly unixSocket: string;
  /** A port of localhost where nothing listens. */
  readonly closedPort: number;
  /** A port of 127.0.0.1 that takes connections and never reads. */
  readonly silentPort: number;
  /** A name that leads to addresses of which only the last is served there, and its port. */
  readonly onePort: number;
}

type Has<T extends keyof Runtime> = Required<Pick<Runtime, T>>;

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const pattern = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251);

/** A connection on loopback, both of its ends. */
async function pair(runtime: Runtime): Promise<readonly [Connection, Connection]> {
  const { listenTcp, connectTcp } = runtime as unknown as Has<"listenTcp" | "connectTcp">;
  let take: (connection: Connection) => void = () => {};
  const accepted = new Promise<Connection>((resolve) => {
    take = resolve;
  });
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (connection) => take(connection));
  const here = await connectTcp("127.0.0.1", listener.port, {});
  const there = await accepted;
  await listener.close();
  return [here, there];
}

async function readAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await connection.read(); chunk !== undefined; chunk = await connection.read()) chunks.push(chunk);
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

export function hostCases(config: HostConfig): readonly Case[] {
  const runtime = detectRuntime();
  const files = (): Files => (runtime.files as NonNullable<Runtime["files"]>)();
  const tcp = (host: string, port: number, signal?: AbortSignal): Promise<Connection> =>
    (runtime.connectTcp as NonNullable<Runtime["connectTcp"]>)(host, port, signal === undefined ? {} : { signal });
  const path = (name: string): string => `${config.folder}/${name}`;
  return [
    {
      name: "files: written, read, added to, changed, renamed, erased",
      async run() {
        const all = files();
        equal(await all.read(path("none")), undefined);
        equal(await all.stat(path("none")), undefined);
        equal(await all.list(path("none")), undefined);
        await all.writeExclusive(path("a"), octets("one"), { mode: 0o600 });
        await refuses(() => all.writeExclusive(path("a"), octets("two"), { mode: 0o600 }), { code: "EEXIST" });
        const status = await all.stat(path("a"));
        equal([status?.kind, status?.size, (status?.mode ?? 0o600) & 0o777], ["file", 3, 0o600]);
        equal(await all.append(path("a"), octets(" two")), "appended");
        equal(await all.append(path("b"), octets("x")), "missing");
        equal(await all.overwrite(path("a"), 0, octets("one"), octets("ONE")), true);
        equal(await all.overwrite(path("a"), 0, octets("one"), octets("xxx")), false);
        equal(await all.read(path("a")), octets("ONE two"));
        await refuses(() => all.read(path("a"), { maxBytes: 3 }), {});
        await all.rename(path("a"), path("b"));
        equal(await all.list(config.folder), ["b"]);
        equal(await all.erase(path("b")), true);
        equal([await all.erase(path("b")), await all.remove(path("b"))], [false, false]);
        equal([await all.makeDirectory(path("d"), { mode: 0o700 })], [true]);
        equal([await all.makeDirectory(path("d"), { mode: 0o700 })], [false]);
      },
    },
    {
      name: "environment: a variable that is set, one that is not, and who runs it",
      run() {
        const { env, uid, euid } = (runtime.environment as NonNullable<Runtime["environment"]>)();
        equal([typeof uid, euid, files().uid], ["number", uid, uid]);
        equal([env.KRB5_REMCTL_TEST, env.KRB5_REMCTL_UNSET], ["set", undefined]);
      },
    },
    {
      name: "a stream socket in the file system",
      async run() {
        const connection = await (runtime.connectUnix as NonNullable<Runtime["connectUnix"]>)(config.unixSocket);
        await connection.write(octets("hello"));
        equal(await connection.read(), octets("hello"));
        await connection.close();
      },
    },
    {
      name: "TCP: four megabytes each way at once, and the end of each",
      async run() {
        const [here, there] = await pair(runtime);
        const data = pattern(1 << 22);
        const send = async (connection: Connection): Promise<void> => {
          for (let at = 0; at < data.length; at += 100_000) await connection.write(data.subarray(at, at + 100_000));
        };
        const read = async (connection: Connection): Promise<number> => {
          let at = 0;
          while (at < data.length) {
            const chunk = await connection.read();
            if (chunk === undefined) throw new Error(`it ended after ${at} octets`);
            same(chunk, data.subarray(at, at + chunk.length));
            at += chunk.length;
          }
          return at;
        };
        const [, , one, two] = await Promise.all([send(here), send(there), read(here), read(there)]);
        equal([one, two], [data.length, data.length]);
        const end = there.read();
        await here.close();
        equal(await end, undefined);
        await there.close();
      },
    },
    {
      name: "TCP: what was written before a close arrives whole",
      async run() {
        const [here, there] = await pair(runtime);
        const data = pattern(300_000);
        await here.write(data);
        await here.close();
        same(await readAll(there), data);
        await there.close();
      },
    },
    {
      name: "TCP: a reader that does not read holds the writer up",
      async run() {
        const connection = await tcp("127.0.0.1", config.silentPort);
        let written = 0;
        const writing = (async () => {
          for (; written < 200; written++) await connection.write(new Uint8Array(1 << 20));
        })().catch((error: Error) => error);
        await new Promise((resolve) => setTimeout(resolve, 300));
        if (written >= 100) throw new Error(`${written} MB were taken, and nobody reads`);
        connection.abort();
        if (!((await writing) instanceof Error)) throw new Error("the write went on after an abort");
      },
    },
    {
      name: "TCP: an abort rejects what is pending, and what comes after",
      async run() {
        const [here, there] = await pair(runtime);
        const reading = here.read();
        here.abort();
        await refuses(() => reading, {});
        await refuses(() => here.read(), {});
        await refuses(() => here.write(octets("x")), {});
        there.abort();
      },
    },
    {
      name: "TCP: a refusal has its code",
      run: () => refuses(() => tcp("localhost", config.closedPort), { code: "ECONNREFUSED" }),
    },
    {
      name: "TCP: a connection under way ends with its signal",
      async run() {
        await refuses(() => tcp("localhost", config.closedPort, AbortSignal.abort(new Error("before"))), {
          message: "before",
        });
      },
    },
    {
      name: "TCP: a name is tried at each of its addresses",
      async run() {
        const connection = await tcp("localhost", config.onePort);
        await connection.close();
      },
    },
    {
      name: "UDP: a datagram there and back, and a peer that refuses is heard of where the host tells",
      async run() {
        const { listenUdp, connectUdp } = runtime as unknown as Has<"listenUdp" | "connectUdp">;
        const listener = await listenUdp({ host: "127.0.0.1", port: 0 }, (datagram, reply) => reply(datagram));
        const socket = await connectUdp("127.0.0.1", listener.port, {});
        await socket.send(octets("ping"));
        equal(await socket.receive(), octets("ping"));
        socket.close();
        await listener.close();
        const refused = await connectUdp("127.0.0.1", config.closedPort, {});
        const heard = await refusalOf(refused);
        equal(heard, runtime.isUdpSilent !== true);
      },
    },
    {
      name: "a realm and a server that listen, and a client over sockets",
      async run() {
        const principals = { alice: { password: "secret" }, "host/localhost": {} };
        const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
        await realm.listen();
        const server = createRemctlServer({
          keytab: realm.keytab("host/localhost"),
          commands: [
            {
              command: "echo",
              subcommand: "back",
              acl: ["ANYUSER"],
              handler: async ({ args, stdout }) => {
                await stdout.write(args[0] as Uint8Array);
                return 3;
              },
            },
          ],
        });
        await server.listen({ host: "127.0.0.1", port: 0 });
        const data = pattern(1 << 20);
        for (const kdc of realm.kdc) {
          const client = createClient({
            credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
            kdc: [kdc],
            port: server.port as number,
            service: "host/localhost@TEST.EXAMPLE",
          });
          const result = await client.remctl("127.0.0.1", ["echo", "back", data]);
          equal(result.status, 3);
          same(result.stdout, data);
        }
        await Promise.all([server.close(), realm.close()]);
      },
    },
  ];
}

/** Whether a socket tells within a moment that its peer refuses. */
async function refusalOf(socket: DatagramSocket): Promise<boolean> {
  const received = socket.receive().then(
    () => false,
    () => true,
  );
  await socket.send(octets("x")).catch(() => {});
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), 500));
  const heard = await Promise.race([received, late]);
  socket.close();
  return heard;
}

/** What an adapter of Deno says and does without any permission. */
export function deniedCases(config: HostConfig): readonly Case[] {
  const runtime = detectRuntime();
  const path = `${config.folder}/x`;
  const denied = (run: () => unknown, flag: string): Promise<void> =>
    refuses(run, { code: "UNSUPPORTED_BY_RUNTIME" }).then(({ message }) => {
      if (!message.includes(flag)) throw new Error(`${message}: it does not name ${flag}`);
    });
  const need = runtime as unknown as Has<
    "connectTcp" | "listenTcp" | "connectUnix" | "files" | "environment" | "fetch"
  >;
  return [
    {
      name: "denied: files that may not be read are not there",
      async run() {
        const files = need.files();
        equal(
          [await files.read("/etc/hostname"), await files.stat("/etc"), await files.list("/etc")],
          [undefined, undefined, undefined],
        );
        equal(files.uid, undefined);
      },
    },
    {
      name: "denied: files that may not be written name the flag",
      async run() {
        const files = need.files();
        await denied(() => files.writeExclusive(path, octets("x"), { mode: 0o600 }), `--allow-read=${path}`);
        await denied(() => files.append(path, octets("x")), "--allow-");
        await denied(() => files.overwrite(path, 0, octets("x"), octets("y")), "--allow-");
        await denied(() => files.rename(path, `${path}2`), "--allow-");
        await denied(() => files.remove(path), "--allow-");
        await denied(() => files.erase(path), "--allow-");
        await denied(() => files.makeDirectory(path, { mode: 0o700 }), "--allow-");
      },
    },
    {
      name: "denied: no variable is set, and nobody runs it",
      run() {
        const { env, uid, username } = need.environment();
        equal(
          [env.KRB5_REMCTL_TEST, "PATH" in env, Object.keys(env), uid, username],
          [undefined, false, [], undefined, undefined],
        );
      },
    },
    {
      name: "denied: connections, listeners and requests name the flag",
      async run() {
        await denied(() => need.connectTcp("kdc.test", 88, {}), "--allow-net=kdc.test:88");
        await denied(() => need.connectTcp("::1", 88, {}), "--allow-net=[::1]:88");
        await denied(() => need.listenTcp({ host: "127.0.0.1", port: 4373 }, () => {}), "--allow-net=127.0.0.1:4373");
        await denied(
          () => need.connectUnix(path),
          `--allow-net=unix:${path} --allow-read=${path} --allow-write=${path}`,
        );
        const init = { method: "POST", headers: {}, body: new Uint8Array(1) };
        await denied(() => need.fetch("https://proxy.test/KdcProxy", init), "--allow-net=proxy.test:443");
        equal(runtime.connectUdp, undefined);
      },
    },
    {
      name: "denied: a client finds no configuration, and works with what it is given",
      async run() {
        const realm = await createTestRealm({
          realm: "TEST.EXAMPLE",
          principals: { alice: { password: "secret" }, "host/a": {} },
        });
        const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
        const client = createClient({ credentials, kdc: realm.kdc, dial: realm.dial });
        equal((await client.getTicket("host/a@TEST.EXAMPLE")).service.components, ["host", "a"]);
        await realm.close();
      },
    },
  ];
}
