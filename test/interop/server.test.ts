// The server against what it must be like and who must be able to talk to it: Debian's remctld and libremctl's `remctl`.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createInitiator } from "../../src/entry/gssapi.ts";
import { createClient, type TicketSource } from "../../src/entry/index.ts";
import { createRemctlServer, type RemctlServer, type RemctlServerOptions } from "../../src/entry/server.ts";
import { runProgram, startMitBed, startRemctld } from "../../tools/beds/index.mjs";
import { libremctl } from "../support/libremctl.ts";
import { describeLive, useBed, wholeTable } from "../support/live.ts";
import { RawRemctlClient } from "../support/raw-remctl-client.ts";
import { bedCommands, largeOutput } from "../support/server-commands.ts";
import { WIRE_CASES } from "../support/server-wire-cases.ts";

type Bed = Awaited<ReturnType<typeof startMitBed>>;

function ticketsOf(bed: Bed): TicketSource {
  return createClient({
    credentials: { principal: `alice@${bed.realm}`, password: bed.passwords.alice as string },
    kdc: bed.kdc,
  });
}

async function startServer(bed: Bed, options: Partial<RemctlServerOptions> = {}): Promise<RemctlServer> {
  const keytab = new Uint8Array(readFileSync(bed.keytab.service));
  const server = createRemctlServer({ keytab, commands: bedCommands(bed.realm), closeGraceMs: 500, ...options });
  await server.listen({ host: "127.0.0.1", port: 0 });
  return server;
}

describeLive("mit", "the same conversations with remctld and with this server", () => {
  const bed = useBed(() => startMitBed());
  const remctld = useBed(() => startRemctld({ bed: bed(), replayCache: false }));
  const server = useBed(() => startServer(bed()));
  let tickets: TicketSource | undefined;
  const open = async (port: number): Promise<RawRemctlClient> => {
    tickets ??= ticketsOf(bed());
    const context = createInitiator({ target: `host/localhost@${bed().realm}`, credential: tickets });
    const client = await RawRemctlClient.dial(port, context);
    return client.establish();
  };

  for (const { name, talk, replies, remctld: other } of WIRE_CASES) {
    it(name, async () => {
      const [ours, theirs] = await Promise.all([open(server().port as number), open(remctld().port)]);
      expect(await talk(ours)).toEqual(replies);
      expect(await talk(theirs)).toEqual(other?.replies ?? replies);
      await Promise.all([ours.close(), theirs.close()]);
    });
  }

  it("every difference has its reason, and is one", () => {
    const different = WIRE_CASES.filter(({ remctld: other }) => other !== undefined);
    for (const { replies, remctld: other } of different) {
      expect(other?.why).toMatch(/\w/);
      expect(other?.replies).not.toEqual(replies);
    }
    expect(different.length).toBeLessThan(WIRE_CASES.length / 3);
  });
});

