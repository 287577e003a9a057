// Pools and runs on many hosts against servers that break the rules: what one of them does is that one's trouble, and never
// becomes the answer to another command.

import { describe, expect, it } from "vitest";
import type { KerberosError } from "../../src/errors.ts";
import { openSession, RemctlPool, type RunOnHost, runOnHosts } from "../../src/remctl/index.ts";
import { FakeRemctlServer, framed, outputMessage, word } from "../support/fake-remctl-server.ts";
import { createConnectionPair } from "../support/memory-connection.ts";
import { Farm, type FarmConnection, type FarmOptions } from "../support/pool-harness.ts";
import { createContexts, failureOf, settle } from "../support/remctl-harness.ts";

const about = (error: KerberosError) => [error.code, error.commandState];
const contexts = { kind: "krb5" } as const;
// The tickets of these contexts are of a day long ago.
const expires = (): Date => new Date(Date.now() + 3_600_000);
const piece = new Uint8Array(65_000).fill(97);

describe("a pool", () => {
  /** Between two commands, a server does this. */
  const idle: Record<string, (connection: FarmConnection) => Promise<unknown> | unknown> = {
    "floods it with whole messages": async ({ server }) => {
      for (let index = 0; index < 200; index++) await server.output(1, piece);
    },
    "floods it with octets": async ({ server }) => {
      for (let index = 0; index < 200; index++) await server.raw(piece);
    },
    "sends the answer to a command that was never sent": ({ server }) =>
      server.raw(server.sealed(...outputMessage(1, "stale")), server.sealed(2, 4, 0)),
    "sends a NOOP that nobody asked for": ({ server }) => server.message(3, 7),
    "sends half a packet": ({ server }) => server.raw(server.sealed(2, 4, 0).subarray(0, 20)),
    "announces a packet of four gigabytes": ({ server }) => server.raw(0x44, word(0xffff_ffff)),
    "sends an error": ({ server }) => server.error(1, "Internal failure"),
    "sends VERSION": ({ server }) => server.message(2, 6, 3),
    "closes it": ({ server }) => server.close(),
    "resets it": ({ server }) => server.reset(),
  };
  it.each(Object.entries(idle))("whose server %s while it is idle uses the session no more", async (_, spoil) => {
    const farm = new Farm({ contexts, expires });
    await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 1 });
    expect((await pool.run("one", ["echo", "1"])).text()).toBe("echo 1");
    // The write is to a connection that the client gave up: it may fail.
    const spoiled = Promise.resolve(spoil(farm.connections[0] as FarmConnection)).catch(() => {});
    await settle(10);
    expect(farm.connections[0]?.session.isOpen).toBe(false);
    expect(farm.connections[0]?.client.isAborted).toBe(true);
    for (const word of ["2", "3"]) expect((await pool.run("one", ["echo", word])).text()).toBe(`echo ${word}`);
    expect(farm.connections.map(({ commands }) => commands)).toEqual([["1"], ["2", "3"]]);
    await spoiled;
  });

  it("does not take a late answer to NOOP for anything else", async () => {
    const farm = new Farm({
      contexts,
      expires,
      onNoop: async ({ number, server }) => {
        if (number === 0) await settle(80);
        await server.message(3, 7).catch(() => {});
      },
    });
    await using pool = new RemctlPool(farm.connect, { noopAfterMs: 0, noopTimeoutMs: 30 });
    await pool.run("one", ["echo", "1"]);
    const started = performance.now();
    expect((await pool.run("one", ["echo", "2"])).text()).toBe("echo 2");
    expect(performance.now() - started).toBeLessThan(2_000);
    await settle(100);
    expect((await pool.run("one", ["echo", "3"])).text()).toBe("echo 3");
    expect(farm.connections.map(({ commands }) => commands)).toEqual([["1"], ["2", "3"]]);
  });

  it("gives the second answer of a server to nobody", async () => {
    const farm = new Farm({
      contexts,
      expires,
      onCommand: async ({ server }, args) => {
        const answer = server.sealed(...outputMessage(1, args.join(" ")));
        await server.raw(
          answer,
          server.sealed(2, 4, 0),
          server.sealed(...outputMessage(1, "stale")),
          server.sealed(2, 4, 0),
        );
      },
    });
    await using pool = new RemctlPool(farm.connect);
    for (const word of ["1", "2", "3"]) expect((await pool.run("one", ["echo", word])).text()).toBe(`echo ${word}`);
    expect(farm.connects).toBe(3);
  });

  it("with more output than it takes: the error has what came, and the next command has a session of its own", async () => {
    const farm = new Farm({
      contexts,
      expires,
      maxOutputBytes: 100_000,
      onCommand: async ({ server }, [name]) => {
        if (name === "flood") for (let index = 0; index < 100; index++) await server.output(1, piece);
        await server.status(0);
      },
    });
    await using pool = new RemctlPool(farm.connect);
    const error = await failureOf<KerberosError>(pool.run("one", ["flood"]));
    expect([...about(error), error.stdout?.length]).toEqual(["REMCTL_OUTPUT_LIMIT", "maybe-executed", 100_000]);
    expect((await pool.run("one", ["quiet"])).status).toBe(0);
  });

  it("with a server that accepts and is silent: callers get their timeouts, other hosts their answers", async () => {
    const options: FarmOptions = { contexts, expires };
    const farm = new Farm(options);
    const never = new Promise<never>(() => {});
    const pool = new RemctlPool((target, call) => (target.host === "silent" ? never : farm.connect(target, call)), {
      maxSessions: 8,
      maxSessionsPerHost: 4,
      waitTimeoutMs: 60,
    });
    const started = performance.now();
    const silent = Array.from({ length: 10 }, () =>
      failureOf<KerberosError>(pool.run("silent", ["echo", "x"], { totalTimeoutMs: 100 })),
    );
    const others = await Promise.all(
      Array.from({ length: 10 }, (_, index) => pool.run(`host${index}`, ["echo", `${index}`])),
    );
    expect(others.map((result) => result.text())).toEqual(others.map((_, index) => `echo ${index}`));
    for (const error of await Promise.all(silent)) expect(about(error)).toEqual(["TIMEOUT", "not-sent"]);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(pool.counts).toMatchObject({ opening: 0, waiting: 0 });
    await pool.close();
  });

  it("with a server that closes every session after its command", async () => {
    const farm = new Farm({
      contexts,
      expires,
      onCommand: async ({ server }, args) => {
        await server.output(1, args.join(" "));
        await server.status(0);
        await server.close();
      },
    });
    await using pool = new RemctlPool(farm.connect, { maxSessionsPerHost: 2 });
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => pool.run("one", ["echo", `${index}`])));
    expect(results.map((result) => result.text())).toEqual(results.map((_, index) => `echo ${index}`));
    expect(farm.connections.flatMap(({ commands }) => commands).sort()).toEqual(
      results.map((_, index) => `${index}`).sort(),
    );
  });
});

