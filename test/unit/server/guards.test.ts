// The guards of the server's parts, each by itself: what one of them keeps out, no other part would.

import { describe, expect, it } from "vitest";
import type { SecurityContext } from "../../../src/entry/gssapi.ts";
import { TransportError } from "../../../src/errors.ts";
import type { Connection, Runtime } from "../../../src/host/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { compileAcl } from "../../../src/server/acl.ts";
import { BufferPool } from "../../../src/server/buffer-pool.ts";
import type { AclRequest, RemctlCommand } from "../../../src/server/command.ts";
import { CommandTable } from "../../../src/server/command-table.ts";
import { Inbox } from "../../../src/server/inbox.ts";
import { Outbox, SLAB_BYTES } from "../../../src/server/outbox.ts";
import { JoinedOutput, MAX_OUTPUT_BYTES, MessageOutput } from "../../../src/server/output.ts";
import { RemctlServer } from "../../../src/server/server.ts";
import { command, commandBody, continued } from "../../support/raw-remctl-client.ts";
import { failureOf, settle } from "../../support/remctl-harness.ts";
import { createBench, open } from "../../support/server-bench.ts";

const echo = open("echo", async ({ args, stdout }) => {
  await stdout.write(args.map((arg) => new TextDecoder().decode(arg)).join(" "));
  return 0;
});

describe("an ACL", () => {
  const asks = (name: string): AclRequest => ({ principal: parsePrincipal(name) }) as AclRequest;

  it("of ANYUSER keeps out one principal, by both parts of its name, and no other", async () => {
    const acl = compileAcl(["ANYUSER"], "commands[0]");
    expect(await acl(asks("WELLKNOWN/ANONYMOUS@R"))).toBe(false);
    expect(await acl(asks("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS"))).toBe(false);
    for (const name of ["WELLKNOWN/x@R", "x/ANONYMOUS@R", "WELLKNOWN@R", "ANONYMOUS@R", "WELLKNOWN/ANONYMOUS/x@R"]) {
      expect(await acl(asks(name)), name).toBe(true);
    }
  });

  it("that is text, and no list, is said to be that", () => {
    expect(() => compileAcl("alice@R" as never, "commands[0]")).toThrow(
      "the acl of commands[0] is ill-formed: give a function, or a list",
    );
  });
});

