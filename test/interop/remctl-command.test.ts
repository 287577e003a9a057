// `krb5-remctl remctl` beside the C program `remctl`: the same command lines, the same octets on both outputs, the same status.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createAcceptor } from "../../src/entry/gssapi.ts";
import { createRemctlServer } from "../../src/entry/server.ts";
import { NodeConnection } from "../../src/runtime/node-connection.ts";
import { startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { ensurePeers } from "../../tools/peers/index.mjs";
import { bundle } from "../support/bundle.ts";
import { FakeRemctlServer } from "../support/fake-remctl-server.ts";
import { describeLive, rowsOf, useBed, wholeTable } from "../support/live.ts";

interface Ran {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

interface Started {
  readonly argv0?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

function start(program: string, args: readonly string[], { argv0, env, input = "" }: Started): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, LC_ALL: "C", ...env },
      ...(argv0 === undefined ? {} : { argv0 }),
      timeout: 30_000,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ status: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    });
  });
}

/** Short enough for a failure's message, and nothing is lost. */
function shown({ status, stdout, stderr }: Ran): readonly unknown[] {
  const octets = (data: Buffer): string =>
    data.length <= 2_000
      ? data.toString("latin1")
      : `${data.length} octets, ${createHash("sha256").update(data).digest("hex")}`;
  return [status, octets(stdout), octets(stderr)];
}

/** A plain `npm test` compares one line of so many; a run with CI=true compares all. */
const PLAIN_SHARE = 24;

