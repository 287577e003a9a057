// The client for small bundles, against the embedded realm: what it keeps, what it refuses, what it leaves to others.

import { describe, expect, it, onTestFinished } from "vitest";
import {
  createClient,
  type KerberosError,
  type LeanClientOptions,
  streamedArguments,
  version1,
} from "../../src/entry/lean.ts";
import { createRemctlServer, type RemctlServerOptions } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";

async function world(more: Partial<LeanClientOptions> = {}, serving: Partial<RemctlServerOptions> = {}) {
  const principals = { alice: { password: "secret" }, "host/localhost": {} };
  const realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
  const handler = async ({
    args,
    stdout,
  }: {
    args: readonly Uint8Array[];
    stdout: { write(text: string): Promise<void> };
  }) => {
    await stdout.write(`got ${args.length}\n`);
    return 3;
  };
  const commands = [{ command: "test", subcommand: "args", acl: ["ANYUSER"], handler }];
  const server = createRemctlServer({ keytab: realm.keytab("host/localhost"), commands, ...serving });
  onTestFinished(async () => void (await Promise.all([server.close(), realm.close()])));
  const dialled: string[] = [];
  const options: LeanClientOptions = {
    credentials: { principal: "alice@TEST.EXAMPLE", password: async () => "secret" },
    kdc: realm.kdc,
    dial(host, port, { signal }) {
      dialled.push(host);
      return (host === "localhost" ? server : realm).dial(host, port, signal === undefined ? {} : { signal });
    },
    ...more,
  };
  return { realm, options, dialled, client: createClient(options) };
}
const failure = (promise: Promise<unknown>): Promise<KerberosError> =>
  promise.then(
    () => expect.unreachable("it succeeded"),
    (error: KerberosError) => error,
  );