describe("a command's name", () => {
  const named = (subcommand: string): RemctlCommand => ({ command: "a", subcommand, acl: [], handler: () => 0 });

  it("EMPTY is for none, and for no word that is called so", () => {
    const table = new CommandTable([named("EMPTY")], false);
    expect(table.find("a", undefined)).toBeDefined();
    expect(table.find("a", "EMPTY")).toBeUndefined();
    expect(table.find("a", "b")).toBeUndefined();
  });

  it("of a word is for that word alone, and ALL for any and none", () => {
    const table = new CommandTable([named("b")], false);
    expect([table.find("a", undefined), table.find("a", "c"), table.find("c", "b")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(table.find("a", "b")).toBeDefined();
    const all = new CommandTable([named("ALL")], false);
    expect(all.find("a", undefined)).toBeDefined();
    expect(all.find("a", "EMPTY")).toBeDefined();
  });

  it("is given to an ACL by help as it was configured: none where it is EMPTY or ALL", async () => {
    const asked: unknown[] = [];
    const acl = ({ subcommand }: AclRequest): boolean => {
      asked.push(subcommand);
      return true;
    };
    const commands = ["EMPTY", "ALL", "b"].map((subcommand) => ({ ...named(subcommand), acl, summary: "one\n" }));
    const client = await createBench(commands).open();
    await client.send(command("help"));
    expect(await client.answer()).toEqual(["OUTPUT 1 one\none\none\n", "STATUS 0"]);
    expect(asked).toEqual([undefined, undefined, "b"]);
  });
});

describe("a client that breaks the protocol", () => {
  it("is no fault of the server: onError hears of nothing", async () => {
    const here = createBench([echo]);
    const client = here.connect();
    await client.packet(0x01);
    await client.served;
    expect(here.errors).toEqual([]);
    expect(here.of("closed")).toHaveLength(1);
  });

  it.each([0x04, 0x40, 0x45, 0x4c, 0x64, 0xc4])("by flags %i behind the context has no answer", async (flags) => {
    const here = createBench([open("x", () => 0)]);
    const client = await here.open();
    await client.raw(client.sealed(command("x"), flags));
    expect(await client.reply()).toBe("EOF");
    expect(here.of("closed")).toMatchObject([{ reason: expect.stringContaining("0x44 expected") }]);
    expect(here.of("command")).toEqual([]);
  });

  it("by a packet that is too long has the answer of a bad token, before the packet comes", async () => {
    const here = createBench([open("x", () => 0)]);
    const client = await here.open();
    await client.raw(Uint8Array.of(0x44, 0x00, 0x10, 0x00, 0x00));
    expect(await client.answer()).toEqual(["ERROR 2 Invalid token"]);
    expect(await client.answer()).toEqual(["EOF"]);
  });

  it("that says nothing at all is told so in the log", async () => {
    const here = createBench([echo]);
    const client = here.connect();
    await client.close();
    await client.served;
    expect(here.errors).toEqual([]);
    expect(here.of("closed")[0]?.reason).toBe("the client closed the connection before it said anything");
  });

  it("by a token that does not open has one answer, and is not heard again", async () => {
    const here = createBench([echo]);
    const client = await here.open();
    const bad = client.sealed(command("echo", "x", "bad"));
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
    await client.raw(bad, client.sealed(command("echo", "x", "good")));
    expect(await client.reply()).toBe("ERROR 2 Invalid token");
    expect(await client.reply()).toBe("EOF");
    await client.served;
    expect(here.errors).toEqual([]);
    expect(here.of("command")).toEqual([]);
  });

  it("by a message of another version within a command loses that command, and may send the next", async () => {
    const client = await createBench([echo]).open();
    const [begin, end] = continued(commandBody("echo", "x", "lost"), [6]) as [Uint8Array, Uint8Array];
    await client.send(begin, Uint8Array.of(9, 1), end, command("echo", "x", "heard"));
    expect(await client.reply()).toBe("VERSION 3");
    expect(await client.answer()).toEqual(["OUTPUT 1 heard", "STATUS 0"]);
  });
});

it("the time for a command does not run while there is no context yet", async () => {
  const here = createBench([echo], { commandTimeoutMs: 20, handshakeTimeoutMs: 60_000 });
  const client = here.connect();
  const token = (await client.context.step()) as Uint8Array;
  await client.packet(0x51);
  await client.raw(Uint8Array.of(0x42, 0, 0, token.length >> 8, token.length & 0xff), token.subarray(0, 9));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(here.of("closed")).toEqual([]);
  await client.raw(token.subarray(9));
  const reply = await client.readPacket();
  await client.context.step(reply?.octets);
  await client.send(command("echo", "x", "still here"));
  expect(await client.answer()).toEqual(["OUTPUT 1 still here", "STATUS 0"]);
});

it.each([
  ["an error of its own", new Error("own")],
  ["nothing", undefined],
  ["null", null],
])("a handler that throws %s after its client has gone is heard of", async (_, thrown) => {
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const late = open("late", async ({ signal }) => {
    begin();
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    throw thrown;
  });
  const here = createBench([late]);
  const client = await here.open();
  await client.send(command("late"));
  await begun;
  client.connection.abort();
  await client.served;
  expect(here.errors.map(({ error }) => error)).toEqual([thrown]);
});

describe("what is read ahead", () => {
  function inboxOf(chunks: (Uint8Array | undefined)[]) {
    const connection = { read: async () => chunks.shift() } as unknown as Connection;
    return new Inbox(connection);
  }

  it("stops at the end, and where there is no room", async () => {
    const ended = inboxOf([Uint8Array.of(1), undefined]);
    expect(ended.isStopped).toBe(false);
    ended.readAhead();
    await settle();
    expect(ended.isStopped).toBe(true);
    const full = inboxOf(Array.from({ length: 9 }, () => new Uint8Array(30_000)));
    full.readAhead();
    await settle();
    expect(full.isStopped).toBe(true);
    let fullness = 0;
    full.onFull = () => fullness++;
    full.readAhead();
    expect(fullness).toBe(1);
    expect((await full.take())?.length).toBe(30_000);
  });
});

describe("what is given up", () => {
  it("is read no more, neither what is waited for nor what came already", async () => {
    const chunks = [Uint8Array.of(1), Uint8Array.of(2)];
    const inbox = new Inbox({ read: async () => chunks.shift() } as unknown as Connection);
    inbox.readAhead();
    await settle();
    const reason = new Error("given up");
    inbox.giveUp(reason);
    await expect(inbox.take()).rejects.toBe(reason);
    await expect(inbox.take()).rejects.toBe(reason);
    const silent = new Inbox({ read: () => new Promise(() => {}) } as unknown as Connection);
    const waiting = silent.take();
    silent.giveUp(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

/** An outbox whose writes a test ends one after the other. */
function outboxOf() {
  const writes: { readonly octets: Uint8Array; done(): void; fail(): void }[] = [];
  const connection = {
    write: (octets: Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        writes.push({ octets: octets.slice(), done: resolve, fail: () => reject(new Error("gone")) });
      }),
  } as unknown as Connection;
  const sealed: Uint8Array[] = [];
  const context = {
    wrapInto: (out: Uint8Array, at: number, ...parts: Uint8Array[]) => {
      let end = at;
      for (const part of parts) {
        out.set(part, end);
        end += part.length;
      }
      sealed.push(out.slice(at, end));
      return end - at;
    },
  } as unknown as SecurityContext;
  let failures = 0;
  const stall = { begin: () => {}, end: () => {} } as never;
  const slabs = new BufferPool(SLAB_BYTES, 4);
  const outbox = new Outbox(connection, context, { slabs, stall, onFailure: () => failures++ });
  return { outbox, writes, sealed, failures: () => failures };
}

describe("what is sent", () => {
  it("goes out in one write at a time, the next when that is done", async () => {
    const { outbox, writes } = outboxOf();
    outbox.flush();
    expect(writes).toHaveLength(0);
    outbox.seal(Uint8Array.of(1));
    outbox.flush();
    outbox.seal(Uint8Array.of(2));
    outbox.flush();
    outbox.flush();
    await settle();
    expect(writes).toHaveLength(1);
    writes[0]?.done();
    await settle();
    expect(writes).toHaveLength(2);
    writes[1]?.done();
    await outbox.drain();
    await settle();
    expect(writes).toHaveLength(2);
  });

  it("waits where both buffers are full, and goes on in its order", async () => {
    const { outbox, writes } = outboxOf();
    const big = new Uint8Array(65_000);
    const waiting: Promise<void>[] = [];
    for (let i = 1; i < 9 && waiting.length === 0; i++) {
      const pending = outbox.seal(big.slice().fill(i));
      if (pending !== undefined) waiting.push(pending);
    }
    expect(waiting).toHaveLength(1);
    expect(writes).toHaveLength(1);
    for (let i = 0; i < writes.length || i < 2; i++) {
      writes[i]?.done();
      await settle();
    }
    await Promise.all(waiting);
    outbox.flush();
    await settle();
    for (const write of writes) write.done();
    await outbox.drain();
    const firsts = writes.flatMap(({ octets }) => [octets[5]]);
    expect(firsts[0]).toBe(1);
    expect(firsts).toEqual([...firsts].sort());
  });

  it("ends with the first failure, for all that comes after it", async () => {
    const { outbox, writes, failures } = outboxOf();
    outbox.seal(Uint8Array.of(1));
    outbox.flush();
    writes[0]?.fail();
    await settle();
    expect(failures()).toBe(1);
    expect(() => outbox.seal(Uint8Array.of(2))).toThrow(TransportError);
    outbox.flush();
    await settle();
    expect(writes).toHaveLength(1);
    expect(((await failureOf(outbox.drain())) as TransportError).code).toBe("CONNECTION_CLOSED");
  });

  it("ends with it for what waits behind it too: nothing is written to a connection that failed", async () => {
    const { outbox, writes, failures } = outboxOf();
    outbox.seal(Uint8Array.of(1));
    outbox.flush();
    outbox.seal(Uint8Array.of(2));
    outbox.flush();
    writes[0]?.fail();
    await expect(outbox.drain()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    outbox.flush();
    await settle();
    expect([writes.length, failures()]).toEqual([1, 1]);
  });
});

describe("output", () => {
  const lengths = (sealed: readonly Uint8Array[]): [number, number][] =>
    sealed.map((message) => [message[2] as number, message.length - 7]);

  it("of one stream is joined across long and short writes; another stream begins a message", async () => {
    const { outbox, sealed } = outboxOf();
    const output = new MessageOutput(outbox, new BufferPool(MAX_OUTPUT_BYTES, 1));
    const all = [
      output.stdout.write(new Uint8Array(10)),
      output.stdout.write(new Uint8Array(70_000)),
      output.stdout.write(new Uint8Array(5)),
      output.stderr.write(new Uint8Array(3)),
    ];
    await Promise.all(all);
    await output.end();
    expect(lengths(sealed)).toEqual([
      [1, MAX_OUTPUT_BYTES],
      [1, 70_015 - MAX_OUTPUT_BYTES],
      [2, 3],
    ]);
  });

  it("goes out after a long write, though nothing more is written", async () => {
    const { outbox, sealed, writes } = outboxOf();
    const output = new MessageOutput(outbox, new BufferPool(MAX_OUTPUT_BYTES, 1));
    await output.stdout.write(new Uint8Array(70_000));
    await settle();
    expect(lengths(sealed).reduce((sum, [, length]) => sum + length, 0)).toBe(70_000);
    expect(writes.length).toBeGreaterThan(0);
  });

  it("is over with its command: neither a write nor a probe sends anything after", async () => {
    const { outbox, sealed } = outboxOf();
    const output = new MessageOutput(outbox, new BufferPool(MAX_OUTPUT_BYTES, 1));
    await output.end();
    output.probe();
    await settle();
    expect(sealed).toEqual([]);
    await expect(output.stdout.write("x")).rejects.toThrow("the command is over");
    const joined = new JoinedOutput(() => false);
    await joined.stdout.write("x");
    await joined.end();
    await expect(joined.stdout.write("y")).rejects.toThrow("the command is over");
    expect(joined.data).toEqual(new TextEncoder().encode("x"));
  });
});

describe("where it listens", () => {
  const failing = (code: string) => {
    const asked: string[] = [];
    const listenTcp: Runtime["listenTcp"] = async ({ host }) => {
      asked.push(host);
      if (host !== "0.0.0.0") throw Object.assign(new Error(code), { code });
      return { port: 1, close: async () => {} } as never;
    };
    const runtime = { name: "node", listenTcp } as unknown as Runtime;
    return { asked, server: new RemctlServer({ commands: [], keytab: new Uint8Array() }, { runtime, createContext }) };
  };
  let contexts = 0;
  const createContext = (): never => {
    contexts++;
    throw new Error("no keys");
  };

  it.each(["EAFNOSUPPORT", "EADDRNOTAVAIL"])("all addresses, those of IPv4 alone after %s", async (code) => {
    const { asked, server } = failing(code);
    await server.listen({ port: 0 });
    expect(asked).toEqual(["::", "0.0.0.0"]);
  });

  it.each([
    ["another failure", "EADDRINUSE", {}, ["::"]],
    ["an address that is named", "EADDRNOTAVAIL", { host: "192.0.2.1" }, ["192.0.2.1"]],
  ])("%s is the caller's to hear, and nothing else is tried", async (_, code, options, wanted) => {
    const { asked, server } = failing(code);
    await expect(server.listen({ port: 0, ...options })).rejects.toMatchObject({ code });
    expect(asked).toEqual(wanted);
  });

  it("a listener that comes when the server is closed is closed too; a client makes no context then", async () => {
    let opened = (_: unknown): void => {};
    let closed = 0;
    const listening = new Promise((resolve) => {
      opened = resolve;
    });
    const runtime = { name: "node", listenTcp: () => listening } as unknown as Runtime;
    const server = new RemctlServer({ commands: [], keytab: new Uint8Array() }, { runtime, createContext });
    const pending = server.listen({ port: 0 });
    await server.close();
    opened({ port: 1, close: async () => void closed++ });
    await pending;
    expect([closed, server.port]).toEqual([1, undefined]);
    const before = contexts;
    let aborted = 0;
    const connection = {
      read: async () => undefined,
      write: async () => {},
      close: async () => {},
      abort: () => void aborted++,
    };
    await server.accept(connection as unknown as Connection);
    expect([contexts - before, aborted]).toEqual([0, 1]);
  });
});
