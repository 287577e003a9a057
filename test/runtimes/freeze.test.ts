// A process frozen for ten minutes and continued, as a Lambda's is: tickets have ended, sockets are dead, clocks have jumped.
// The ten minutes are libfaketime's; KRB5_REMCTL_FREEZE_SECONDS=600 waits them out instead.

import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRemctlServer } from "../../src/entry/server.ts";
import { createTestRealm } from "../../src/entry/testing.ts";
import { fakeClockLibrary } from "../../tools/beds/process.mjs";
import { peers, wholeTable } from "../support/live.ts";
import { describeRuntimes } from "../support/runtimes.ts";
import { bundleProgram } from "./build.ts";

const realSeconds = Number(process.env.KRB5_REMCTL_FREEZE_SECONDS ?? 0);
const frozenSeconds = realSeconds || 600;

interface Result {
  readonly text?: string;
  readonly logins: number;
  readonly milliseconds?: number;
  readonly clock?: number;
  readonly error?: string;
}

/** A TCP proxy whose connections can be lost: cut, or left open with nothing going through any more. */
class LosingProxy {
  readonly #server: net.Server;
  #pairs: [net.Socket, net.Socket][] = [];

  constructor(target: number) {
    this.#server = net.createServer((client) => {
      const server = net.connect(target, "127.0.0.1");
      client.pipe(server);
      server.pipe(client);
      for (const socket of [client, server]) socket.on("error", () => {});
      this.#pairs.push([client, server]);
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as net.AddressInfo).port;
  }

  lose(how: "cut" | "silent"): void {
    for (const [client, server] of this.#pairs) {
      if (how === "cut") client.destroy();
      else client.unpipe(server).resume();
      server.destroy();
    }
    this.#pairs = [];
  }

  close(): void {
    this.lose("cut");
    this.#server.close();
  }
}

describeRuntimes("a process that was frozen", () => {
  let directory: string;
  let program: string;

  beforeAll(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-freeze-"));
    fs.writeFileSync(path.join(directory, "package.json"), '{"type":"module"}');
    program = (await bundleProgram("portable/freeze-main.ts", directory, "esm", {}, ["node:readline"])).file;
  });

  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

  /** Freezes a client between two commands. `isClockFrozen`: its monotonic clock stops too, as in a machine that is paused. */
  async function freeze(
    way: "pool" | "client",
    lose: "cut" | "silent",
    options: { readonly ticketSeconds: number; readonly isClockFrozen: boolean },
  ): Promise<{ readonly before: Result; readonly after: Result; readonly ran: readonly string[] }> {
    let offsetMs = 0;
    const now = (): number => Date.now() + offsetMs;
    const realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      principals: { alice: { password: "secret" }, "host/localhost": {} },
      ticketLifetimeSeconds: options.ticketSeconds,
      now,
    });
    await realm.listen();
    const ran: string[] = [];
    const server = createRemctlServer({
      keytab: realm.keytab("host/localhost"),
      now,
      commands: [
        {
          command: "say",
          subcommand: "ALL",
          acl: ["ANYUSER"],
          handler: async ({ args, subcommand, stdout }) => {
            ran.push(subcommand ?? `${args.length}`);
            await stdout.write(`${subcommand}`);
            return 0;
          },
        },
      ],
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const proxy = new LosingProxy(server.port as number);
    const port = await proxy.listen();
    const clockFile = path.join(directory, `clock-${way}-${lose}`);
    fs.writeFileSync(clockFile, "+0s\n");
    const child = spawn(process.execPath, [program, JSON.stringify({ kdc: realm.kdc, port, way })], {
      env: {
        PATH: process.env.PATH,
        ...(realSeconds
          ? {}
          : {
              LD_PRELOAD: fakeClockLibrary(peers.faketime),
              FAKETIME_TIMESTAMP_FILE: clockFile,
              FAKETIME_NO_CACHE: "1",
              ...(options.isClockFrozen ? { FAKETIME_DONT_FAKE_MONOTONIC: "1" } : {}),
            }),
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
      const run = async (word: string): Promise<Result> => {
        child.stdin?.write(`${word}\n`);
        const { value } = await lines.next();
        return JSON.parse(value as string);
      };
      const before = await run("first");
      child.kill("SIGSTOP");
      await isStopped(child);
      proxy.lose(lose);
      if (realSeconds) await new Promise((resolve) => setTimeout(resolve, realSeconds * 1_000));
      else {
        fs.writeFileSync(clockFile, `+${frozenSeconds}s\n`);
        offsetMs = frozenSeconds * 1_000;
      }
      child.kill("SIGCONT");
      return { before, after: await run("second"), ran };
    } finally {
      child.kill("SIGKILL");
      proxy.close();
      await Promise.all([server.close(), realm.close()]);
    }
  }

  const all = [
    ["client", "cut", 300, false],
    ["client", "cut", 300, true],
    ["pool", "cut", 300, false],
    ["pool", "silent", 300, true],
    ["pool", "cut", 36_000, true],
    ["pool", "silent", 36_000, false],
    ["pool", "silent", 36_000, true],
  ] as const;
  // A clock that stops cannot be waited for.
  const possible = all.filter(([, , , isClockFrozen]) => realSeconds === 0 || !isClockFrozen);
  // A plain run has every third.
  const cases = possible.filter((_, index) => wholeTable || realSeconds > 0 || index % 3 === 0);

  it.each(cases)(
    "%s: sockets %s, tickets of %d s, clock stopped too: %s",
    async (way, lose, ticketSeconds, isClockFrozen) => {
      const { before, after, ran } = await freeze(way, lose, { ticketSeconds, isClockFrozen });
      expect([before.error, before.text]).toEqual([undefined, "first"]);
      expect([after.error, after.text]).toEqual([undefined, "second"]);
      expect(ran).toEqual(["first", "second"]);
      // It did sleep, as far as it knows.
      expect((after.clock as number) - (before.clock as number)).toBeGreaterThan(frozenSeconds * 1_000);
      // Two messages for the first login; a second one only for tickets that have ended, of one message: the enctype and the salt
      // are known by then.
      expect([before.logins, after.logins]).toEqual([2, ticketSeconds < frozenSeconds ? 3 : 2]);
      expect(after.milliseconds).toBeLessThan(5_000);
    },
    30_000 + realSeconds * 1_000,
  );
}, ["faketime"]);

async function isStopped({ pid }: ChildProcess): Promise<void> {
  for (let count = 0; count < 200; count++) {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    if (text.slice(text.lastIndexOf(")") + 2).startsWith("T")) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the process was not stopped");
}
