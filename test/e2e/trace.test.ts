// A hundred calls at once: each event says of which call and host it is, so that every call can be told apart.

import { expect, it } from "vitest";
import { createClient, type TraceEvent } from "../../src/entry/index.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";

const HOSTS = 100;

it("a hundred hosts at once: events of each host's call, of one login, and their ends", async () => {
  const hosts = Array.from({ length: HOSTS }, (_, number) => `h${number}.example`);
  const services = Object.fromEntries(hosts.map((host) => [`host/${host}`, {}]));
  await using realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    principals: { alice: { password: "secret" }, ...services },
  });
  await using server = createRemctlServer({
    keytab: realm.keytab(Object.keys(services)),
    commands: [{ command: "name", subcommand: "ALL", acl: ["ANYUSER"], handler: async () => 0 }],
  });
  const events: TraceEvent[] = [];
  const client = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial(host, port, { signal }) {
      if (host.startsWith("kdc.")) return realm.dial(host, port, signal === undefined ? {} : { signal });
      const [up, down] = [new TransformStream<Uint8Array>(), new TransformStream<Uint8Array>()];
      server.accept({ readable: up.readable, writable: down.writable });
      return { readable: down.readable, writable: up.writable };
    },
    onTrace: (event) => events.push(event),
  });
  const { succeeded, failures } = await client.runOnHosts(
    hosts.map((host) => ({ host, service: `host/${host}@TEST.EXAMPLE` })),
    ["name", "x"],
    { concurrency: 50 },
  );
  client.close();
  expect(failures.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(succeeded).toBe(HOSTS);

  const begun = events.filter((event) => event.type === "call-begin");
  const ended = events.filter((event) => event.type === "call-end");
  const [whole] = begun;
  expect(whole).toMatchObject({ operation: "runOnHosts" });
  expect(ended.map(({ call }) => call).sort()).toEqual(begun.map(({ call }) => call).sort());
  for (const host of hosts) {
    const [call, ...others] = begun.filter((event) => event.host === host && event.operation === "remctl");
    expect(others).toEqual([]);
    expect(call).toMatchObject({ parent: whole?.call });
    const own = events.filter((event) => event.host === host);
    const types = own.map(({ type }) => type);
    for (const type of ["connect", "connected", "context-established", "session-begin", "status", "session-end"]) {
      expect(types.filter((one) => one === type)).toHaveLength(1);
    }
    // The command within it: a call of its own, with the status.
    const command = own.find((event) => event.type === "call-begin" && event.operation === "run");
    expect(command).toMatchObject({ parent: call?.call });
    expect(own.find((event) => event.type === "status")).toMatchObject({ call: command?.call, status: 0 });
    // What the KDC was asked for this host.
    expect(own.filter((event) => event.type === "ticket" && event.exchange === "TGS")).toHaveLength(1);
  }
  expect(events.filter(({ type }) => type === "login-begin")).toHaveLength(1);
  expect(events.filter(({ type }) => type === "login-end")).toHaveLength(1);
  for (const event of events) expect(event.call).toBeTypeOf("number");
  // Only what belongs to the client as a whole has no call.
  expect(events.filter(({ call }) => call === 0).map(({ type }) => type)).toEqual([]);
});
