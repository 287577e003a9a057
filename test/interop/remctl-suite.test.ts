// The cases of remctl's own test-suite that a client sees, against Debian's remctld, in protocol versions 1 and 2. Titles
// begin with the name of the test there.

import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createInitiator } from "../../src/entry/gssapi.ts";
import {
  ccache,
  createClient,
  type KerberosError,
  REMCTL_ERROR,
  type RemctlArgument,
  type RemctlClient,
  type RemctlServerError,
} from "../../src/entry/index.ts";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { RawRemctlClient } from "../support/raw-remctl-client.ts";
import { failureOf } from "../support/remctl-harness.ts";

const hash = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

interface Seen {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

describeLive("mit", "the remctl test-suite, client side", () => {
  const bed = useBed(() => startMitBed());
  const server = useBed(() => startRemctld({ bed: bed(), bindAddresses: ["127.0.0.1", "::1"] }));
  let kept: RemctlClient | undefined;
  const client = (): RemctlClient => {
    kept ??= createClient({
      credentials: { principal: `alice@${bed().realm}`, password: bed().passwords.alice as string },
      kdc: bed().kdc,
    });
    return kept;
  };

  for (const protocol of [1, 2] as const) {
    describe(`version ${protocol}`, () => {
      const at = (port = server().port) => ({ port, service: server().service, protocol });
      const connect = (port?: number) => client().connect("127.0.0.1", at(port));
      const run = async (args: readonly RemctlArgument[], port?: number): Promise<Seen> => {
        const result = await client().remctl("127.0.0.1", args, at(port));
        return { status: result.status, stdout: result.text(), stderr: result.text("stderr") };
      };
      /** Version 1 has no errors: -1, and the text as output. */
      const expectRefused = async (args: readonly RemctlArgument[], code: number, text: string, port?: number) => {
        if (protocol === 1) {
          expect(await run(args, port)).toEqual({ status: -1, stdout: `${text}\n`, stderr: "" });
          return;
        }
        const error = await failureOf<RemctlServerError>(client().remctl("127.0.0.1", args, at(port)));
        expect([error.remoteCode, error.remoteMessage, error.commandState]).toEqual([code, text, "completed"]);
      };
      const { unknownCommand, access, badCommand, tooManyArgs, noHelp } = REMCTL_ERROR;

      it("api: open, the negotiated version, and one command after the other", async () => {
        const session = await connect();
        expect(session.protocol).toBe(protocol);
        const seen: unknown[] = [];
        const running = session.stream(["test", "test"]);
        for await (const { stream, data } of running) seen.push([stream, Buffer.from(data).toString(), data.length]);
        expect([seen, await running.status]).toEqual([[["stdout", "hello world\n", 12]], 0]);
        // Version 1 has one command a connection; the reference opens another behind the caller's back.
        const second = session.run(["test", "test"]);
        if (protocol === 1) expect((await failureOf<KerberosError>(second)).code).toBe("REMCTL_SESSION_CLOSED");
        else expect((await second).text()).toBe("hello world\n");
        await session.close();
      });

      it("api, noop: the server is there; version 1 has no such message", async () => {
        const session = await connect();
        if (protocol === 1) {
          expect((await failureOf<KerberosError>(session.noop())).code).toBe("REMCTL_UNSUPPORTED_VERSION");
        } else {
          for (let index = 0; index < 3; index++) await session.noop();
        }
        expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
        await session.close();
      });

      it("api: octets as arguments, one from a stream, no subcommand, an unknown command", async () => {
        const octets = [Buffer.from("test"), Buffer.from("test")];
        expect(await run(octets)).toEqual({ status: 0, stdout: "hello world\n", stderr: "" });
        expect((await run(["test", "echo-args", new Blob(["streamed"]), ""])).stdout).toBe("73747265616d6564\n\n");
        await expectRefused(["test", "bad-command"], unknownCommand, "Unknown command");
        await expectRefused(["test"], unknownCommand, "Unknown command");
        await expect(run([])).rejects.toThrow(TypeError);
      });

      it("api: nobody listens: CONNECT names the port", async () => {
        const error = await failureOf<KerberosError>(client().remctl("127.0.0.1", ["x"], at(1)));
        expect([error.code, error.commandState]).toEqual(["CONNECT", "not-sent"]);
        expect(error.message).toContain("tcp://127.0.0.1:1");
      });

      it.runIf(wholeTable)("large: a command whose arguments end at the edges of messages", async () => {
        const args = [65_505, 65_536, 65_516, 1, 0].map((size) => "A".repeat(size));
        if (protocol === 2) {
          await expectRefused(["test", "noauth", ...args], access, "Access denied");
          return;
        }
        const error = await failureOf<KerberosError>(client().remctl("127.0.0.1", ["test", "noauth", ...args], at()));
        expect([error.code, error.commandState]).toEqual(["REMCTL_UNSUPPORTED_VERSION", "not-sent"]);
        // 65,536 octets with the count and the lengths.
        const most = "A".repeat(65_536 - 4 - 8 - 15 - 4);
        expect((await run(["test", "count-stdin", most])).stdout).toMatch(/^65505\n/);
      });

      it("remctl: no output, statuses 1, 2 and 200, access, an executable that is missing, 201 arguments", async () => {
        expect(await run(["test", "no-output"])).toEqual({ status: 0, stdout: "", stderr: "" });
        for (const status of [1, 2, 200, 255])
          expect((await run(["test", "status", String(status)])).status).toBe(status);
        await expectRefused(["test", "noauth"], access, "Access denied");
        await expectRefused(["test", "noacl"], access, "Access denied");
        const missing = "remctld: cannot execute command: No such file or directory\n";
        expect(await run(["test", "nonexistent"])).toEqual(
          protocol === 1 ? { status: 255, stdout: missing, stderr: "" } : { status: 255, stdout: "", stderr: missing },
        );
        const many = Array.from({ length: 200 }, (_, index) => `a${index}`);
        expect((await run(["test", "argv", ...many])).stdout).toBe("200\n");
      });

      it.runIf(wholeTable)(
        "source-ip: the server sees the address that was chosen; one of the other family fails",
        async () => {
          const env = ["test", "env", "REMOTE_ADDR"];
          for (const localAddress of ["127.0.0.1", "127.0.0.3"]) {
            const { stdout } = await client().remctl("127.0.0.1", env, { ...at(), localAddress });
            expect(Buffer.from(stdout).toString()).toBe(`${localAddress}\n`);
          }
          for (const [host, localAddress] of [
            ["::1", "127.0.0.1"],
            ["127.0.0.1", "::1"],
          ] as const) {
            const error = await failureOf<KerberosError>(client().remctl(host, env, { ...at(), localAddress }));
            expect([error.code, error.commandState]).toEqual(["CONNECT", "not-sent"]);
          }
        },
      );

      it("bind: IPv6", async () => {
        const { stdout } = await client().remctl("::1", ["test", "env", "REMOTE_ADDR"], at());
        expect(Buffer.from(stdout).toString()).toBe("::1\n");
      });

      it.runIf(wholeTable)(
        "timeout: a silent command, with and without output before; another session works",
        async () => {
          for (const [args, output] of [
            [["test", "sleep"], ""],
            // Version 1 has no output before the end.
            [["test", "sleep", "hello"], protocol === 1 ? "" : "hello\n"],
          ] as const) {
            const error = await failureOf<KerberosError>(
              client().remctl("127.0.0.1", args, { ...at(), idleTimeoutMs: 300 }),
            );
            expect([error.code, error.commandState, Buffer.from(error.stdout as Uint8Array).toString()]).toEqual([
              "TIMEOUT",
              "maybe-executed",
              output,
            ]);
          }
          expect((await run(["test", "test"])).stdout).toBe("hello world\n");
        },
      );

      it("empty: a server with no commands", async () => {
        const empty = await startRemctld({ bed: bed(), onlyConf: () => ["", ""] });
        try {
          await expectRefused(["test", "test"], unknownCommand, "Unknown command", empty.port);
          await expectRefused(["help"], unknownCommand, "Unknown command", empty.port);
        } finally {
          await empty.close();
        }
      });

      it("env: who asks, from where, and until when", async () => {
        for (const name of ["REMUSER", "REMOTE_USER"]) {
          expect((await run(["test", "env", name])).stdout).toBe(`alice@${bed().realm}\n`);
        }
        expect((await run(["test", "env", "REMOTE_ADDR"])).stdout).toBe("127.0.0.1\n");
        expect((await run(["test", "env", "REMCTL_COMMAND"])).stdout).toBe("test\n");
        expect(Number((await run(["test", "env", "REMOTE_EXPIRES"])).stdout) * 1_000).toBeGreaterThan(Date.now());
      });

      it("errors: unknown command, access, too many arguments; the connection goes on where the protocol says so", async () => {
        const many = ["test", "argv", ...Array.from({ length: 10_000 }, () => "x")];
        const options = { ...at(), maxArguments: 20_000 };
        if (protocol === 1) {
          // 10,000 arguments are 50 KB, within version 1.
          const { status, stdout } = await client().remctl("127.0.0.1", many, options);
          expect([status, Buffer.from(stdout).toString()]).toEqual([-1, "Too many arguments\n"]);
          return;
        }
        const session = await client().connect("127.0.0.1", options);
        for (const [args, code] of [
          [["test", "bad-command"], unknownCommand],
          [["test", "noauth"], access],
          [many, tooManyArgs],
          [["test"], unknownCommand],
        ] as const) {
          expect((await failureOf<RemctlServerError>(session.run(args))).remoteCode).toBe(code);
          expect((await session.run(["test", "test"])).text()).toBe("hello world\n");
        }
        await session.close();
      });

      it("help, summary: texts, no help, unknown commands, a server that has none", async () => {
        expect(await run(["help"])).toEqual({ status: 0, stdout: "summary text\nsubcommand summary\n", stderr: "" });
        expect((await run(["help", "helpme"])).stdout).toBe("help text\n");
        expect((await run(["help", "helpme", "subhelp"])).stdout).toBe("subhelp text\n");
        await expectRefused(["help", "test", "test"], noHelp, "No help defined for command");
        await expectRefused(["help", "invalid"], unknownCommand, "Unknown command");
        const bare = await startRemctld({
          bed: bed(),
          onlyConf: (folder) => [`test test ${folder}/hello ANYUSER`, ""],
        });
        try {
          await expectRefused(["help"], unknownCommand, "Unknown command", bare.port);
          expect((await run(["test", "test"], bare.port)).stdout).toBe("hello world\n");
        } finally {
          await bare.close();
        }
      });

      it("invalid: a NUL in the command, the subcommand and an argument is the server's to refuse", async () => {
        for (const args of [
          ["te\0st", "test"],
          ["test", "te\0st"],
          ["test", "echo-args", "a\0b"],
        ]) {
          await expectRefused(args, badCommand, "Invalid command token");
        }
      });

      it.runIf(wholeTable)("misc: closed descriptors, a child in the background, EMPTY and ALL, a signal", async () => {
        expect((await run(["test", "closed"])).stdout).toBe("Okay\n");
        const started = performance.now();
        expect((await run(["test", "background"])).stdout).toBe("Parent\n");
        expect(performance.now() - started).toBeLessThan(5_000);
        expect((await run(["empty"])).stdout).toBe("0\n");
        await expectRefused(["empty", ""], unknownCommand, "Unknown command");
        expect((await run(["foo", "bar"])).stdout).toBe("0\n");
        await expectRefused(["foo", "baz"], unknownCommand, "Unknown command");
        expect((await run(["all", "x"])).stdout).toBe("0\n");
        expect((await run(["test", "sigpipe"])).status).toBe(protocol === 1 ? -1 : 255);
      });

      it.runIf(wholeTable)("stdin: read, written before it is read, never read, closed, NULs, slowly", async () => {
        const most = protocol === 1 ? 60_000 : 1_000_000;
        const large = randomBytes(most);
        // Version 1 cuts what it gives back at 65,528 octets, and this is less.
        const { stdout } = await client().remctl("127.0.0.1", ["test", "stdin", "read", large], at());
        expect(hash(stdout)).toBe(hash(large));
        for (const data of ["four", large]) {
          for (const mode of ["write", "exit", "close"]) {
            expect(await run(["test", "stdin", mode, data]), mode).toEqual({ status: 0, stdout: "Okay\n", stderr: "" });
          }
        }
        expect((await run(["test", "stdin", "slow", large])).stdout).toBe(`${most}\n`);
        expect((await run(["test", "cat", "\0a\0"])).stdout).toBe("\0a\0");
      });

      it("streaming: three pieces on two streams, as they come; version 1 joins them", async () => {
        const session = await connect();
        const pieces: (readonly [string, string])[] = [];
        const running = session.stream(["test", "streaming"]);
        for await (const { stream, data } of running) pieces.push([stream, Buffer.from(data).toString()]);
        expect(await running.status).toBe(0);
        const lines = ["This is the first line\n", "This is the second line\n", "This is the third line\n"] as const;
        expect(pieces).toEqual(
          protocol === 1
            ? [["stdout", lines.join("")]]
            : [
                ["stdout", lines[0]],
                ["stderr", lines[1]],
                ["stdout", lines[2]],
              ],
        );
        expect(lines.join("").length).toBe(70);
        await session.close();
      });

      it.runIf(wholeTable)("streaming: 1,728,361 octets; version 1 cuts them at 65,528 with status 0", async () => {
        const { status, stdout } = await client().remctl("127.0.0.1", ["test", "large-output", "1728361"], at());
        expect([status, stdout.length]).toEqual([0, protocol === 1 ? 65_528 : 1_728_361]);
      });
    });
  }

  describe("ccache", () => {
    const command = (name: string, env: Record<string, string>) =>
      createClient({ credentials: ccache(name), kdc: bed().kdc, environment: { env } }).remctl(
        "127.0.0.1",
        ["test", "test"],
        {
          port: server().port,
          service: server().service,
        },
      );

    it("one that is not there fails although the environment's is good; a good one works although the environment's is not", async () => {
      const { env } = await bed().kinit("alice", { password: bed().passwords.alice as string });
      const good = env.KRB5CCNAME as string;
      const error = await failureOf<KerberosError>(command("FILE:/nonexistent", { KRB5CCNAME: good }));
      expect([error.code, error.commandState]).toEqual(["NO_CREDENTIAL", "not-sent"]);
      expect((await command(good, { KRB5CCNAME: "FILE:/nonexistent" })).text()).toBe("hello world\n");
    });
  });

  it("open: version 1, version 2, and one that turns from 1 to 2: negotiated 1, 2, and refused", async () => {
    // The last is in test/unit/remctl/version-1.test.ts, where a server can be made to do it.
    const base = { port: server().port, service: server().service };
    for (const [options, protocol] of [
      [{ protocol: 1 }, 1],
      [{ protocol: 2 }, 2],
      [{ allowVersion1: true }, 2],
      [{}, 2],
    ] as const) {
      const session = await client().connect("127.0.0.1", { ...base, ...options });
      expect(session.protocol).toBe(protocol);
      await session.close();
    }
  });

  it("version, noop: a message of version 9 is answered with VERSION 3, twice; NOOP with NOOP, under flags 0x44", async () => {
    const encTypes = await client().loadEncTypes();
    const context = createInitiator({
      target: server().service,
      credential: client(),
      enctypes: encTypes,
      flags: { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true },
    });
    const raw = await (await RawRemctlClient.dial(server().port, context)).establish();
    const ask = async (...message: readonly number[]) => {
      await raw.packet(0x44, context.wrap(Uint8Array.from(message)));
      const reply = await raw.readPacket();
      return [reply?.flags, ...context.unwrap(reply?.octets as Uint8Array)];
    };
    for (let index = 0; index < 2; index++) expect(await ask(9, 1, 0, 0, 0, 0)).toEqual([0x44, 2, 6, 3]);
    expect(await ask(3, 7)).toEqual([0x44, 3, 7]);
    raw.connection.abort();
  });
});
