import { describe, expect, it } from "vitest";
import { createRemctlServer, type RemctlServerOptions } from "../../../src/entry/server.ts";
import { command, commandBody, continued } from "../../support/raw-remctl-client.ts";
import { failureOf, settle } from "../../support/remctl-harness.ts";
import { createBench, open } from "../../support/server-bench.ts";
import { bedCommands, largeOutput } from "../../support/server-commands.ts";

/** A handler that waits for its signal, and what it saw. */
function waiter(): {
  readonly command: ReturnType<typeof open>;
  readonly aborted: unknown[];
  started(): Promise<void>;
} {
  const aborted: unknown[] = [];
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return {
    aborted,
    started: () => begun,
    command: open("wait", async ({ signal, stdout }) => {
      begin();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted.push(signal.reason);
      await stdout.write("last words").catch(() => {});
      return 5;
    }),
  };
}

describe("the client goes away", () => {
  it("a reset aborts the signal of the command that runs", async () => {
    const { command: wait, aborted, started } = waiter();
    const here = createBench([wait]);
    const client = await here.open();
    await client.send(command("wait"));
    await started();
    client.connection.abort();
    await client.served;
    expect(aborted).toMatchObject([{ code: "CONNECTION_CLOSED" }]);
    expect(here.errors).toEqual([]);
    expect(here.server.connections).toBe(0);
  });

  it("a client that has ended its side and takes nothing is found out", async () => {
    const { command: wait, aborted, started } = waiter();
    const here = createBench([wait]);
    const client = await here.open();
    await client.send(command("wait"));
    await started();
    // As after a close: the first octet that is sent brings a reset.
    client.far.failWrites();
    client.endWriting();
    await client.served;
    expect(aborted).toHaveLength(1);
  });

  it("5.3: one that has ended its side and reads on gets its answer", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"));
    const client = await here.open();
    await client.send(command("test", "streaming"), command("test", "test"));
    client.endWriting();
    const replies: string[] = [];
    while (replies.at(-1) !== "EOF") replies.push(...(await client.answer()));
    expect(replies.join("|")).toBe(
      "OUTPUT 1 This is the first line\n|OUTPUT 2 This is the second line\n|OUTPUT 1 This is the third line\n|STATUS 0|" +
        "OUTPUT 1 hello world\n|STATUS 0|EOF",
    );
  });

  it("a handler that does not heed its signal keeps its place until it is done", async () => {
    let finish = (): void => {};
    const here = createBench([
      open("stubborn", async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return 0;
      }),
    ]);
    const client = await here.open();
    await client.send(command("stubborn"));
    await settle();
    client.connection.abort();
    await settle();
    expect(here.server.connections).toBe(1);
    finish();
    await client.served;
    expect(here.server.connections).toBe(0);
  });

  it("the operator hears that such handlers shut a principal out, an ACL function's too", async () => {
    const finish: (() => void)[] = [];
    const wait = (): Promise<void> => new Promise((resolve) => finish.push(resolve));
    const slowAcl = async (): Promise<boolean> => {
      await wait();
      return false;
    };
    const here = createBench(
      [
        open("stubborn", async () => {
          await wait();
          return 0;
        }),
        open("asked", () => 0, { acl: slowAcl }),
      ],
      { maxConnectionsPerUser: 2 },
    );
    const clients = [await here.open(), await here.open()];
    for (const [index, client] of clients.entries()) {
      await client.send(command(["stubborn", "asked"][index] as string));
      await settle();
      client.connection.abort();
    }
    await settle();
    await expect(here.open()).rejects.toThrow("closed during establishment");
    expect(here.of("closed")[0]?.reason).toBe(
      "alice@EXAMPLE.TEST has too many connections: 2 of them because a handler still runs although its client has gone",
    );
    for (const end of finish) end();
    await Promise.all(clients.map(({ served }) => served));
    await (await here.open()).close();
  });

  it("4.6: a command that was not whole is not run", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"));
    const client = await here.open();
    await client.send(...continued(commandBody("test", "test"), [5, 9]).slice(0, 2));
    await client.close();
    await client.served;
    expect(here.of("command")).toEqual([]);
  });

  it("4.1: an idle connection is closed; one whose command runs is not idle", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"), { idleTimeoutMs: 60 });
    const client = await here.open();
    await client.send(command("test", "sleep-for", "0.15", "word"));
    expect(await client.answer()).toEqual(["OUTPUT 1 word\n", "STATUS 0"]);
    expect(await client.answer()).toEqual(["EOF"]);
    await client.served;
    expect(here.of("closed")).toMatchObject([{ reason: "the client sent nothing for 60 ms" }]);
  });

  it("a client that takes nothing for as long is cut off", async () => {
    const here = createBench(
      [
        open("flood", async ({ stdout, signal }) => {
          while (!signal.aborted) await stdout.write(largeOutput(100_000));
          return 0;
        }),
      ],
      { idleTimeoutMs: 40 },
    );
    const client = await here.open();
    client.far.holdWrites();
    await client.send(command("flood"));
    await client.served;
    expect(here.of("closed")).toMatchObject([{ reason: "the client read nothing for 40 ms" }]);
  });

  it("input that comes while a command runs is read ahead to a bound", async () => {
    const { command: wait, aborted, started } = waiter();
    const here = createBench([wait]);
    const client = await here.open();
    await client.send(command("wait"));
    await started();
    let reads = 0;
    const read = client.far.read.bind(client.far);
    client.far.read = () => {
      reads++;
      return read();
    };
    for (let i = 0; i < 100; i++) await client.raw(new Uint8Array(10_000));
    await settle();
    expect(reads).toBeLessThan(10);
    // What is not read cannot tell that the client goes: sending does.
    client.far.failWrites();
    await client.served;
    expect(aborted).toHaveLength(1);
  });

  it("pieces of one octet fill the room sooner: each takes memory beside its octet", async () => {
    const { command: wait, started } = waiter();
    const here = createBench([wait]);
    const client = await here.open();
    await client.send(command("wait"));
    await started();
    let reads = 0;
    const read = client.far.read.bind(client.far);
    client.far.read = () => {
      reads++;
      return read();
    };
    for (let i = 0; i < 2_000; i++) await client.raw(new Uint8Array(1));
    await settle();
    expect(reads).toBeLessThan(300);
    client.far.failWrites();
    await client.served;
  });
});