describe("a run on many hosts", () => {
  const limit = 150;
  /** After the given step of the protocol, a server does as it likes. */
  const attacks: Record<
    string,
    readonly [code: RegExp, state: string, attack: (server: FakeRemctlServer) => Promise<unknown>]
  > = {
    closes: [/CONNECTION_CLOSED/, "not-sent", (server) => server.close()],
    resets: [/CONNECTION_CLOSED/, "not-sent", async (server) => server.reset()],
    silent: [/TIMEOUT/, "not-sent", () => new Promise(() => {})],
    http: [/REMCTL_/, "not-sent", (server) => server.raw(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"))],
    version1: [/REMCTL_DOWNGRADE/, "not-sent", (server) => server.accept(0x02)],
    huge: [/REMCTL_PROTOCOL/, "not-sent", (server) => server.raw(0x42, word(0xffff_ffff))],
    garbage: [/GSS_|DECODE/, "not-sent", (server) => server.packet(0x42, new Uint8Array(150))],
    "floods-early": [
      /REMCTL_PROTOCOL|GSS_|DECODE/,
      "not-sent",
      async (server) => {
        for (let index = 0; index < 300; index++) await server.raw(piece);
      },
    ],
    dribbles: [
      /TIMEOUT/,
      "maybe-executed",
      async (server) => {
        await server.accept();
        await server.readCommand();
        for (const octet of server.sealed(...outputMessage(1, "slow"))) {
          await server.raw(octet);
          await settle(20);
        }
      },
    ],
    "silent-after-the-command": [
      /TIMEOUT/,
      "maybe-executed",
      async (server) => {
        await server.accept();
        await server.readCommand();
      },
    ],
    "floods-the-output": [
      /REMCTL_OUTPUT_LIMIT/,
      "maybe-executed",
      async (server) => {
        await server.accept();
        await server.readCommand();
        for (let index = 0; index < 300; index++) await server.output(1, piece);
      },
    ],
    "closes-after-the-command": [
      /CONNECTION_CLOSED/,
      "maybe-executed",
      async (server) => {
        await server.accept();
        await server.readCommand();
        await server.close();
      },
    ],
    unsealed: [
      /GSS_|REMCTL_PROTOCOL/,
      "maybe-executed",
      async (server) => {
        await server.accept();
        await server.readCommand();
        await server.raw(framed(0x44, server.context.wrap(Uint8Array.of(2, 4, 0), { conf: false })));
      },
    ],
    replays: [
      /GSS_DUPLICATE_TOKEN|GSS_/,
      "maybe-executed",
      async (server) => {
        await server.accept();
        await server.readCommand();
        const output = server.sealed(...outputMessage(1, "twice"));
        await server.raw(output, output);
      },
    ],
    refuses: [
      /REMCTL_ACCESS_DENIED/,
      "completed",
      async (server) => {
        await server.accept();
        await server.readCommand();
        await server.error(6, "Access denied");
      },
    ],
  };

  const answer = async (server: FakeRemctlServer, host: string): Promise<void> => {
    await server.accept();
    const command = await server.readCommand();
    await server.output(1, `${host} ${command?.args.map((arg) => new TextDecoder().decode(arg)).join(" ")}`);
    await server.status(0);
    await server.close();
  };

  const run: RunOnHost = async ({ host }, args, { signal }) => {
    const pair = createConnectionPair();
    const { initiator, acceptor } = createContexts(contexts);
    const server = new FakeRemctlServer(pair.server, acceptor);
    const attack = attacks[host];
    (attack === undefined ? answer(server, host) : attack[2](server)).catch(() => {});
    const session = await openSession(pair.client, initiator, {
      signal,
      connectTimeoutMs: limit,
      idleTimeoutMs: limit,
      totalTimeoutMs: 10 * limit,
      maxOutputBytes: 1_000_000,
    });
    try {
      return await session.run(args, { isLast: true, totalTimeoutMs: 10 * limit });
    } finally {
      await session.close();
    }
  };

  it("PH4: each attack is the failure of its host alone, with its reason and state, and in time", async () => {
    const good = Array.from({ length: 60 }, (_, index) => `good${index}`);
    const names = Object.keys(attacks);
    const hosts = good.flatMap((host, index) => (index % 4 === 0 ? [names[index / 4] ?? host, host] : [host]));
    const started = performance.now();
    const { outcomes, succeeded, failed } = await runOnHosts(run, hosts, ["say", "hello"], { concurrency: 10 });
    expect(performance.now() - started).toBeLessThan(15_000);
    expect([failed, succeeded]).toEqual([names.length, hosts.length - names.length]);
    for (const { host, result, error } of outcomes) {
      const attack = attacks[host];
      if (attack === undefined) {
        expect(result?.text()).toBe(`${host} say hello`);
        continue;
      }
      const { code, commandState } = error as KerberosError;
      expect(code, host).toMatch(attack[0]);
      expect(commandState, host).toBe(attack[1]);
    }
  }, 30_000);
});