describeLive("mit", "the command remctl beside the C program", () => {
  const bed = useBed(() => startMitBed());
  const server = useBed(() => startRemctld({ bed: bed(), bindAddresses: ["127.0.0.1", "::1"] }));
  let directory = "";
  let ours = "";
  let theirs = "";
  let env: Record<string, string> = {};

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "krb5-remctl-command-"));
    ours = await bundle("../../src/cli/main.ts", directory);
    theirs = (await ensurePeers(["mit"])).mit.bin("remctl");
    ({ env } = await bed().kinit("alice", { password: bed().passwords.alice as string }));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** `%P` stands for the server's port, `%L` for it and the host. */
  const words = (line: readonly string[]): string[] =>
    line.flatMap((word) => {
      if (word === "%L") return ["-p", String(server().port), "localhost"];
      return [word.replace("%P", String(server().port)).replace("%R", bed().realm)];
    });
  const runOurs = (
    line: readonly string[],
    more: Record<string, string> = {},
    input?: string | Uint8Array,
  ): Promise<Ran> =>
    start(process.execPath, [ours, "remctl", ...words(line)], {
      env: { ...env, ...more },
      ...(input === undefined ? {} : { input }),
    });
  const runTheirs = (line: readonly string[], more: Record<string, string> = {}): Promise<Ran> =>
    start(theirs, words(line), { argv0: "remctl", env: { ...env, ...more } });

  const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index}`);
  const same: readonly (readonly string[] | readonly [readonly string[], Record<string, string>])[] = [
    // What a command gives.
    ["%L", "test", "test"],
    ["%L", "test", "no-output"],
    ["%L", "test", "no-newline"],
    ["%L", "test", "mixed"],
    ["%L", "test", "stderr", "some", "trouble"],
    ["%L", "test", "streaming"],
    ["%L", "test", "binary"],
    ["%L", "test", "killed"],
    ["%L", "test", "sigpipe"],
    ["%L", "test", "nonexistent"],
    ["%L", "test", "background"],
    ["%L", "test", "closed"],
    ["%L", "test", "large-output", "1728361"],
    ["%L", "test", "large-stderr", "300000"],
    ["%L", "test", "status", "0"],
    ["%L", "test", "status", "1"],
    ["%L", "test", "status", "2"],
    ["%L", "test", "status", "127"],
    ["%L", "test", "status", "200"],
    ["%L", "test", "status", "255"],
    ["%L", "test", "env", "REMOTE_USER"],
    ["%L", "test", "env", "REMUSER"],
    ["%L", "test", "env", "REMOTE_ADDR"],
    ["%L", "test", "env", "REMCTL_COMMAND"],
    ["%L", "test", "env", "NOT_SET"],
    // What a command gets.
    ["%L", "test", "echo-args", "a", "", "\u00fc", "tab\there", "line\nline", "--", "-p", "\u{1f600}"],
    ["%L", "test", "argv"],
    ["%L", "test", "argv", ""],
    ["%L", "test", "argv", ...many(201)],
    ["%L", "test", "argv", ...many(4_094)],
    ["%L", "test", "argv", ...many(4_095)],
    ["%L", "test", "cat", "some data"],
    ["%L", "test", "cat", ""],
    ["%L", "test", "cat", "x".repeat(100_000)],
    ["%L", "test", "count-stdin", "y".repeat(65_536)],
    ["%L", "empty"],
    ["%L", "empty", ""],
    ["%L", "all", "x", "y"],
    ["%L", "foo", "bar"],
    ["%L", "all"],
    ["%L", "help"],
    ["%L", "help", "helpme"],
    ["%L", "help", "helpme", "sub"],
    // What a server says no to.
    ["%L", "nope"],
    ["%L", ""],
    ["%L", "test"],
    ["%L", "test", ""],
    ["%L", "test", "nope\u001b[31m"],
    ["%L", "foo", "baz"],
    ["%L", "test", "noauth"],
    ["%L", "test", "noacl"],
    ["%L", "help", "nope"],
    ["%L", "help", "test", "test"],
    ["%L", "help", "helpme", "x", "y"],
    ["%L", "test", "noauth", "z".repeat(120_000), "z".repeat(100_000)],
    // Options.
    ["-p", "%P", "-s", "host/localhost", "127.0.0.1", "test", "test"],
    ["-p", "%P", "-s", "host/localhost@%R", "127.0.0.1", "test", "test"],
    ["-p", "%P", "-s", "host/localhost", "::1", "test", "env", "REMOTE_ADDR"],
    ["-p%P", "-shost/localhost", "localhost", "test", "test"],
    ["-p", "1", "-p", "%P", "localhost", "test", "test"],
    ["-p", " %P", "localhost", "test", "test"],
    ["-p", "%P", "--", "localhost", "test", "test"],
    ["%L", "-p", "1", "x"],
    ["%L", "--", "x"],
    ["%L", "test", "--", "x"],
    ["-p", "%P", "LOCALHOST", "test", "test"],
    ["-t", "0", "%L", "test", "test"],
    ["-t", "5", "%L", "test", "test"],
    ["-t", "99999999999", "%L", "test", "test"],
    ["-t", "1", "%L", "test", "sleep", "hello"],
    ["-t", "1", "%L", "test", "sleep"],
    ["-b", "127.0.0.1", "-p", "%P", "localhost", "test", "env", "REMOTE_ADDR"],
    ["-b", "127.0.0.2", "-p", "%P", "127.0.0.1", "-s", "x"]
      .slice(0, 4)
      .concat("-s", "host/localhost", "127.0.0.1", "test", "env", "REMOTE_ADDR"),
    ["-b", "any", "%L", "test", "env", "REMOTE_ADDR"],
    ["-b", "all", "%L", "test", "env", "REMOTE_ADDR"],
    // Options that are wrong.
    ["-p", "99999", "localhost", "x"],
    ["-p", "0", "localhost", "x"],
    ["-p", "-1", "localhost", "x"],
    ["-p", "abc", "localhost", "x"],
    ["-p", "%Px", "localhost", "x"],
    ["-p", "4294967297", "localhost", "x"],
    ["-p", "99999999999999999999", "localhost", "x"],
    ["-t", "-99999999999999999999999", "localhost", "x"],
    ["-t", "-1", "localhost", "x"],
    ["-t", "abc", "localhost", "x"],
    ["-t", "1x", "localhost", "x"],
    ["-p", "abc", "-h"],
    ["-p", "abc", "-x"],
    ["-t", "abc", "-p"],
    // What goes wrong on this side.
    ["-p", "1", "localhost", "test", "test"],
    ["localhost", "test", "test"],
    ["-p", "1", "-s", "host/localhost", "127.0.0.1", "x"],
    ["-b", "::1", "-p", "%P", "-s", "host/localhost", "127.0.0.1", "test", "test"],
    ["-b", "192.0.2.1", "-p", "%P", "-s", "host/localhost", "127.0.0.1", "test", "test"],
    ["-b", "", "-p", "%P", "localhost", "test", "test"],
    ["-t", "", "%L", "test", "test"],
    ["-p", "", "localhost", "test", "test"],
    ["-p", "\u00a05", "localhost", "test", "test"],
    ["-b", "nonsense", "-p", "%P", "-s", "host/localhost", "127.0.0.1", "test", "test"],
    ["no-such-host.invalid", "x"],
    ["-s", "host/localhost", "no-such-host.invalid", "x"],
    ["", "x"],
    ["-", "x"],
    ["--", "-x", "x"],
    ["-s", "nope/nope", "%L", "test", "test"],
    ["-s", "nope/nope@%R", "%L", "test", "test"],
    ["-s", "host/LOCALHOST", "%L", "test", "test"],
    ["-s", "krbtgt/%R", "%L", "test", "test"],
    ["-s", "a@b@c", "%L", "test", "test"],
    [["%L", "test", "test"], { KRB5CCNAME: "FILE:/nonexistent" }],
    [["-s", "host/localhost", "%L", "test", "test"], { KRB5CCNAME: "/nonexistent" }],
  ];

  describe("gives the same octets and the same status for", () => {
    for (const row of same.filter((_, index) => wholeTable || index % PLAIN_SHARE === 0)) {
      const [line, more] =
        typeof row[0] === "string"
          ? [row as readonly string[], {}]
          : (row as [readonly string[], Record<string, string>]);
      const title = `${line
        .map((word) => JSON.stringify(word.length > 40 ? `${word.length} octets` : word))
        .slice(0, 12)
        .join(" ")}${line.length > 12 ? ` (${line.length} words)` : ""}`;
      it(`${title}${Object.entries(more)
        .map(([name, value]) => ` with ${name}=${value}`)
        .join("")}`, async () => {
        const [we, they] = await Promise.all([runOurs(line, more), runTheirs(line, more)]);
        expect(shown(we)).toEqual(shown(they));
      });
    }
  });

  /** A listener on loopback; gives its port. */
  async function listen(onConnection: (socket: Socket) => void, port = 0): Promise<string> {
    const listener = createServer({ noDelay: true }, onConnection);
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(port, "127.0.0.1", resolve);
    });
    onTestFinished(() => void listener.close());
    return String((listener.address() as { port: number }).port);
  }

  it("tries port 4444 where nobody listens on 4373", async () => {
    await listen((socket) => {
      const inner = connectSocket(server().port, "127.0.0.1");
      for (const one of [socket, inner]) one.on("error", () => {});
      socket.pipe(inner).pipe(socket);
    }, 4444);
    const line = ["localhost", "test", "mixed"];
    const [we, they] = await Promise.all([runOurs(line), runTheirs(line)]);
    expect(shown(we)).toEqual(shown(they));
    expect(we.status).toBe(7);
    // The same with several: each command is run once, and who is nowhere is told of with the first port.
    const many = await runOurs(["--hosts", "localhost,no-such-host.invalid,localhost", "test", "no-output"]);
    expect([many.status, many.stdout.toString()]).toEqual([1, ""]);
    expect(many.stderr.toString()).toMatch(
      /^no-such-host\.invalid: .*cannot resolve host no-such-host\.invalid: .*\n$/,
    );
    const gone = await runOurs([
      "--hosts",
      "127.0.0.1,127.0.0.2",
      "-s",
      "host/localhost",
      "test",
      "env",
      "REMOTE_USER",
    ]);
    expect(gone.status).toBe(1);
    expect(gone.stdout.toString()).toMatch(/^127\.0\.0\.1: \S+@\S+\n$/);
    expect(gone.stderr.toString()).toMatch(/^127\.0\.0\.2: .*port 4373.*refused\n$/);
  });

  it.runIf(existsSync("/dev/full"))("output that cannot be written is told, and is no success", async () => {
    const line = words(["%L", "test", "large-output", "300000"]).join(" ");
    for (const [redirect, status, stderr] of [
      [">/dev/full", 1, "remctl: local write of command output failed: No space left on device\n"],
      ["2>/dev/full", 0, ""],
    ] as const) {
      const ran = await start("/bin/sh", ["-c", `"$1" "$2" remctl ${line} ${redirect}`, "sh", process.execPath, ours], {
        env,
      });
      expect([ran.status, ran.stderr.toString()]).toEqual([status, stderr]);
    }
  });

  it("output is written as it comes, not at the end", async () => {
    const times: number[] = [];
    const child = spawn(process.execPath, [ours, "remctl", ...words(["%L", "test", "streaming"])], { env });
    child.stdout.on("data", () => times.push(performance.now()));
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect([status, times.length]).toEqual([0, 2]);
    expect((times[1] as number) - (times[0] as number)).toBeGreaterThan(100);
  });

  it("a reader that goes away ends it, as any program in a pipe", async () => {
    const line = words(["%L", "test", "large-output", "3000000"]).join(" ");
    const { stdout } = await start(
      "/bin/sh",
      ["-c", `"$1" "$2" remctl ${line} | head -c 5`, "sh", process.execPath, ours],
      { env },
    );
    expect(stdout.toString()).toBe("a lin");
  });

  it("octets that are no UTF-8 are arguments too", async () => {
    const line = words(["-p", "%P", "localhost", "test", "echo-args", "a"]);
    const script = 'exec "$@" "$(printf "\\377\\200x")" "\u00fc"';
    const [we, they] = await Promise.all([
      start("/bin/sh", ["-c", script, "sh", process.execPath, ours, "remctl", ...line], { env }),
      start("/bin/sh", ["-c", script, "sh", theirs, ...line], { env }),
    ]);
    expect(shown(we)).toEqual(shown(they));
    expect(we.stdout.toString()).toBe("61\nff8078\nc3bc\n");
  });

  /** A server of the test's that has the service's key. */
  const fake = (script: (server: FakeRemctlServer) => Promise<unknown>): Promise<string> =>
    listen((socket) => {
      const context = createAcceptor({ keytab: readFileSync(bed().keytab.service) });
      const one = new FakeRemctlServer(new NodeConnection(socket as never), context);
      script(one).catch(() => socket.destroy());
    });

  type Answer = (server: FakeRemctlServer) => Promise<unknown>;
  const answers: Readonly<Record<string, readonly [Answer, (readonly string[])?]>> = {
    "output, and then the end": [
      async (one) => {
        await one.output(1, "partial");
        await one.close();
      },
    ],
    "the end at once": [(one) => one.close()],
    "output, and then an error": [
      async (one) => {
        await one.output(1, "partial\n");
        await one.error(1, "Internal failure");
        await one.close();
      },
    ],
    "an error with control characters, to a pipe": [(one) => one.error(1, "a\u001b[31m\0b\nc")],
    "an error with a code above 2,147,483,647": [(one) => one.error(0xffff_fffe, "odd")],
    silence: [async () => {}, ["-t", "1"]],
    "output, and then silence": [(one) => one.output(2, "trouble"), ["-t", "1"]],
    "messages that say version 3": [
      async (one) => {
        await one.message(3, 3, 1, 0, 0, 0, 1, 0x41);
        await one.message(3, 4, 200);
      },
    ],
    "many small pieces on both streams": [
      async (one) => {
        for (let index = 0; index < 300; index++) await one.output(1 + (index % 2), `${index}\n`);
        await one.status(0);
      },
    ],
  };
  describe("gives the same octets and the same status for a server that answers with", () => {
    const chosen = Object.entries(answers).filter((_, index) => wholeTable || index % PLAIN_SHARE === 0);
    for (const [name, [answer, options = []]] of chosen) {
      it(name, async () => {
        const port = await fake(async (one) => {
          await one.accept();
          await one.readPacket();
          await answer(one);
        });
        const line = [...options, "-p", port, "-s", "host/localhost", "127.0.0.1", "x"];
        const [we, they] = await Promise.all([runOurs(line), runTheirs(line)]);
        expect(shown(we)).toEqual(shown(they));
      });
    }

    it.each(rowsOf(["test", "mixed"], ["test", "noauth"], ["nope"]))(
      "version 1, which this one speaks where it is asked to: %s %s",
      async (...line) => {
        const handler = async ({
          stdout,
          stderr,
        }: {
          stdout: { write(text: string): Promise<void> };
          stderr: { write(text: string): Promise<void> };
        }) => {
          await stdout.write("out\n");
          await stderr.write("err\n");
          return 7;
        };
        const old = createRemctlServer({
          keytab: readFileSync(bed().keytab.service),
          version1: "only",
          commands: [
            { command: "test", subcommand: "mixed", acl: ["ANYUSER"], handler },
            { command: "test", subcommand: "noauth", acl: [], handler },
          ],
        });
        await old.listen({ host: "127.0.0.1", port: 0 });
        onTestFinished(() => old.close());
        const all = [
          "-p",
          String(old.port),
          "-s",
          "host/localhost",
          "127.0.0.1",
          ...line.filter((word) => word !== undefined),
        ];
        const [we, they] = await Promise.all([runOurs(["--allow-version-1", ...all]), runTheirs(all)]);
        expect(shown(we)).toEqual(shown(they));
        expect(shown(await runOurs(["--protocol", "1", ...all]))).toEqual(shown(they));
      },
    );
  });

  /** What differs on purpose: why, the command line, and what each says. docs/command-line.md has the list too. */
  const different: readonly (readonly [why: string, line: readonly string[], check: (we: Ran, they: Ran) => void])[] = [
    [
      "-h tells of the options that the C program has not",
      ["-h", "-x"],
      (we, they) => {
        expect([we.status, they.status, we.stderr.length]).toEqual([0, 0, 0]);
        for (const { stdout } of [we, they])
          expect(stdout.toString()).toMatch(/^Usage: remctl .*\n[\s\S]*-s .?service/);
      },
    ],
    [
      "-v tells what program it is",
      ["-v"],
      (we, they) => {
        expect([we.status, they.status, they.stdout.toString()]).toEqual([0, 0, "remctl 3.18\n"]);
        expect(we.stdout.toString()).toMatch(/^remctl \(krb5-remctl\) \S+\n$/);
      },
    ],
    ...[[], ["localhost"], ["-"]].map(
      (line) =>
        [
          "the usage text is our own",
          line,
          (we: Ran, they: Ran) => {
            expect([we.status, they.status, we.stdout.length]).toEqual([1, 1, 0]);
            for (const { stderr } of [we, they]) expect(stderr.toString()).toMatch(/^Usage: remctl /);
          },
        ] as const,
    ),
    ...[["-x"], ["-p"]].map(
      (line) =>
        [
          "the usage text behind getopt's message is our own",
          line,
          (we: Ran, they: Ran) => {
            expect([we.status, they.status]).toEqual([1, 1]);
            const first = ({ stderr }: Ran): string => stderr.toString().split("\n")[0] as string;
            expect(first(we)).toBe(first(they));
          },
        ] as const,
    ),
    [
      "long options are options: the C program has none",
      ["--json", "%L", "test", "test"],
      (we, they) => {
        expect([we.status, they.status]).toEqual([0, 1]);
        expect(they.stderr.toString()).toMatch(/invalid option -- '-'/);
      },
    ],
    [
      "-d prints every step: in the C program it does nothing",
      ["-d", "%L", "test", "test"],
      (we, they) => {
        expect([we.status, we.stdout.toString()]).toEqual([they.status, they.stdout.toString()]);
        expect(they.stderr.length).toBe(0);
        expect(we.stderr.toString()).toMatch(/Context established/);
      },
    ],
    [
      "how a realm that cannot be reached is told is our own",
      ["-s", "nope/nope@NOWHERE.TEST", "%L", "test", "test"],
      (we, they) => {
        expect([we.status, they.status]).toEqual([1, 1]);
        for (const { stderr } of [we, they]) {
          expect(stderr.toString()).toMatch(
            /^remctl: GSS-API error initializing context: Unspecified GSS failure\..* NOWHERE.TEST|krbtgt\/NOWHERE.TEST/,
          );
        }
      },
    ],
  ];
  describe("differs on purpose", () => {
    for (const [why, line, check] of different) {
      it(`${line.join(" ") || "no words"}: ${why}`, async () => {
        const [we, they] = await Promise.all([runOurs(line), runTheirs(line)]);
        check(we, they);
      });
    }

    it("an answer of version 1 that was not asked for: the C program goes on without a word", async () => {
      const port = await fake(async (one) => {
        await one.accept(0x02);
        const { octets } = await one.readVersion1Command();
        await one.mic(octets);
        await one.version1Answer(0, "downgraded\n");
      });
      const line = ["-p", port, "-s", "host/localhost", "127.0.0.1", "x"];
      const [we, they] = await Promise.all([runOurs(line), runTheirs(line)]);
      expect([they.status, they.stdout.toString()]).toEqual([0, "downgraded\n"]);
      expect([we.status, we.stdout.length]).toEqual([1, 0]);
      expect(we.stderr.toString()).toMatch(/downgrade/);
    });

    it("an answer that is not sealed: the C program takes it", async () => {
      const port = await fake(async (one) => {
        await one.accept();
        await one.readPacket();
        await one.packet(0x44, one.context.wrap(Uint8Array.of(2, 4, 0), { conf: false }));
      });
      const line = ["-p", port, "-s", "host/localhost", "127.0.0.1", "x"];
      const [we, they] = await Promise.all([runOurs(line), runTheirs(line)]);
      expect([they.status, we.status]).toEqual([0, 1]);
      expect(we.stderr.toString()).toMatch(/^remctl: error reading from server: /);
    });

    it.each([
      ["an error", (one: FakeRemctlServer) => one.error(77, ""), 255],
      [
        "output",
        async (one: FakeRemctlServer) => {
          await one.output(2, "");
          await one.status(9);
        },
        9,
      ],
    ] as const)("%s of no octets is nothing: the C program complains of its own output", async (_, answer, status) => {
      const port = await fake(async (one) => {
        await one.accept();
        await one.readPacket();
        await answer(one);
      });
      const line = ["-p", port, "-s", "host/localhost", "127.0.0.1", "x"];
      const [we, they] = await Promise.all([runOurs(line), runTheirs(line)]);
      expect([we.status, we.stderr.toString().trim(), they.status]).toEqual([status, "", status]);
      expect(they.stderr.toString()).toContain("remctl: local write of command output failed\n");
    });

    it("what a server does against the protocol is told in our own words, with the same status", async () => {
      const port = await fake(async (one) => {
        await one.accept();
        await one.readPacket();
        await one.output(1, "some");
        await one.message(2, 99);
      });
      const line = ["-p", port, "-s", "host/localhost", "127.0.0.1", "x"];
      const [we, they] = await Promise.all([runOurs(line), runTheirs(line)]);
      expect([we.status, we.stdout.toString()]).toEqual([they.status, they.stdout.toString()]);
      for (const { stderr } of [we, they]) {
        expect(stderr.toString()).toMatch(/^remctl: error reading from server: .*unknown message type 99/);
      }
    });
  });
});