describe("the server closes", () => {
  it("idle connections at once, new ones never", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"));
    const [idle, silent] = [await here.open(), here.connect()];
    await here.server.close();
    await Promise.all([idle.served, silent.served]);
    expect(await idle.reply()).toBe("EOF");
    const late = here.connect();
    await late.served;
    expect(await late.readPacket()).toBeUndefined();
    await expect(here.server.listen({ host: "127.0.0.1", port: 0 })).rejects.toThrow(TypeError);
    await here.server.close();
  });

  it("a command that runs is let to its end, and the next one is not begun", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"));
    const client = await here.open();
    await client.send(command("test", "sleep-for", "0.05", "done"), command("test", "test"));
    await settle(20);
    const closing = here.server.close();
    expect(await client.answer()).toEqual(["OUTPUT 1 done\n", "STATUS 0"]);
    expect(await client.answer()).toEqual(["EOF"]);
    await closing;
    expect(here.of("closed")).toMatchObject([{ reason: "the server is closing" }]);
  });

  it("after the grace period its signal aborts, and it may say its last words", async () => {
    const { command: wait, aborted, started } = waiter();
    const here = createBench([wait], { closeGraceMs: 20 });
    const client = await here.open();
    await client.send(command("wait"));
    await started();
    const closing = here.server.close();
    expect(await client.answer()).toEqual(["OUTPUT 1 last words", "STATUS 5"]);
    await closing;
    expect(aborted).toMatchObject([{ code: "ABORTED" }]);
  });

  it("a handler that does not heed its signal is not waited for", async () => {
    const here = createBench([open("stubborn", () => new Promise<number>(() => {}))], { closeGraceMs: 10 });
    const client = await here.open();
    await client.send(command("stubborn"));
    await settle();
    await here.server.close();
    expect(client.far.isAborted).toBe(true);
  });

  it("await using closes it", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"));
    {
      await using server = here.server;
      expect(server.connections).toBe(0);
    }
    await expect(here.server.listen()).rejects.toThrow(TypeError);
  });
});