describe("the lean client", () => {
  it("logs in by password, runs a command, and asks no KDC again", async () => {
    const { client, dialled } = await world();
    const result = await client.remctl("localhost", ["test", "args", "x", "y"]);
    expect([result.status, result.text()]).toEqual([3, "got 2\n"]);
    const asked = dialled.length;
    const session = await client.connect("localhost");
    expect((await session.run(["test", "args"])).text()).toBe("got 0\n");
    await session.close();
    expect(dialled.slice(asked)).toEqual(["localhost"]);
    client.close();
    await client.remctl("localhost", ["test", "args"]);
    expect(dialled.slice(asked).length).toBeGreaterThan(2);
  });

  it("logs in by keytab, as octets from a function", async () => {
    const { realm, options } = await world();
    const client = createClient({
      ...options,
      credentials: { principal: "alice@TEST.EXAMPLE", keytab: async () => realm.keytab("alice") },
    });
    expect((await client.remctl("localhost", ["test", "args"])).status).toBe(3);
  });

  it("P11: a rejected password is not tried again while it rests", async () => {
    const { options, dialled } = await world();
    let nowMs = Date.now();
    const credentials = { principal: "alice@TEST.EXAMPLE", password: "wrong" };
    const client = createClient({ ...options, credentials, now: () => nowMs, rejectedSecretRestSeconds: 30 });
    expect(await failure(client.getTicket("host/localhost"))).toMatchObject({ code: "WRONG_PASSWORD" });
    const asked = dialled.length;
    nowMs += 29_000;
    expect(await failure(client.getTicket("host/localhost"))).toMatchObject({
      code: "WRONG_PASSWORD",
      message: expect.stringContaining("not tried again"),
    });
    expect(dialled.length).toBe(asked);
    nowMs += 2000;
    await failure(client.getTicket("host/localhost"));
    expect(dialled.length).toBeGreaterThan(asked);
  });

  it("forgets a service ticket that the server refuses, and keeps the login", async () => {
    const { options, client } = await world();
    const service = "host/localhost@TEST.EXAMPLE";
    // Of the same name and with another key: as a server whose key has changed.
    const other = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { "host/localhost": {} } });
    const stranger = createRemctlServer({ keytab: other.keytab("host/localhost"), commands: [] });
    onTestFinished(async () => void (await Promise.all([stranger.close(), other.close()])));
    let isStrange = false;
    const dial: LeanClientOptions["dial"] = (host, port, more) => {
      if (host !== "localhost" || !isStrange) return (options.dial as NonNullable<typeof dial>)(host, port, more);
      return stranger.dial(host, port, more);
    };
    const mine = createClient({ ...options, dial, service });
    await mine.remctl("localhost", ["test", "args"]);
    const [first, tgt] = [await mine.getTicket(service), await mine.getTicket("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE")];
    expect(await mine.getTicket(service)).toBe(first);
    isStrange = true;
    expect(await failure(mine.remctl("localhost", ["test", "args"]))).toMatchObject({ commandState: "not-sent" });
    expect(await mine.getTicket(service)).not.toBe(first);
    expect(await mine.getTicket("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE")).toBe(tgt);
    client.close();
  });

  it("says what it lacks before any traffic", async () => {
    const { options } = await world();
    const { dial: _dial, ...alone } = options;
    const web = createClient({ ...alone, runtime: { name: "web" } });
    expect(await failure(web.remctl("localhost", ["test", "args"]))).toMatchObject({
      code: "UNSUPPORTED_BY_RUNTIME",
      commandState: "not-sent",
    });
    expect(
      await failure(createClient({ ...options, kdc: { "OTHER.EXAMPLE": ["tcp://kdc:88"] } }).getTicket("a/b")),
    ).toMatchObject({
      code: "NO_KDC_FOR_REALM",
    });
    expect(() => createClient({ ...options, credentials: { principal: "alice", password: "x" } })).toThrow(TypeError);
    const nothing = createClient({
      ...options,
      credentials: { principal: "a@TEST.EXAMPLE", password: () => undefined as never },
    });
    expect(await failure(nothing.getTicket("a/b"))).toMatchObject({ code: "NO_CREDENTIAL" });
    const broken = createClient({
      ...options,
      credentials: { principal: "a@TEST.EXAMPLE", password: () => Promise.reject(new Error("no store")) },
    });
    expect(await failure(broken.getTicket("a/b"))).toMatchObject({
      code: "NO_CREDENTIAL",
      cause: new Error("no store"),
    });
  });
});

describe("the optional parts of the lean client", () => {
  it("version 1 is asked for with version1(): before any traffic a TypeError without it", async () => {
    const { options, dialled } = await world({}, { version1: "only" });
    const without = createClient(options);
    await expect(without.remctl("localhost", ["test", "args"], { protocol: 1 })).rejects.toThrow("version1()");
    await expect(without.connect("localhost", { allowVersion1: true })).rejects.toThrow(TypeError);
    expect(dialled).toEqual([]);
    const client = createClient({ ...options, protocols: [version1()] });
    await expect(client.remctl("localhost", ["test", "args"])).rejects.toMatchObject({ code: "REMCTL_DOWNGRADE" });
    for (const asked of [{ protocol: 1 }, { allowVersion1: true }] as const) {
      const session = await client.connect("localhost", asked);
      expect(session.protocol).toBe(1);
      expect((await session.run(["test", "args", "x"])).text()).toBe("got 1\n");
    }
  });

  it("streams are sent with streamedArguments(): in either version", async () => {
    const { options } = await world({}, { version1: "allow" });
    const photo = new Blob(["octets"]);
    const without = createClient(options);
    await expect(without.remctl("localhost", ["test", "args", photo])).rejects.toThrow("streamedArguments()");
    const client = createClient({ ...options, argumentKinds: [streamedArguments()], protocols: [version1()] });
    for (const protocol of [1, 2] as const) {
      const result = await client.remctl("localhost", ["test", "args", photo, "x"], { protocol });
      expect(result.text()).toBe("got 2\n");
    }
  });
});
