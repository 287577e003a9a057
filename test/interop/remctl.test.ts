// The main job against Debian's remctld: what its own test-suite looks at on the wire, in versions 2 and 3, and what its C
// client prints for the same commands.

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { describe, expect, it } from "vitest";
import {
  type ClientOptions,
  createClient,
  type KerberosError,
  REMCTL_ERROR,
  type RemctlArgument,
  type RemctlClient,
  type RemctlServerError,
  remctl,
  type TraceEvent,
} from "../../src/entry/index.ts";
import { NodeConnection } from "../../src/runtime/node-connection.ts";
import { largeOutput, startHeimdalBed, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { describeLive, rowsOf, useBed, wholeTable } from "../support/live.ts";
import { failureOf, settle } from "../support/remctl-harness.ts";

const ENCTYPES = { "aes128-sha1": 17, "aes256-sha1": 18, "aes128-sha2": 19, "aes256-sha2": 20 } as const;
const MB = 1_000_000;

const sha256 = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

describeLive("mit", "remctl with Debian's remctld", () => {
  const bed = useBed(() => startMitBed());
  const server = useBed(() => startRemctld({ bed: bed(), bindAddresses: ["127.0.0.1", "::1"] }));

  const options = (more: Partial<ClientOptions> = {}): ClientOptions => ({
    credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
    kdc: bed().kdc,
    service: server().service,
    port: server().port,
    ...more,
  });
  let kept: RemctlClient | undefined;
  /** One login for all tests that need no other. */
  const client = (): RemctlClient => {
    kept ??= createClient(options());
    return kept;
  };
  const run = (args: RemctlArgument[]) => client().remctl("127.0.0.1", args);
  const seen = async (...args: (string | Uint8Array)[]): Promise<[number, string, string]> => {
    const result = await run(args);
    return [result.status, result.text(), result.text("stderr")];
  };
  const refusal = (promise: Promise<unknown>): Promise<RemctlServerError> => failureOf<RemctlServerError>(promise);

  describe("the main job", () => {
    it("runs a command from a password", async () => {
      const result = await remctl("127.0.0.1", ["test", "test"], options());
      expect([result.status, result.text(), result.stderr.length]).toEqual([0, "hello world\n", 0]);
    });

    it("runs a command from a keytab", async () => {
      const keytab = new Uint8Array(readFileSync(bed().keytab.robot));
      const credentials = { principal: `robot@${bed().realm}`, keytab };
      expect((await remctl("127.0.0.1", ["test", "env", "REMOTE_USER"], options({ credentials }))).text()).toBe(
        `robot@${bed().realm}\n`,
      );
    });

    it.each(rowsOf(...Object.entries(ENCTYPES)))("with %s for the session key", async (name, etype) => {
      const kdc = await bed().startKdc({ permittedEnctypes: [name as keyof typeof ENCTYPES] });
      const pinned = await startRemctld({ bed: { ...bed(), krb5Conf: kdc.krb5Conf } });
      try {
        const user = `bob-${name.replace("-", "")}`;
        const events: TraceEvent[] = [];
        const pinnedClient = createClient(
          options({
            credentials: { principal: `${user}@${bed().realm}`, password: bed().passwords[user] as string },
            kdc: kdc.kdc,
            port: pinned.port,
            onTrace: (event) => events.push(event),
          }),
        );
        const data = randomBytes(300_000);
        const session = await pinnedClient.connect("127.0.0.1");
        expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
        expect(sha256((await session.run(["test", "cat", data])).stdout)).toBe(sha256(data));
        await session.close();
        expect((await pinnedClient.getTicket(server().service)).sessionKey.encType.etype).toBe(etype);
        expect(events.some((event) => event.type === "status" && event.status === 0)).toBe(true);
      } finally {
        await pinned.close();
        await kdc.close();
      }
    });

    it("a wrong password fails, and no command is sent", async () => {
      const credentials = { principal: `alice@${bed().realm}`, password: "not it" };
      const error = await failureOf<KerberosError>(remctl("127.0.0.1", ["test", "test"], options({ credentials })));
      expect([error.code, error.commandState]).toEqual(["WRONG_PASSWORD", "not-sent"]);
    });

    it("talks over IPv6 too", async () => {
      expect((await client().remctl("::1", ["test", "env", "REMOTE_ADDR"])).text()).toBe("::1\n");
    });

    it("talks over a stream that the caller dials", async () => {
      const dialled: string[] = [];
      const dial = (host: string, port: number): Promise<never> =>
        new Promise((resolve, reject) => {
          dialled.push(`${host}:${port}`);
          const socket = connectSocket({ host: "127.0.0.1", port }, () =>
            resolve(new NodeConnection(socket as never) as never),
          );
          socket.on("error", reject);
        });
      const result = await remctl("no-such-host.invalid", ["test", "test"], options({ dial }));
      expect(result.text()).toBe("hello world\n");
      expect(dialled).toContain(`no-such-host.invalid:${server().port}`);
    });
  });

  describe("what a command gives", () => {
    it("hello, no output, no newline at the end", async () => {
      expect(await seen("test", "test")).toEqual([0, "hello world\n", ""]);
      expect(await seen("test", "no-output")).toEqual([0, "", ""]);
      expect(await seen("test", "no-newline")).toEqual([0, "no newline", ""]);
    });

    it.each(rowsOf(200, 0, 1, 255))("exit status %i", async (status) => {
      expect((await run(["test", "status", String(status)])).status).toBe(status);
    });

    it("stderr, and both streams", async () => {
      expect(await seen("test", "stderr", "trouble", "here")).toEqual([0, "", "trouble here\n"]);
      expect(await seen("test", "mixed")).toEqual([7, "out1\nout2\n", "err1\n"]);
    });

    it("every octet", async () => {
      expect([...(await run(["test", "binary"])).stdout]).toEqual(Array.from({ length: 256 }, (_, index) => index));
    });

    it("a command that is killed, or cannot be executed, has status 255", async () => {
      expect(await seen("test", "killed")).toEqual([255, "before\n", ""]);
      expect((await run(["test", "sigpipe"])).status).toBe(255);
      const [status, , stderr] = await seen("test", "nonexistent");
      expect([status, stderr]).toEqual([255, "remctld: cannot execute command: No such file or directory\n"]);
    });

    it("the environment proves who asks", async () => {
      const { realm } = bed();
      for (const name of ["REMUSER", "REMOTE_USER"]) {
        expect(await seen("test", "env", name)).toEqual([0, `alice@${realm}\n`, ""]);
      }
      expect(await seen("test", "env", "REMOTE_ADDR")).toEqual([0, "127.0.0.1\n", ""]);
      expect(await seen("test", "env", "REMCTL_COMMAND")).toEqual([0, "test\n", ""]);
      const expires = Number((await seen("test", "env", "REMOTE_EXPIRES"))[1]);
      expect(expires * 1000).toBeGreaterThan(Date.now());
    });

    it("arguments arrive octet for octet: empty, not ASCII, with control characters", async () => {
      expect(await seen("test", "echo-args", "a", "", "\u00fc", "tab\there")).toEqual([
        0,
        "61\n\nc3bc\n7461620968657265\n",
        "",
      ]);
      expect(await seen("test", "argv", ...Array.from({ length: 201 }, () => "x"))).toEqual([0, "201\n", ""]);
    });

    it("commands with no subcommand, and with an empty one, differ", async () => {
      expect(await seen("empty")).toEqual([0, "0\n", ""]);
      expect((await refusal(run(["empty", ""]))).remoteCode).toBe(REMCTL_ERROR.unknownCommand);
      expect(await seen("foo", "bar")).toEqual([0, "0\n", ""]);
      expect((await refusal(run(["foo", "baz"]))).remoteCode).toBe(REMCTL_ERROR.unknownCommand);
      expect((await seen("all"))[0]).toBe(0);
    });

    it("a child in the background does not hold the command", async () => {
      const started = performance.now();
      expect(await seen("test", "background")).toEqual([0, "Parent\n", ""]);
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(await seen("test", "closed")).toEqual([0, "Okay\n", ""]);
    });
  });

  describe("a session", () => {
    it("runs 20 commands and a NOOP between them", async () => {
      const session = await client().connect("127.0.0.1");
      for (let index = 0; index < 20; index++) {
        const word = `n${index}`;
        const result = await session.run(["test", "echo-args", word]);
        expect(result.text()).toBe(`${Buffer.from(word).toString("hex")}\n`);
        if (index % 7 === 0) await session.noop();
      }
      await session.close();
    });

    it.runIf(wholeTable)("20 echoing commands take no stall of 40 ms each", async () => {
      const session = await client().connect("127.0.0.1");
      await session.run(["test", "test"]);
      const times: number[] = [];
      for (let index = 0; index < 20; index++) {
        const started = performance.now();
        await session.run(["test", "test"]);
        times.push(performance.now() - started);
      }
      await session.close();
      expect(times.sort((a, b) => a - b)[5], times.map((time) => time.toFixed(1)).join(" ")).toBeLessThan(30);
    });

    it("200 commands, 16 on their way at once: each has its own answer, and none waits for a round trip of its own", async () => {
      const session = await client().connect("127.0.0.1", { pipelineDepth: 16 });
      const words = Array.from({ length: 200 }, (_, index) => `nonce-${index}`);
      const started = performance.now();
      const results = await Promise.all(words.map((word) => session.run(["test", "stderr", word])));
      const pipelined = performance.now() - started;
      expect(results.map((result) => result.text("stderr"))).toEqual(words.map((word) => `${word}\n`));
      const big = randomBytes(200_000);
      // A command of several messages, errors and a NOOP in between.
      const mixed = await Promise.allSettled([
        session.run(["test", "test"]),
        session.run(["test", "cat", big]),
        session.run(["nope"]),
        session.noop(),
        session.run(["test", "status", "7"]),
      ]);
      expect(mixed.map((one) => (one.status === "rejected" ? one.reason.code : one.value?.status))).toEqual([
        0,
        0,
        "REMCTL_UNKNOWN_COMMAND",
        undefined,
        7,
      ]);
      expect(session.isOpen).toBe(true);
      await session.close();
      // The C client takes 44 ms for each: 8.8 s.
      expect(pipelined).toBeLessThan(8_800);
    });

    it("one-shot commands take no stall of 40 ms either", async () => {
      await run(["test", "test"]);
      const ten = async (): Promise<number[]> => {
        const times: number[] = [];
        for (let index = 0; index < 10; index++) {
          const started = performance.now();
          await run(["test", "test"]);
          times.push(performance.now() - started);
        }
        return times.sort((a, b) => a - b);
      };
      let times = await ten();
      // A busy machine has five rounds: what stalls each command by 40 ms fails them all.
      for (let round = 1; round < 5 && (times[2] as number) >= 40; round++) times = await ten();
      expect(times[2], times.map((time) => time.toFixed(1)).join(" ")).toBeLessThan(40);
    });

    it("four errors in a row leave it usable", async () => {
      const session = await client().connect("127.0.0.1");
      const many = Array.from({ length: 10_000 }, () => "x");
      const limits = [];
      for (const args of [["nope"], ["test", "noauth"], ["test", "noacl"], ["test"], ["test", "a\0b"]]) {
        limits.push((await refusal(session.run(args))).remoteCode);
      }
      expect(limits).toEqual([
        REMCTL_ERROR.unknownCommand,
        REMCTL_ERROR.access,
        REMCTL_ERROR.access,
        REMCTL_ERROR.unknownCommand,
        REMCTL_ERROR.badCommand,
      ]);
      await expect(session.run(["test", "argv", ...many])).rejects.toThrow(RangeError);
      expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
      await session.close();
    });

    it.runIf(wholeTable)("too many arguments are error 7 where the caller lets them go out", async () => {
      const session = await client().connect("127.0.0.1", { maxArguments: 20_000 });
      const error = await refusal(session.run(["test", "argv", ...Array.from({ length: 10_000 }, () => "x")]));
      expect([error.remoteCode, error.commandState]).toEqual([REMCTL_ERROR.tooManyArgs, "completed"]);
      expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
      await session.close();
    });

    it("a command alone is error 5; no argument at all is the caller's mistake, and is not sent", async () => {
      await expect(run([])).rejects.toThrow(new TypeError("the command is an empty array: give at least its name"));
      const error = await refusal(run(["nope"]));
      expect([error.code, error.remoteCode, error.remoteMessage]).toEqual([
        "REMCTL_UNKNOWN_COMMAND",
        5,
        "Unknown command",
      ]);
    });

    it("help: text, no help is error 10, unknown is error 5, and the second answer never reaches another command", async () => {
      expect(await seen("help")).toEqual([0, "summary text\nsubcommand summary\n", ""]);
      expect(await seen("help", "helpme")).toEqual([0, "help text\n", ""]);
      expect(await seen("help", "helpme", "sub")).toEqual([0, "subhelp text\n", ""]);
      const session = await client().connect("127.0.0.1");
      expect((await refusal(session.run(["help", "test", "test"]))).remoteCode).toBe(REMCTL_ERROR.noHelp);
      expect((await refusal(run(["help", "nope"]))).remoteCode).toBe(REMCTL_ERROR.unknownCommand);
      const other = await client().connect("127.0.0.1");
      const error = await refusal(other.run(["help", "helpme", "x", "y"]));
      expect(error.remoteCode).toBe(REMCTL_ERROR.tooManyArgs);
      expect((await failureOf<KerberosError>(other.run(["test", "test"]))).code).toBe("REMCTL_SESSION_CLOSED");
      await session.close();
    });

    it("access denied and unknown command have codes of their own", async () => {
      const denied = await refusal(run(["test", "noauth"]));
      expect([denied.code, denied.remoteMessage, denied.commandState]).toEqual([
        "REMCTL_ACCESS_DENIED",
        "Access denied",
        "completed",
      ]);
      expect((await run(["test", "alice-only"])).text()).toBe("hello world\n");
    });

    it("a command that takes too long is a TIMEOUT with its output, and the next session works", async () => {
      const session = await client().connect("127.0.0.1", { idleTimeoutMs: 400 });
      const error = await failureOf<KerberosError>(session.run(["test", "sleep", "hello"]));
      expect([error.code, error.commandState, Buffer.from(error.stdout as Uint8Array).toString()]).toEqual([
        "TIMEOUT",
        "maybe-executed",
        "hello\n",
      ]);
      expect((await failureOf<KerberosError>(session.run(["test", "test"]))).code).toBe("REMCTL_SESSION_CLOSED");
      expect(await seen("test", "test")).toEqual([0, "hello world\n", ""]);
      const whole = await failureOf<KerberosError>(
        client().remctl("127.0.0.1", ["test", "sleep"], { totalTimeoutMs: 400 }),
      );
      expect([whole.code, whole.commandState]).toEqual(["TIMEOUT", "maybe-executed"]);
    });

    it("an abort ends a command at once", async () => {
      const controller = new AbortController();
      const running = failureOf<KerberosError>(
        client().remctl("127.0.0.1", ["test", "sleep", "hello"], { signal: controller.signal }),
      );
      await settle(300);
      controller.abort();
      const error = await running;
      expect([error.code, error.commandState]).toEqual(["ABORTED", "maybe-executed"]);
    });

    it("closing while a command runs ends it", async () => {
      const session = await client().connect("127.0.0.1");
      const running = failureOf<KerberosError>(session.run(["test", "sleep"]));
      await settle(50);
      await session.close();
      expect((await running).code).toBe("REMCTL_SESSION_CLOSED");
    });
  });

  describe("large and slow", () => {
    it.each(rowsOf(1_728_361, 1, 4_096, 65_536, 20 * MB))("%i octets of output", async (size) => {
      const { stdout, status } = await client().remctl("127.0.0.1", ["test", "large-output", String(size)], {
        maxOutputBytes: 32 * MB,
      });
      expect([status, stdout.length, sha256(stdout)]).toEqual([0, size, sha256(largeOutput(size))]);
    });

    it("more output than maxOutputBytes is an error, with what fitted", async () => {
      const error = await failureOf<KerberosError>(
        client().remctl("127.0.0.1", ["test", "large-output", String(2 * MB)], { maxOutputBytes: MB }),
      );
      expect([error.code, error.commandState, error.stdout?.length]).toEqual([
        "REMCTL_OUTPUT_LIMIT",
        "maybe-executed",
        MB,
      ]);
    });

    it("stderr as large", async () => {
      const { stderr } = await run(["test", "large-stderr", "300000"]);
      expect(stderr.length).toBe(300_000);
    });

    it.each(rowsOf(MB, 0, 1, 65_500, 65_535, 65_536, 65_537, 20 * MB))("%i octets of input", async (size) => {
      const data = randomBytes(size);
      const { stdout } = await run(["test", "count-stdin", data]);
      expect(Buffer.from(stdout).toString()).toBe(`${size}\n${sha256(data)}\n`);
    });

    it.runIf(wholeTable)(
      "99 MB of input in one argument",
      async () => {
        const data = Buffer.alloc(99 * MB, "99 MB of input, and not one octet lost. ");
        const { stdout } = await run(["test", "count-stdin", data]);
        expect(Buffer.from(stdout).toString()).toBe(`${data.length}\n${sha256(data)}\n`);
      },
      120_000,
    );

    it.runIf(wholeTable)(
      "99 MB of input from a stream, as it is made: no 99 MB of memory",
      async () => {
        const size = 99 * MB;
        const piece = randomBytes(MB);
        const whole = createHash("sha256");
        for (let index = 0; index < 99; index++) whole.update(piece);
        let most = 0;
        const before = process.memoryUsage().arrayBuffers;
        async function* pieces(): AsyncGenerator<Uint8Array> {
          for (let index = 0; index < 99; index++) {
            most = Math.max(most, process.memoryUsage().arrayBuffers - before);
            yield piece;
          }
        }
        const { stdout } = await run(["test", "count-stdin", { size, stream: pieces }]);
        expect(Buffer.from(stdout).toString()).toBe(`${size}\n${whole.digest("hex")}\n`);
        expect(most).toBeLessThan(50 * MB);
      },
      120_000,
    );

    it.runIf(wholeTable)("input comes back octet for octet, with lengths around the edge of a message", async () => {
      const session = await client().connect("127.0.0.1");
      for (const size of [65_536 - 40, 65_536 - 24, 65_536 - 23, 65_536, 131_072 - 28, 131_072, 200_001]) {
        const data = randomBytes(size);
        const { stdout, status } = await session.run(["test", "cat", data]);
        expect([status, sha256(stdout)], `${size}`).toEqual([0, sha256(data)]);
      }
      await session.close();
    });

    it("a command whose arguments end at every edge of a message is refused as a whole", async () => {
      const args = [65_505, 65_536, 65_516, 1, 0].map((size) => "a".repeat(size));
      const session = await client().connect("127.0.0.1");
      const error = await refusal(session.run(["test", "noauth", ...args]));
      expect([error.remoteCode, error.commandState]).toEqual([REMCTL_ERROR.access, "completed"]);
      expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
      await session.close();
    });

    it.runIf(wholeTable)(
      "more than remctld takes is a RangeError here, or its error 8 and the end of the session",
      async () => {
        const data = new Uint8Array(106 * MB);
        const session = await client().connect("127.0.0.1", { maxCommandBytes: Number.POSITIVE_INFINITY });
        const error = await refusal(session.run(["test", "count-stdin", data]));
        expect([error.remoteCode, error.commandState, session.isOpen]).toEqual([
          REMCTL_ERROR.tooMuchData,
          "completed",
          false,
        ]);
        await expect(run(["test", "count-stdin", data])).rejects.toThrow(RangeError);
      },
      60_000,
    );

    it.runIf(wholeTable)("every way a command can treat its input", async () => {
      const small = "four";
      const large = randomBytes(MB);
      expect(await seen("test", "stdin", "read", small)).toEqual([0, small, ""]);
      expect(sha256((await run(["test", "stdin", "read", large])).stdout)).toBe(sha256(large));
      for (const data of [small, large]) {
        for (const mode of ["write", "exit", "close"]) {
          expect(await seen("test", "stdin", mode, data), mode).toEqual([0, "Okay\n", ""]);
        }
      }
      expect(await seen("test", "stdin", "slow", large)).toEqual([0, `${MB}\n`, ""]);
      expect(sha256((await run(["test", "cat", "a\0b\0"])).stdout)).toBe(sha256(Buffer.from("a\0b\0")));
    });
  });

  describe("streaming", () => {
    it("output is seen before the command ends, in its order", async () => {
      const session = await client().connect("127.0.0.1");
      const started = performance.now();
      const pieces: (readonly [string, string, number])[] = [];
      const running = session.stream(["test", "streaming"]);
      for await (const { stream, data } of running) {
        pieces.push([stream, Buffer.from(data).toString(), performance.now() - started]);
      }
      expect(await running.status).toBe(0);
      const ended = performance.now() - started;
      expect(pieces.map(([stream, line]) => [stream, line])).toEqual([
        ["stdout", "This is the first line\n"],
        ["stderr", "This is the second line\n"],
        ["stdout", "This is the third line\n"],
      ]);
      expect(ended - (pieces[0]?.[2] as number)).toBeGreaterThan(150);
      await session.close();
    });

    it.runIf(wholeTable)("20 MB and more than a queue holds, to a slow consumer", async () => {
      const session = await client().connect("127.0.0.1");
      const hash = createHash("sha256");
      let pauses = 0;
      const running = session.stream(["test", "large-output", String(20 * MB)]);
      for await (const { data } of running) {
        hash.update(data);
        if (pauses++ % 500 === 0) await settle(2);
      }
      expect([await running.status, hash.digest("hex")]).toEqual([0, sha256(largeOutput(20 * MB))]);
      expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
      await session.close();
    });

    it.runIf(wholeTable)(
      "commands that print in many bursts leave a connection on which long ones still arrive whole",
      async () => {
        const session = await client().connect("127.0.0.1");
        for (const size of [10, 150, 200, 65_400, 65_536, 200_000]) {
          const data = randomBytes(size);
          for (let index = 0; index < 2; index++) {
            expect((await session.run(["test", "streaming"])).text("stderr")).toBe("This is the second line\n");
          }
          expect(sha256((await session.run(["test", "cat", data])).stdout), `${size}`).toBe(sha256(data));
          await session.noop();
        }
        await session.close();
      },
    );

    it("a loop that is left early leaves a session that works", async () => {
      const session = await client().connect("127.0.0.1");
      const running = session.stream(["test", "large-output", String(3 * MB)]);
      for await (const { data } of running) if (data.length > 0) break;
      expect(await running.status).toBe(0);
      expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
      await session.close();
    });
  });

  describe("what goes wrong on the way", () => {
    it("no server listening", async () => {
      const error = await failureOf<KerberosError>(client().remctl("127.0.0.1", ["test", "test"], { port: 1 }));
      expect([error.code, error.commandState]).toEqual(["CONNECT", "not-sent"]);
    });

    it("a service that the KDC does not know", async () => {
      const error = await failureOf<KerberosError>(
        client().remctl("127.0.0.1", ["test", "test"], { service: `nope/nope@${bed().realm}` }),
      );
      expect([error.code, error.commandState]).toEqual(["SERVICE_UNKNOWN", "not-sent"]);
    });

    it("a server that has the keys of another service", async () => {
      const error = await failureOf<KerberosError>(
        client().remctl("127.0.0.1", ["test", "test"], { service: `krbtgt/${bed().realm}@${bed().realm}` }),
      );
      expect([error.name, error.major]).toEqual(["ServiceError", "GSS_S_FAILURE"]);
      expect(error.commandState).toBe("not-sent");
    });

    it.each(rowsOf("host/changed", "host/replaced"))("a server that lacks the new key of %s", async (name) => {
      const service = `${name}@${bed().realm}`;
      const old = await startRemctld({ bed: bed(), keytab: bed().keytab.oldService, service });
      try {
        const error = await failureOf<KerberosError>(
          client().remctl("127.0.0.1", ["test", "test"], { port: old.port, service }),
        );
        expect([error.code, error.commandState]).toEqual(["SERVER_KEY_CHANGED", "not-sent"]);
      } finally {
        await old.close();
      }
    });

    it("a port where something else listens: the KDC's", async () => {
      const error = await failureOf<KerberosError>(
        client().remctl("127.0.0.1", ["test", "test"], { port: bed().port, connectTimeoutMs: 1_000 }),
      );
      expect(["CONNECTION_CLOSED", "REMCTL_PROTOCOL", "REMCTL_DOWNGRADE", "TIMEOUT"]).toContain(error.code);
      expect(error.commandState).toBe("not-sent");
    });
  });

  describe("the same as the C client", () => {
    const commands: readonly (readonly string[])[] = [
      ["test", "test"],
      ["test", "no-output"],
      ["test", "no-newline"],
      ["test", "mixed"],
      ["test", "status", "0"],
      ["test", "status", "1"],
      ["test", "status", "200"],
      ["test", "status", "255"],
      ["test", "stderr", "a", "b"],
      ["test", "streaming"],
      ["test", "binary"],
      ["test", "killed"],
      ["test", "nonexistent"],
      ["test", "echo-args", "a", "", "\u00fc", "tab\there"],
      ["test", "argv", ...Array.from({ length: 201 }, () => "x")],
      ["test", "large-output", "1728361"],
      ["test", "cat", "some data"],
      ["empty"],
      ["all", "x", "y"],
      ["help"],
      ["help", "helpme", "sub"],
    ];
    const errors: readonly (readonly string[])[] = [
      ["nope"],
      ["test", "noauth"],
      ["test", "noacl"],
      ["test"],
      ["empty", ""],
      ["help", "test", "test"],
    ];
    let env: Record<string, string> | undefined;
    const native = async (command: readonly string[]) => {
      env ??= (await bed().kinit("alice", { password: bed().passwords.alice as string })).env;
      return server().run(env, [...command]);
    };

    for (const command of rowsOf(...commands)) {
      it(command.slice(0, 6).join(" "), async () => {
        const [theirs, ours] = await Promise.all([native(command), run([...command])]);
        expect(ours.status).toBe(theirs.status);
        expect(sha256(ours.stdout)).toBe(sha256(theirs.stdout));
        expect(sha256(ours.stderr)).toBe(sha256(theirs.stderr));
      });
    }

    for (const command of rowsOf(...errors)) {
      it(`${command.join(" ")}: an error`, async () => {
        const [theirs, ours] = await Promise.all([native(command), refusal(run([...command]))]);
        expect([theirs.status, theirs.stderr.toString()]).toEqual([255, `${ours.remoteMessage}\n`]);
      });
    }
  });
});

describeLive(["mit", "faketime"], "remctld with a clock of its own", () => {
  const bed = useBed(() => startMitBed());
  const server = useBed(() => startRemctld({ bed: bed(), clockOffsetSeconds: 600 }));

  it("a server 10 minutes off from its KDC is said to be", async () => {
    const error = await failureOf<KerberosError>(
      remctl("127.0.0.1", ["test", "test"], {
        credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
        kdc: bed().kdc,
        service: server().service,
        port: server().port,
      }),
    );
    expect([error.code, error.commandState]).toEqual(["SERVER_CLOCK_SKEW", "not-sent"]);
  });
});

describeLive(["mit", "heimdal"], "remctld with tickets of Heimdal's KDC", () => {
  const bed = useBed(() => startHeimdalBed());
  const server = useBed(() => startRemctld({ bed: bed() }));

  it("runs a command, in a session and alone", async () => {
    const client = createClient({
      credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
      kdc: bed().kdc,
      service: server().service,
      port: server().port,
    });
    expect((await client.remctl("127.0.0.1", ["test", "env", "REMOTE_USER"])).text()).toBe(`alice@${bed().realm}\n`);
    const session = await client.connect("127.0.0.1");
    for (let index = 0; index < 3; index++) {
      expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
    }
    await session.close();
  });
});