describe("connections", () => {
  it("maxConnections: one more takes the place of the oldest stranger", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"), { maxConnections: 3, maxConnectionsPerUser: 3 });
    const [older, newer] = [here.connect(), here.connect()];
    const known = await here.open();
    const another = await here.open();
    await older.served;
    expect(newer.far.isAborted).toBe(false);
    for (const client of [known, another]) {
      await client.send(command("test", "test"));
      expect(await client.answer()).toEqual(["OUTPUT 1 hello world\n", "STATUS 0"]);
    }
  });

  it("maxConnections: where all are known, one more is closed", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"), { maxConnections: 2, maxConnectionsPerUser: 2 });
    const known = [await here.open(), await here.open()];
    const refused = here.connect();
    await refused.served;
    expect(refused.far.isAborted).toBe(true);
    expect(here.of("closed")).toMatchObject([{ reason: "there are 2 connections, the limit" }]);
    await known[0]?.close();
    await known[0]?.served;
    await (await here.open()).close();
  });

  it("maxConnectionsPerUser", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"), { maxConnections: 10, maxConnectionsPerUser: 2 });
    const first = await here.open();
    await here.open();
    await expect(here.open()).rejects.toThrow("closed during establishment");
    expect(here.of("closed")[0]?.reason).toBe("alice@EXAMPLE.TEST has too many connections");
    await first.close();
    await first.served;
    await here.open();
  });

  it("a server without its keys closes the connection, and says why to its operator", async () => {
    const keytab = {
      keysOf: () => {
        throw new Error("the keytab is gone");
      },
    };
    const here = createBench(bedCommands("EXAMPLE.TEST"), { keytab });
    const client = here.connect();
    await client.packet(0x51);
    await client.packet(0x42, (await client.context.step()) as Uint8Array);
    await client.served;
    expect(here.of("closed")[0]?.reason).toContain("the keytab is gone");
  });

  it("serves web streams", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"));
    const { createStreamPair } = await import("../../../src/host/memory-stream.ts");
    const { connectionOf } = await import("../../../src/host/index.ts");
    const [near, far] = createStreamPair();
    const served = here.server.accept(far);
    const template = here.connect();
    const { RawRemctlClient } = await import("../../support/raw-remctl-client.ts");
    const client = new RawRemctlClient(connectionOf(near), template.context, () => {});
    await client.establish();
    await client.send(command("test", "test"));
    expect(await client.answer()).toEqual(["OUTPUT 1 hello world\n", "STATUS 0"]);
    await client.send(Uint8Array.of(2, 2));
    expect(await client.answer()).toEqual(["EOF"]);
    await served;
    await template.close();
  });

  it("this package's client: commands, errors, NOOP, large input and output on one session", async () => {
    const here = createBench(bedCommands("EXAMPLE.TEST"));
    const session = await here.session();
    const { status, stdout } = await session.run(["test", "test"]);
    expect([status, Buffer.from(stdout).toString()]).toEqual([0, "hello world\n"]);
    await session.noop();
    expect((await failureOf(session.run(["nope"]))).code).toBe("REMCTL_UNKNOWN_COMMAND");
    expect((await failureOf(session.run(["test", "noauth"]))).code).toBe("REMCTL_ACCESS_DENIED");
    const octets = largeOutput(3_000_000);
    const echoed = await session.run(["test", "cat", octets]);
    expect(Buffer.compare(echoed.stdout, octets)).toBe(0);
    await session.close();
  });
});

