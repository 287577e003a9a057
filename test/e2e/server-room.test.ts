// One principal without rights, on sockets, who begins commands and ends none: everybody else goes on.

import { describe, expect, it, onTestFinished } from "vitest";
import { createInitiator } from "../../src/entry/gssapi.ts";
import { createClient } from "../../src/entry/index.ts";
import { createRemctlServer, type ServerEvent } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { commandBody, continued, RawRemctlClient } from "../support/raw-remctl-client.ts";

const SERVICE = "host/srv.test@R.TEST";
const LIMIT = 8_000_000;

describe("a server with a hog", () => {
  it("commands of others are taken, and the hog's are ended in time", async () => {
    const principals = { mallory: { password: "m" }, alice: { password: "a" }, "host/srv.test": {} };
    const realm = await createTestRealm({ realm: "R.TEST", principals });
    await realm.listen();
    const events: ServerEvent[] = [];
    const server = createRemctlServer({
      keytab: realm.keytab("host/srv.test"),
      maxBufferedBytes: LIMIT,
      maxCommandBytes: LIMIT / 5,
      commandTimeoutMs: 3_000,
      commands: [{ command: "put", subcommand: "file", acl: ["alice@R.TEST"], handler: async () => 0 }],
      onTrace: (event) => events.push(event),
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    onTestFinished(async () => {
      await server.close();
      await realm.close();
    });
    const port = server.port as number;
    const clientOf = (name: string, password: string) =>
      createClient({ kdc: realm.kdc, credentials: { principal: `${name}@R.TEST`, password } });
    const mallory = clientOf("mallory", "m");
    const hogs: RawRemctlClient[] = [];
    for (let i = 0; i < 10; i++) {
      const hog = await RawRemctlClient.dial(port, createInitiator({ target: SERVICE, credential: mallory }));
      await hog.establish();
      const cuts = Array.from({ length: 23 }, (_, at) => (at + 1) * 65_000);
      await hog.send(...continued(commandBody("put", "file", new Uint8Array(1_550_000)), cuts).slice(0, 23));
      hogs.push(hog);
    }
    const alice = clientOf("alice", "a");
    const options = { port, service: SERVICE };
    for (const octets of [10, 200_000, 900_000]) {
      const { status } = await alice.remctl("127.0.0.1", ["put", "file", new Uint8Array(octets)], options);
      expect(status).toBe(0);
    }
    expect(events.filter((event) => event.type === "error").map(({ user }) => user)).toContain("mallory@R.TEST");
    expect(await hogs[0]?.answer()).toEqual(["ERROR 4 Command took too long to arrive"]);
    expect(await hogs[0]?.answer()).toEqual(["EOF"]);
    for (const hog of hogs) hog.connection.abort();
  });
});