describeLive("mit", "the C client with this server", () => {
  const bed = useBed(() => startMitBed());

  /** How a protocol version is seen from a command line: in version 1 all output is stdout, and errors are status -1. */
  const versions = [
    { protocol: 2, version1: "refuse" },
    { protocol: 1, version1: "only" },
  ] as const;

  describe.each(versions)("protocol $protocol", ({ protocol, version1 }) => {
    const protocols: number[] = [];
    const server = useBed(() =>
      startServer(bed(), {
        version1,
        onTrace: (event) => event.type === "authenticated" && protocols.push(event.protocol),
      }),
    );
    let env: Record<string, string> | undefined;
    const remctl = async (...command: string[]): Promise<{ status: number; stdout: Buffer; stderr: Buffer }> => {
      env ??= (await bed().kinit("alice", { password: bed().passwords.alice as string })).env;
      const where = ["-p", String(server().port), "-s", "host/localhost", "127.0.0.1"];
      return runProgram(bed().bin("remctl"), [...where, ...command], { env, timeoutMs: 60_000 });
    };
    const seen = async (...command: string[]): Promise<[number, string, string]> => {
      const { status, stdout, stderr } = await remctl(...command);
      return [status, stdout.toString(), stderr.toString()];
    };

    it(`8.1, 8.4, 8.5: output and status, in version ${protocol}`, async () => {
      expect(await seen("test", "test")).toEqual([0, "hello world\n", ""]);
      expect(protocols.at(-1)).toBe(protocol);
      // The C client takes the empty result of version 1 for a failure of its own to write; remctld's too.
      const complaint = protocol === 2 ? "" : "remctl: local write of command output failed\n";
      expect(await seen("test", "no-output")).toEqual([0, "", complaint]);
      expect(await seen("test", "no-newline")).toEqual([0, "no newline", ""]);
      for (const status of [1, 200, 255]) expect((await remctl("test", "status", `${status}`)).status).toBe(status);
    });

    it("stdout and stderr", async () => {
      expect(await seen("test", "mixed")).toEqual(
        protocol === 2 ? [7, "out1\nout2\n", "err1\n"] : [7, "out1\nerr1\nout2\n", ""],
      );
    });

    it("6.2, 8.6: errors", async () => {
      const error = (text: string): [number, string, string] => (protocol === 2 ? [255, "", text] : [255, text, ""]);
      expect(await seen("nope")).toEqual(error("Unknown command\n"));
      expect(await seen("test", "noauth")).toEqual(error("Access denied\n"));
      expect(await seen("test", "noacl")).toEqual(error("Access denied\n"));
      expect(await seen("test", "status", "256")).toEqual(error("Internal failure\n"));
      expect(await seen("help", "test", "test")).toEqual(error("No help defined for command\n"));
      expect(await seen("help", "test", "test", "test")).toEqual(error("Too many arguments for help command\n"));
    });

    it("help and summaries", async () => {
      expect(await seen("help")).toEqual([0, "summary text\nsubcommand summary\n", ""]);
      expect(await seen("help", "helpme")).toEqual([0, "help text\n", ""]);
    });

    it("arguments byte for byte, and 256 octets back", async () => {
      expect(await seen("test", "echo-args", "a", "", "ü", "tab\there")).toEqual([
        0,
        "61\n\nc3bc\n7461620968657265\n",
        "",
      ]);
      expect((await remctl("test", "binary")).stdout).toEqual(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
      expect(await seen("empty")).toEqual([0, "0\n", ""]);
    });

    it("who the caller is", async () => {
      expect(await seen("test", "env", "REMOTE_USER")).toEqual([0, `alice@${bed().realm}\n`, ""]);
      expect(await seen("test", "env", "REMOTE_ADDR")).toEqual([0, "127.0.0.1\n", ""]);
      const expires = Number((await seen("test", "env", "REMOTE_EXPIRES"))[1]);
      expect(expires).toBeGreaterThan(Date.now() / 1000);
    });

    if (protocol === 2) {
      it("5.2: 25 MB of output", async () => {
        const { status, stdout } = await remctl("test", "large-output", String(25_000_000));
        expect(status).toBe(0);
        expect(sha256(stdout)).toBe(sha256(largeOutput(25_000_000)));
      });

      it("5.1: output arrives before the command ends", async () => {
        expect(await seen("test", "streaming")).toEqual([
          0,
          "This is the first line\nThis is the third line\n",
          "This is the second line\n",
        ]);
      });
    } else {
      it("8.6: large output is cut at 65,528 octets", async () => {
        const { status, stdout } = await remctl("test", "large-output", String(25_000_000));
        expect(status).toBe(0);
        expect(stdout).toEqual(Buffer.from(largeOutput(65_528)));
      });
    }
  });
});

describeLive(["mit", "python-gssapi"], "libremctl with this server", () => {
  const bed = useBed(() => startMitBed());
  const server = useBed(() => startServer(bed()));
  let env: Record<string, string> | undefined;
  const login = async (): Promise<Record<string, string>> => {
    env ??= (await bed().kinit("alice", { password: bed().passwords.alice as string })).env;
    return env;
  };
  const run = async (...operations: Parameters<typeof libremctl>[2]) =>
    libremctl(await login(), server().port as number, operations);

  it("10.1: NOOP, before, between and after commands", async () => {
    const hello = { op: "command", args: ["test", "test"] } as const;
    const results = await run({ op: "noop" }, hello, { op: "noop" }, { op: "noop" }, hello);
    expect(results.map(({ noop, status }) => noop ?? status)).toEqual([true, 0, true, true, 0]);
  });

  it.runIf(wholeTable)("4.2, 4.3: an argument of 30 MB there and back", async () => {
    const size = 30_000_000;
    const [result] = await run({ op: "command", args: ["test", "cat", { size }] });
    const sent = Buffer.alloc(
      size,
      Uint8Array.from({ length: 251 }, (_, octet) => octet),
    );
    expect(result).toMatchObject({ status: 0, stdout: { octets: size, sha256: sha256(sent) } });
  });

  it.runIf(wholeTable)("4.5: a command over 100 MB has one error, and the next command its own answer", async () => {
    const results = await run(
      { op: "command", args: ["test", "cat", { size: 110_000_000 }] },
      { op: "command", args: ["test", "test"] },
    );
    expect(results).toMatchObject([{ error: 8 }, { status: 0, stdout: { text: "hello world\n" } }]);
  });

  it("5.1: help with too many arguments has one answer, and the next command its own", async () => {
    const results = await run(
      { op: "command", args: ["help", "helpme", "x", "y"] },
      { op: "command", args: ["test", "test"] },
    );
    expect(results).toMatchObject([{ error: 7 }, { status: 0, stdout: { text: "hello world\n" } }]);
  });

  it("5.1: output and status in one segment: no delayed acknowledgement is waited for", async () => {
    const [result] = await run({ op: "repeat", args: ["test", "test"], times: 50 });
    const sorted = result?.milliseconds as number[];
    // remctld's two writes take 44 ms: Nagle's algorithm, and a client that delays its acknowledgement.
    expect(sorted[sorted.length >> 1]).toBeLessThan(20);
  });
});

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}