describe("options that make no server", () => {
  const good: RemctlServerOptions = { keytab: { keysOf: () => [] }, commands: [] };
  const make = (options: object): unknown => createRemctlServer({ ...good, ...options });
  const one = { command: "a", subcommand: "b", acl: [], handler: () => 0 };

  it.each([
    ["no keytab", { keytab: undefined }],
    ["a keytab that is text", { keytab: "/etc/krb5.keytab" }],
    ["commands that are no array", { commands: {} }],
    ["a command without a handler", { commands: [{ ...one, handler: undefined }] }],
    ["a command without a name", { commands: [{ ...one, command: undefined }] }],
    ["a command without a subcommand", { commands: [{ ...one, subcommand: undefined }] }],
    ["a NUL in a name", { commands: [{ ...one, command: "a\0" }] }],
    ["no acl", { commands: [{ ...one, acl: undefined }] }],
    ["an acl that is text", { commands: [{ ...one, acl: "ANYUSER" }] }],
    ["an acl without a realm", { commands: [{ ...one, acl: ["alice"] }] }],
    ["an acl with a number", { commands: [{ ...one, acl: [1] }] }],
    ["a summary that is no text", { commands: [{ ...one, summary: 1 }] }],
    ["an unknown version1", { version1: "yes" }],
    ["an onError that is no function", { onError: 1 }],
    ["a limit that is text", { maxConnections: "1" }],
    ["a service that is no principal", { service: "@" }],
    ["a service that is a number", { service: 5 }],
    ["a service whose realm nothing tells", { service: "host/localhost" }],
    ["enctypes that are no list", { enctypes: "aes256-sha1" }],
    ["a skew that is text", { skewSeconds: "x" }],
    ["a replay cache that remembers nothing", { replayCache: {} }],
    ["channel bindings that are text", { channelBindings: "tls" }],
  ])("%s: TypeError", (_, options) => {
    expect(() => make(options)).toThrow(TypeError);
  });

  it.each([
    ["a limit of 0", { maxConnections: 0 }],
    ["a limit below 0", { maxCommandBytes: -1 }],
    ["half a limit", { maxArguments: 1.5 }],
    ["a mask of number 0", { commands: [{ ...one, logmask: [0] }] }],
    ["a timeout of 0", { idleTimeoutMs: 0 }],
    ["a skew of NaN", { skewSeconds: Number.NaN }],
    ["no enctypes", { enctypes: [] }],
    ["an unknown enctype", { enctypes: ["rc4"] }],
  ])("%s: RangeError", (_, options) => {
    expect(() => make(options)).toThrow(RangeError);
  });

  it("octets that are no keytab", () => {
    expect(() => make({ keytab: Uint8Array.of(1, 2, 3) })).toThrow(
      expect.objectContaining({ name: "CredentialError", code: "KEYTAB" }),
    );
  });

  it("a host without listening sockets says so; 1.1: the port is 4373", async () => {
    const asked: object[] = [];
    const web = createRemctlServer({ ...good, runtime: { name: "web" } });
    await expect(web.listen()).rejects.toMatchObject({ code: "UNSUPPORTED_BY_RUNTIME" });
    const listenTcp = async (options: { readonly host: string; readonly port: number }) => {
      asked.push(options);
      // A host without IPv6.
      if (options.host === "::") throw Object.assign(new Error("no such family"), { code: "EAFNOSUPPORT" });
      return { port: 4373, close: async () => {} };
    };
    const server = createRemctlServer({ ...good, runtime: { name: "web", listenTcp } });
    expect(server.port).toBeUndefined();
    await server.listen();
    expect(asked).toEqual([
      { host: "::", port: 4373 },
      { host: "0.0.0.0", port: 4373 },
    ]);
    expect(server.port).toBe(4373);
    await server.close();
  });
});
