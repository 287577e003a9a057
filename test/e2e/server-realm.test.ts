// The server as docs/testing.md and docs/server.md show it: with an embedded realm, over sockets.

import { describe, expect, it } from "vitest";
import { createInitiator } from "../../src/entry/gssapi.ts";
import { createClient } from "../../src/entry/index.ts";
import { type CommandHandler, createRemctlServer, type RemctlServer } from "../../src/entry/server.ts";
import { createTestRealm, type TestRealm } from "../../src/entry/testing.ts";
import { NodeConnection } from "../../src/runtime/node-connection.ts";
import { useBed } from "../support/live.ts";
import { command, dialLoopback, RawRemctlClient } from "../support/raw-remctl-client.ts";

const startRealm = async (): Promise<TestRealm> => {
  const principals = { alice: { password: "secret" }, bob: { password: "hidden" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  await realm.listen();
  return realm;
};

describe("server, realm and client", () => {
  const realm = useBed(startRealm);

  const serve = (onAddress: (address: string | undefined) => void = () => {}): RemctlServer =>
    createRemctlServer({
      keytab: realm().keytab("host/localhost"),
      commands: [
        {
          command: "hello",
          subcommand: "world",
          acl: ["ANYUSER"],
          handler: async ({ user, address, stdout }) => {
            onAddress(address);
            await stdout.write(`hello ${user}\n`);
            return 0;
          },
        },
        { command: "secret", subcommand: "EMPTY", acl: ["alice@TEST.EXAMPLE"], handler: () => 42 },
      ],
    });

  const run = async (host: string, port: number | undefined, user: string, password: string, ...args: string[]) => {
    const client = createClient({ credentials: { principal: `${user}@TEST.EXAMPLE`, password }, kdc: realm().kdc });
    const { status, stdout } = await client.remctl(host, args, {
      service: "host/localhost@TEST.EXAMPLE",
      port: port as number,
    });
    return [status, Buffer.from(stdout).toString()];
  };

  it("gives each caller what is theirs", async () => {
    await using server = serve();
    await server.listen({ host: "127.0.0.1", port: 0 });
    expect(await run("127.0.0.1", server.port, "alice", "secret", "hello", "world")).toEqual([
      0,
      "hello alice@TEST.EXAMPLE\n",
    ]);
    expect(await run("127.0.0.1", server.port, "alice", "secret", "secret")).toEqual([42, ""]);
    await expect(run("127.0.0.1", server.port, "bob", "hidden", "secret")).rejects.toMatchObject({
      code: "REMCTL_ACCESS_DENIED",
    });
  });

  it("listens on IPv6 and IPv4 where nothing else is said, and tells addresses as they are", async () => {
    const addresses: (string | undefined)[] = [];
    await using server = serve((address) => addresses.push(address));
    await server.listen({ port: 0 });
    for (const host of ["127.0.0.1", "::1"]) {
      expect((await run(host, server.port, "alice", "secret", "hello", "world"))[0]).toBe(0);
    }
    expect(addresses).toEqual(["127.0.0.1", "::1"]);
  });

  it.each(["ends its side, and is gone", "resets the connection"])(
    "a client that %s aborts its command",
    async (how) => {
      let seen = (_: unknown): void => {};
      const aborted = new Promise((resolve) => {
        seen = resolve;
      });
      let begin = (): void => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const wait: CommandHandler = ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            seen(signal.reason);
            resolve(0);
          });
          begin();
        });
      await using server = createRemctlServer({
        keytab: realm().keytab("host/localhost"),
        commands: [{ command: "wait", subcommand: "EMPTY", acl: ["ANYUSER"], handler: wait }],
      });
      await server.listen({ host: "127.0.0.1", port: 0 });
      const credential = createClient({
        credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
        kdc: realm().kdc,
      });
      const socket = await dialLoopback(server.port as number);
      const context = createInitiator({ target: "host/localhost@TEST.EXAMPLE", credential });
      const client = new RawRemctlClient(new NodeConnection(socket), context, () => {});
      await client.establish();
      await client.send(command("wait"));
      await begun;
      const started = performance.now();
      if (how.startsWith("ends")) socket.destroy();
      else socket.resetAndDestroy();
      expect(await aborted).toMatchObject({ code: "CONNECTION_CLOSED" });
      expect(performance.now() - started).toBeLessThan(3_000);
    },
  );

  it("a port that is taken is the caller's to hear of", async () => {
    await using server = serve();
    await server.listen({ host: "127.0.0.1", port: 0 });
    await using second = serve();
    await expect(second.listen({ host: "127.0.0.1", port: server.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("a key that is not the server's: the client hears why", async () => {
    const other = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { "host/localhost": {} } });
    await using server = createRemctlServer({ keytab: other.keytab("host/localhost"), commands: [] });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const failed = run("127.0.0.1", server.port, "alice", "secret", "hello");
    await expect(failed).rejects.toMatchObject({
      name: "ServiceError",
      code: "SERVER_KEY_CHANGED",
      major: "GSS_S_FAILURE",
      commandState: "not-sent",
    });
    await other.close();
  });
});
